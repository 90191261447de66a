"""Roles at the door: what they open, where, until when; and how the gateway hears of them."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts import principal as principals
from contracts.calls.org import ROLES
from contracts.principal import Principal
from gateway.deliveries.service import Deliveries
from gateway.deliveries.store import DeliveryStore
from gateway.roles import ACTING_AS, SCOPES_OF_ROLE, Held, RoleNotHeld, Roles
from libranet.clock import now, rfc3339
from libranet.ids import new_id
from libranet.testing import MemoryWork, an_event
from services.profiles.org.domain.roles import HOLDER
from tests.services.gateway_stage import MemoryRoles, Stage, staged

SOON = datetime.now(UTC) + timedelta(hours=1)
CLIENT = Principal(actor="k_1", kind="college", node="demo.lakeside")


@pytest.fixture
def stage() -> Iterator[Stage]:
    with staged() as made:
        yield made


def endowed(*held: Held, principal: Principal = CLIENT) -> Principal:
    store = MemoryRoles()
    store.rows[principal.actor] = held
    return Roles(store).endow(principal)  # type: ignore[arg-type]


def test_every_role_says_what_it_opens() -> None:
    assert set(SCOPES_OF_ROLE) == set(ROLES)


def test_a_role_opens_its_scopes_at_the_door_and_travels_with_the_principal(stage: Stage) -> None:
    [key] = stage.clients.invite("college", "demo.lakeside")
    assert stage.ask("GET", "/v1/measures", key).status_code == 403
    stage.roles.rows[key.split(".")[0]] = (Held("analyst", "demo.lakeside", SOON),)
    with staged() as fresh:  # another process, which has not looked before
        fresh.clients.rows, fresh.roles.rows = stage.clients.rows, stage.roles.rows
        assert fresh.ask("GET", "/v1/measures", key).status_code == 200
        who = fresh.service.heard[-1].principal
        assert who.roles == ("analyst@demo.lakeside",)
        assert who.holds("analyst", "demo.lakeside")


def test_a_role_that_has_ended_counts_no_more() -> None:
    assert endowed(Held("analyst", "demo", now())) is CLIENT
    assert endowed(Held("analyst", "demo", now() - timedelta(days=1)), Held("employer", "demo", SOON)).roles == (
        "employer@demo",)


def test_a_role_opens_nothing_beyond_the_node_that_it_was_granted_at() -> None:
    for place in ("demo.hill", "demo.lakeside.inner", "demo.lake"):
        elsewhere = endowed(Held("analyst", place, SOON))
        assert elsewhere.scopes == ()
        assert elsewhere.roles == (f"analyst@{place}",)
    assert "measures:read" in endowed(Held("analyst", "demo", SOON)).scopes


@pytest.mark.parametrize("kind", principals.PERSONS)
def test_a_person_keeps_acting_for_themselves_whatever_role_they_hold(kind: str) -> None:
    person = Principal(actor="p1", kind=kind, node="demo.riverside")
    holder = endowed(Held("librarian", "demo", SOON), principal=person)
    assert (holder.scopes, holder.roles) == ((), ("librarian@demo",))


def test_a_person_who_says_so_acts_in_one_role_at_its_place_and_in_no_other(stage: Stage) -> None:
    patron = str(uuid.uuid4())
    token = stage.sessions.begin("patron", patron, "demo.riverside").token
    other = f"/v1/patrons/{uuid.uuid4()}"
    stage.roles.rows[patron] = (Held("librarian", "demo.riverside", SOON), Held("navigator", "demo.hill", SOON))
    assert stage.ask("GET", other, token).status_code == 404
    assert stage.ask("GET", "/v1/nodes/demo.riverside/settings", token).status_code == 403

    def acting(role: str, method: str = "GET", path: str = other, body: Any = None) -> int:
        return int(stage.ask(method, path, token, body, headers={ACTING_AS: role}).status_code)

    assert acting("librarian@demo.riverside") == 200
    who = stage.service.heard[-1].principal
    assert (who.kind, who.node, who.roles) == ("staff", "demo.riverside", ("librarian@demo.riverside",))
    assert HOLDER.fullmatch(who.actor)
    assert not who.is_person
    assert who.sees("demo.riverside.central", patron)
    assert not who.sees("demo.hill", patron)
    assert acting("librarian@demo.riverside", path="/v1/nodes/demo.riverside/settings") == 200
    assert acting("navigator@demo.hill", "PATCH", other, {"languages": ["so"]}) == 403
    for role in ("librarian@demo", "librarian@demo.hill", "operator@demo.riverside", "librarian", "", "@"):
        assert acting(role) == 403


def test_a_program_that_holds_a_role_elsewhere_acts_in_it_by_the_header_alone(stage: Stage) -> None:
    [key] = stage.clients.invite("college", "demo.lakeside")
    client = key.split(".")[0]
    stage.roles.rows[client] = (Held("analyst", "demo.riverside", SOON),)
    assert stage.ask("GET", "/v1/measures", key).status_code == 403
    assert stage.ask("GET", "/v1/me", key).json["roles"] == ["analyst@demo.riverside"]
    role = {ACTING_AS: "analyst@demo.riverside"}
    assert stage.ask("GET", "/v1/measures", key, headers=role).status_code == 200
    who = stage.service.heard[-1].principal
    assert (who.kind, who.node, who.roles) == ("staff", "demo.riverside", ("analyst@demo.riverside",))
    assert who.scopes == SCOPES_OF_ROLE["analyst"]
    assert who.actor != client
    assert HOLDER.fullmatch(who.actor)
    assert not who.sees("demo.lakeside")
    own = stage.ask("POST", "/v1/subscriptions", key, {}, headers=role)
    assert own.status_code == 403, "its own scopes stay behind"
    assert stage.ask("GET", f"/v1/patrons/{uuid.uuid4()}", key, headers=role).status_code == 403
    for other in ("analyst@demo", "analyst@demo.lakeside", "librarian@demo.riverside", "analyst", ""):
        assert stage.ask("GET", "/v1/measures", key, headers={ACTING_AS: other}).status_code == 403


@pytest.mark.parametrize("holder", [CLIENT, Principal(actor="p1", kind="patron", node="demo.riverside")])
def test_a_role_that_ended_is_acted_in_no_more(holder: Principal) -> None:
    store = MemoryRoles()
    store.rows[holder.actor] = (Held("librarian", "demo", now()),)
    with pytest.raises(RoleNotHeld):
        Roles(store).acting(holder, "librarian@demo")  # type: ignore[arg-type]


def test_what_was_seen_lately_goes_on_while_the_database_is_away() -> None:
    store, time = MemoryRoles(), [0.0]
    roles = Roles(store, lambda: time[0])  # type: ignore[arg-type]
    store.rows["k_1"] = (Held("analyst", "demo", SOON),)
    assert roles.endow(CLIENT).roles
    store.away = True
    time[0] += 60
    assert roles.endow(CLIENT).roles
    assert not roles.endow(Principal(actor="k_2", kind="college", node="demo.lakeside")).roles


def test_a_change_is_seen_within_seconds() -> None:
    store, time = MemoryRoles(), [0.0]
    roles = Roles(store, lambda: time[0])  # type: ignore[arg-type]
    assert not roles.endow(CLIENT).roles
    store.rows["k_1"] = (Held("analyst", "demo", SOON),)
    assert not roles.endow(CLIENT).roles
    time[0] += 5
    assert roles.endow(CLIENT).roles


class Heard:
    """The deliveries process on state in memory."""

    def __init__(self) -> None:
        self.work = MemoryWork(Deliveries.collections, "deliveries")

    def hear(self, *events: Any) -> dict[str, Any]:
        Deliveries().role_grants(list(events), DeliveryStore(self.work))  # type: ignore[arg-type]
        return {row["holder"]: row["ends_at"] for row in self.work.state["role_grants"].values()}


def granted(holder: str = "k_1", ends_at: datetime = SOON, sequence: int = 1) -> Any:
    return an_event("org.libranet.profiles.role-granted.v1", {
        "grant": new_id(), "node": "demo", "role": "analyst", "holder": holder, "granted_at": rfc3339(now()),
        "ends_at": rfc3339(ends_at)}, subject=f"grant-{holder}", sequence=sequence)


def ended(holder: str = "k_1", sequence: int = 2) -> Any:
    return an_event("org.libranet.profiles.role-ended.v1", {
        "grant": new_id(), "node": "demo", "role": "analyst", "holder": holder, "ended_at": "2026-01-01T00:00:00.000Z",
    }, subject=f"grant-{holder}", sequence=sequence)


def test_the_newest_state_of_a_grant_is_kept_in_whatever_order_it_comes() -> None:
    for order in ([granted(), ended()], [ended(), granted()]):
        together, apart = Heard(), Heard()
        together.hear(*order)
        for each in order:
            last = apart.hear(each)
        assert together.hear() == last == {"k_1": datetime(2026, 1, 1, tzinfo=UTC)}


def test_an_erased_patron_is_signed_out_and_holds_nothing_any_more() -> None:
    patron, heard = new_id(), Heard()
    heard.hear(granted(patron), granted("k_1"))
    heard.work.insert("sessions", {"_id": "s", "actor": patron})
    erased = an_event("org.libranet.profiles.patron-erased.v1", {
        "patron": patron, "erasure": new_id(), "requested_at": rfc3339(now())}, subject=patron)
    Deliveries.facts(Deliveries(), [erased], DeliveryStore(heard.work))  # type: ignore[arg-type]
    assert set(heard.hear(granted(patron, sequence=3))) == {"k_1"}
    assert heard.work.state["sessions"] == {}
    assert heard.work.events[-1].data["deleted"] == 2
