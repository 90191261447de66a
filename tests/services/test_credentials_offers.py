"""An offer to a wallet, and the token that it is redeemed for (OpenID4VCI 1.0, 4 to 6)."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from contracts.calls import claims as calls
from contracts.principal import Principal
from libranet.calls import Answer
from libranet.problems import Refusal
from libranet.testing import a_principal, a_request
from services.credentials.domain import claims
from tests.services.claims_desk import LDP, Stage
from tests.services.claims_desk import clock as clock
from tests.services.claims_desk import stage as stage
from tests.services.credentials_stage import PATRON
from tests.services.credentials_stage import platform as platform
from tests.wallets.specified import FORM, GRANT

# the offer

def test_the_link_says_nothing_of_the_transaction_code_and_the_database_keeps_hashes(stage: Stage) -> None:
    offer = stage.offered()
    session = stage.wallet.session(offer["link"])
    assert len(offer["tx_code"]) == 6
    assert offer["tx_code"].isdigit()
    assert session.offer["grants"][GRANT]["tx_code"]["length"] == 6
    stage.wallet.redeem(session, offer["tx_code"])
    kept = json.dumps(stage.platform.state["offers"], default=str)
    secret = offer["credential_offer_uri"].rpartition("/")[2]
    for told in (secret, session.offer["grants"][GRANT]["pre-authorized_code"], session.access_token):
        assert told not in kept
    assert f'"{offer["tx_code"]}"' not in kept


def test_the_qr_code_is_a_picture_of_the_link(stage: Stage) -> None:
    offer = stage.offered()
    assert offer["qr_svg"].startswith("<svg")
    assert "<script" not in offer["qr_svg"]
    assert offer["link"] not in offer["qr_svg"]


def test_an_offer_lasts_as_long_as_it_was_asked_for(stage: Stage, clock: Any) -> None:
    offer = stage.offered(valid_minutes=10)
    session = stage.wallet.session(offer["link"])
    clock(minutes=11)
    assert stage.wallet.redeem(session, offer["tx_code"]).error == "invalid_grant"
    with pytest.raises(Refusal) as refused:
        stage.wallet.offer(offer["link"])
    assert refused.value.status == 404
    assert "offer" not in stage.claims()


@pytest.mark.parametrize("minutes", [9, 0, -1, 10_081, 10.5, "60", True, None])
def test_a_time_that_is_too_short_too_long_or_none_is_named(minutes: Any) -> None:
    assert list(calls.MakeOffer().validate({"valid_minutes": minutes})) == ["valid_minutes"]


def test_a_new_offer_ends_the_one_before_and_its_token(stage: Stage) -> None:
    before, tx_code = stage.session()
    token = stage.opened()
    with pytest.raises(Refusal):
        stage.ask("GET", f"{before.issuer['credential_issuer']}/offers/nothing", {}, b"")
    assert stage.wallet.redeem(before, tx_code).error == "invalid_grant"
    stage.offered()
    assert stage.wallet.request(token, LDP).status == 401


def test_an_offer_is_taken_back(stage: Stage) -> None:
    session, tx_code = stage.session()
    assert stage.claims()["offer"]["formats"] == ["ldp_vc", "jwt_vc_json"]
    stage.platform.call("end_offer", patron=PATRON, credential=stage.credential["id"])
    assert stage.claims() == {"items": []}
    assert stage.wallet.redeem(session, tx_code).error == "invalid_grant"
    stage.platform.call("end_offer", patron=PATRON, credential=stage.credential["id"])


@pytest.mark.parametrize("method", ["make_offer", "end_offer", "list_claims", "get_credential_file"])
def test_a_credential_is_its_learners_and_their_librarys_alone(stage: Stage, method: str) -> None:
    own, somebody = stage.credential["id"], "0190b3a0-1111-7111-8111-000000000000"

    def ask(who: Principal, patron: str) -> Answer:
        path = {"patron": patron, "credential": own}
        return stage.platform._run(method, a_request({"valid_minutes": 60}, who, path, {"form": "json"}))

    ask(a_principal(actor=PATRON, kind="patron"), PATRON)
    ask(a_principal("demo"), PATRON)
    for who, patron in ((a_principal(actor=somebody, kind="patron"), PATRON), (a_principal("demo.hillside"), PATRON),
                        (a_principal(actor=somebody, kind="patron"), somebody), (a_principal(), somebody)):
        with pytest.raises(Refusal) as refused:
            ask(who, patron)
        assert refused.value.status == 404


# the token

@pytest.mark.parametrize(("body", "error"), [
    ("", "invalid_request"),
    ("grant_type=", "invalid_request"),
    ("grant_type=authorization_code&code=x", "unsupported_grant_type"),
    (urlencode({"grant_type": GRANT}), "invalid_request"),
    (urlencode({"grant_type": GRANT, "pre-authorized_code": "x"}), "invalid_request"),
    (urlencode({"grant_type": GRANT, "pre-authorized_code": "x", "tx_code": "1"}), "invalid_grant"),
    (urlencode([("grant_type", GRANT)] * 2), "invalid_request"),
    ("&".join(f"a{number}=1" for number in range(60)), "invalid_request"),
    ("grant_type=%ff", "invalid_request"),
    ("a" * 70_000, "invalid_request")])
def test_a_token_request_that_is_wrong_is_refused_as_oauth_has_it(stage: Stage, body: str, error: str) -> None:
    session, _ = stage.session()
    reply = stage.wallet.post_form(session, body.encode())
    assert (reply.status, reply.error) == (400, error)


def test_a_token_request_is_a_form(stage: Stage) -> None:
    session, _ = stage.session()
    for media_type in ("application/json", "text/plain", ""):
        assert stage.wallet.post_form(session, b"{}", media_type).error == "invalid_request"
    assert stage.wallet.post_form(session, b"\xff\xfe", FORM).error == "invalid_request"


def test_without_the_transaction_code_nothing_is_given_and_nothing_counted(stage: Stage) -> None:
    session, tx_code = stage.session()
    for _ in range(9):
        assert stage.wallet.redeem(session, None).error == "invalid_request"
    assert stage.wallet.redeem(session, tx_code).status == 200


def test_five_wrong_transaction_codes_end_the_offer(stage: Stage) -> None:
    session, tx_code = stage.session()
    wrong = f"{(int(tx_code) + 1) % 10**6:06}"
    for _ in range(claims.MOST_WRONG_TRIES):
        assert stage.wallet.redeem(session, wrong).error == "invalid_grant"
    assert stage.wallet.redeem(session, tx_code).error == "invalid_grant"
    assert "offer" not in stage.claims()


def test_a_code_is_good_once(stage: Stage) -> None:
    session, tx_code = stage.session()
    assert stage.wallet.redeem(session, tx_code).status == 200
    token = session.access_token
    assert stage.wallet.redeem(session, tx_code).error == "invalid_grant"
    session.access_token = token
    assert stage.wallet.request(session, LDP).status == 200


def test_a_code_is_good_at_its_own_issuer_only(stage: Stage) -> None:
    session, tx_code = stage.session()
    session.server["token_endpoint"] = session.server["token_endpoint"].replace("riverside", "hillside")
    assert stage.wallet.redeem(session, tx_code).error == "invalid_grant"
