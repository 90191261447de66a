"""What is read from addresses that credentials name: how it is asked for, and what it is when there is nothing."""

from collections.abc import Callable


class Unread(Exception):
    """Nothing can be had at this address, or it may not be fetched; the text says why in half a sentence, `status` what
    the address answered."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.status = status


Reader = Callable[[str], object]
"""The JSON at an address. Raises Unread."""


def nowhere(address: str) -> object:
    """A Reader that reads nothing."""
    raise Unread("nothing is fetched here")
