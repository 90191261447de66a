"""The gateway as a whole: every route names who may call it, every error is a problem, every answer is traceable."""

import json
import logging
from collections.abc import Iterator

import pytest

from contracts import calls
from contracts.call import PUBLIC, SELF
from contracts.calls import matches, sign_in, subscriptions
from gateway.guard import SIGNED_IN
from gateway.routes.publish import published
from libranet.logs import configure
from tests.services.gateway_stage import Said, Stage, staged

PUBLIC_ROUTES = {"list_consent_purposes", "get_receipt_keys", "get_erasure_proof",
    "start", "get_openapi", "get_docs", "healthz", "readyz", "metrics", "get_public_credential", "get_issuer",
    "get_status_list", "get_issuer_did", "get_issuer_keys", "get_issuer_key",
    "verify_form", "verify_result", "get_achievement_image", "get_achievement_picture", "get_public_record",
    "get_record_page", "get_record_pdf", "get_public_endorsement",
    "get_issuer_metadata", "get_server_metadata", "get_offer", "request_token", "request_nonce", "request_credential",
    "notify_issuer", "verify_credential", "start_guest", "resume_guest", "sign_in", "start_sign_in",
    "finish_sign_in", "card_test_form", "card_test_result", "get_service_description", "get_app_metadata",
    "register_app", "request_app_token", "revoke_app_token", "authorize_form", "authorize_result"}
"""A new public door is a decision: add it here, too."""
ALL = (*calls.ALL, *subscriptions.CALLS, *matches.CALLS, *sign_in.CALLS)
SCOPED = [call for call in ALL if not call.is_public]
VALUES = {"patron": "0199f2d6-3c1e-7a40-9d7e-0c5a4b1f2e88"}


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with staged() as made:
        yield made


def a_path(path: str) -> str:
    return path.replace("<", "").replace(">", "")


def test_every_route_names_who_may_call_it(stage: Stage) -> None:
    app = stage.http.application
    known = published(app)
    for rule in app.url_map.iter_rules():
        call = known[rule.endpoint]
        assert call.path == rule.rule
        assert call.method in rule.methods
        assert (call.allows == (PUBLIC,)) == (rule.endpoint in PUBLIC_ROUTES)
        assert call.allows
        assert all(each in (PUBLIC, SIGNED_IN, SELF) or ":" in each for each in call.allows)


def test_every_call_of_the_contracts_has_a_route(stage: Stage) -> None:
    assert {call.name for call in ALL} <= set(published(stage.http.application))


@pytest.mark.parametrize("call", SCOPED, ids=lambda call: call.name)
def test_no_call_is_answered_without_a_key(stage: Stage, call) -> None:
    stage.service.heard.clear()
    assert stage.ask(call.method, a_path(call.path)).status_code == 401
    assert not stage.service.heard


@pytest.mark.parametrize("call", SCOPED, ids=lambda call: call.name)
def test_no_call_is_answered_without_its_scope(stage: Stage, call) -> None:
    kind = "college" if call.path.startswith("/xAPI") else "platform"
    stage.service.heard.clear()
    assert stage.ask(call.method, a_path(call.path), stage.clients.invite(kind)[0]).status_code == 403
    assert not stage.service.heard


@pytest.mark.parametrize("path", ["/nothing", "/v1", "/v1/patrons/", "//v1/patrons", "/v1/patrons/a/b/c", "/%00"])
def test_an_unknown_address_is_a_404_problem(stage: Stage, path: str) -> None:
    answer = stage.ask("GET", path)
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(("method", "path"), [
    ("PATCH", "/v1/patrons"), ("DELETE", "/v1/courses"), ("POST", "/v1/me"), ("BREW", "/v1/courses"), ("PUT", "/docs")])
def test_a_method_that_an_address_does_not_have_is_a_405_problem_with_allow(stage: Stage, method, path) -> None:
    answer = stage.ask(method, path)
    assert answer.status_code == 405
    assert answer.mimetype == "application/problem+json"
    assert "OPTIONS" in answer.headers["Allow"]
    assert method not in answer.headers["Allow"].split(", ")


@pytest.mark.parametrize(("path", "status"), [
    ("/status-lists/abc/revocation", 200), ("/credentials/abc", 410), ("/credentials/abc?form=pdf", 422)])
def test_pages_of_others_read_what_is_public_and_why_it_is_refused(
        stage: Stage, monkeypatch: pytest.MonkeyPatch, path: str, status: int) -> None:
    said = Said(status, headers={"Content-Type": "application/problem+json"})
    monkeypatch.setattr(stage.service, "script", [said])
    answer = stage.ask("GET", path)
    headers = answer.headers
    assert answer.status_code == status
    assert headers["Access-Control-Allow-Origin"] == headers["Access-Control-Expose-Headers"] == "*"


@pytest.mark.parametrize("key", ["_73PUQ4vzdf-DqT0XvHlu0KX1auoYaEWZItP4CBRBak", "-3PUQ", "z6Mk"])
def test_a_key_is_asked_for_by_its_thumbprint(stage: Stage, key: str) -> None:
    assert stage.ask("GET", f"/issuers/demo.riverside/keys/{key}").status_code == 200
    assert stage.service.heard[-1].target == f"/issuers/demo.riverside/keys/{key}"


@pytest.mark.parametrize("path", ["/v1/courses", "/metrics", "/nothing"])
def test_pages_of_others_read_nothing_else(stage: Stage, path: str) -> None:
    assert "Access-Control-Allow-Origin" not in stage.ask("GET", path, stage.clients.invite("library")[0]).headers


def test_head_is_get_without_the_body(stage: Stage) -> None:
    [key] = stage.clients.invite("library")
    answer = stage.ask("HEAD", "/v1/courses", key)
    assert (answer.status_code, answer.data) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 0
    assert stage.service.heard[-1].method == "GET"


def test_options_says_what_an_address_takes(stage: Stage) -> None:
    answer = stage.ask("OPTIONS", "/v1/courses")
    assert (answer.status_code, answer.data) == (204, b"")
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/v1/me", "/nothing", "/healthz"])
def test_every_answer_is_hardened(stage: Stage, path: str) -> None:
    headers = stage.ask("GET", path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_an_answer_to_a_key_is_not_stored_by_anybody(stage: Stage) -> None:
    assert stage.ask("GET", "/v1/courses", stage.clients.invite()[0]).headers["Cache-Control"] == "no-store"


def test_a_sane_request_id_is_kept_and_reaches_the_service(stage: Stage) -> None:
    [key] = stage.clients.invite("library")
    answer = stage.ask("GET", "/v1/courses", key, headers={"X-Request-Id": "mine-1", "X-Correlation-Id": "talk-1"})
    assert (answer.headers["X-Request-Id"], answer.headers["X-Correlation-Id"]) == ("mine-1", "talk-1")
    heard = stage.service.heard[-1].headers
    assert (heard["X-Request-Id"], heard["X-Correlation-Id"]) == ("mine-1", "talk-1")


@pytest.mark.parametrize("given", ["", "x" * 101, "a b", '"><script>', "\xe9", "{}"])
def test_another_request_id_is_replaced(stage: Stage, given: str) -> None:
    answer = stage.ask("GET", "/", headers={"X-Request-Id": given})
    assert answer.headers["X-Request-Id"] not in ("", given)
    assert answer.headers["X-Correlation-Id"] == answer.headers["X-Request-Id"]


def test_a_problem_names_the_request(stage: Stage) -> None:
    answer = stage.ask("GET", "/nothing", headers={"X-Request-Id": "mine-2"})
    assert answer.json["request_id"] == "mine-2"
    assert answer.json["status"] == 404
    assert answer.json["type"].startswith("urn:")


def test_what_nobody_expected_is_a_500_problem_without_its_reason(stage: Stage, monkeypatch) -> None:
    monkeypatch.setattr(stage.clients, "find", lambda _: 1 / 0)
    answer = stage.ask("GET", "/v1/me", "k_aaaaaaaaaaaaaaaa.secret")
    assert answer.status_code == 500
    assert answer.mimetype == "application/problem+json"
    assert b"division" not in answer.data


def test_a_log_line_holds_ids_and_templates_only(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    configure("gateway")
    [key] = stage.clients.invite("library")
    stage.ask("GET", f"/v1/patrons/{VALUES['patron']}/credentials?cursor=amina@example.org", key)
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)
    line = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert line["route"] == "/v1/patrons/<patron>/credentials"
    assert line["client"] == key.split(".")[0]
    assert {"method", "status", "milliseconds", "request_id", "correlation_id"} <= set(line)
    assert "amina" not in str(line)
    assert VALUES["patron"] not in str(line)
    assert key.split(".")[1] not in str(line)


def test_xapi_answers_name_their_version_even_when_they_refuse(stage: Stage) -> None:
    answer = stage.ask("GET", "/xAPI/statements")
    assert (answer.status_code, answer.headers["X-Experience-API-Version"]) == (401, "1.0.3")


def test_ready_means_the_gateways_own_parts(stage: Stage) -> None:
    stage.service.script[0].status = 503
    assert stage.ask("GET", "/readyz").status_code == 200
    assert set(stage.ask("GET", "/readyz").json["services"].values()) == {"not ready"}
    stage.service.script[0].status = 200
    stage.clients.away = True
    answer = stage.ask("GET", "/readyz")
    stage.clients.away = False
    assert (answer.status_code, answer.json["parts"]["database"]) == (503, "does not answer")
    assert stage.ask("GET", "/healthz").status_code == 200


def test_figures_are_kept_by_route_and_status(stage: Stage) -> None:
    stage.ask("GET", "/v1/me")
    figures = stage.ask("GET", "/metrics").text
    assert 'libranet_gateway_request_seconds_count{method="GET",route="/v1/me",status="401"}' in figures
