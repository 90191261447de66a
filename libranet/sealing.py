"""Secrets of others at rest: AES-256-GCM under a key-encryption key from the settings, bound to what they belong to.

The setting (64 hexadecimal digits) may hold two keys with a comma between: the first seals, both open, so that the
operator can change it without a stop.
"""

import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from libranet import settings

NONCE_BYTES = 12
KEY_BYTES = 32


class SecretSealedOtherwise(RuntimeError):
    """None of the live keys opens this secret: the setting was changed without its predecessor beside it."""


class Sealing:
    """Seals and opens under the key of one setting, like `WEBHOOK_KEK`."""

    def __init__(self, setting: str) -> None:
        self._setting = setting

    def seal(self, secret: str, bound_to: str) -> bytes:
        """The secret, readable only with the key and for what it is bound to."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._keys()[0].encrypt(nonce, secret.encode(), bound_to.encode())

    def unseal(self, sealed: bytes, bound_to: str) -> str:
        """What was sealed for this; raises SecretSealedOtherwise."""
        nonce, text = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        for key in self._keys():
            try:
                return key.decrypt(nonce, text, bound_to.encode()).decode()
            except (InvalidTag, ValueError):
                continue
        raise SecretSealedOtherwise(f"{self._setting} does not open a secret; give the former key after a comma")

    def _keys(self) -> tuple[AESGCM, ...]:
        return _keys_of(settings.secret(self._setting), self._setting)


@lru_cache(maxsize=8)
def _keys_of(text: str, setting: str) -> tuple[AESGCM, ...]:
    raw = [bytes.fromhex(part) for part in text.replace(",", " ").split()]
    if not raw or any(len(key) != KEY_BYTES for key in raw):
        raise settings.SettingMissing(f"{setting} must be 64 hexadecimal digits (openssl rand -hex 32).")
    return tuple(AESGCM(key) for key in raw)
