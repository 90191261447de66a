"""What the credentials service keeps, each write together with its facts (libranet/work.py).

Whoever writes something of a patron also touches the patron's row in `patrons`, so that of a completion, a
consent and an erasure that arrive at the same moment one is run again and sees the other.
"""

from collections.abc import Iterable
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
from services.credentials.domain.earning import Completion, Recognised, Stacked
from services.credentials.domain.life import ISSUED, REVOKED, purposes_of, standing
from services.credentials.domain.status_lists import StatusPlace
from services.credentials.store import (
    achievement_store,
    agreement_store,
    batch_store,
    claim_store,
    endorsement_store,
    heard_store,
    import_store,
    known_issuer_store,
    picture_store,
    recognition_store,
    reconsideration_store,
    record_store,
    status_list_store,
    submission_store,
)
from services.credentials.store.achievement_store import AchievementStore
from services.credentials.store.agreement_store import CoIssuingStore, MappingStore
from services.credentials.store.batch_store import BatchStore
from services.credentials.store.claim_store import ClaimStore
from services.credentials.store.endorsement_store import EndorsementStore
from services.credentials.store.heard_store import HeardStore
from services.credentials.store.import_store import ImportStore
from services.credentials.store.known_issuer_store import KnownIssuerStore
from services.credentials.store.picture_store import PictureStore
from services.credentials.store.recognition_store import RecognitionStore
from services.credentials.store.reconsideration_store import ReconsiderationStore
from services.credentials.store.record_store import RecordStore
from services.credentials.store.status_list_store import StatusListStore
from services.credentials.store.submission_store import SubmissionStore
from services.credentials.store.within import first_of, in_and_below


def _with_life(credential: Document) -> Document:
    """Credentials of the first version stand in no status list and never expire."""
    return {"status_since": credential.get("issued_at"), "status_reason": None, "status_place": None,
            "sequence": 2 if credential.get("shared_at") else 1, "valid_until": None, "due_at": None, **credential}


def _with_earning(waiting: Document) -> Document:
    """Of the first version only completions waited, and achievements had one version."""
    earning = {"rule": Completion.rule, **waiting.get("completion", {})}
    return {"earning": earning, "achievement_version": 1, **waiting}


NEEDED_TO_HOLD = ("patron", "achievement", "status", "valid_until", "issued_at", "shared_at")
"""The last two are for credentials of the first version."""
COLLECTIONS = (
    *achievement_store.COLLECTIONS,
    *heard_store.COLLECTIONS,
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
PERSONAL = [each.name for each in COLLECTIONS if each.personal]


class CredentialStore(AchievementStore, HeardStore):
    """One unit of work of the credentials service."""

    def __init__(self, work: Work) -> None:
        AchievementStore.__init__(self, work)
        HeardStore.__init__(self, work)
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
        held = [row for row in self.of_same([(patron, achievement)]) if row["status"] == ISSUED]
        found = max(held, key=lambda row: row["issued_at"], default=None)
        return found if found and principal.sees(found["owner"], patron) else None

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
        sides: list[Document] = [{"issuer": principal.node}]
        if principal.may([READS]):
            sides = [side for place in in_and_below(principal.node)
                     for side in ({"issuer": place}, {"issuer": None, "owner": place})]
        return first_of(self._work, "credentials", sides, {"achievement": achievement}, after, limit)

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

    # waiting

    def save_waiting(self, waiting: Document) -> None:
        self._work.insert("waiting", waiting)

    def waiting_of(self, patrons: Iterable[str]) -> list[Document]:
        return self._work.find("waiting", {"patron": {"$in": sorted(set(patrons))}}, [("since", 1)])

    def end_waiting(self, waiting: str) -> None:
        self._work.delete("waiting", {"_id": waiting})

    # patrons

    def held(self, patron: str, principal: Principal) -> dict[str, list[Document]]:
        """The rows about a patron whom the principal sees, by collection."""
        owner = self.owner_of(patron, principal)
        return {name: self._work.find(name, {"patron": patron}) if owner else [] for name in PERSONAL}

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
        deleted = sum(self._work.count(name, {"patron": patron}) for name in PERSONAL)
        for name in PERSONAL:
            self._work.delete(name, {"patron": patron})
        self._work.delete("idempotency", {"about": patron})
        self._work.update(
            "patrons",
            {"_id": keyed_id("patron", patron)},
            {"$set": {"erased_at": erased_at}, "$unset": {"owner": ""}},
            upsert=True,
        )
        self._work.save_facts([facts.patron_data_erased(patron, owner, erasure, deleted, erased_at)], cause)
