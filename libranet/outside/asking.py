"""One bounded request to a place that was judged fit: no redirect, no proxy, no unpacking, an end in time and size."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from urllib3 import BaseHTTPResponse, Timeout
from urllib3.exceptions import HTTPError

from libranet.outside.guard import Target
from libranet.outside.pinned import opened

CONNECT_SECONDS = 2.0
TOTAL_SECONDS = 5.0
PIECE_BYTES = 16 * 1024
MOST_ADDRESSES = 2


class NoReply(Exception):
    """Nobody answered, or not to the end; the text says how it failed and tells nothing of the inside."""


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes


def ask(method: str, target: Target, headers: Mapping[str, str], most_bytes: int, body: bytes | None = None) -> Reply:
    """The whole answer, whatever its status. Raises NoReply, within TOTAL_SECONDS as far as `opened` promises."""
    deadline = time.monotonic() + TOTAL_SECONDS
    sent = {"User-Agent": "Libranet/1", "Accept-Encoding": "identity", **headers}
    reason = "no address"
    for address in target.addresses[:MOST_ADDRESSES]:
        if time.monotonic() >= deadline:
            break
        try:
            return _once(address, target, method, sent, body, deadline, most_bytes)
        except HTTPError as error:
            reason = type(error).__name__
    raise NoReply(f"no answer: {reason}")


def _once(address: str, target: Target, method: str, headers: Mapping[str, str], body: bytes | None,
          deadline: float, most_bytes: int) -> Reply:
    left = max(0.1, deadline - time.monotonic())
    timeout = Timeout(connect=min(CONNECT_SECONDS, left), read=left)
    with opened(method, address, target, headers, timeout, body, deadline) as response:
        return Reply(response.status, _read(response, most_bytes))


def _read(response: BaseHTTPResponse, most_bytes: int) -> bytes:
    whole = bytearray()
    while piece := response.read1(PIECE_BYTES, decode_content=False):
        whole += piece
        if len(whole) > most_bytes:
            raise NoReply("an answer that is too long")
    return bytes(whole)
