"""Pseudonyms: what analytics knows of people. The same patron has another one at each node, and none leads back.

Whoever holds the rows but not the key can neither name a patron nor follow one from library to library. Whoever has
the key can recompute a pseudonym from a patron's id: that is what erasure needs, and why the key is kept apart.
"""

import hmac

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MIN_KEY_CHARACTERS = 32
KEY_BYTES = 32
PSEUDONYM_BYTES = 16
"""128 bits: two patrons of one node never meet by chance."""


class KeyTooShort(ValueError):
    """The secret would be guessed."""


class Pseudonyms:
    """One key a node, derived from the secret by HKDF-SHA256 (RFC 5869); kept as long as the process runs."""

    def __init__(self, secret: str) -> None:
        if len(secret) < MIN_KEY_CHARACTERS:
            raise KeyTooShort(f"PSEUDONYM_KEY must be at least {MIN_KEY_CHARACTERS} characters of random text")
        self._secret = secret.encode()
        self._keys: dict[str, bytes] = {}

    def at(self, node: str, patron: str) -> str:
        """The patron's pseudonym at a node, as 32 hexadecimal digits."""
        return self._hash(f"node|{node}", patron)

    def trace(self, patron: str) -> str:
        """By what somebody who does not count is known again, whatever node a fact belongs to."""
        return self._hash("erased", patron)

    def _hash(self, purpose: str, patron: str) -> str:
        if purpose not in self._keys:
            derived = HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=f"libranet pseudonym {purpose}".encode())
            self._keys[purpose] = derived.derive(self._secret)
        return hmac.digest(self._keys[purpose], patron.encode(), "sha256")[:PSEUDONYM_BYTES].hex()
