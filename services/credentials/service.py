"""The credentials service: what it hears, and its calls about credentials that somebody earned; the calls about other
nouns are beside it. The rules are in domain/, the state in store/."""


from contracts.calls import credentials as calls
from contracts.principal import Principal
from libranet import holdings
from libranet.blobs import Blobs
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now
from libranet.cloudevent import Event
from libranet.consume import hears
from libranet.holdings import Holding
from libranet.service import Service
from libranet.work import Work
from services.credentials import beside, import_views, views
from services.credentials.achievements import AchievementCalls
from services.credentials.adapters.evidence_files import EvidenceFiles
from services.credentials.adapters.expiry import Expiry
from services.credentials.adapters.recognition_walk import RecognitionWalk
from services.credentials.adapters.signing_keys import SigningKeys
from services.credentials.adapters.status_places import Places, StatusPlaces
from services.credentials.badge_connect import BadgeConnectCalls
from services.credentials.bulk import BulkCalls, Desk
from services.credentials.bulk_worker import BulkWorker
from services.credentials.claims import ClaimCalls
from services.credentials.co_issuing import CoIssuingCalls
from services.credentials.completing import CompletionHearing
from services.credentials.consenting import keep_newest
from services.credentials.domain.consents import AWARDING, PURPOSE
from services.credentials.domain.keys import KeyKeeper
from services.credentials.endorsing import EndorsementCalls
from services.credentials.images import ImageCalls
from services.credentials.imports import ImportCalls
from services.credentials.issuers import IssuerCalls
from services.credentials.known_issuers import KnownIssuerCalls
from services.credentials.life import LifeCalls
from services.credentials.mappings import MappingCalls
from services.credentials.patrons import library_of
from services.credentials.recognition import RecognitionCalls
from services.credentials.reconsiderations import ReconsiderationCalls
from services.credentials.records import RecordCalls
from services.credentials.reviews import ReviewCalls
from services.credentials.sharing import SharingCalls
from services.credentials.store import COLLECTIONS, CredentialStore
from services.credentials.submissions import SubmissionCalls, submissions_shown
from services.credentials.verifications import VerificationCalls

PATRON_REGISTERED = "org.libranet.profiles.patron-registered.v1"
PATRON_ERASED = "org.libranet.profiles.patron-erased.v1"


class Credentials(AchievementCalls, ImageCalls, SubmissionCalls, ReviewCalls, BulkCalls, LifeCalls, IssuerCalls,
                  KnownIssuerCalls, SharingCalls, ClaimCalls, RecordCalls, ImportCalls, BadgeConnectCalls,
                  VerificationCalls, RecognitionCalls, ReconsiderationCalls, EndorsementCalls, CoIssuingCalls,
                  MappingCalls, CompletionHearing, Service):
    """Who earned what: issued and listed."""

    name = "credentials"
    collections = COLLECTIONS
    store = CredentialStore
    keys: KeyKeeper = SigningKeys()
    places: Places = StatusPlaces()
    expiry = Expiry()
    bulk_desk: Desk = BulkWorker()
    recognition_walk = RecognitionWalk()
    files: Blobs = EvidenceFiles()

    def held(self, person: str, principal: Principal, work: Work) -> list[Holding]:
        store = CredentialStore(work)
        held = store.held(person, principal)
        held["submissions"] = submissions_shown(held["submissions"], store)
        held["evidence_files"] = [views.evidence_file(each["file"]) for each in held["evidence_files"]]
        return holdings.of(COLLECTIONS, views.HELD, held)

    @answers(calls.LIST_CREDENTIALS)
    def list_credentials(self, request: CallRequest, store: CredentialStore) -> Answer:
        patron, limit = request.path["patron"], request.query["limit"]
        library_of(patron, request.principal, store)
        earned = store.list_credentials(patron, request.query.get("cursor", ""), limit + 1)
        said = beside.credentials(earned, store)
        open_ones = store.reconsiderations.open_of([patron])
        withdrawn = store.reconsiderations.withdrawn_of([patron])
        body = views.page([{**views.credential(each, now(), open_ones.get(each["_id"])), **said[each["_id"]]}
                           for each in earned], limit)
        others = {"waiting": [views.waiting(each, withdrawn) for each in store.waiting_of([patron])],
                  "not_earned": [views.not_earned(each) for each in store.reconsiderations.not_earned_of(patron)],
                  "imported": [import_views.imported(each) for each in store.imports.of_patron(patron)]}
        return Answer({**body, **others}, about=patron)

    @hears("org.libranet.learning.course-offered.v1", batch=100)
    def courses(self, events: list[Event], store: CredentialStore) -> None:
        """Knows whose courses there are."""
        store.add_courses({event.data["course"]: event.owner for event in events})

    @hears("org.libranet.profiles.consent-given.v1", "org.libranet.profiles.consent-withdrawn.v1", batch=100)
    def consents(self, events: list[Event], store: CredentialStore) -> None:
        """Keeps the newest state of each consent to issue, by their library or a college, and issues what waited."""
        for purpose in (PURPOSE, AWARDING):
            self.release(keep_newest(events, purpose, store), purpose, store)

    @hears("org.libranet.profiles.node-added.v1", batch=100)
    def nodes(self, events: list[Event], store: CredentialStore) -> None:
        for event in events:
            store.save_node(event.data["node"], event.data["title"])

    @hears(PATRON_REGISTERED, PATRON_ERASED, batch=100)
    def patrons(self, events: list[Event], store: CredentialStore) -> None:
        store.add_patrons({each.data["patron"]: each.owner for each in events if each.type == PATRON_REGISTERED})
        for event in events:
            if event.type == PATRON_ERASED:
                for blob in store.submissions.blobs_of(event.data["patron"]):
                    self.files.delete(blob)
                store.erase(event.data["patron"], event.owner, event.data["erasure"], now(), event.cause)
