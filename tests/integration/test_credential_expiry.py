"""What expires, and what nobody has seen, is found on the real database as it is in memory, and told once."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from libranet.clock import now, rfc3339
from libranet.cloudevent import Cause
from libranet.ids import new_id
from libranet.local import Platform
from libranet.mongo import Database
from libranet.work import Work
from services.credentials.adapters import expiry
from services.credentials.domain import issuing, proofs
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.documents import Issuer
from services.credentials.domain.earning import Completion
from services.credentials.domain.status_lists import StatusPlace
from services.credentials.store import COLLECTIONS, CredentialStore

pytestmark = pytest.mark.real
CAUSE = Cause("a test", "a test", "a test")


def issue(database: Database, validity: int | None) -> None:
    course, owner = new_id(), "test.riverside"
    achievement = Achievement(new_id(), owner, "Welding", "Welds.", "Weld.", "engagement", course, validity=validity)
    completion = Completion(new_id(), new_id(), course, owner, rfc3339(now()), new_id())
    issuer = Issuer(owner, "Riverside", proofs.SigningKey.of(Ed25519PrivateKey.generate()))
    record = issuing.issue(completion, achievement, issuer, "https://l.example.org", now(), StatusPlace("a", 1))

    def kept(work: Work) -> None:
        store = CredentialStore(work)
        store.save_achievement(achievement, now())
        store.save_issued(record, CAUSE)

    database.transact(kept)


@pytest.fixture
def database(parts: Platform) -> Iterator[Database]:
    made = Database().connect("credentials", COLLECTIONS, f"test_credentials_{new_id()}", "a test's own")
    yield made
    made.client.drop_database(made.database.name)
    made.client.close()


def test_what_is_due_is_told_once_and_what_has_no_end_never(database: Database) -> None:
    for validity in (None, 1, 1000):
        issue(database, validity)
    told = [database.transact(lambda work, days=days: expiry.tell(work, now() + timedelta(days=days)))
            for days in (0, 1, 1, 999, 1001, 2000)]
    assert told == [0, 1, 0, 1, 1, 0]
    assert database.database.credentials.count_documents({"due_at": None}) == 3


def test_what_nobody_has_seen_is_told_of_once(database: Database) -> None:
    issue(database, None)
    told = [database.transact(lambda work, days=days: expiry.remind(work, now() + timedelta(days=days)))
            for days in (-1, 0, 0, 100)]
    assert told == [0, 1, 0, 0]
    assert database.database.credentials.count_documents({"unclaimed_since": None, "sequence": 2}) == 1
