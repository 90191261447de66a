"""What wallets ask of an issuer (OpenID for Verifiable Credential Issuance 1.0): handed on with the access token, which
is the credentials service's own; its refusals are OAuth's and come back as they are.

What the gateway refuses by itself (rates, sizes, a service that is away) is a problem as everywhere.
"""

import orjson
from flask import Flask, Response, request

from contracts.calls import claims
from gateway.guard import Asked, Guard
from gateway.passage import Passage, as_it_is, given_back
from gateway.rates import Rates
from gateway.routes.publish import publish
from gateway.services import Received
from libranet.problems import PROBLEM_TYPE

TOKEN = ("Authorization",)
WRONG_CODE = "invalid_grant"
FROM_BROWSERS = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "GET, POST",
                 "Access-Control-Allow-Headers": "Authorization, Content-Type", "Access-Control-Max-Age": "7200"}
"""Some wallets are pages of others, whose browsers ask first. No cookie counts here, so any page may."""
NAMES = {call.name for call in claims.WALLET}


def install(app: Flask, guard: Guard, passage: Passage, rates: Rates) -> None:
    def answer(asked: Asked) -> Response:
        received = passage.hand_on(asked, TOKEN)
        if asked.call == claims.REQUEST_TOKEN and _is_wrong_code(received):
            rates.count_wrong_code(request.remote_addr or "")
        is_problem = received.headers.get("Content-Type", "").startswith(PROBLEM_TYPE)
        return given_back(asked.call, received) if is_problem else as_it_is(received)

    for call in claims.WALLET:
        publish(app, guard, call, answer)
    app.after_request(_let_browsers_ask)


def _let_browsers_ask(response: Response) -> Response:
    """The answer to a browser's question whether a page may ask (Fetch, CORS-preflight)."""
    if request.method == "OPTIONS" and request.endpoint in NAMES:
        response.headers.update(FROM_BROWSERS)
    return response


def _is_wrong_code(received: Received) -> bool:
    """Codes are few and short: how many are tried from one address is counted."""
    return received.status == 400 and orjson.loads(received.body).get("error") == WRONG_CODE
