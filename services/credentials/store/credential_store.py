"""What the credentials service keeps, each write together with its facts (libranet/work.py).

Whoever writes something of a patron also touches the patron's row in `patrons`, so that of a completion, a
consent and an erasure that arrive at the same moment one is run again and sees the other.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from contracts.calls.achievements import AWARDS, READS
from contracts.principal import Principal
from libranet import blobs
from libranet.clock import EPOCH
from libranet.cloudevent import Cause, Fact
from libranet.collection import Collection, Document, Index, Retention
from libranet.ids import keyed_id
from libranet.work import Work
from services.credentials.domain import deciding, earning, facts
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.consents import Consent
from services.credentials.domain.earning import Completion, Recognised, Stacked
from services.credentials.domain.life import ISSUED, REVOKED, purposes_of, standing
from services.credentials.domain.pictures import Picture
from services.credentials.domain.status_lists import StatusPlace
from services.credentials.store import (
    agreement_store,
    batch_store,
    claim_store,
    endorsement_store,
    import_store,
    known_issuer_store,
    picture_store,
    recognition_store,
    reconsideration_store,
    record_store,
    status_list_store,
    submission_store,
)
from services.credentials.store.agreement_store import CoIssuingStore, MappingStore
from services.credentials.store.batch_store import BatchStore
from services.credentials.store.claim_store import ClaimStore
from services.credentials.store.endorsement_store import EndorsementStore
from services.credentials.store.import_store import ImportStore
from services.credentials.store.known_issuer_store import KnownIssuerStore
from services.credentials.store.picture_store import PictureStore
from services.credentials.store.recognition_store import RecognitionStore
from services.credentials.store.reconsideration_store import ReconsiderationStore
from services.credentials.store.record_store import RecordStore
from services.credentials.store.status_list_store import StatusListStore
from services.credentials.store.submission_store import SubmissionStore
from services.credentials.store.within import in_and_below


def _with_life(credential: Document) -> Document:
    """Credentials of the first version stand in no status list and never expire."""
    return {"status_since": credential.get("issued_at"), "status_reason": None, "status_place": None,
            "sequence": 2 if credential.get("shared_at") else 1, "valid_until": None, "due_at": None, **credential}


def _with_version(achievement: Document) -> Document:
    """Achievements of the first version were never changed; their type followed from the rest."""
    return {"version": 1, **achievement}


def _with_earning(waiting: Document) -> Document:
    """Of the first version only completions waited, and achievements had one version."""
    earning = {"rule": Completion.rule, **waiting.get("completion", {})}
    return {"earning": earning, "achievement_version": 1, **waiting}


NEEDED_TO_HOLD = ("patron", "achievement", "status", "valid_until", "issued_at", "shared_at")
"""The last two are for credentials of the first version."""
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
    Collection(
        "credentials",
        Retention.forever("a credential is for life; erased with its patron"),
        (Index("patron", "_id"), Index("patron", "because.rule"), Index("public_id"), Index("due_at"),
         Index("unclaimed_since"), Index("achievement", "_id"), Index("achievement", "issuer", "_id")),
        schema_version=2,
        upgrade=_with_life,
        personal=True,
    ),
    Collection(
        "waiting",
        Retention.forever("until the patron consents; erased with the patron"),
        (Index("patron"),),
        schema_version=2,
        upgrade=_with_earning,
        personal=True,
    ),
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
    Collection("tombstones", Retention.forever("a public id that answers 410 for good; nothing of the person")),
    *known_issuer_store.COLLECTIONS,
    *picture_store.COLLECTIONS,
    *claim_store.COLLECTIONS,
    *record_store.COLLECTIONS,
    *endorsement_store.COLLECTIONS,
    *agreement_store.COLLECTIONS,
    *recognition_store.COLLECTIONS,
    *reconsideration_store.COLLECTIONS,
    *status_list_store.COLLECTIONS,
    *batch_store.COLLECTIONS,
    *import_store.COLLECTIONS,
    *submission_store.COLLECTIONS,
    *blobs.COLLECTIONS,
)


def _version_id(achievement: str, version: object) -> str:
    return f"{achievement}.{version}"


class CredentialStore:
    """One unit of work of the credentials service."""

    def __init__(self, work: Work) -> None:
        self.known_issuers = KnownIssuerStore(work)
        self.pictures = PictureStore(work)
        self.recognitions = RecognitionStore(work)
        self.reconsiderations = ReconsiderationStore(work)
        self.status_lists = StatusListStore(work)
        self.batches = BatchStore(work)
        self.imports = ImportStore(work)
        self.submissions = SubmissionStore(work)
        self.claims = ClaimStore(work)
        self.records = RecordStore(work, self.status_lists)
        self.endorsements = EndorsementStore(work, self.status_lists)
        self.co_issuings = CoIssuingStore(work)
        self.mappings = MappingStore(work)
        self._work = work
        self._titles: dict[str, str | None] = {}

    # achievements

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
        slugs = node.split(".")
        above = [".".join(slugs[:length]) for length in range(1, len(slugs) + 1)]
        found: list[Document] = []
        for owner in (
            {"$in": above},
            {"$gte": f"{node}.", "$lt": f"{node}/"},
        ):  # "/" follows "." in the alphabet
            found += self._work.find("achievements", {"owner": owner, "_id": {"$gt": after}}, [("_id", 1)], limit)
        return sorted(found, key=lambda each: str(each["_id"]))[:limit]

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

    # credentials

    def save_issued(self, credential: Document, cause: Cause) -> None:
        """A new credential, which nobody has seen yet, and its fact; what waited for it waits no more."""
        self._work.insert("credentials", {**credential, "unclaimed_since": credential["issued_at"]})
        self._work.save_facts([facts.credential_issued(credential)], cause)

    def save_shared(self, credential: Document, cause: Cause) -> None:
        self._work.replace("credentials", credential)
        self._work.save_facts([facts.credential_shared(credential)], cause)

    def save_claimed(self, credential: Document, cause: Cause) -> None:
        self._work.replace("credentials", credential)
        self._work.save_facts([facts.credential_claimed(credential)], cause)

    def save_seen(self, credential: Document) -> None:
        """A credential of which nothing is told to others: a wallet keeps it, or no reminder is due any more."""
        self._work.replace("credentials", credential)

    def save_status(self, credential: Document, cause: Cause) -> None:
        """A credential's next status, with its bits in the lists of its issuer."""
        self._work.replace("credentials", credential)
        self.tell_status(credential, cause)

    def tell_status(self, credential: Document, cause: Cause) -> None:
        """The same of one that is not kept."""
        self._work.save_facts([facts.status_changed(credential)], cause)
        if credential["status_place"] is not None:
            place = StatusPlace(**credential["status_place"])
            self.status_lists.set_bits(place, purposes_of(credential["status"]), credential["status_since"])

    def save_revalidated(self, credential: Document, before: Document, cause: Cause) -> None:
        """A credential that was signed anew. Under another name of the issuer it has a place in another list: in the
        one before, what was signed before counts no more."""
        self._work.replace("credentials", credential)
        self._work.save_facts([facts.credential_revalidated(credential)], cause)
        if before["status_place"] not in (None, credential["status_place"]):
            place = StatusPlace(**before["status_place"])
            self.status_lists.set_bits(place, purposes_of(REVOKED), credential["revalidated_at"])

    def save_superseded(self, credential: Document, cause: Cause) -> None:
        """One that another has replaced, or is replaced no more. It holds: no bit is set."""
        self._work.replace("credentials", credential)
        self._work.save_facts([facts.supersession_changed(credential)], cause)

    def of_same(self, wanted: Iterable[tuple[str, str]]) -> list[Document]:
        """All credentials that these patrons have for these achievements."""
        asked = set(wanted)
        if not asked:
            return []
        found = self._held_by({patron for patron, _ in asked})
        same = [row["_id"] for row in found if (row["patron"], row["achievement"]) in asked]
        return list(self._work.get_many("credentials", same).values())

    def assessed_of(self, patron: str, achievement: str, principal: Principal) -> Document | None:
        """The newest credential of the patron's for this achievement, expired or not, that counts otherwise."""
        asked = {"patron": patron, "achievement": achievement, "status": ISSUED}
        found = self._work.find("credentials", asked, [("issued_at", -1)], limit=1)
        return found[0] if found and principal.sees(found[0]["owner"], patron) else None

    def due(self, moment: datetime, limit: int) -> list[Document]:
        """Those of which it is time to tell that they will expire, or have."""
        return self._work.find("credentials", {"due_at": {"$gt": EPOCH, "$lte": moment}}, [("due_at", 1)], limit)

    def unclaimed(self, since: datetime, limit: int) -> list[Document]:
        """Those that were issued by then, and of which it was not told yet whether anybody has seen them."""
        return self._work.find(
            "credentials", {"unclaimed_since": {"$gt": EPOCH, "$lte": since}}, [("unclaimed_since", 1)], limit)

    def save_told(self, credential: Document, fact: Fact, cause: Cause) -> None:
        """A credential of which it was just told that it will expire, that it has, or that nobody has seen it."""
        self._work.replace("credentials", credential)
        self._work.save_facts([fact], cause)

    def find_credential(self, credential: str, principal: Principal) -> Document | None:
        """None too for one that is nothing to the principal."""
        row = self._work.get("credentials", credential)
        return row if row and principal.sees(row["owner"], row["patron"]) else None

    def find_issued(self, credential: str, principal: Principal) -> Document | None:
        """None too for one about which the principal does not decide as its issuer."""
        row = self._work.get("credentials", credential)
        return row if row and deciding.is_issuer(principal, row, AWARDS) else None

    def issued_for(self, achievement: str, principal: Principal, after: str, limit: int) -> list[Document]:
        """What the principal's node, and for whoever reads credentials those below it, issued for an achievement, by
        id, after the id `after`. What names no issuer was issued by its owner."""
        query, node = {"achievement": achievement, "_id": {"$gt": after}}, principal.node
        sides: list[Document] = [{"issuer": node}]
        if principal.may([READS]):
            sides = [side for place in in_and_below(node)
                     for side in ({"issuer": place}, {"issuer": None, "owner": place})]
        found = [row for side in sides
                 for row in self._work.find("credentials", {**query, **side}, [("_id", 1)], limit)]
        return sorted(found, key=lambda each: str(each["_id"]))[:limit]

    def many(self, ids: Iterable[str]) -> dict[str, Document]:
        """These credentials, by id; those that are not there are left out."""
        return self._work.get_many("credentials", set(ids))

    def stacked_of(self, patrons: Iterable[str]) -> set[str]:
        """The credentials of these patrons by which they earned other ones."""
        built = {"because.rule": {"$in": [Stacked.rule, Recognised.rule]}}  # one by one, as the stand-in's index asks
        found = [self._work.find("credentials", {"patron": each, **built}, fields=["because"]) for each in patrons]
        return {component for rows in found for row in rows for component in earning.rests_on(row["because"])}

    def take_back(self, credential: Document) -> None:
        """Out of its learner's list, and gone with what is said of it; its place in a status list stays taken."""
        self.endorsements.forget_of(credential["public_id"])
        self._work.delete("credentials", {"_id": credential["_id"]})

    def credential(self, credential: str) -> Document:
        """One that is there, whoever asks: a claim that is kept names it."""
        found: Document = self._work.get_many("credentials", [credential])[credential]
        return found

    def find_public(self, public_id: str) -> Document | None:
        found = self._work.find("credentials", {"public_id": public_id}, limit=1)
        return found[0] if found else None

    def sharing_of(self, public_ids: Iterable[str]) -> dict[str, Document]:
        """By public id whose credential each of these is, and since when everybody may see it; unknown ones are left
        out."""
        asked = {"public_id": {"$in": sorted(set(public_ids))}}
        found = self._work.find("credentials", asked, fields=["public_id", "patron", "shared_at"])
        return {row["public_id"]: row for row in found}

    def status_of(self, address: str) -> str | None:
        """What is on record of the credential, record or endorsement with this public address, `erased` included; None
        for no such one."""
        found = self._at(address)
        if found is not None:
            return standing(found)
        return "erased" if self.was_erased(address.rpartition("/")[2]) else None

    def documents_of(self, address: str) -> list[str]:
        """What was signed as the credential, record or endorsement with this public address, shared or not: what it was
        before too, and copies in wallets."""
        found = self._at(address)
        copies = self.claims.claims_of(found["_id"]) if found else []
        former = found.get("former", ()) if found else ()
        signed = [each["document"] for each in ([found, *former, *copies] if found else copies)]
        return [str(each) for each in signed if each is not None]

    def _at(self, address: str) -> Document | None:
        opaque = address.rpartition("/")[2]
        found = (self.find_public(opaque) or self.records.find_public(opaque)
                 or self.endorsements.find_public(opaque))
        return found if found and found["public_url"] == address else None

    def was_erased(self, public_id: str) -> bool:
        return self._work.get("tombstones", public_id) is not None

    def list_credentials(self, patron: str, after: str, limit: int) -> list[Document]:
        return self._work.find("credentials", {"patron": patron, "_id": {"$gt": after}}, [("_id", 1)], limit)

    def dates_of(self, patron: str) -> list[Document]:
        """Of the patron's credentials when they were last signed, without themselves."""
        return self._work.find("credentials", {"patron": patron}, fields=["issued_at", "shared_at", "revalidated_at"])

    def held_of(self, patrons: Iterable[str], achievements: Iterable[str], at: datetime) -> dict[str, dict[str, str]]:
        """By patron and achievement the credentials that are good at the moment."""
        asked = set(achievements)
        held: dict[str, dict[str, str]] = {}
        for row in self._held_by(patrons):
            is_good = row["status"] == ISSUED and (row["valid_until"] is None or row["valid_until"] > at)
            if is_good and row["achievement"] in asked:
                held.setdefault(row["patron"], {})[row["achievement"]] = row["_id"]
        return held

    def _held_by(self, patrons: Iterable[str]) -> list[Document]:
        """All credentials of these patrons, without themselves. Asked by patron alone: nobody has many, and the
        stand-in reads every credential there is for a query that is about more than its index."""
        return self._work.find("credentials", {"patron": {"$in": sorted(patrons)}}, fields=NEEDED_TO_HOLD)

    def known(self, ids: Iterable[str]) -> set[str]:
        """Which of these credentials are there, issued or waiting."""
        asked = set(ids)
        return {each for name in ("credentials", "waiting") for each in self._work.get_many(name, asked)}

    # waiting and consents

    def save_waiting(self, waiting: Document) -> None:
        self._work.insert("waiting", waiting)

    def waiting_of(self, patrons: Iterable[str]) -> list[Document]:
        return self._work.find("waiting", {"patron": {"$in": sorted(set(patrons))}}, [("since", 1)])

    def end_waiting(self, waiting: str) -> None:
        self._work.delete("waiting", {"_id": waiting})

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

    def held(self, patron: str, principal: Principal) -> dict[str, list[Document]]:
        """The rows about a patron whom the principal sees, by collection."""
        owner = self.owner_of(patron, principal)
        personal = [each.name for each in COLLECTIONS if each.personal]
        return {name: self._work.find(name, {"patron": patron}) if owner else [] for name in personal}

    def touch(self, patrons: Iterable[str]) -> set[str]:
        """Marks that something of these patrons is about to be written; gives those that were erased."""
        rows = {keyed_id("patron", patron): patron for patron in patrons}
        found = self._work.get_many("patrons", rows)
        touch = {"$inc": {"touched": 1}}
        self._work.update_many("patrons", found, touch)
        for row in rows.keys() - found.keys():
            self._work.update("patrons", {"_id": row}, touch, upsert=True)
        return {rows[row] for row, known in found.items() if known.get("erased_at")}

    def erase(self, patron: str, owner: str, erasure: str, erased_at: datetime, cause: Cause) -> None:
        """Deletes all that is kept of the patron, and answers the erasure."""
        shared = [row for row in self._work.find("credentials", {"patron": patron}) if row["shared_at"]]
        other = self.records.addresses_of(patron) + self.endorsements.addresses_of(patron)
        for public_id in [row["public_id"] for row in shared] + other:
            self._work.replace("tombstones", {"_id": public_id, "erased_at": erased_at})
        personal = [each.name for each in COLLECTIONS if each.personal]
        deleted = sum(self._work.count(name, {"patron": patron}) for name in personal)
        for name in personal:
            self._work.delete(name, {"patron": patron})
        self._work.delete("idempotency", {"about": patron})
        self._work.update(
            "patrons",
            {"_id": keyed_id("patron", patron)},
            {"$set": {"erased_at": erased_at}, "$unset": {"owner": ""}},
            upsert=True,
        )
        self._work.save_facts([facts.patron_data_erased(patron, owner, erasure, deleted, erased_at)], cause)
