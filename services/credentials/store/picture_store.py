"""Pictures of achievements, each kept as it was shown first. Nothing of a person."""

from datetime import datetime

from libranet.collection import Collection, Document, Index, Retention
from libranet.work import Work
from services.credentials.domain.pictures import Picture

COLLECTIONS = (
    Collection(
        "pictures",
        Retention.forever("credentials that were issued name them"),
        (Index("achievement"),),
    ),
)


class PictureStore:
    """One unit of work's view of pictures."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def keep(self, picture: Picture, kept_at: datetime) -> None:
        """Keeps it; one that is kept already stays as it is, and is the newest."""
        self._work.replace("pictures", {
            "_id": _row_id(picture.achievement, picture.name), "achievement": picture.achievement,
            "content": picture.content, "media_type": picture.media_type, "is_given": picture.is_given,
            "kept_at": kept_at})

    def find(self, achievement: str, name: str) -> Picture | None:
        row = self._work.get("pictures", _row_id(achievement, name))
        return _picture(row) if row else None

    def given_to(self, achievement: str) -> Picture | None:
        """The newest picture that somebody gave the achievement."""
        found = self._work.find("pictures", {"achievement": achievement, "is_given": True}, [("kept_at", -1)], 1)
        return _picture(found[0]) if found else None

    def count_given(self, achievement: str) -> int:
        return self._work.count("pictures", {"achievement": achievement, "is_given": True})


def _row_id(achievement: str, name: str) -> str:
    return f"{achievement}/{name}"


def _picture(row: Document) -> Picture:
    return Picture(row["achievement"], bytes(row["content"]), row["media_type"], row["is_given"])
