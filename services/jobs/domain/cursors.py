"""Cursors of lists: the place where a page ended, as text that needs no escaping in an address."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from libranet.problems import RequestInvalid


def cursor_after(key: str) -> str:
    return urlsafe_b64encode(key.encode()).decode().rstrip("=")


def place_of(cursor: str | None) -> str:
    """The key after which the page begins, '' for the first page. Raises RequestInvalid for what is no cursor."""
    try:
        return urlsafe_b64decode((cursor or "") + "==").decode()
    except ValueError:
        raise RequestInvalid("Take the cursor from `next` of the page before, unchanged.", "/cursor") from None
