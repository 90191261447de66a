"""Apps and what they ask of the gateway in short sentences."""

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from contracts.calls.badge_connect import READ_CREDENTIALS
from contracts.principal import Principal
from gateway.badge_connect import grants
from gateway.badge_connect.grants import Grant
from gateway.examples import EXAMPLES
from libranet.clock import now
from tests.services.gateway_stage import Said, Stage, staged

ME = "0199f2d6-3c1e-7a40-9d7e-0c5a4b1f2e88"
CREDENTIALS = "/ims/ob/v3p0/credentials"
METADATA = EXAMPLES["register_app"]
[CALLBACK] = METADATA["redirect_uris"]
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
OWN = {"Origin": "http://localhost"}
PROBLEM = {"Content-Type": "application/problem+json"}


@pytest.fixture
def stage() -> Iterator[Stage]:
    with staged() as made:
        yield made


def registered(stage: Stage, **changes: Any) -> dict[str, Any]:
    return dict(stage.ask("POST", "/oauth/register", body={**METADATA, **changes}).json)


def let_in(stage: Stage, *scopes: str) -> tuple[str, Grant]:
    """An access token of a grant of today."""
    token = grants.new_token(grants.ACCESS)
    app = stage.apps.find(registered(stage)["client_id"])
    assert app is not None
    patron = Principal(actor=ME, kind="patron", node="demo.riverside")
    grant = grants.begin(app, patron, scopes, "code", CALLBACK, CHALLENGE, now())
    grant = grants.opened(grant, token, "refresh", " ".join(scopes), now())
    stage.grants.rows[grant.id] = grant
    return token, grant


def asked(app: dict[str, Any], **changes: str) -> str:
    return "/oauth/authorize?" + urlencode({
        "response_type": "code", "client_id": app["client_id"], "redirect_uri": CALLBACK, "scope": READ_CREDENTIALS,
        "state": "s", "code_challenge": CHALLENGE, "code_challenge_method": "S256", **changes})


def signed_in(stage: Stage, kind: str = "patron") -> None:
    token = stage.sessions.begin(kind, ME, "demo.riverside").token
    stage.http.set_cookie("libranet-session", token)


def decides(stage: Stage, alone: bool = True) -> None:
    stage.service.script = [Said(body=json.dumps({"name": "Ana", "needs_guardian": not alone}).encode())]


def yes(stage: Stage, url: str, *scopes: str) -> Any:
    form = urlencode([("action", "allow"), *(("scope", each) for each in scopes)]).encode()
    return stage.ask("POST", url, body=form, headers={**OWN, "Content-Type": "application/x-www-form-urlencoded"})


def redeemed(stage: Stage, app: dict[str, Any], back: Any) -> Any:
    """The answer to the code with which the browser was sent back."""
    code = parse_qs(urlsplit(back.headers["Location"]).query)["code"][0]
    return tokens_for(stage, app, grant_type="authorization_code", code=code, redirect_uri=CALLBACK,
                      code_verifier=VERIFIER)


def tokens_for(stage: Stage, app: dict[str, Any], **form: str) -> Any:
    basic = base64.b64encode(f"{app['client_id']}:{app['client_secret']}".encode()).decode()
    return stage.ask("POST", "/oauth/token", body=urlencode(form).encode(), headers={
        "Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"})


def an_app_with_tokens(stage: Stage) -> tuple[dict[str, Any], dict[str, str]]:
    """An app that a patron has let in by the page."""
    signed_in(stage)
    decides(stage)
    app = registered(stage)
    return app, redeemed(stage, app, yes(stage, asked(app), READ_CREDENTIALS)).json


def refreshed(stage: Stage, app: dict[str, Any], tokens: dict[str, str]) -> Any:
    return tokens_for(stage, app, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
