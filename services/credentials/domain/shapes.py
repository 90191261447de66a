"""A document taken apart: its shape, which is the document with a hole for each text that can be exchanged, and the
texts. What holds of a shape is found once, not once for each document."""

import re
from collections.abc import Callable
from functools import lru_cache
from secrets import token_hex
from typing import Any, Generic, NamedTuple, TypeVar

import orjson

from services.credentials.domain.guard import DEEPEST, RECORD_LIMITS, Unreadable
from services.credentials.domain.linked_data import definitions

HOLE = f"urn:libranet:{token_hex(16)}:"
"""Stands for a text in a shape, with a number. Nobody can guess it, so no document holds it."""
HOLES = tuple(f"{HOLE}{number}" for number in range(RECORD_LIMITS.members))
KEPT_SHAPES, LARGEST_KEPT_BYTES, MOST_KEPT_MEMBERS = 256, 20_000, 500
"""A skeleton takes some seven times its shape and 0.3 kB a member: a credential of 4 kB 70 kB, all that are kept 80 MB
at most, whatever strangers send."""
WHOLE_ADDRESS = re.compile(r"(https?://|urn:|did:)")
"""What JSON-LD takes as it is: no context may call one of these a prefix."""
Found = TypeVar("Found")


class Apart(NamedTuple):
    """The shape as JSON, and the texts of its holes by their numbers."""

    shape: bytes
    texts: list[str]


def take_apart(document: dict[str, Any]) -> Apart:
    """Raises Unreadable beyond the depth and the number of texts that a record may have, and for what is no JSON."""
    texts: list[str] = []
    try:
        return Apart(orjson.dumps(_holed(document, "", texts, 0)), texts)
    except orjson.JSONEncodeError as error:
        raise Unreadable(f"it cannot be written as JSON: {error}") from error


def hole_number(value: object) -> int | None:
    """None for what is no hole."""
    if not isinstance(value, str) or not value.startswith(HOLE):
        return None
    return int(value.removeprefix(HOLE))


class OfShapes(Generic[Found]):
    """What is made of a shape; of the newest ones it is remembered, but of the large ones never."""

    def __init__(self, make: Callable[[bytes], Found]) -> None:
        self._make = make
        self._kept = lru_cache(maxsize=KEPT_SHAPES)(make)

    def __call__(self, shape: bytes) -> Found:
        is_small = len(shape) <= LARGEST_KEPT_BYTES and shape.count(b",") < MOST_KEPT_MEMBERS
        return (self._kept if is_small else self._make)(shape)

    def kept(self) -> int:
        """Of how many it is remembered."""
        return self._kept.cache_info().currsize


def _typed(kind: str) -> frozenset[str]:
    """The terms that a kept context gives this type."""
    return frozenset(term for term, each in definitions() if isinstance(each, dict) and each.get("@type") == kind)


ADDRESS_TERMS = _typed("@id") | {"id"}
FIXED_TERMS = _typed("@vocab") | _typed("@json") | {"type"}
"""Their texts decide what the quads are, not only what stands in them."""


def _holed(value: Any, term: str, texts: list[str], depth: int) -> Any:
    """The value with its holes; what stood there is added to `texts`."""
    if isinstance(value, str):
        if term in ADDRESS_TERMS and not WHOLE_ADDRESS.match(value):
            return value
        if len(texts) == len(HOLES):
            raise Unreadable(f"it has more than {len(HOLES)} texts")
        texts.append(value)
        return HOLES[len(texts) - 1]
    if depth > DEEPEST:
        raise Unreadable(f"it has more than {DEEPEST} levels")
    if isinstance(value, dict):
        return {
            name: each if name in FIXED_TERMS or name[:1] == "@" else _holed(each, name, texts, depth + 1)
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [_holed(each, term, texts, depth + 1) for each in value]
    return value
