"""What tests of a service's store and calls share: works on shared state, and the secrets a service reads."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from libranet.collection import Collection
from libranet.testing import MemoryWork

WorkFactory = Callable[[Iterable[Collection], str], Any]


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ID_KEY", "an id key for tests, of more than 32 characters")
    monkeypatch.setenv("PSEUDONYM_KEY", "a pseudonym key for tests, of more than 32 characters")


@pytest.fixture
def work_factory() -> WorkFactory:
    """Makes one work after another of the same state: `work_factory(COLLECTIONS, "profiles")`."""
    states: dict[str, dict[str, dict[str, Any]]] = {}

    def work(collections: Iterable[Collection], source: str) -> MemoryWork:
        return MemoryWork(collections, source, states.setdefault(source, {}))

    return work
