"""Places in status lists on the real database: processes that take them at the same time never get the same one."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from libranet.ids import new_id
from libranet.local import Platform
from libranet.mongo import Database
from services.credentials.adapters.status_places import Places
from services.credentials.domain.status_lists import BLOCK, StatusPlace
from services.credentials.store import COLLECTIONS

pytestmark = pytest.mark.real
PROCESSES, EACH = 4, 5 * BLOCK


@pytest.fixture
def databases(parts: Platform) -> Iterator[list[Database]]:
    """One database as several replicas see it."""
    name = f"test_credentials_{new_id()}"
    made = [Database().connect("credentials", COLLECTIONS, name, f"replica {each}") for each in range(PROCESSES)]
    yield made
    made[0].client.drop_database(name)
    for each in made:
        each.client.close()


def test_replicas_that_take_places_at_the_same_time_never_share_one(databases: list[Database]) -> None:
    databases[0].prepare()

    def taken(database: Database) -> list[StatusPlace]:
        places = Places(database.transact)
        return [places.take("test.riverside", "did:web:test.riverside") for _ in range(EACH)]

    with ThreadPoolExecutor(PROCESSES) as threads:
        given = [place for some in threads.map(taken, databases) for place in some]
    assert len(set(given)) == len(given) == PROCESSES * EACH
    assert sum(row["taken"] for row in databases[0].database.status_lists.find()) == PROCESSES * EACH
