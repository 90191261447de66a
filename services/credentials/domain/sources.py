"""What a verification may ask besides the credential itself. It changes nothing, and nothing else is looked up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.credentials.domain.issuers import Book
from services.credentials.domain.status_check import ListReader


@dataclass(frozen=True)
class Sources:
    """`book` has the issuers and keys that this deployment knows. `status_of` gives the status that we keep of a
    credential by its `id` (`issued`, `suspended`, `revoked`, `withdrawn`, `erased`) and `recorded` its document, None
    for one that is not ours; `read_list` gives what is at the address of a status list. `pause` lets others go on for a
    moment."""

    now: datetime
    book: Book
    status_of: Callable[[str], str | None]
    read_list: ListReader
    recorded: Callable[[str], dict[str, Any] | None]
    pause: Callable[[], object] = lambda: None
