"""Nonces of the Nonce Endpoint (OpenID4VCI 1.0, 7): each tells when it was made, and nobody else can make one.

None is kept, so nobody fills a database by asking for many; a used one is kept until it has run out (`spent`).
"""

import hmac
import secrets
from datetime import datetime

from libranet.ids import keyed_id, public_id

LIFETIME_SECONDS = 300
RANDOM_BYTES = 16


def make(node: str, at: datetime) -> str:
    """A nonce for key proofs to this issuer."""
    made = f"{int(at.timestamp())}.{secrets.token_urlsafe(RANDOM_BYTES)}"
    return f"{made}.{_seal(node, made)}"


def is_good(nonce: str, node: str, at: datetime) -> bool:
    """Whether this issuer made it, within LIFETIME_SECONDS."""
    made, _, seal = nonce.rpartition(".")
    if not nonce.isascii() or not hmac.compare_digest(seal, _seal(node, made)):
        return False
    return at.timestamp() - int(made.partition(".")[0]) <= LIFETIME_SECONDS


def spent(nonce: str) -> str:
    """The id under which it is kept once it was used."""
    return keyed_id("c_nonce", nonce)


def _seal(node: str, made: str) -> str:
    return public_id("c_nonce", node, made)
