"""Tests about the whole: who hears what, who keeps what for how long, who may call what."""

from importlib.metadata import entry_points

import pytest
from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR

from contracts import calls, topology
from contracts.call import PUBLIC
from contracts.calls import subscriptions
from gateway.store import COLLECTIONS as GATEWAY_COLLECTIONS
from libranet.calls import Answerer
from libranet.collection import CORE_COLLECTIONS
from libranet.consume import Hearer

EVERY_CALL = (*calls.ALL, *subscriptions.CALLS)
SERVICES = {each.name: each.load() for each in entry_points(group="libranet.services")}


def entrypoints_of(service: type, kind: type) -> list[tuple[str, object]]:
    return [(name, each) for name in dir(service)
            for each in getattr(getattr(service, name), ENTRYPOINT_EXTENSIONS_ATTR, ()) if isinstance(each, kind)]


def test_every_queue_of_the_contracts_is_heard_by_a_service_and_by_nobody_else() -> None:
    heard = {f"{name}.{method.replace('_', '-')}": tuple(sorted(each.types))
             for name, service in SERVICES.items() for method, each in entrypoints_of(service, Hearer)}
    assert heard == topology.queues()


def test_every_call_of_the_contracts_is_answered_by_its_service_once() -> None:
    answered = sorted(each.call.name for service in SERVICES.values() for _, each in entrypoints_of(service, Answerer))
    assert answered == sorted(each.name for each in calls.ALL)


@pytest.mark.parametrize("call", EVERY_CALL, ids=lambda call: call.name)
def test_every_call_says_who_may_make_it(call) -> None:
    assert call.allows
    assert call.allows == (PUBLIC,) or all(":" in scope for scope in call.allows)


@pytest.mark.parametrize("call", EVERY_CALL, ids=lambda call: call.name)
def test_a_call_about_a_patron_is_audited(call) -> None:
    assert ("<patron>" in call.path) == (call.person == "patron")


@pytest.mark.parametrize("call", EVERY_CALL, ids=lambda call: call.name)
def test_a_list_has_a_cursor_and_a_limit(call) -> None:
    if call.answer and {"items", "next"} <= set(call.answer().fields) and call.name != "get_measures":
        place = "after" if call.name == "list_events" else "cursor"  # a position in a stream without an end stays good
        assert {place, "limit"} <= set(call.query().fields)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_collection_declares_its_retention_and_why(name: str) -> None:
    for collection in (*CORE_COLLECTIONS, *SERVICES[name].collections, *GATEWAY_COLLECTIONS):
        assert len(collection.retention.why) > 10, collection.name
        assert (collection.retention.days is None) == (collection.retention.field is None)


def test_whoever_hears_of_an_erasure_answers_it() -> None:
    hearers = {queue.split(".")[0] for queue in topology.hearers()["org.libranet.profiles.patron-erased.v1"]}
    answering = {name.split(".")[2] for name in topology.hearers() if name.endswith("patron-data-erased.v1")}
    assert hearers == answering
