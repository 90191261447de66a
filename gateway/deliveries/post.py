"""One POST to a checked target: to its pinned addresses, under its own name, no redirect, no proxy, bounded in all.

Blocks for at most 15 seconds; the sender's own deadline ends a handshake that drips.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

from urllib3 import BaseHTTPResponse, Timeout
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProtocolError,
    SSLError,
    TimeoutError,
)

from libranet.outside.guard import Target
from libranet.outside.pinned import opened

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
MOST_BYTES_READ = 64 * 1024
PIECE_BYTES = 8 * 1024
MOST_ADDRESSES_TRIED = 3
"""A name with a dead address before a living one still gets its webhook."""


class PostFailed(Exception):
    """No answer; the text says why and is shown to the subscriber, so it tells nothing of the inside."""


@dataclass(frozen=True)
class Reply:
    """What the receiver answered; its body is of no interest."""

    status: int
    retry_after: str | None = None

    def retry_after_seconds(self, moment: datetime) -> int | None:
        """Retry-After (RFC 9110, 10.2.3), a number or a date, from `moment` on; None when absent or unreadable."""
        text = (self.retry_after or "").strip()
        if text.isascii() and text.isdigit():
            return int(text[:9])
        try:
            return max(0, int((parsedate_to_datetime(text) - moment).total_seconds()))
        except (TypeError, ValueError, OverflowError):
            return None


def post(target: Target, body: bytes, headers: Mapping[str, str]) -> Reply:
    """Sends and reads the answer's status. Raises PostFailed."""
    deadline = time.monotonic() + TOTAL_SECONDS
    sent = {"User-Agent": "Libranet-Webhooks/1", "Accept-Encoding": "identity", **headers}
    failure = "no address answered"
    for address in target.addresses[:MOST_ADDRESSES_TRIED]:
        if time.monotonic() >= deadline:
            raise PostFailed("no answer in time")
        try:
            return _post_to(address, target, body, sent, deadline)
        except NewConnectionError:
            failure = "the connection was refused or has no route"
        except ConnectTimeoutError:
            failure = "no connection in time"
        except SSLError as error:
            raise PostFailed(f"TLS: {_last_words(error)}") from error
        except TimeoutError as error:
            raise PostFailed("no answer in time") from error
        except ProtocolError as error:
            raise PostFailed("the connection broke, or the answer is not HTTP") from error
        except HTTPError as error:
            raise PostFailed("the answer is not HTTP") from error
    raise PostFailed(failure)


def _post_to(address: str, target: Target, body: bytes, headers: Mapping[str, str], deadline: float) -> Reply:
    remaining = max(0.1, deadline - time.monotonic())
    timeout = Timeout(connect=min(CONNECT_SECONDS, remaining), read=remaining)
    with opened("POST", address, target, headers, timeout, body, deadline) as response:
        _read_a_little(response)
        return Reply(response.status, response.headers.get("Retry-After"))


def _read_a_little(response: BaseHTTPResponse) -> None:
    """Lets a receiver finish a short answer; what breaks off or drips after the status changes nothing."""
    read = 0
    try:
        while read < MOST_BYTES_READ:
            piece = response.read1(PIECE_BYTES, decode_content=False)
            if not piece:
                return
            read += len(piece)
    except HTTPError:
        return


def _last_words(error: Exception) -> str:
    return str(error).rpartition("] ")[2].rpartition(" (_ssl")[0][:150] or "the handshake failed"
