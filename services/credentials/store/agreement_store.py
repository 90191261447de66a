"""What nodes agree with each other about an achievement: who issues it, too, and what it corresponds to elsewhere."""

from collections.abc import Iterable
from typing import Any

from contracts.principal import Principal
from libranet.cloudevent import Cause, Fact
from libranet.collection import Collection, Document, Index, Retention
from libranet.work import Work
from services.credentials.domain import co_issuing, mappings
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.co_issuing import CoIssuing
from services.credentials.domain.mappings import Mapping
from services.credentials.store.within import first_of, in_and_below

COLLECTIONS = (
    Collection(
        "co_issuings",
        Retention.forever("who was proposed and who agreed; ended ones as long as credentials were issued under them"),
        (Index("owner"), Index("node")),
    ),
    Collection(
        "mappings",
        Retention.forever("what colleges state; ended ones as long as credentials have them"),
        (Index("achievement"), Index("owner"), Index("achievement_owner")),
    ),
)


def of_both(work: Work, collection: str, sides: tuple[str, str], node: str, query: dict[str, Any], after: str,
            limit: int) -> list[Document]:
    """Rows of which the node, or one below it, is on one of the sides, by id, after the id `after`."""
    either = [{side: place} for side in sides for place in in_and_below(node)]
    return first_of(work, collection, either, query, after, limit)


class CoIssuingStore:
    """One unit of work's view of who issues together."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._in_force: dict[tuple[str, int], str | None] = {}

    def save(self, after: CoIssuing, facts: Iterable[Fact], cause: Cause) -> None:
        self._work.replace("co_issuings", after)
        self._work.save_facts(facts, cause)

    def find(self, own_id: str, principal: Principal) -> CoIssuing | None:
        """None too for one of which the principal is on neither side."""
        row = self._work.get("co_issuings", own_id)
        return row if row and (principal.sees(row["owner"]) or principal.sees(row["node"])) else None

    def of_achievement(self, achievement: Achievement) -> CoIssuing | None:
        return self._work.get("co_issuings", co_issuing.own_id(achievement.id))

    def list_of(self, node: str, after: str, limit: int) -> list[CoIssuing]:
        return of_both(self._work, "co_issuings", ("owner", "node"), node, {}, after, limit)

    def in_force(self, achievement: Achievement) -> str | None:
        """The node that issues this version, too; asked once in a unit of work."""
        version = (achievement.id, achievement.version)
        if version not in self._in_force:
            found = self.of_achievement(achievement)
            self._in_force[version] = found["node"] if found and co_issuing.is_in_force(found, achievement) else None
        return self._in_force[version]


class MappingStore:
    """One unit of work's view of what colleges say that achievements correspond to."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._shown: dict[str, list[Mapping]] = {}
        self._accepted: dict[tuple[str, int], tuple[Mapping, ...]] = {}

    def save(self, after: Mapping, facts: Iterable[Fact], cause: Cause) -> None:
        """Touches the achievement: of two that are accepted at once, one is run again and sees the other."""
        self._work.update("achievements", {"_id": after["achievement"]}, {"$inc": {"touched": 1}})
        self._work.replace("mappings", after)
        self._work.save_facts(facts, cause)

    def get(self, own_id: str) -> Mapping | None:
        """One whose id follows from what is stated."""
        return self._work.get("mappings", own_id)

    def count_stated(self, mapping: Mapping) -> int:
        """How many its college ever stated of its version."""
        return self._work.count("mappings", {name: mapping[name] for name in ("achievement", "version", "owner")})

    def find(self, own_id: str, principal: Principal) -> Mapping | None:
        """None too for one of which the principal is on neither side."""
        row = self._work.get("mappings", own_id)
        return row if row and (principal.sees(row["owner"]) or principal.sees(row["achievement_owner"])) else None

    def list_of(self, node: str, achievement: str | None, after: str, limit: int) -> list[Mapping]:
        query = {"achievement": achievement} if achievement else {}
        return of_both(self._work, "mappings", ("owner", "achievement_owner"), node, query, after, limit)

    def shown(self, achievements: Iterable[str]) -> dict[str, list[Mapping]]:
        """What stands beside all versions of these, by achievement; asked once in a unit of work."""
        asked = set(achievements)
        if fresh := asked - self._shown.keys():
            self._shown |= {each: [] for each in fresh}
            for row in self._work.find("mappings", {"achievement": {"$in": sorted(fresh)}}, [("_id", 1)]):
                if mappings.is_shown(row):
                    self._shown[row["achievement"]].append(row)
        return {each: self._shown[each] for each in asked}

    def accepted_of(self, achievement: Achievement) -> tuple[Mapping, ...]:
        """What credentials of this version have; asked once in a unit of work."""
        version = (achievement.id, achievement.version)
        if version not in self._accepted:
            self._accepted[version] = tuple(self._work.find("mappings", {
                "achievement": achievement.id, "version": achievement.version, "state": mappings.ACCEPTED},
                [("_id", 1)]))
        return self._accepted[version]
