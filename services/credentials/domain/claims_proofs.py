"""Key proofs of wallets: who holds the key to which a credential is to be bound (OpenID4VCI 1.0, appendix F.1, F.4)."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from services.credentials.domain import claims_nonces, didkeys, keys, tokens
from services.credentials.domain.claims_refusals import ClaimRefused
from services.credentials.domain.didkeys import KeyUnreadable
from services.credentials.domain.keys import PublicKey
from services.credentials.domain.tokens import Token, TokenUnreadable

PROOF_TYPE = "openid4vci-proof+jwt"
ALGORITHMS = ("ES256", "EdDSA", "Ed25519")
BINDING_METHODS = ("did:key", "did:jwk", "jwk")
KEY_MEMBERS = ("jwk", "kid", "x5c")
DID_JWK = re.compile(r"did:jwk:([A-Za-z0-9_-]{1,1000})#0")
WINDOW_SECONDS = 300
"""How far the wallet's clock may be from ours: the nonce says how old the proof can be."""


@dataclass(frozen=True)
class Holder:
    """The DID that holds the key, and the nonce that was used up for it."""

    did: str
    nonce: str


def holder_of(proofs: object, audience: str, node: str, at: datetime) -> Holder:
    """Who made the one key proof of a Credential Request's `proofs`. `audience` is the Credential Issuer Identifier.

    Raises ClaimRefused: `invalid_proof`, or `invalid_nonce` for a nonce that is not (or not any more) of `node`.
    """
    token = _read(_only(proofs))
    did, key = _key_of(token.header)
    if not tokens.holds(token, key):
        raise _refused("its signature is not by the key that its header names")
    return Holder(did, _checked({**token.credential, **token.claims}, audience, node, at))


def _only(proofs: object) -> str:
    """One proof makes one credential: metadata announce no batches (8.2)."""
    given = proofs.get("jwt") if isinstance(proofs, Mapping) and len(proofs) == 1 else None
    if not isinstance(given, list) or len(given) != 1 or not isinstance(given[0], str):
        raise _refused("send proofs with jwt alone, a list of one JWT")
    return given[0]


def _read(text: str) -> Token:
    try:
        token = tokens.read(text)
    except TokenUnreadable as error:
        raise _refused(str(error)) from error
    if token.header.get("typ") != PROOF_TYPE:
        raise _refused(f"its typ is not {PROOF_TYPE}")
    if token.algorithm not in ALGORITHMS:
        raise _refused(f"its alg is none of {', '.join(ALGORITHMS)}")
    return token


def _key_of(header: dict[str, Any]) -> tuple[str, PublicKey]:
    """The key that the header names, and the DID that holds it: a bare JWK is held by its `did:key`."""
    named = [name for name in KEY_MEMBERS if name in header]
    if named not in (["jwk"], ["kid"]):
        raise _refused("its header names the key by jwk or by kid, and by nothing else")
    given = header[named[0]]
    try:
        if named == ["kid"]:
            return _key_of_did(given)
        key = keys.from_jwk(given if isinstance(given, dict) else {})
        return f"did:key:{didkeys.multikey_of(_bound(key))}", key
    except KeyUnreadable as error:
        raise _refused(str(error)) from error


def _key_of_did(kid: object) -> tuple[str, PublicKey]:
    if not isinstance(kid, str):
        raise KeyUnreadable("its kid is no text")
    did = kid.partition("#")[0]
    encoded = DID_JWK.fullmatch(kid)
    if encoded is None:
        return did, didkeys.public_key_of(kid)
    try:
        document = orjson.loads(urlsafe_b64decode(encoded[1] + "=" * (-len(encoded[1]) % 4)))
    except ValueError as error:
        raise KeyUnreadable("the did:jwk is no JWK in base64url") from error
    return did, _bound(keys.from_jwk(document if isinstance(document, dict) else {}))


def _bound(key: PublicKey) -> Any:
    if keys.kind_of(key) == keys.RSA:
        raise KeyUnreadable("a credential is bound to Ed25519 or P-256 keys only")
    return key


def _checked(payload: dict[str, Any], audience: str, node: str, at: datetime) -> str:
    """The nonce of a payload whose claims are as F.1 has them."""
    if payload.get("aud") != audience:
        raise _refused("its aud is not this Credential Issuer Identifier")
    issued_at = payload.get("iat")
    if not isinstance(issued_at, int | float) or isinstance(issued_at, bool):
        raise _refused("its iat is missing or no number")
    if abs(at.timestamp() - issued_at) > WINDOW_SECONDS:
        raise _refused(f"its iat is more than {WINDOW_SECONDS} seconds from now")
    nonce = payload.get("nonce")
    if not isinstance(nonce, str):
        raise _refused("it has no nonce of the Nonce Endpoint")
    if not claims_nonces.is_good(nonce, node, at):
        raise nonce_refused()
    return nonce


def nonce_refused() -> ClaimRefused:
    return ClaimRefused("invalid_nonce", "The nonce was used, has run out or is not of this issuer. Get a new one.")


def _refused(reason: str) -> ClaimRefused:
    return ClaimRefused("invalid_proof", f"The key proof cannot be accepted: {reason}.")
