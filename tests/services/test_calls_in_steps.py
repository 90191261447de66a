"""Calls that wait for somebody else's system: each step is a transaction of its own, and none is open meanwhile."""

from typing import Any

import pytest

from contracts.call import Call
from libranet.calls import Answer, Answerer
from libranet.testing import MemoryWork, a_request

CALL = Call(name="ask_elsewhere", service="profiles", method="POST", path="/x", summary="", allows=("a:b",),
            keyed=False)


class Container:
    """As much of nameko's as an entrypoint needs."""

    class service_cls:  # noqa: N801 - nameko's name
        store = staticmethod(lambda work: work)


class Transactions:
    """Stands in for libranet.mongo.Database: counts what is open."""

    def __init__(self) -> None:
        self.open = self.run = 0
        self.work: Any = "a work"

    def transact(self, effect: Any) -> Any:
        self.open, self.run = self.open + 1, self.run + 1
        try:
            return effect(self.work)
        finally:
            self.open -= 1


def entrypoint(method: Any, call: Call = CALL) -> tuple[Answerer, Transactions]:
    made, transactions = Answerer(call, in_steps=True), Transactions()
    made.container, made.database = Container, transactions
    made.run_method = lambda *arguments: method(*arguments)
    return made, transactions


def test_no_transaction_is_open_between_steps() -> None:
    seen = []

    def method(_request: Any, step: Any) -> Answer:
        for _ in range(2):
            seen.append(step(lambda store: (store, transactions.open)))
            seen.append(transactions.open)
        return Answer({"done": True})

    answerer, transactions = entrypoint(method)
    assert answerer._answer(a_request({})).body == {"done": True}
    assert seen == [("a work", 1), 0, ("a work", 1), 0]
    assert transactions.run == 2


def test_a_call_in_steps_has_no_transaction_for_a_key() -> None:
    with pytest.raises(ValueError, match="ask_elsewhere"):
        Answerer(Call(**{**vars(CALL), "keyed": True}), in_steps=True)


def test_a_call_in_steps_about_a_person_is_audited_once_it_has_ended() -> None:
    work = MemoryWork((), "profiles")
    about = Call(**{**vars(CALL), "person": "patron", "path": "/v1/patrons/<patron>"})
    answerer, transactions = entrypoint(lambda _request, step: Answer(step(lambda store: None)), about)
    transactions.work = work
    answerer._answer(a_request({}, path={"patron": "patron-1"}))
    assert [each["action"] for each in work.state["audit"].values()] == ["ask_elsewhere"]
    assert transactions.run == 2
