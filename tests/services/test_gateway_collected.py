"""What the gateway puts together from all services: everything about a patron, and who looked."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.examples import EXAMPLES
from gateway.services import NAMES
from tests.services.gateway_stage import Said, Stage, staged

ME = "0199f2d6-3c1e-7a40-9d7e-0c5a4b1f2e88"
EXPORT, AUDIT = f"/v1/patrons/{ME}/export", f"/v1/patrons/{ME}/audit"
PROBLEM = {"Content-Type": "application/problem+json"}


@pytest.fixture
def stage() -> Iterator[Stage]:
    with staged() as made:
        made.key = made.clients.invite()[0]  # type: ignore[attr-defined]
        yield made


def says(*bodies: Any) -> list[Said]:
    return [Said(body=json.dumps(each).encode()) for each in bodies]


def holding(service: str) -> dict[str, Any]:
    return {"service": service, "holdings": []}


def touch(number: int, service: str, request: str, action: str = "Read") -> dict[str, Any]:
    return {"id": f"0199f2d6-3c1e-7a40-9d7e-{number:012d}", "at": "2026-11-21T09:00:00.000Z", "services": [service],
            "request": request, "action": action, "by": "library", "node": "demo.riverside", "actor": "a"}


def touches(*items: dict[str, Any], more: str | None = None) -> dict[str, Any]:
    return {"items": list(items), "next": more}


def test_an_export_asks_every_service_and_profiles_first(stage: Stage) -> None:
    stage.service.script = says(*({"service": name, "holdings": []} for name in NAMES))
    answer = stage.ask("GET", EXPORT, stage.key)
    assert answer.status_code == 200
    assert len(answer.json["services"]) == len(stage.service.heard) == len(NAMES)
    assert {each.target for each in stage.service.heard} == {f"/internal/patrons/{ME}/export"}
    assert answer.json["services"][0]["service"] == "profiles"
    assert answer.json["who_looked"] == AUDIT
    assert all(set(each) == {"what", "why", "days"} for each in answer.json["not_listed"])


def test_what_profiles_refuses_is_refused_and_nobody_else_is_asked(stage: Stage) -> None:
    problem = {"type": "urn:libranet:problem:patron-unknown", "title": "No such patron", "status": 404, "detail": "No.",
               "instance": "/internal/somewhere"}
    stage.service.script = [Said(404, json.dumps(problem).encode(), PROBLEM)]
    for path in (EXPORT, AUDIT):
        stage.service.heard.clear()
        answer = stage.ask("GET", path, stage.key)
        assert (answer.status_code, answer.json["title"]) == (404, "No such patron")
        assert answer.json["instance"] == path
        assert len(stage.service.heard) == 1


@pytest.mark.parametrize("path", [EXPORT, AUDIT])
@pytest.mark.parametrize("away", NAMES)
def test_a_service_that_is_away_makes_all_of_it_a_503_that_names_it(path: str, away: str) -> None:
    with staged(urls={away: "http://127.0.0.1:1"}) as stage:
        answer = stage.ask("GET", path, stage.clients.invite()[0])
    assert answer.status_code == 503
    assert f"The {away} service" in answer.json["detail"]
    assert "Retry-After" in answer.headers


def test_who_looked_is_told_by_request_with_the_newest_first(stage: Stage) -> None:
    stage.service.script = says(
        touches(touch(9, "profiles", "r3"), touch(4, "profiles", "r1", "Export")), touches(),
        touches(touch(7, "credentials", "r2"), touch(3, "credentials", "r1", "Export")), touches())
    body = stage.ask("GET", AUDIT, stage.key).json
    assert [(each["action"], each["services"]) for each in body["items"]] == [
        ("Read", ["profiles"]), ("Read", ["credentials"]), ("Export", ["credentials", "profiles"])]
    assert body["next"] is None
    assert all("request" not in each for each in body["items"])


def test_who_looked_names_an_app_for_as_long_as_it_is_registered(stage: Stage) -> None:
    app = stage.ask("POST", "/oauth/register", body=EXAMPLES["register_app"]).json
    by_app = [{**touch(number, "credentials", f"r{number}"), "app": name} for number, name in (
        (9, app["client_id"]), (8, "a_gone"))]
    stage.service.script = says(touches(*by_app, touch(7, "credentials", "r7")), touches())
    known, gone, other = stage.ask("GET", AUDIT, stage.key).json["items"]
    assert (known["app"], known["app_name"], known["app_uri"]) == (
        app["client_id"], app["client_name"], app["client_uri"])
    assert (gone["app"], "app_name" in gone) == ("a_gone", False)
    assert not {"app", "app_name", "app_uri"} & set(other)


def test_a_page_of_who_looked_ends_where_the_next_begins(stage: Stage) -> None:
    stage.service.script = says(touches(touch(9, "profiles", "r3"), touch(8, "profiles", "r2"), more="x"),
                                touches(touch(7, "analytics", "r1")), touches())
    body = stage.ask("GET", f"{AUDIT}?limit=2", stage.key).json
    assert len(body["items"]) == 2
    assert body["next"] == "0199f2d6-3c1e-7a40-9d7e-000000000008"
    assert all(each.target.endswith("/audit?limit=2") for each in stage.service.heard)


def test_a_person_gets_their_own_and_nobody_elses(stage: Stage) -> None:
    stage.service.script = says(holding("each"))
    other = "0199f2d6-3c1e-7a40-9d7e-0c5a4b1f2e89"
    token = stage.sessions.begin("patron", ME, "demo.riverside").token
    assert stage.ask("GET", EXPORT, token).status_code == 200
    for path in (EXPORT, AUDIT):
        assert stage.ask("GET", path.replace(ME, other), token).status_code == 404


def test_no_caller_reaches_what_services_are_asked_inside(stage: Stage) -> None:
    assert stage.ask("GET", f"/internal/patrons/{ME}/export", stage.key).status_code == 404
