"""A credential that a wallet may take, and a wallet written from the specification."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.routing import Map, Rule

from contracts.calls import claims as calls
from contracts.principal import PUBLIC
from libranet.clock import now
from libranet.testing import a_request
from services.credentials import claims as entrance
from tests.services.credentials_stage import (
    EVERYTHING_VALID,
    PATRON,
    Platform,
    completed,
    consent,
)
from tests.wallets.specified import Reply, Session, Wallet

ROUTES = Map([Rule(call.path, methods=[call.method], endpoint=call.name) for call in calls.WALLET])
STATUS_OF = {call.name: call.status for call in calls.WALLET}
LDP, JWT = "OpenBadgeCredential_ldp_vc", "OpenBadgeCredential_jwt_vc_json"


class Stage:
    """A credential, its learner and a wallet."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        platform.defined(validity=365)
        platform.hear("consents", consent())
        platform.hear("completions", completed())
        self.wallet = Wallet(self.ask)

    @property
    def credential(self) -> dict[str, Any]:
        return dict(self.platform.listed()["items"][0])

    def ask(self, method: str, address: str, headers: dict[str, str], body: bytes) -> Reply:
        """What anyone asks below the public address."""
        name, path = ROUTES.bind("").match(urlsplit(address).path, method)
        request = a_request(None, PUBLIC, path, raw=body, headers={"Content-Type": "", **headers})
        answer = self.platform._run(name, request)
        data = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        found = {"Content-Type": answer.media_type, **answer.headers}
        return Reply(answer.status or STATUS_OF[name], {key.lower(): value for key, value in found.items()}, data)

    def offered(self, node: str = "demo.riverside", **asked: Any) -> dict[str, Any]:
        body = calls.MakeOffer().load(asked)
        return dict(self.platform.call("make_offer", body, node, patron=PATRON, credential=self.credential["id"]).body)

    def session(self, **asked: Any) -> tuple[Session, str]:
        """An offer that a wallet has read, and its transaction code."""
        offer = self.offered(**asked)
        return self.wallet.session(offer["link"]), offer["tx_code"]

    def opened(self, **asked: Any) -> Session:
        """With an access token."""
        session, tx_code = self.session(**asked)
        assert self.wallet.redeem(session, tx_code).status == 200
        return session

    def verified(self, given: dict[str, Any]) -> dict[str, str]:
        found = self.platform.ask("verify_credential", given).body
        return {name: found[name]["verdict"] for name in EVERYTHING_VALID}

    def claims(self) -> dict[str, Any]:
        return dict(self.platform.call("list_claims", patron=PATRON, credential=self.credential["id"]).body)


@pytest.fixture
def stage(platform: Platform) -> Stage:
    return Stage(platform)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Moves the endpoints' time."""
    def later(**delta: float) -> None:
        monkeypatch.setattr(entrance, "now", lambda: now() + timedelta(**delta))
    return later
