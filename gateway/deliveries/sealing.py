"""Webhook secrets at rest: AES-256-GCM under the platform's `WEBHOOK_KEK`, bound to the subscription they belong to.

`WEBHOOK_KEK` (64 hexadecimal digits) may hold two keys with a comma between: the first seals, both open, so the
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
    """None of the live keys opens this secret: WEBHOOK_KEK was changed without its predecessor beside it."""


def seal(secret: str, subscription: str) -> bytes:
    """The secret, readable only with WEBHOOK_KEK and for this subscription."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _keys()[0].encrypt(nonce, secret.encode(), subscription.encode())


def unseal(sealed: bytes, subscription: str) -> str:
    """What was sealed for this subscription; raises SecretSealedOtherwise."""
    nonce, text = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    for key in _keys():
        try:
            return key.decrypt(nonce, text, subscription.encode()).decode()
        except InvalidTag:
            continue
    raise SecretSealedOtherwise("WEBHOOK_KEK does not open a subscription's secret; give the former key after a comma")


def _keys() -> tuple[AESGCM, ...]:
    return _keys_of(settings.secret("WEBHOOK_KEK"))


@lru_cache(maxsize=4)
def _keys_of(text: str) -> tuple[AESGCM, ...]:
    raw = [bytes.fromhex(part) for part in text.replace(",", " ").split()]
    if not raw or any(len(key) != KEY_BYTES for key in raw):
        raise settings.SettingMissing("WEBHOOK_KEK must be 64 hexadecimal digits (openssl rand -hex 32).")
    return tuple(AESGCM(key) for key in raw)
