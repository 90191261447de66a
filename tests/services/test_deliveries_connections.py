"""The apps that a patron let in, as the patron and their library see them, end them, and lose them by an erasure."""

from datetime import timedelta

import pytest

from contracts.principal import Principal
from gateway.badge_connect import grants
from gateway.badge_connect.apps import App
from gateway.badge_connect.collections import APPS, GRANTS
from gateway.badge_connect.grants import Grant
from gateway.badge_connect.store import to_row
from gateway.deliveries import connections, persons
from gateway.deliveries.connections import ConnectionCalls, ConnectionStore, ConnectionUnknown
from gateway.examples import EXAMPLES
from gateway.store import COLLECTIONS
from libranet.calls import Answer
from libranet.clock import now
from libranet.ids import new_id
from libranet.testing import MemoryWork, a_principal, a_request

PATRON, OTHER = "0190b3a0-1111-7111-8111-111111111111", "0190b3a0-1111-7111-8111-222222222222"
TEXTS = ("client_name", "client_uri", "logo_uri", "tos_uri", "policy_uri", "software_id", "software_version")
APP = App(id="a_wallet", secret="hash", **{name: EXAMPLES["register_app"][name] for name in TEXTS},
          redirect_uris=("https://wallet.example.org/connected",), scopes=("read",), grant_types=("refresh_token",),
          registered_at=now(), kept_until=now())
ME = Principal(actor=PATRON, kind="patron", node="demo.riverside")


def granted(patron: str = PATRON, is_used: bool = True, lasts: timedelta = timedelta(days=1)) -> Grant:
    who = Principal(actor=patron, kind="patron", node="demo.riverside")
    grant = grants.begin(APP, who, ("read",), new_id(), "https://wallet.example.org/connected", "c" * 43, now())
    used = grants.opened(grant, new_id(), new_id(), "read", now() + lasts - grants.REFRESH_LIFE)
    return used if is_used else grant


@pytest.fixture
def work() -> MemoryWork:
    made = MemoryWork(COLLECTIONS, "deliveries")
    made.insert("apps", to_row(APP, APPS))
    return made


def keep(work: MemoryWork, *given: Grant) -> list[str]:
    for each in given:
        work.insert("app_grants", to_row(each, GRANTS))
    return [each.id for each in given]


def listed(work: MemoryWork, who: Principal = ME, **query: object) -> dict[str, object]:
    request = a_request(None, who, {"patron": PATRON}, {"limit": 50, **query})
    return dict(ConnectionCalls().list_connections(request, ConnectionStore(work)).body)  # type: ignore[arg-type]


def end(work: MemoryWork, connection: str, who: Principal = ME, patron: str = PATRON) -> Answer:
    request = a_request(None, who, {"patron": patron, "connection": connection})
    return ConnectionCalls().end_connection(request, ConnectionStore(work))  # type: ignore[arg-type]


def test_what_is_in_use_is_listed_with_its_app_in_pages(work: MemoryWork) -> None:
    ids = keep(work, granted(), granted(), granted())
    keep(work, granted(OTHER), granted(is_used=False), granted(lasts=timedelta(0)))
    assert [each["id"] for each in listed(work)["items"]] == ids  # type: ignore[attr-defined]
    assert listed(work)["items"][0]["app_name"] == "A wallet"  # type: ignore[index]
    first = listed(work, limit=2)
    assert first["next"] == ids[1]
    assert [each["id"] for each in listed(work, cursor=first["next"])["items"]] == ids[2:]  # type: ignore[attr-defined]


def test_what_its_app_was_is_shown_for_as_long_as_it_is_known(work: MemoryWork) -> None:
    keep(work, granted())
    work.delete("apps", {"_id": APP.id})
    [shown] = listed(work)["items"]  # type: ignore[misc]
    assert shown["app"] == APP.id
    assert "app_name" not in shown


def test_a_library_sees_and_ends_those_of_its_own_patrons_only(work: MemoryWork) -> None:
    [connection] = keep(work, granted())
    hillside = a_principal("demo.hillside")
    assert listed(work, hillside)["items"] == []
    for who, patron in ((hillside, PATRON), (ME, OTHER), (Principal(OTHER, "patron", "demo.riverside"), PATRON)):
        with pytest.raises(ConnectionUnknown):
            end(work, connection, who, patron)
    assert end(work, connection, a_principal("demo.riverside")).app == APP.id
    assert listed(work)["items"] == []
    with pytest.raises(ConnectionUnknown):
        end(work, connection)


def test_an_export_says_which_apps_and_an_erasure_shuts_them_out(work: MemoryWork) -> None:
    given = granted()
    [connection], [kept] = keep(work, given), keep(work, granted(OTHER))
    [held] = connections.held(PATRON, work)  # type: ignore[arg-type]
    assert (held["_id"], held["app"]) == (connection, APP.id)
    assert given.access not in held.values()
    assert persons.forget(PATRON, work) == 1
    assert list(work.state["app_grants"]) == [kept]
