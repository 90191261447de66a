"""What a verification may ask besides the credential itself. It changes nothing, and nothing else is looked up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.credentials.domain.issuers import Book
from services.credentials.domain.reading import Reader, nowhere


def nobody(issuer: str) -> str | None:
    """Nobody else's issuers are known."""
    return None


class OwnRecordsUnread(Exception):
    """What this platform keeps could not be read, for a reason of its own (`error`) that says nothing of any
    credential."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(frozen=True)
class Sources:
    """`book` has the issuers and keys that this deployment knows. `status_of` gives the status that we keep of a
    credential by its `id` (`issued`, `suspended`, `revoked`, `withdrawn`, `erased`) and `recorded` what was signed as
    it, the copies in wallets included, nothing for one that is not ours; `read_list` gives what is at the address of a
    status list, `read_keys` what is at that of somebody's keys; `known_as` is what the consortium calls an issuer that
    it knows. `pause` lets others go on for a moment. Any of them may raise OwnRecordsUnread."""

    now: datetime
    book: Book
    status_of: Callable[[str], str | None]
    read_list: Reader
    recorded: Callable[[str], list[dict[str, Any]]]
    read_keys: Reader = nowhere
    known_as: Callable[[str], str | None] = nobody
    pause: Callable[[], object] = lambda: None
