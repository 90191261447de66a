"""The tests of stores and calls in tests/services once more, on the real database in place of the one in memory."""

from collections.abc import Callable, Iterable, Iterator

import pytest
from pymongo import monitoring
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

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
from tests.services.test_credentials_endorsing_learners import *  # noqa: F403
from tests.services.test_credentials_mappings import *  # noqa: F403
from tests.services.test_credentials_of_colleges import *  # noqa: F403
from tests.services.test_credentials_reaching import *  # noqa: F403
from tests.services.test_credentials_recognition import *  # noqa: F403
from tests.services.test_job_feed_skills import *  # noqa: F403
from tests.services.test_job_feeds import *  # noqa: F403
from tests.services.test_jobs_index import *  # noqa: F403
from tests.services.test_jobs_matching import *  # noqa: F403
from tests.services.test_jobs_service import *  # noqa: F403
from tests.services.test_jobs_skills import *  # noqa: F403
from tests.services.test_profiles_consents import *  # noqa: F403
from tests.services.test_profiles_erasures import *  # noqa: F403
from tests.services.test_profiles_guests import *  # noqa: F403
from tests.services.test_profiles_org import *  # noqa: F403
from tests.services.test_profiles_patrons import *  # noqa: F403
from tests.services.test_profiles_skill_names import *  # noqa: F403

pytestmark = pytest.mark.real


STORE = "test_store_"


class Sent(CommandListener):
    """The names of the commands that went to the stores' databases and to `admin`."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def started(self, event: CommandStartedEvent) -> None:
        if event.database_name.startswith((STORE, "admin")):
            self.names.add(event.command_name)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """The start is enough."""

    def failed(self, event: CommandFailedEvent) -> None:
        """The start is enough."""


SENT = Sent()
monitoring.register(SENT)


@pytest.fixture(scope="module")
def databases(parts: Platform) -> Iterator[dict[str, Database]]:
    """By service; making collections takes longer than a test."""
    made: dict[str, Database] = {}
    SENT.names.clear()
    yield made
    for each in made.values():
        each.client.drop_database(each.database.name)
        each.client.close()


@pytest.fixture
def work_factory(databases: dict[str, Database]) -> Callable[[Iterable[Collection], str], Database]:
    """The database of a service, emptied."""

    def database(collections: Iterable[Collection], source: str) -> Database:
        if source not in databases:
            databases[source] = Database().connect(source, collections, name=f"{STORE}{source}_{new_id()}")
            databases[source].prepare()
        for name in set(databases[source].collections) - {"writers"}:
            databases[source].database[name].delete_many({})
        return databases[source]

    return database


ALLOWED = {
    "find", "getMore", "killCursors", "aggregate", "count", "distinct", "insert", "update", "delete", "findAndModify",
    "create", "createIndexes", "listCollections", "listIndexes", "commitTransaction", "abortTransaction",
    "killSessions", "endSessions", "saslStart", "saslContinue"}
"""What MongoDB's role `readWrite` lets an account do, as far as it is used, and what every account may do with its own
sessions. The stand-in lets more pass."""


def test_stores_send_only_what_the_role_of_a_service_allows(
        work_factory: Callable[[Iterable[Collection], str], Database]) -> None:
    """Of all tests of this module before this one."""
    database = work_factory((Collection("things", Retention.forever("a test's own")),), "role")
    database.transact(lambda work: work.insert("things", {"_id": "one"}))
    database.reading().get("things", "one")
    started_again = Database().connect("role", (), name=database.database.name)
    started_again.prepare()
    started_again.client.close()
    assert SENT.names >= {"find", "insert", "create", "createIndexes", "commitTransaction", "killSessions"}
    assert SENT.names - ALLOWED == set()
