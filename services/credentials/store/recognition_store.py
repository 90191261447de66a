"""Recognitions with the versions before them, the walks that find who meets a new one already, and who reached what."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from contracts.places import consortium_of
from libranet.cloudevent import Cause, Fact
from libranet.collection import Collection, Document, Index, Retention
from libranet.work import Work
from services.credentials.domain.reaches import Reach
from services.credentials.domain.recognition import Recognition
from services.credentials.store.within import first_of, in_and_below

COLLECTIONS = (
    Collection(
        "recognitions",
        Retention.forever("what a college states; ended ones as long as somebody may have reached them"),
        (Index("owner"), Index("consortium"), Index("achievements")),
    ),
    Collection(
        "recognition_versions",
        Retention.forever("what was stated when somebody reached it"),
    ),
    Collection(
        "recognition_walks",
        Retention.forever("how far a search for those who meet a new version is; until it is done"),
        (Index("due_at"),),
    ),
    Collection(
        "reaches",
        Retention.forever("that a patron met what a college takes, and its answer; erased with the patron"),
        (Index("patron"), Index("recognition", "_id")),
        personal=True,
    ),
)


class RecognitionStore:
    """One unit of work's view of recognitions."""

    def __init__(self, work: Work) -> None:
        self._work = work

    # what colleges state

    def save(self, recognition: Recognition, walk_from: datetime | None = None) -> None:
        """Keeps a new one or its next version, the one before too; from `walk_from` on a walk looks for who meets it
        already."""
        before = self._work.get("recognitions", recognition["_id"])
        if before is not None and before["version"] < recognition["version"]:
            own_id = _version_id(before["_id"], before["version"])
            self._work.insert("recognition_versions", {**before, "_id": own_id, "recognition": before["_id"]})
        self._work.replace("recognitions", recognition)
        if walk_from is not None:
            self._work.replace("recognition_walks", {"_id": recognition["_id"], "after": "", "due_at": walk_from})

    def find(self, recognition: str, node: str) -> Recognition | None:
        """None too for one of another consortium than the node's."""
        row = self._work.get("recognitions", recognition)
        return row if row and row["consortium"] == consortium_of(node) else None

    def stated(self, recognition: str) -> Recognition:
        """One that is there."""
        return self._work.get_many("recognitions", [recognition])[recognition]

    def find_version(self, recognition: str, version: str, node: str) -> Recognition | None:
        current = self.find(recognition, node)
        if current is None or str(current["version"]) == version:
            return current
        found = self._work.get("recognition_versions", _version_id(recognition, version))
        return {**found, "_id": recognition} if found else None

    def statements(self, wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Recognition]:
        """These versions, each of which was stated."""
        asked = set(wanted)
        current = self._work.get_many("recognitions", {own_id for own_id, _ in asked})
        found = {(own_id, row["version"]): row for own_id, row in current.items()}
        earlier = self._work.get_many("recognition_versions", [_version_id(*each) for each in asked - found.keys()])
        return found | {(row["recognition"], row["version"]): {**row, "_id": row["recognition"]}
                        for row in earlier.values()}

    def list_current(self, node: str, college: str | None, after: str = "", limit: int = 0) -> list[Recognition]:
        """Those of the node's consortium that are not ended, by id, after the id `after`."""
        query: dict[str, Any] = {"consortium": consortium_of(node), "ended_at": None, "_id": {"$gt": after}}
        return self._work.find("recognitions", {**query, **({"owner": college} if college else {})},
                               [("_id", 1)], limit)

    def count_current(self, node: str) -> int:
        return self._work.count("recognitions", {"owner": node, "ended_at": None})

    def naming(self, achievements: Iterable[str]) -> list[Recognition]:
        """Those not ended that take one of these achievements."""
        return self._work.find(
            "recognitions", {"achievements": {"$in": sorted(set(achievements))}, "ended_at": None}, [("_id", 1)])

    def recognisable(self, node: str, after: str, limit: int) -> list[Document]:
        """The achievements of the node's whole consortium, by id, after the id `after`."""
        sides = [{"owner": place} for place in in_and_below(consortium_of(node))]
        return first_of(self._work, "achievements", sides, {}, after, limit)

    # walks

    def due_walk(self, moment: datetime) -> Document | None:
        """The one that has waited longest."""
        found = self._work.find("recognition_walks", {"due_at": {"$lte": moment}}, [("due_at", 1)], 1)
        return found[0] if found else None

    def save_walk(self, walk: Document) -> None:
        self._work.replace("recognition_walks", walk)

    def end_walk(self, walk: str) -> None:
        self._work.delete("recognition_walks", {"_id": walk})

    def holders(self, achievements: Iterable[str], after: str, limit: int) -> list[Document]:
        """Credentials of these achievements, by id, after the id `after`: whose they are."""
        query = {"achievement": {"$in": sorted(set(achievements))}, "_id": {"$gt": after}}
        return self._work.find("credentials", query, [("_id", 1)], limit)

    # who reached what

    def credentials_of(self, patrons: Iterable[str]) -> list[Document]:
        return self._work.find("credentials", {"patron": {"$in": sorted(set(patrons))}})

    def reaches_of(self, patrons: Iterable[str]) -> list[Reach]:
        return self._work.find("reaches", {"patron": {"$in": sorted(set(patrons))}}, [("_id", 1)])

    def find_reach(self, recognition: Recognition, reach: str) -> Reach | None:
        row = self._work.get("reaches", reach)
        return row if row and row["recognition"] == recognition["_id"] else None

    def reaches_to(self, recognition: Recognition, after: str, limit: int) -> list[Reach]:
        """Of which the college was told, by id, after the id `after`."""
        query = {"recognition": recognition["_id"], "told": {"$ne": None}, "_id": {"$gt": after}}
        return self._work.find("reaches", query, [("_id", 1)], limit)

    def save_reach(self, reach: Reach, facts: Iterable[Fact], cause: Cause) -> None:
        self._work.replace("reaches", reach)
        self._work.save_facts(facts, cause)


def _version_id(recognition: str, version: object) -> str:
    return f"{recognition}.{version}"
