"""A place in a status list is given once, whoever asks and whatever is lost."""

from collections.abc import Callable
from typing import Any

import pytest

from libranet.testing import MemoryWork
from services.credentials.adapters.status_places import Places
from services.credentials.domain import status_lists
from services.credentials.domain.bitstring import SIZE
from services.credentials.domain.status_lists import BLOCK
from services.credentials.store import COLLECTIONS

State = dict[str, dict[str, Any]]


def hand(state: State, asked: list[str] | None = None) -> Places:
    """What one process gives out; `asked` gets a word for each transaction."""
    def transact(effect: Callable[[Any], Any]) -> Any:
        if asked is not None:
            asked.append("a transaction")
        return effect(MemoryWork(COLLECTIONS, "credentials", state))

    return Places(transact)


def test_two_processes_never_give_the_same_place() -> None:
    state: State = {}
    one, other = hand(state), hand(state)
    given = [each.take("demo.riverside", "did:web:r") for _ in range(3 * BLOCK) for each in (one, other)]
    assert len(set(given)) == 6 * BLOCK


def test_a_process_that_ends_takes_its_places_with_it() -> None:
    state: State = {}
    before = hand(state).take("demo.riverside", "did:web:r")
    after = hand(state)
    assert before not in {after.take("demo.riverside", "did:web:r") for _ in range(2 * BLOCK)}
    [row] = state["status_lists"].values()
    assert row["taken"] == 3 * BLOCK


def test_one_transaction_serves_a_block_of_credentials() -> None:
    asked: list[str] = []
    places = hand({}, asked)
    for _ in range(BLOCK):
        places.take("demo.riverside", "did:web:r")
    assert len(asked) == 1


def test_each_issuing_node_has_lists_of_its_own() -> None:
    state: State = {}
    places = hand(state)
    assert places.take("demo.riverside", "did:web:r").list != places.take("demo.hillside", "did:web:h").list
    assert not any("demo" in each for each in state["status_lists"])


def test_a_node_has_a_list_for_each_name_under_which_it_issues() -> None:
    state: State = {}
    places = hand(state)
    under = {name: places.take("demo.riverside", name).list for name in ("did:key:a", "did:key:b")}
    assert {each: state["status_lists"][own]["issuer"] for each, own in under.items()} == {
        each: each for each in under}
    assert hand(state).take("demo.riverside", "did:key:a").list == under["did:key:a"]


def test_a_new_list_is_begun_before_one_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status_lists, "MOST_TAKEN", 2 * BLOCK)
    state: State = {}
    places = hand(state)
    given = [places.take("demo.riverside", "did:web:r") for _ in range(5 * BLOCK)]
    assert len(set(given)) == 5 * BLOCK
    assert sorted(each["number"] for each in state["status_lists"].values()) == [1, 2, 3]
    assert all(0 <= each.index < SIZE for each in given)
