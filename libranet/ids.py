"""Identifiers: UUIDv7 for what is made here and now, keyed hashes for what follows from something else.

A keyed id cannot be guessed or recomputed without the secret `ID_KEY`; the same parts always give the same id,
so an effect that is done twice makes no twin.
"""

import base64
import hmac
from datetime import UTC, datetime
from functools import cache
from uuid import UUID

from uuid_utils import uuid7

from libranet.settings import secret


def new_id() -> str:
    """A new UUIDv7 (RFC 9562, 5.7) as text; later ones sort after earlier ones."""
    return str(uuid7())


def made_at(identity: str) -> datetime:
    """When `new_id` made it. Raises ValueError for what is no UUIDv7."""
    if not is_uuid(identity) or identity[14] != "7":
        raise ValueError("only an id of new_id tells its time")
    return datetime.fromtimestamp(int(identity[:8] + identity[9:13], 16) / 1000, UTC)


def keyed_id(*parts: str) -> str:
    """A UUIDv8 (RFC 9562, 5.8) that follows from `parts` by HMAC-SHA256 under `ID_KEY`."""
    text = _digest(parts).hex()
    variant = "89ab"[int(text[16], 16) & 3]
    return f"{text[:8]}-{text[8:12]}-8{text[13:16]}-{variant}{text[17:20]}-{text[20:32]}"


def public_id(*parts: str) -> str:
    """26 lower-case characters for addresses that strangers see (128 bits of the keyed hash)."""
    return base64.b32encode(_digest(("public", *parts))[:16]).decode().rstrip("=").lower()


def is_uuid(text: object) -> bool:
    """Whether `text` is a UUID in its plain lower-case form."""
    try:
        return isinstance(text, str) and str(UUID(text)) == text
    except ValueError:
        return False


def _digest(parts: tuple[str, ...]) -> bytes:
    raw = [part.encode() for part in parts]
    message = b"".join([len(each).to_bytes(4, "big") + each for each in raw])
    return hmac.digest(_key(), message, "sha256")


@cache
def _key() -> bytes:
    text = secret("ID_KEY")
    if len(text) < 32:
        raise ValueError("ID_KEY must be at least 32 characters of random text")
    return text.encode()
