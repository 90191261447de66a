"""Achievements and their earlier versions."""

from collections.abc import Iterable
from datetime import datetime

from contracts.places import line_of
from contracts.principal import Principal
from libranet.collection import Collection, Document, Index, Retention
from libranet.work import Work
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.pictures import Picture
from services.credentials.store.within import first_of, in_and_below


def _with_version(achievement: Document) -> Document:
    """Achievements of the first version were never changed; their type followed from the rest."""
    return {"version": 1, **achievement}


COLLECTIONS = (
    Collection(
        "achievements",
        Retention.forever("credentials name them for as long as they are shown"),
        (Index("course"), Index("owner"), Index("components")),
        schema_version=2,
        upgrade=_with_version,
    ),
    Collection(
        "achievement_versions",
        Retention.forever("what credentials were earned by, as long as they are shown"),
    ),
)


def _version_id(achievement: str, version: object) -> str:
    return f"{achievement}.{version}"


class AchievementStore:
    """One unit of work's view of what can be earned."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def save_achievement(self, achievement: Achievement, defined_at: datetime) -> Document:
        """Keeps a new achievement, or the next version of one; what that was before stays readable."""
        before = self._work.get("achievements", achievement.id)
        document = {"_id": achievement.id, **achievement.members(), "defined_at": defined_at}
        self._work.replace("achievements", document)  # first: by this, one of two at once is run again
        if before is not None:
            self._work.insert("achievement_versions", {**before, "_id": _version_id(achievement.id, before["version"]),
                                                       "achievement": achievement.id})
        return document

    def set_image(self, picture: Picture) -> None:
        """Has credentials of its achievement name the picture from now on."""
        self._work.update("achievements", {"_id": picture.achievement}, {"$set": {"image": picture.path}})

    def achievement(self, achievement: str) -> Document:
        """One that is there, whoever asks: what was agreed about it names it."""
        found: Document = self._work.get_many("achievements", [achievement])[achievement]
        return found

    def find_achievement(self, achievement: str, principal: Principal) -> Document | None:
        """None too for one that is nothing to the principal."""
        row = self._work.get("achievements", achievement)
        return row if row and principal.shares(row["owner"]) else None

    def find_version(self, achievement: str, version: str, principal: Principal) -> Document | None:
        """A version of an achievement that is something to the principal; None for a version that there is not."""
        current = self.find_achievement(achievement, principal)
        if current is None or str(current["version"]) == version:
            return current
        found = self._work.get("achievement_versions", _version_id(achievement, version))
        return {**found, "_id": achievement} if found else None

    def versions(self, wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Achievement]:
        """These versions of achievements, each of which was there."""
        asked = set(wanted)
        found = {(own_id, current.version): current
                 for own_id, current in self.achievements(own_id for own_id, _ in asked).items()}
        earlier = self._work.get_many(
            "achievement_versions", [_version_id(*each) for each in asked - found.keys()])
        found.update(((row["achievement"], row["version"]), Achievement.of(row["achievement"], row))
                     for row in earlier.values())
        return found

    def list_achievements(self, node: str, after: str, limit: int) -> list[Document]:
        """Those of the node, of nodes above and of nodes below, by id (the oldest first), after the id
        `after`."""
        sides = [{"owner": place} for place in (*line_of(node)[:-1], *in_and_below(node))]
        return first_of(self._work, "achievements", sides, {}, after, limit)

    def achievements_of(self, courses: Iterable[str]) -> dict[str, list[Achievement]]:
        """What completing each course earns."""
        earned: dict[str, list[Achievement]] = {}
        for document in self._work.find("achievements", {"course": {"$in": sorted(set(courses))}}):
            earned.setdefault(document["course"], []).append(Achievement.read(document))
        return earned

    def stacks_of(self, components: Iterable[str]) -> list[Achievement]:
        """What these achievements earn together with others."""
        found = self._work.find("achievements", {"components": {"$in": sorted(components)}})
        return [Achievement.read(document) for document in found]

    def achievements(self, ids: Iterable[str]) -> dict[str, Achievement]:
        found = self._work.get_many("achievements", set(ids))
        return {each: Achievement.read(document) for each, document in found.items()}
