"""What other services told: patrons and whose they are, consents, courses, and what nodes are called."""

from collections.abc import Iterable
from dataclasses import asdict

from contracts.principal import Principal
from libranet.collection import Collection, Document, Index, Retention
from libranet.ids import keyed_id
from libranet.work import Work
from services.credentials.domain.consents import Consent

COLLECTIONS = (
    Collection(
        "consents",
        Retention.forever("the newest state of each; erased with the patron"),
        (Index("patron"),),
        personal=True,
    ),
    Collection(
        "patrons",
        Retention.forever(
            "a keyed id, its library, and whether it was erased, so that what arrives late does "
            "not bring an erased patron back; nothing of the person"
        ),
    ),
    Collection("courses", Retention.forever("whose course it is, as long as achievements may name it")),
    Collection("nodes", Retention.forever("an issuer's name for people, as long as the node exists")),
)


class HeardStore:
    """One unit of work's view of it."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._titles: dict[str, str | None] = {}

    # patrons

    def add_patrons(self, owners: dict[str, str]) -> None:
        """Keeps whose patron each is; one that was erased stays erased."""
        rows = {keyed_id("patron", patron): owner for patron, owner in owners.items()}
        found = self._work.get_many("patrons", rows)
        for row in rows.keys() - {each for each, known in found.items() if known.get("erased_at")}:
            self._work.update("patrons", {"_id": row}, {"$set": {"owner": rows[row]}}, upsert=True)

    def knows(self, patron: str) -> bool:
        """Whether anybody's patron has or had this id. What is written for a patron may come before their registration
        does: that row tells neither."""
        row = self._work.get("patrons", keyed_id("patron", patron))
        return row is not None and ("owner" in row or "erased_at" in row)

    def owner_of(self, patron: str, principal: Principal) -> str | None:
        """The library of a registered patron; None too for one whom the principal does not see."""
        row = self._work.get("patrons", keyed_id("patron", patron))
        owner = row.get("owner") if row else None
        return owner if owner and principal.sees(owner, patron) else None

    def owners(self, patrons: Iterable[str], principal: Principal) -> dict[str, str]:
        """The libraries of those whom the principal sees; unknown and erased ones are left out."""
        rows = {keyed_id("patron", patron): patron for patron in patrons}
        found = {rows[row]: known.get("owner") for row, known in self._work.get_many("patrons", rows).items()}
        return {patron: owner for patron, owner in found.items() if owner and principal.sees(owner, patron)}

    # consents

    def consents(self, ids: Iterable[str]) -> dict[str, Document]:
        return self._work.get_many("consents", set(ids))

    def save_consent(self, consent: Consent) -> None:
        self._work.replace("consents", {"_id": consent.id, **asdict(consent)})

    # courses

    def add_courses(self, owners: dict[str, str]) -> None:
        """Keeps whose course each is, which never changes."""
        known = self._work.get_many("courses", owners)
        for course in owners.keys() - known.keys():
            self._work.insert("courses", {"_id": course, "owner": owners[course]})

    def owner_of_course(self, course: str) -> str | None:
        row = self._work.get("courses", course)
        return str(row["owner"]) if row else None

    # nodes

    def save_node(self, node: str, title: str) -> None:
        self._work.replace("nodes", {"_id": node, "title": title})

    def title_of(self, node: str) -> str | None:
        """What people call the node, once the org tree has told; asked once in a unit of work."""
        if node not in self._titles:
            row = self._work.get("nodes", node)
            self._titles[node] = row["title"] if row else None
        return self._titles[node]
