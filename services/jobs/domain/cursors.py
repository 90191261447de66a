"""Cursors of lists: the place where a page ended, as text that needs no escaping in an address."""

from base64 import b64decode, urlsafe_b64encode

from libranet.problems import RequestInvalid


def cursor_after(key: str) -> str:
    return urlsafe_b64encode(key.encode()).decode().rstrip("=")


def place_of(cursor: str | None) -> str:
    """The key after which the page begins, '' for the first page. Raises RequestInvalid for what is no cursor."""
    given = cursor or ""
    try:
        return b64decode(given + "=" * (-len(given) % 4), altchars=b"-_", validate=True).decode()
    except ValueError:
        raise RequestInvalid("Take the cursor from `next` of the page before, unchanged.", "/cursor") from None
