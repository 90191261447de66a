"""Credentials as compact JWS: RS256 as 1EdTech's Open Badges 3.0 has it (8.2), ES256 for wallets (`jwt_vc_json`).

Both carry the credential itself as payload, without a `vc` claim around it, and the claims that follow from it.
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Any

import orjson
from joserfc import jws
from joserfc.errors import JoseError

from libranet.clock import parse_rfc3339
from services.credentials.domain import keys
from services.credentials.domain.keys import PublicKey, SigningKey

ALGORITHMS = {"RS256": keys.RSA, "ES256": keys.P256, "EdDSA": keys.ED25519, "Ed25519": keys.ED25519}
"""What is read; the first two are also written."""
CLAIMS = {"iss": "issuer", "jti": "id", "sub": "credentialSubject", "nbf": "validFrom", "exp": "validUntil"}
"""Each claim repeats a member: of an object its id, of a time its seconds."""
REQUIRED = ("iss", "nbf")
TIMES = ("nbf", "exp")
EXTENSIONS = ("crit", "b64", "zip")
LONGEST = 500_000
"""A record of as many bytes as others read takes 350,000."""


class TokenUnreadable(ValueError):
    """It is no compact JWS of a credential."""


@dataclass(frozen=True)
class Token:
    """A JWS taken apart; nothing of it is proven. `credential` is the payload without the claims."""

    text: str
    algorithm: str
    header: dict[str, Any]
    credential: dict[str, Any]
    claims: dict[str, Any]


def sign(credential: dict[str, Any], key: SigningKey, key_name: str) -> str:
    """The compact JWS of a credential, whose embedded proofs stay behind; `key_name` is the `kid`, and the algorithm is
    that of the key's kind."""
    algorithm = next(name for name, kind in ALGORITHMS.items() if kind == key.kind)
    payload = {name: value for name, value in credential.items() if name != "proof"}
    for claim, member in CLAIMS.items():
        if (value := _claimed(claim, credential.get(member))) is not None:
            payload[claim] = value
    header = {"alg": algorithm, "kid": key_name, "typ": "JWT"}
    signed = b".".join(_base64(orjson.dumps(part)) for part in (header, payload))
    return b".".join((signed, _base64(key.sign(signed)))).decode()


def read(text: str) -> Token:
    """Raises TokenUnreadable."""
    if len(text) > LONGEST:
        raise TokenUnreadable(f"it is longer than {LONGEST} characters")
    try:
        found = jws.extract_compact(text.encode())
        payload = orjson.loads(found.payload)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise TokenUnreadable(f"it is no compact JWS ({type(error).__name__})") from error
    header = found.headers()
    if not isinstance(payload, dict) or not isinstance(header.get("alg"), str):
        raise TokenUnreadable("its header names no algorithm, or its payload is no object")
    if any(name in header for name in EXTENSIONS):
        raise TokenUnreadable("its header needs an extension of JWS that is not read here")
    if "vc" in payload:
        raise TokenUnreadable("it wraps the credential in a vc claim, as the data model before 2.0 had it")
    claims = {name: payload[name] for name in CLAIMS if name in payload}
    rest = {name: value for name, value in payload.items() if name not in CLAIMS}
    return Token(text, header["alg"], header, rest, claims)


def holds(token: Token, key: PublicKey) -> bool:
    """Whether the key signed it, by the algorithm that goes with the key."""
    if ALGORITHMS.get(token.algorithm) != keys.kind_of(key):
        return False
    try:
        jws.deserialize_compact(token.text, keys.jose(key), algorithms=[token.algorithm])
    except (JoseError, ValueError):
        return False
    return True


def contradiction(token: Token) -> str | None:
    """The first claim that says something else than the credential, or is missing: who reads the one would be told
    otherwise than who reads the other."""
    for claim, member in CLAIMS.items():
        expected, given = _claimed(claim, token.credential.get(member)), token.claims.get(claim)
        if expected is None and given is None and claim not in REQUIRED:
            continue
        if expected is None or not (_is_second(given, expected) if claim in TIMES else given == expected):
            return claim
    return None


def _is_second(given: object, expected: int) -> bool:
    """Some write fractions of a second, others cut them."""
    return isinstance(given, int | float) and not isinstance(given, bool) and abs(given - expected) < 1


def _claimed(claim: str, value: Any) -> Any:
    """What the claim has to be; None where there is nothing to claim."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, dict):
        value = value.get("id")
    if not isinstance(value, str):
        return None
    if claim not in TIMES:
        return value
    try:
        return int(parse_rfc3339(value).timestamp())
    except (ValueError, OverflowError):
        return None


def _base64(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")
