"""Careful reading of what boards wrote: any member may be missing, or be of another kind than documented."""

import html
import re
from typing import Any
from urllib.parse import urlsplit

BLANKS = re.compile(r"\s+")
UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters, and halves of characters that no file may hold."""
MAX_LINE = 500
MAX_CLEANED = 10 * MAX_LINE
"""Characters of which a short line is made: escapes and blanks that go when it is cleaned are among them."""
MAX_URL = 2000


def at(document: Any, *path: str | int) -> Any:
    """What stands at a path of names and numbers, or None where the way ends."""
    for part in path:
        if isinstance(part, int):
            document = document[part] if isinstance(document, list) and len(document) > part else None
        else:
            document = document.get(part) if isinstance(document, dict) else None
    return document


def text(value: Any) -> str | None:
    """A string or number as clean text, None for all else and for nothing but blanks."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return UNWANTED.sub("", str(value)).strip() or None


def line(value: Any) -> str | None:
    """The same on one line, with HTML's escapes read."""
    found = text(value)
    return (BLANKS.sub(" ", html.unescape(found)).strip() or None) if found else None


def short(value: Any) -> str | None:
    """A line that is cut where it is out of all measure."""
    found = line(value[:MAX_CLEANED] if isinstance(value, str) else value)
    return found[:MAX_LINE] if found else None


def many(value: Any) -> list[Any]:
    """A list as it is, one thing as a list of one, nothing as an empty list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def web_address(value: Any) -> str | None:
    """An absolute http(s) address, or None: `javascript:` and its like never reach a page. A default port goes."""
    found = line(value)
    if not found or len(found) > MAX_URL or " " in found:
        return None
    try:
        parts = urlsplit(found)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        return None
    if (parts.scheme.lower(), port) in (("http", 80), ("https", 443)):
        parts = parts._replace(netloc=parts.netloc.rpartition(":")[0])
    return parts.geturl()
