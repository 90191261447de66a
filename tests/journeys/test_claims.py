"""A learner takes a credential into a wallet, over the running platform: by a wallet written from OpenID4VCI 1.0, and
by one that others wrote where it is installed."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest
import urllib3
from joserfc.jwk import ECKey, OKPKey
from openbadgeslib.ob3.verifier import OB3VerificationError

from libranet.local import Platform
from tests.journeys.door import Door
from tests.journeys.stage import ISSUE, LIBRARY, SHARE, Keys, Stage, first_told
from tests.journeys.test_credential_life import CHECKS, judged, judged_by_others, token_judged_by_others
from tests.patience import until
from tests.wallets import others
from tests.wallets.specified import Reply, Session, Wallet

pytestmark = pytest.mark.real
LDP, JWT = "OpenBadgeCredential_ldp_vc", "OpenBadgeCredential_jwt_vc_json"
AT_ONCE = 8
POOL = urllib3.PoolManager(maxsize=AT_ONCE, retries=False)


def ask(method: str, address: str, headers: dict[str, str], body: bytes) -> Reply:
    answer = POOL.request(method, address, headers=headers, body=body or None)
    return Reply(answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.data)


def by_the_specification(offer: dict[str, Any], configuration: str, curve: str) -> tuple[Any, str]:
    wallet = Wallet(ask, OKPKey.generate_key(curve) if curve == "Ed25519" else ECKey.generate_key(curve))
    return wallet.take(offer["link"], offer["tx_code"], configuration), wallet.did_key()


def by_others(offer: dict[str, Any], configuration: str, curve: str) -> tuple[Any, str]:
    taken = others.take(offer["link"], offer["tx_code"], configuration, curve)
    assert "error" not in taken, taken
    key = OKPKey.import_key(taken["key"]) if curve == "Ed25519" else ECKey.import_key(taken["key"])
    return taken["credential"], Wallet(ask, key).did_key()


WALLETS = {"specification": by_the_specification, **({"openid4vc": by_others} if others.is_installed() else {})}
Take = Callable[[dict[str, Any], str, str], tuple[Any, str]]


@pytest.fixture(scope="module")
def scene(platform: Platform, keys: Keys) -> Iterator[Stage]:
    with Stage(platform, keys) as stage:
        yield stage


def own(credential: dict[str, Any]) -> str:
    return f"/v1/patrons/{credential['patron']}/credentials/{credential['id']}"


def offered(scene: Stage, credential: dict[str, Any], **asked: Any) -> dict[str, Any]:
    return dict(scene.library.ask("POST", f"{own(credential)}/offers", asked))


def opened(scene: Stage, credential: dict[str, Any]) -> tuple[Wallet, Session]:
    """A wallet with an access token."""
    wallet, offer = Wallet(ask), offered(scene, credential)
    session = wallet.session(offer["link"])
    assert wallet.redeem(session, offer["tx_code"]).status == 200
    return wallet, session


def at_once(act: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(act, range(AT_ONCE)))


@pytest.mark.parametrize("curve", ["P-256", "Ed25519"])
@pytest.mark.parametrize("take", WALLETS.values(), ids=WALLETS)
def test_a_wallet_gets_json_that_others_accept(scene: Stage, door: Door, take: Take, curve: str) -> None:
    credential = scene.credential()
    taken, did = take(offered(scene, credential), LDP, curve)
    judged_by_others(door, taken)
    assert judged(scene, {"credential": taken}) == dict.fromkeys(CHECKS, "valid")
    assert (taken["id"], taken["credentialSubject"]["id"]) == (credential["public_url"], did)
    [shown] = scene.credentials(credential["patron"])
    assert {"claimed_at", "activated_at"} <= set(shown)
    [claim] = scene.library.ask("GET", f"{own(credential)}/claims")["items"]
    assert (claim["format"], claim["notified"]) == ("ldp_vc", "credential_accepted")


@pytest.mark.parametrize("take", WALLETS.values(), ids=WALLETS)
def test_a_wallet_gets_a_jwt_that_others_accept(scene: Stage, door: Door, take: Take) -> None:
    token, did = take(offered(scene, scene.credential(), format="jwt_vc_json"), JWT, "P-256")
    assert token_judged_by_others(door, token) == "revocation"
    assert judged(scene, {"jws": token}) == dict.fromkeys(CHECKS, "valid")
    assert jwt.get_unverified_header(token)["alg"] == "ES256"
    assert jwt.decode(token, options={"verify_signature": False})["sub"] == did


def test_a_revocation_reaches_the_copy_in_the_wallet(scene: Stage, door: Door) -> None:
    credential = scene.credential()
    taken, _ = by_the_specification(offered(scene, credential), LDP, "P-256")
    scene.library.ask("POST", f"/v1/credentials/{credential['id']}/revoke", {"reason": "The wrong course."})
    with pytest.raises(OB3VerificationError, match="'revocation' is set"):
        judged_by_others(door, taken)
    assert judged(scene, {"credential": taken})["status"] == "invalid"
    assert scene.library.raw("POST", f"{own(credential)}/offers", {}).status == 409


def test_a_learner_claims_and_downloads_what_is_theirs_by_themselves(scene: Stage) -> None:
    guest = scene.guest()
    registered = scene.as_person(guest["session"]["token"]).ask("POST", f"/v1/guests/{guest['id']}/registration", {})
    patron, me = registered["id"], scene.as_person(registered["session"]["token"])
    scene.consent(patron, ISSUE)
    credential, another = scene.completed(patron, scene.course()), scene.credential()
    offer = me.ask("POST", f"{own(credential)}/offers", {"valid_minutes": 10})
    assert Wallet(ask).take(offer["link"], offer["tx_code"], LDP)["id"] == credential["public_url"]
    assert me.ask("GET", f"{own(credential)}/file") == credential["credential"]
    assert me.ask("GET", f"{own(credential)}/claims")["items"]
    assert me.raw("DELETE", f"{own(credential)}/offers").status == 204
    for method, path in (("POST", "offers"), ("DELETE", "offers"), ("GET", "claims"), ("GET", "file")):
        body = {} if method == "POST" else None
        assert me.raw(method, f"{own(another)}/{path}", body).status == 404
        assert me.raw(method, f"/v1/patrons/{patron}/credentials/{another['id']}/{path}", body).status == 404


def test_a_college_hears_of_a_claim_from_whoever_shares_with_it(scene: Stage) -> None:
    college = scene.college_listens("credential-claimed")
    silent, sharing = (scene.completed(scene.patron(*purposes), scene.course())
                       for purposes in ((ISSUE,), (ISSUE, SHARE)))
    taken = [by_the_specification(offered(scene, each), LDP, "P-256") for each in (silent, sharing)]
    told = first_told(college, "credential-claimed")
    assert told["body"]["data"]["public_id"] == sharing["public_id"]
    assert not any(did in json.dumps(told["body"]) for _, did in taken)
    assert len(scene.deliveries(college)) == 1


def test_of_many_who_show_one_code_at_once_one_gets_in(scene: Stage) -> None:
    wallet, offer = Wallet(ask), offered(scene, scene.credential())
    session = wallet.session(offer["link"])
    tried = at_once(lambda _: wallet.redeem(Session(session.offer, session.issuer, session.server), offer["tx_code"]))
    assert sorted(each.status for each in tried) == [200] + [400] * (AT_ONCE - 1)
    assert {each.error for each in tried if each.status == 400} == {"invalid_grant"}


def test_wrong_codes_are_counted_when_they_come_at_once(scene: Stage) -> None:
    wallet, offer = Wallet(ask), offered(scene, scene.credential())
    session, wrong = wallet.session(offer["link"]), f"{(int(offer['tx_code']) + 1) % 10**6:06}"
    assert {each.error for each in at_once(lambda _: wallet.redeem(session, wrong))} == {"invalid_grant"}
    assert wallet.redeem(session, offer["tx_code"]).error == "invalid_grant"


def test_a_proof_that_is_shown_many_times_at_once_counts_once(scene: Stage) -> None:
    credential = scene.credential()
    wallet, session = opened(scene, credential)
    document = {"credential_configuration_id": LDP, "proofs": {"jwt": [wallet.proof(session, wallet.nonce(session))]}}
    shown = at_once(lambda _: wallet.post_request(session, document))
    assert sorted(each.status for each in shown) == [200] + [400] * (AT_ONCE - 1)
    assert {each.error for each in shown if each.status == 400} == {"invalid_nonce"}
    assert len(scene.library.ask("GET", f"{own(credential)}/claims")["items"]) == 1


def test_many_claims_at_once_are_one_first_claim_and_no_more_than_the_offer_gives(scene: Stage) -> None:
    credential = scene.credential()
    wallet, session = opened(scene, credential)
    proofs = [wallet.proof(session, wallet.nonce(session)) for _ in range(AT_ONCE)]
    taken = at_once(lambda number: wallet.post_request(session, {
        "credential_configuration_id": LDP, "proofs": {"jwt": [proofs[number]]}}))
    assert sorted(each.status for each in taken) == [200] * 5 + [400] * (AT_ONCE - 5)
    told = scene.mongo["libranet_credentials"]
    until(lambda: told.outbox.count_documents({}) == 0, what="the facts on their way")
    [row] = told.credentials.find({"_id": credential["id"]})
    assert row["sequence"] == 2


def test_after_an_erasure_nothing_of_a_claim_is_left(scene: Stage) -> None:
    credential = scene.credential()
    wallet, session = opened(scene, credential)
    assert wallet.request(session, LDP).status == 200
    erasure = scene.library.ask("DELETE", f"/v1/patrons/{credential['patron']}")
    until(lambda: scene.library.ask("GET", f"/v1/erasures/{erasure['id']}")["complete"], what="the erasure")
    kept = scene.mongo["libranet_credentials"]
    assert kept.offers.count_documents({"patron": credential["patron"]}) == 0
    assert kept.claims.count_documents({"patron": credential["patron"]}) == 0
    assert wallet.request(session, LDP).status == 401
    assert wallet.notify(session, "credential_accepted").status == 401


def test_another_libraries_issuer_gives_nothing_for_it(scene: Stage) -> None:
    wallet, session = opened(scene, scene.credential())
    scene.credential()
    endpoint = session.issuer["credential_endpoint"]
    session.issuer["credential_endpoint"] = endpoint.replace(LIBRARY, "test.hillside")
    assert wallet.request(session, LDP).status == 401
