"""Profiles as callers and other services meet it: calls in, answers, rows and facts out."""

from typing import Any

import pytest

from contracts.principal import Principal
from libranet.clock import now
from libranet.ids import new_id
from libranet.testing import a_principal, a_request, an_event
from services.profiles.domain.refusals import (
    ErasureUnknown,
    NodeOutOfReach,
    NodeUnknown,
    OnlyLibrariesRegister,
    PatronUnknown,
)
from services.profiles.service import Profiles, erasure_answerers
from services.profiles.store import COLLECTIONS, ProfilesStore

OPERATOR = Principal(actor="operator", kind="operator", node="")
RIVERSIDE = a_principal("demo.riverside")
HILL = a_principal("demo.hill")
COLLEGE = a_principal("demo.lakeside-college")
CONSORTIUM = a_principal("demo")
TREE = (("demo", "consortium"), ("demo.riverside", "library"), ("demo.hill", "library"),
        ("demo.lakeside-college", "partner"), ("other", "consortium"), ("other.lib", "library"))


class Desk:
    """Profiles with a tree; each call is a work of its own on the same state."""

    def __init__(self, work_factory: Any) -> None:
        self._database = work_factory(COLLECTIONS, "profiles")
        self.events: list[Any] = []
        for node, kind in TREE:
            self.call("add_node", OPERATOR, {"id": node, "kind": kind, "name": node.title()})
        self.planted, self.events = self.events, []

    def call(self, method: str, who: Principal, body: Any = None, query: Any = None, **path: str) -> Any:
        request = a_request(body, who, path, query)

        def effect(work: Any) -> Any:
            return getattr(Profiles(), method)(request, ProfilesStore(work)), work.events

        answer, events = self._database.transact(effect)
        self.events += events
        return answer

    def hear(self, *events: Any) -> None:
        self._database.transact(lambda work: Profiles().erasure_answers(list(events), ProfilesStore(work)))

    def remember_answer(self, about: str, body: str) -> None:
        """As an Idempotency-Key does."""
        self._database.transact(lambda work: work.insert(
            "idempotency", {"_id": new_id(), "about": about, "body": body, "answered_at": now()}))

    def rows(self) -> dict[str, list[Any]]:
        names = ("idempotency", *(each.name for each in COLLECTIONS))
        return self._database.transact(lambda work: {name: work.find(name, {}) for name in names})

    def register(self, who: Principal = RIVERSIDE, **body: str) -> str:
        return str(self.call("register_patron", who, body).body["id"])

    def decide(self, patron: str, granted: bool, who: Principal = RIVERSIDE, purpose: str = "share-credentials",
               recipient: str = "demo.lakeside-college") -> Any:
        return self.call("decide_consent", who, {"granted": granted}, patron=patron, purpose=purpose,
                         recipient=recipient).body

    def told(self) -> list[str]:
        return [event.short_type for event in self.events]


@pytest.fixture
def desk(work_factory: Any) -> Desk:
    return Desk(work_factory)


def test_a_registered_patron_belongs_to_the_library_and_is_asked_what_there_is_to_decide(desk: Desk) -> None:
    answer = desk.call("register_patron", RIVERSIDE, {"name": "Ana"})
    patron = answer.body["id"]
    assert (answer.status, answer.headers, answer.about) == (201, {"Location": f"/v1/patrons/{patron}"}, patron)
    assert (answer.body["owner"], answer.body["name"]) == ("demo.riverside", "Ana")
    assert [(each["purpose"], each["recipient"], each["granted"]) for each in answer.body["consents"]] == [
        ("issue-credentials", "demo.riverside", False), ("share-credentials", "demo.lakeside-college", False)]
    assert answer.body["consents"][0]["href"] == f"/v1/patrons/{patron}/consents/issue-credentials/demo.riverside"
    assert desk.call("get_patron", RIVERSIDE, patron=patron).body == answer.body


def test_the_tree_tells_what_people_call_a_place(desk: Desk) -> None:
    (event, *_) = desk.planted
    assert (event.short_type, event.subject, event.data["title"]) == ("node-added", TREE[0][0], TREE[0][0].title())


def test_no_name_leaves_with_the_fact_of_a_registration(desk: Desk) -> None:
    patron = desk.register(name="Ana")
    (event,) = desk.events
    assert (event.type, event.subject, event.owner) == (
        "org.libranet.profiles.patron-registered.v1", patron, "demo.riverside")
    assert "Ana" not in repr(event)


def test_a_patron_without_a_name_has_none(desk: Desk) -> None:
    assert "name" not in desk.call("get_patron", RIVERSIDE, patron=desk.register()).body


def test_a_consortium_and_a_partner_register_nobody(desk: Desk) -> None:
    for who in (CONSORTIUM, COLLEGE):
        with pytest.raises(OnlyLibrariesRegister):
            desk.register(who)


def test_the_patron_of_another_library_is_as_unknown_as_nobody(desk: Desk) -> None:
    patron = desk.register()
    for who, asked in ((HILL, patron), (COLLEGE, patron), (a_principal("demo.river"), patron), (RIVERSIDE, new_id())):
        for method in ("get_patron", "erase_patron"):
            with pytest.raises(PatronUnknown):
                desk.call(method, who, patron=asked)
        with pytest.raises(PatronUnknown):
            desk.decide(asked, True, who)
    assert desk.call("get_patron", CONSORTIUM, patron=patron).body["id"] == patron


def test_a_consent_is_answered_with_a_receipt_and_told_once(desk: Desk) -> None:
    patron = desk.register()
    receipt = desk.decide(patron, True)
    assert (receipt["granted"], receipt["sequence"], receipt["recipient"]) == (True, 1, "demo.lakeside-college")
    assert "Demo.Lakeside-College may be told" in receipt["explanation"]
    assert f"/v1/patrons/{patron}/consents/share-credentials/demo.lakeside-college" in receipt["withdraw"]
    assert desk.decide(patron, True) == receipt
    assert desk.told() == ["patron-registered", "consent-given"]
    assert desk.events[-1].subject == receipt["id"]


def test_a_withdrawn_consent_is_off_and_the_next_state(desk: Desk) -> None:
    patron = desk.register()
    desk.decide(patron, True)
    assert desk.decide(patron, False)["sequence"] == 2
    assert (desk.events[-1].short_type, desk.events[-1].sequence) == ("consent-withdrawn", 2)
    shown = desk.call("get_patron", RIVERSIDE, patron=patron).body["consents"]
    assert {each["recipient"]: each["granted"] for each in shown}["demo.lakeside-college"] is False


def test_a_recipient_in_another_consortium_is_unknown(desk: Desk) -> None:
    for recipient in ("other.lib", "demo.nowhere"):
        with pytest.raises(NodeUnknown, match="GET /v1/nodes"):
            desk.decide(desk.register(), True, recipient=recipient)


def test_an_erased_patron_leaves_ids_only(desk: Desk) -> None:
    patron, neighbour = desk.register(name="Ana"), desk.register(name="Ben")
    desk.decide(patron, True)
    desk.decide(neighbour, True)
    desk.remember_answer(patron, "Ana")
    answer = desk.call("erase_patron", RIVERSIDE, patron=patron)
    assert (answer.status, answer.body["complete"], answer.about) == (202, False, None)
    assert answer.body["answers"] == dict.fromkeys(["analytics", "credentials", "deliveries", "learning"], "pending")
    assert answer.headers["Location"] == answer.body["href"] == f"/v1/erasures/{answer.body['id']}"
    rows = desk.rows()
    assert "Ana" not in repr(rows)
    assert [name for name in rows if patron in repr(rows[name])] == ["erasures"]
    assert [each["_id"] for each in rows["patrons"]] == [neighbour]
    with pytest.raises(PatronUnknown):
        desk.call("get_patron", RIVERSIDE, patron=patron)


def test_an_erasure_asked_for_again_is_the_same_and_told_once(desk: Desk) -> None:
    patron = desk.register()
    first = desk.call("erase_patron", RIVERSIDE, patron=patron)
    assert desk.call("erase_patron", RIVERSIDE, patron=patron) == first
    assert desk.told() == ["patron-registered", "patron-erased"]
    with pytest.raises(PatronUnknown):
        desk.call("erase_patron", HILL, patron=patron)


def erased(service: str, patron: str, erasure: str) -> Any:
    return an_event(f"org.libranet.{service}.patron-data-erased.v1", {
        "patron": patron, "erasure": erasure, "erased_at": "2026-11-21T10:00:01.000Z", "deleted": 4}, subject=patron)


def test_an_erasure_is_complete_when_all_have_answered(desk: Desk) -> None:
    patron = desk.register()
    erasure = desk.call("erase_patron", RIVERSIDE, patron=patron).body["id"]
    desk.hear(erased("learning", patron, erasure), erased("analytics", patron, erasure))
    shown = desk.call("get_erasure", RIVERSIDE, erasure=erasure).body
    assert (shown["complete"], shown["answers"]["learning"]) == (False, "2026-11-21T10:00:01.000Z")
    desk.hear(*(erased(service, patron, erasure) for service in erasure_answerers()))
    assert desk.call("get_erasure", RIVERSIDE, erasure=erasure).body["complete"] is True


def test_an_answer_to_an_erasure_that_nobody_asked_for_goes_to_quarantine(desk: Desk) -> None:
    with pytest.raises(ErasureUnknown):
        desk.hear(erased("learning", new_id(), new_id()))


def test_the_erasure_of_another_library_is_unknown(desk: Desk) -> None:
    erasure = desk.call("erase_patron", RIVERSIDE, patron=desk.register()).body["id"]
    with pytest.raises(ErasureUnknown):
        desk.call("get_erasure", HILL, erasure=erasure)


def test_the_same_node_again_is_answered_with_200(desk: Desk) -> None:
    body = {"id": "demo.hill.north", "kind": "branch", "name": "North"}
    assert desk.call("add_node", OPERATOR, body).status == 201
    assert desk.call("add_node", OPERATOR, body).status == 200


def test_only_operators_build_beside_or_above_their_own_node(desk: Desk) -> None:
    with pytest.raises(NodeOutOfReach):
        desk.call("add_node", HILL, {"id": "demo.riverside.east", "kind": "branch", "name": "East"})
    assert desk.call("add_node", HILL, {"id": "demo.hill.east", "kind": "branch", "name": "East"}).status == 201


def test_nodes_are_listed_page_by_page_within_the_consortium(desk: Desk) -> None:
    first = desk.call("list_nodes", COLLEGE, query={"limit": 3}).body
    rest = desk.call("list_nodes", COLLEGE, query={"limit": 3, "cursor": first["next"]}).body
    assert [each["id"] for each in first["items"] + rest["items"]] == [
        "demo", "demo.hill", "demo.lakeside-college", "demo.riverside"]
    assert rest["next"] is None
    assert len(desk.call("list_nodes", OPERATOR, query={"limit": 200}).body["items"]) == len(TREE)


def test_somebody_of_no_node_sees_no_tree(desk: Desk) -> None:
    with pytest.raises(NodeOutOfReach):
        desk.call("list_nodes", a_principal(""), query={"limit": 50})
