"""The tests of stores and calls in tests/services once more, on the real database in place of the one in memory."""

from collections.abc import Callable, Iterable, Iterator

import pytest

from libranet.collection import Collection, Retention
from libranet.ids import new_id
from libranet.local import Platform
from libranet.mongo import Database
from tests.services.test_analytics_service import *  # noqa: F403 - the tests and their fixtures, by name
from tests.services.test_analytics_tables import *  # noqa: F403
from tests.services.test_cards import *  # noqa: F403
from tests.services.test_credentials_co_issuing import *  # noqa: F403
from tests.services.test_credentials_colleges import *  # noqa: F403
from tests.services.test_credentials_endorsing import *  # noqa: F403
from tests.services.test_credentials_mappings import *  # noqa: F403
from tests.services.test_credentials_of_colleges import *  # noqa: F403
from tests.services.test_credentials_recognition import *  # noqa: F403
from tests.services.test_job_feeds import *  # noqa: F403
from tests.services.test_jobs_index import *  # noqa: F403
from tests.services.test_jobs_matching import *  # noqa: F403
from tests.services.test_jobs_service import *  # noqa: F403
from tests.services.test_profiles_consents import *  # noqa: F403
from tests.services.test_profiles_erasures import *  # noqa: F403
from tests.services.test_profiles_guests import *  # noqa: F403
from tests.services.test_profiles_org import *  # noqa: F403
from tests.services.test_profiles_patrons import *  # noqa: F403
from tests.services.test_profiles_skill_names import *  # noqa: F403

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def databases(parts: Platform) -> Iterator[dict[str, Database]]:
    """By service; making collections takes longer than a test."""
    made: dict[str, Database] = {}
    yield made
    for each in made.values():
        each.client.drop_database(each.database.name)
        each.client.close()


@pytest.fixture
def work_factory(databases: dict[str, Database]) -> Callable[[Iterable[Collection], str], Database]:
    """The database of a service, emptied."""

    def database(collections: Iterable[Collection], source: str) -> Database:
        if source not in databases:
            databases[source] = Database().connect(source, collections, name=f"test_{source}_{new_id()}")
            databases[source].prepare()
        for name in set(databases[source].collections) - {"writers"}:
            databases[source].database[name].delete_many({})
        return databases[source]

    return database


def test_a_changed_retention_is_taken_over_at_the_next_start(parts: Platform) -> None:
    for days in (5, 6):
        kept = Collection("kept", Retention.of_days(days, "at", "long enough for this test"))
        database = Database().connect("jobs", (kept,), holder="a test's own")
        database.prepare()
        assert database.database.kept.index_information()["at_1"]["expireAfterSeconds"] == days * 86400
