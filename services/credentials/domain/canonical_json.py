"""JSON in its canonical form (JCS, RFC 8785): by orjson where both write the same bytes, else by the reference."""

from typing import Any

import orjson
import rfc8785

LARGEST_INTEGER = 2**53 - 1
"""Larger ones are not the same number for every reader of JSON (RFC 7493, 2.2)."""


class NotCanonical(ValueError):
    """It has no canonical form: a number that readers of JSON take differently, or half a character."""


def canonical(document: Any) -> bytes:
    """The canonical bytes. Raises NotCanonical. The caller has bounded size and depth."""
    try:
        if _is_plain(document):
            return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
        return rfc8785.dumps(document)
    except (rfc8785.CanonicalizationError, TypeError, UnicodeError) as error:
        raise NotCanonical(f"it has no canonical form: {error}") from error


def _is_plain(document: Any) -> bool:
    """Whether orjson writes it as RFC 8785 has it: names in ASCII, no fractions, no large numbers. orjson puts names in
    the order of their code points, which is another one beyond the first plane."""
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            continue
        if isinstance(value, dict):
            if not "".join(value).isascii():
                return False
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, float) or (isinstance(value, int) and abs(value) > LARGEST_INTEGER):
            return False
    return True
