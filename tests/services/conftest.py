"""What tests of a service's store and calls share: databases to run works on, and the secrets a service reads.

`tests/integration/test_stores.py` runs the same tests on the real database, with a `work_factory` of its own.
"""

import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from libranet.collection import Collection
from libranet.testing import MemoryWork
from tests.services.gateway_stage import FakeService, Said

WorkFactory = Callable[[Iterable[Collection], str], Any]


class MemoryDatabase:
    """Like `libranet.mongo.Database`, as far as tests use it: works on shared state, undone when they raise."""

    def __init__(self, collections: Iterable[Collection], source: str) -> None:
        self._collections, self._source = tuple(collections), source
        self._state: dict[str, dict[str, dict[str, Any]]] = {}

    def reading(self) -> MemoryWork:
        return MemoryWork(self._collections, self._source, self._state)

    def transact(self, effect: Callable[[Any], Any]) -> Any:
        state = copy.deepcopy(self._state)
        result = effect(MemoryWork(self._collections, self._source, state))
        self._state = state
        return result


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ID_KEY", "an id key for tests, of more than 32 characters")
    monkeypatch.setenv("PUBLIC_URL", "https://libranet.example.org")
    monkeypatch.setenv("PSEUDONYM_KEY", "a pseudonym key for tests, of more than 32 characters")


@pytest.fixture
def work_factory() -> WorkFactory:
    """`work_factory(COLLECTIONS, "profiles")` is an empty database: `.transact(effect)` gives `effect` a work."""
    return MemoryDatabase


@pytest.fixture
def receiver() -> Iterator[FakeService]:
    """A partner's server that takes everything."""
    service = FakeService()
    service.script = [Said(204, b"")]
    yield service
    service.stop()
