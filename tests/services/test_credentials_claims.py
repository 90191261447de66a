"""A credential goes into a wallet by OpenID for Verifiable Credential Issuance 1.0, and what is wrong is refused."""

import json
import time
from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import Any

import jwt
import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from werkzeug.exceptions import NotFound

from contracts.calls import claims as calls
from libranet.clock import now
from libranet.problems import Refusal
from services.credentials.domain import claims, claims_nonces
from tests.services.claims_desk import JWT, LDP, Stage
from tests.services.claims_desk import clock as clock
from tests.services.claims_desk import stage as stage
from tests.services.credentials_stage import (
    EVERYTHING_VALID,
    PATRON,
    changed,
    completed,
    erased,
    judged_by_others,
)
from tests.services.credentials_stage import platform as platform
from tests.wallets.specified import Session

# the walk

def test_a_wallet_takes_the_credential_and_others_accept_what_it_got(stage: Stage) -> None:
    offer = stage.offered()
    taken = stage.wallet.take(offer["link"], offer["tx_code"], LDP)
    issued = stage.credential["credential"]
    judged_by_others(stage.platform, taken)
    assert stage.platform.verified(taken) == EVERYTHING_VALID
    assert taken["credentialSubject"]["id"] == stage.wallet.did_key()
    assert taken["validFrom"] > issued["validFrom"]
    for same in ("id", "issuer", "credentialStatus", "awardedDate", "validUntil", "name"):
        assert taken[same] == issued[same]
    assert stage.credential["credential"] == issued


def test_as_jwt_it_is_an_es256_jws_that_says_the_same(stage: Stage) -> None:
    offer = stage.offered(format="jwt_vc_json")
    token = stage.wallet.take(offer["link"], offer["tx_code"])
    header = jwt.get_unverified_header(token)
    node, _, fragment = header["kid"].rpartition("#")
    published = json.loads(stage.platform.published("https://libranet.example.org/issuers/demo.riverside/jwks.json"))
    key = next(each for each in published["keys"] if each["kid"].endswith(fragment))
    said = jwt.decode(token, jwt.PyJWK(key).key, algorithms=["ES256"])
    assert node == stage.credential["credential"]["issuer"]["id"]
    assert said["credentialSubject"]["id"] == said["sub"] == stage.wallet.did_key()
    assert said["jti"] == stage.credential["credential"]["id"]
    assert stage.verified({"jws": token}) == EVERYTHING_VALID


@pytest.mark.parametrize("key", [ECKey.generate_key("P-256"), OKPKey.generate_key("Ed25519")], ids=["P-256", "Ed25519"])
@pytest.mark.parametrize("binding", ["jwk", "did:key", "did:jwk"])
def test_the_subject_is_the_wallets_key_however_it_names_it(stage: Stage, binding: str, key: Any) -> None:
    stage.wallet.key, stage.wallet.binding = key, binding
    offer = stage.offered()
    taken = stage.wallet.take(offer["link"], offer["tx_code"], LDP)
    named = stage.wallet.named_key().get("kid", stage.wallet.did_key())
    assert taken["credentialSubject"]["id"] == named.partition("#")[0]
    judged_by_others(stage.platform, taken)


def test_one_offer_gives_both_formats_with_a_nonce_each(stage: Stage) -> None:
    session = stage.opened()
    assert isinstance(stage.wallet.request(session, LDP).json["credentials"][0]["credential"], dict)
    assert isinstance(stage.wallet.request(session, JWT).json["credentials"][0]["credential"], str)
    assert [each["format"] for each in stage.claims()["items"]] == ["ldp_vc", "jwt_vc_json"]


def test_what_a_wallet_does_not_know_is_passed_over(stage: Stage) -> None:
    session, tx_code = stage.session()
    assert stage.wallet.redeem(session, tx_code, scope="anything", client_id="wallet").status == 200
    assert stage.wallet.request(session, LDP, unheardOf=1).status == 200


# the access token

def test_without_a_good_access_token_nothing_is_given(stage: Stage, clock: Any) -> None:
    session = stage.opened()
    good = session.access_token
    for shown in ("", "wrong", good + "x", good[:-1]):
        session.access_token = shown
        reply = stage.wallet.request(session, LDP)
        assert (reply.status, reply.error) == (401, "invalid_token")
        assert reply.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    elsewhere = session.issuer["credential_endpoint"].replace("riverside", "hillside")
    for address, headers in (
            (elsewhere, {"Authorization": f"Bearer {good}"}), (session.issuer["credential_endpoint"], {}),
            (session.issuer["credential_endpoint"], {"Authorization": f"Basic {good}"})):
        assert stage.ask("POST", address, headers, b"{}").status == 401
    clock(seconds=claims.TOKEN_SECONDS + 1)
    session.access_token = good
    assert stage.wallet.request(session, LDP).status == 401


def test_an_offer_gives_a_few_copies_and_no_more(stage: Stage) -> None:
    session = stage.opened()
    for _ in range(claims.MOST_COPIES):
        assert stage.wallet.request(session, LDP).status == 200
    assert stage.wallet.request(session, LDP).error == "credential_request_denied"
    assert len(stage.claims()["items"]) == claims.MOST_COPIES


@pytest.mark.parametrize(("changes", "error"), [
    ({"credential_configuration_id": None}, "invalid_credential_request"),
    ({"credential_configuration_id": 7}, "invalid_credential_request"),
    ({"credential_configuration_id": "Another"}, "unknown_credential_configuration"),
    ({"credential_configuration_id": JWT}, "unknown_credential_configuration"),
    ({"credential_identifier": "x"}, "invalid_credential_request"),
    ({"credential_response_encryption": {}}, "invalid_credential_request"),
    ({"proofs": None}, "invalid_proof"), ({"proofs": {}}, "invalid_proof"), ({"proofs": []}, "invalid_proof"),
    ({"proofs": {"jwt": []}}, "invalid_proof"), ({"proofs": {"jwt": "x"}}, "invalid_proof"),
    ({"proofs": {"jwt": ["x", "y"]}}, "invalid_proof"), ({"proofs": {"jwt": [7]}}, "invalid_proof"),
    ({"proofs": {"jwt": ["x"]}}, "invalid_proof"), ({"proofs": {"jwt": ["e30.e30.e30"]}}, "invalid_proof"),
    ({"proofs": {"ldp_vp": [{}]}}, "invalid_proof"), ({"proofs": {"jwt": ["x"], "di_vp": [{}]}}, "invalid_proof")])
def test_a_credential_request_that_is_wrong_is_refused_by_its_name(
        stage: Stage, changes: dict[str, Any], error: str) -> None:
    session = stage.opened(format="ldp_vc")
    reply = stage.wallet.request(session, LDP, **changes)
    assert (reply.status, reply.error) == (400, error)
    assert not stage.platform.state["claims"]


def test_a_credential_request_is_a_json_object(stage: Stage) -> None:
    session = stage.opened()
    for body, media_type in ((b"[]", "application/json"), (b"{", "application/json"), (b"{}", "text/plain"),
                             (b'"' + b"x" * 70_000 + b'"', "application/json")):
        headers = {**session.bearer, "Content-Type": media_type}
        reply = stage.ask("POST", session.issuer["credential_endpoint"], headers, body)
        assert reply.error == "invalid_credential_request"


# the proof

OTHERS_KEY = ECKey.generate_key("P-256")
PRIVATE = {"jwk": OTHERS_KEY.as_dict(private=True)}
WRONG_PROOFS: dict[str, dict[str, Any]] = {
    "another typ": {"header": {"typ": "JWT"}}, "no typ": {"header": {"typ": None}},
    "no key": {"header": {"jwk": None}}, "two keys": {"header": {"kid": "did:key:z6Mk"}},
    "a certificate": {"header": {"jwk": None, "x5c": ["MIIB"]}},
    "a kid that is no DID": {"header": {"jwk": None, "kid": "0"}},
    "a kid that is no text": {"header": {"jwk": None, "kid": {"did": 1}}},
    "a DID that has to be fetched": {"header": {"jwk": None, "kid": "did:web:wallet.example.org#0"}},
    "another's did:key": {"header": {"jwk": None, "kid": "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"}},
    "a did:jwk that is none": {"header": {"jwk": None, "kid": "did:jwk:e30#0"}},
    "a did:jwk with odd characters": {"header": {"jwk": None, "kid": "did:jwk:e30> <urn:x#0"}},
    "a jwk that is none": {"header": {"jwk": "x"}},
    "another's key": {"header": {"jwk": OTHERS_KEY.as_dict(private=False)}},
    "a private key": {"header": PRIVATE, "key": OTHERS_KEY},
    "a private did:jwk": {"header": {"jwk": None, "kid": "did:jwk:"
                          + jwt.utils.base64url_encode(json.dumps(PRIVATE["jwk"]).encode()).decode() + "#0"},
                          "key": OTHERS_KEY},
    "an RSA key": {"header": {"alg": "RS256", "jwk": RSAKey.generate_key(2048).as_dict(private=False)},
                   "key": RSAKey.generate_key(2048)},
    "a symmetric key": {"header": {"alg": "HS256", "jwk": {"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}},
                        "key": OctKey.import_key("secretsecretsecretsecret")},
    "no aud": {"claims": {"aud": None}}, "another aud": {"claims": {"aud": "https://other.example.org"}},
    "two auds": {"claims": {"aud": ["https://libranet.example.org/issuers/demo.riverside"]}},
    "no iat": {"claims": {"iat": None}}, "an iat in words": {"claims": {"iat": "now"}},
    "a true iat": {"claims": {"iat": True}}, "an old iat": {"claims": {"iat": int(time.time()) - 3600}},
    "a later iat": {"claims": {"iat": int(time.time()) + 3600}},
    "no nonce": {"claims": {"nonce": None}}, "a nonce that is no text": {"claims": {"nonce": 7}},
}


@pytest.mark.parametrize("wrong", WRONG_PROOFS.values(), ids=WRONG_PROOFS)
def test_a_key_proof_that_proves_nothing_is_refused(stage: Stage, wrong: dict[str, Any]) -> None:
    session = stage.opened()
    proof = stage.wallet.proof(session, stage.wallet.nonce(session), **wrong)
    reply = stage.wallet.post_request(session, {"credential_configuration_id": LDP, "proofs": {"jwt": [proof]}})
    assert (reply.status, reply.error) == (400, "invalid_proof")
    assert not stage.platform.state["claims"]


def test_an_unsigned_or_changed_proof_is_refused(stage: Stage) -> None:
    session = stage.opened()
    good = stage.wallet.proof(session, stage.wallet.nonce(session))
    head, payload, signature = good.split(".")
    none = jwt.utils.base64url_encode(json.dumps(
        {**json.loads(urlsafe_b64decode(head + "==")), "alg": "none"}).encode()).decode()
    for proof in (f"{none}.{payload}.", f"{none}.{payload}.{signature}", f"{head}.{payload}.{signature[:-4]}AAAA",
                  f"{head}.{payload}", "a" * 200_000 + ".b.c"):
        document = {"credential_configuration_id": LDP, "proofs": {"jwt": [proof]}}
        reply = stage.wallet.post_request(session, document)
        assert reply.error in ("invalid_proof", "invalid_credential_request")
    assert not stage.platform.state["claims"]


def test_a_nonce_is_good_once(stage: Stage) -> None:
    session = stage.opened()
    proof = stage.wallet.proof(session, stage.wallet.nonce(session))
    document = {"credential_configuration_id": LDP, "proofs": {"jwt": [proof]}}
    assert stage.wallet.post_request(session, document).status == 200
    assert stage.wallet.post_request(session, document).error == "invalid_nonce"
    assert len(stage.claims()["items"]) == 1


def test_a_nonce_is_good_for_minutes_at_its_issuer_and_made_by_nobody_else(stage: Stage) -> None:
    session = stage.opened()
    made = now()
    old = claims_nonces.make("demo.riverside", made - timedelta(seconds=claims_nonces.LIFETIME_SECONDS + 1))
    good = claims_nonces.make("demo.riverside", made)
    later = f"{int(made.timestamp()) + 60}.{good.partition('.')[2]}"
    others = claims_nonces.make("demo.hillside", made)
    for nonce in (old, others, later, "", "...", "x", "1.2.3", "\xe9.\xe9", "a" * 999):
        proof = stage.wallet.proof(session, nonce)
        reply = stage.wallet.post_request(session, {"credential_configuration_id": LDP, "proofs": {"jwt": [proof]}})
        assert reply.error == "invalid_nonce", nonce


# what becomes of it

def test_a_first_claim_is_told_once_and_shows(stage: Stage) -> None:
    session = stage.opened()
    stage.wallet.request(session, LDP)
    stage.wallet.request(session, LDP)
    [told] = [event for event in stage.platform.events if event.short_type == "credential-claimed"]
    shown = stage.credential
    assert told.data["claimed_at"] == shown["claimed_at"]
    assert (told.subject, told.sequence) == (shown["id"], 2)
    assert stage.wallet.did_key() not in json.dumps(told.data)
    assert "activated_at" not in shown


def test_what_the_wallet_says_is_recorded_and_may_be_said_again(stage: Stage) -> None:
    session = stage.opened()
    stage.wallet.request(session, LDP)
    for _ in range(2):
        assert stage.wallet.notify(session, "credential_accepted", event_description="Kept.", other=1).status == 204
    activated = stage.credential["activated_at"]
    assert stage.claims()["items"][0]["notified"] == "credential_accepted"
    assert stage.wallet.notify(session, "credential_deleted").status == 204
    assert stage.claims()["items"][0]["notified"] == "credential_deleted"
    assert stage.credential["activated_at"] == activated


def test_a_notification_that_is_wrong_is_refused(stage: Stage) -> None:
    session = stage.opened()
    stage.wallet.request(session, LDP)
    own = session.notification
    for event in ("accepted", "", None, 7, {}, []):
        assert stage.wallet.notify(session, event).error == "invalid_notification_request"
    for claim, error in (("nothing", "invalid_notification_id"), (7, "invalid_notification_request"),
                         ({"$ne": 1}, "invalid_notification_request"), (None, "invalid_notification_request")):
        assert stage.wallet.notify(session, "credential_accepted", notification_id=claim).error == error
    session.access_token = "wrong"
    assert stage.wallet.notify(session, "credential_accepted", notification_id=own).status == 401


def test_a_notification_is_about_the_credential_of_its_token(stage: Stage) -> None:
    session, own = stage.opened(), stage.credential["id"]
    stage.wallet.request(session, LDP)
    stage.platform.hear("completions", completed(6))
    [other] = {each["id"] for each in stage.platform.listed()["items"]} - {own}
    offer = stage.platform.call("make_offer", {"valid_minutes": 60}, patron=PATRON, credential=other).body
    theirs = stage.wallet.session(offer["link"])
    stage.wallet.redeem(theirs, offer["tx_code"])
    theirs.notification = session.notification
    assert stage.wallet.notify(theirs, "credential_deleted").error == "invalid_notification_id"


@pytest.mark.parametrize("what", ["revoke", "suspend"])
def test_what_others_are_not_to_accept_cannot_be_claimed(stage: Stage, what: str) -> None:
    session, tx_code = stage.session()
    open_session = Session(session.offer, session.issuer, session.server)
    changed(stage.platform, stage.credential, what)
    with pytest.raises(Refusal) as refused:
        stage.offered()
    assert refused.value.status == 409
    assert stage.wallet.redeem(session, tx_code).error == "invalid_grant"
    if what == "suspend":
        changed(stage.platform, stage.credential, "reinstate")
        assert stage.wallet.redeem(open_session, tx_code).status == 200
        changed(stage.platform, stage.credential, "revoke")
        assert stage.wallet.request(open_session, LDP).error == "credential_request_denied"


def test_what_has_expired_cannot_be_claimed(stage: Stage, clock: Any) -> None:
    session, tx_code = stage.session()
    clock(days=366)
    with pytest.raises(Refusal):
        stage.offered()
    assert stage.wallet.redeem(session, tx_code).error == "invalid_grant"


def test_what_was_claimed_answers_by_its_status_list(stage: Stage) -> None:
    offer = stage.offered()
    taken = stage.wallet.take(offer["link"], offer["tx_code"], LDP)
    changed(stage.platform, stage.credential, "revoke")
    assert stage.platform.verified(taken)["status"] == "invalid"
    with pytest.raises(Exception, match="'revocation' is set"):
        judged_by_others(stage.platform, taken)


def test_an_erasure_takes_offers_and_claims_along(stage: Stage) -> None:
    session = stage.opened()
    stage.wallet.request(session, LDP)
    stage.platform.hear("patrons", erased())
    assert not stage.platform.state["offers"]
    assert not stage.platform.state["claims"]
    assert stage.wallet.request(session, LDP).status == 401
    assert stage.wallet.notify(session, "credential_accepted").status == 401


def test_a_copy_is_known_again_after_its_issuers_key_was_compromised(stage: Stage) -> None:
    offer = stage.offered()
    taken = stage.wallet.take(offer["link"], offer["tx_code"], LDP)
    [key] = [each for each in stage.platform.service.keys.keys_of("demo.riverside") if each.kind == "Ed25519"]
    stage.platform.service.keys.mark_compromised("demo.riverside", key.id, now() + timedelta(seconds=1))
    assert stage.platform.verified(taken)["signature"] == "valid"
    forged = {**taken, "credentialSubject": {**taken["credentialSubject"], "id": "did:key:z6Mk"}}
    assert stage.platform.verified(forged)["signature"] == "invalid"


def test_after_a_rotation_a_copy_is_signed_by_the_new_key(stage: Stage) -> None:
    rotated = stage.platform.service.keys.rotate("demo.riverside", "Ed25519")
    offer = stage.offered()
    taken = stage.wallet.take(offer["link"], offer["tx_code"], LDP)
    assert taken["proof"][0]["verificationMethod"].endswith(rotated.id)
    assert stage.platform.verified(taken) == EVERYTHING_VALID


def test_an_issuer_that_never_issued_has_no_metadata_and_no_nonces(stage: Stage) -> None:
    for call in (calls.GET_ISSUER_METADATA, calls.GET_SERVER_METADATA, calls.REQUEST_NONCE):
        with pytest.raises(Refusal) as refused:
            stage.ask(call.method, call.target({"node": "demo.nowhere"}), {}, b"")
        assert refused.value.status == 404
    with pytest.raises(NotFound):
        stage.ask("GET", "/.well-known/openid-credential-issuer", {}, b"")


# the file

@pytest.mark.parametrize(("form", "media_type", "ending"), [
    ("json", "application/vc+ld+json", ".json"), ("jws", "application/jwt", ".jwt"),
    ("jwt_vc_json", "application/jwt", ".jwt")])
def test_a_credential_that_is_not_shared_is_a_file_for_its_learner(
        stage: Stage, form: str, media_type: str, ending: str) -> None:
    answer = stage.platform.call("get_credential_file", query={"form": form}, patron=PATRON,
                                 credential=stage.credential["id"])
    assert answer.media_type == media_type
    assert answer.headers["Libranet-Credential-Status"] == "issued"
    assert answer.headers["Content-Disposition"].endswith(f'{ending}"')
    given = {"credential": json.loads(answer.body)} if form == "json" else {"jws": answer.body.decode()}
    assert stage.verified(given) == EVERYTHING_VALID
