"""Tests about the whole: who hears what, who keeps what for how long, who may call what."""

from importlib.metadata import entry_points

import pytest
from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR

from contracts import calls, topology
from contracts.call import PUBLIC, SELF
from contracts.calls import badge_connect, collected, matches, sign_in, subscriptions
from gateway.store import COLLECTIONS as GATEWAY_COLLECTIONS
from libranet.calls import Answerer
from libranet.collection import CORE_COLLECTIONS
from libranet.consume import Hearer
from libranet.testing import MemoryWork, a_principal
from services.analytics.domain.pseudonyms import Pseudonyms

EVERY_CALL = (*calls.ALL, *calls.WALLET, *calls.INTERNAL, *subscriptions.CALLS, *matches.CALLS, *sign_in.CALLS,
              *collected.CALLS, *collected.OF_EACH, *calls.BADGE_CONNECT, *badge_connect.OWN,
              badge_connect.AUTHORIZE_FORM, badge_connect.AUTHORIZE_RESULT)
SERVICES = {each.name: each.load() for each in entry_points(group="libranet.services")}


def entrypoints_of(service: type, kind: type) -> list[tuple[str, object]]:
    return [(name, each) for name in dir(service)
            for each in getattr(getattr(service, name), ENTRYPOINT_EXTENSIONS_ATTR, ()) if isinstance(each, kind)]


def test_every_queue_of_the_contracts_is_heard_by_a_service_and_by_nobody_else() -> None:
    heard = {f"{name}.{method.replace('_', '-')}": tuple(sorted(each.types))
             for name, service in SERVICES.items() for method, each in entrypoints_of(service, Hearer)}
    assert heard == topology.queues()


def test_every_call_of_the_contracts_is_answered_by_its_service_once() -> None:
    answered = [each.call for service in SERVICES.values() for _, each in entrypoints_of(service, Answerer)]
    assert sorted(each.name for each in answered if each not in collected.OF_EACH) == sorted(
        each.name for each in (*calls.ALL, *calls.WALLET, *calls.BADGE_CONNECT, *calls.INTERNAL))


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_says_what_it_holds_of_a_person_and_who_touched_it(name: str) -> None:
    answered = {each.call for _, each in entrypoints_of(SERVICES[name], Answerer)}
    assert set(collected.OF_EACH) <= answered


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_an_export_names_every_collection_that_is_about_people(name: str) -> None:
    service = SERVICES[name]()
    if name == "analytics":
        service.pseudonyms = Pseudonyms("a key for tests only, of more than thirty-two characters")
    work = MemoryWork(service.collections, name)
    shown = [each.collection.name for each in service.held("somebody", a_principal(), work)]
    assert sorted(shown) == sorted(each.name for each in service.collections if each.personal)


@pytest.mark.parametrize("call", EVERY_CALL, ids=lambda call: call.name)
def test_every_call_says_who_may_make_it(call) -> None:
    assert call.allows
    assert call.allows == (PUBLIC,) or all(":" in scope or scope == SELF for scope in call.allows)
    assert SELF not in call.allows or call.person, "the person has to be named by the path"


@pytest.mark.parametrize("call", EVERY_CALL, ids=lambda call: call.name)
def test_a_call_about_a_patron_is_audited(call) -> None:
    assert call.person == next((name for name in ("patron", "guest") if f"<{name}>" in call.path), None)


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
