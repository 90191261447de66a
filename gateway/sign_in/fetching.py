"""Requests to libraries' identity providers: to judged and pinned addresses, no redirect, no proxy, bounded in all."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from urllib3 import BaseHTTPResponse, Timeout
from urllib3.exceptions import HTTPError

from libranet.outside import guard
from libranet.outside.addresses import Network
from libranet.outside.guard import Resolver, Target, UrlRefused
from libranet.outside.pinned import pinned_pool
from libranet.problems import ServiceAway

CONNECT_SECONDS = 2.0
TOTAL_SECONDS = 5.0
MOST_BYTES = 256 * 1024
PIECE_BYTES = 16 * 1024
MOST_ADDRESSES = 2


class ProviderAway(ServiceAway):
    """The provider cannot be asked, or its answer is none. Nobody is let in."""

    title = "The library's sign-in provider does not answer"

    def __init__(self, reason: str) -> None:
        super().__init__("Your library's sign-in page does not answer as it should. Try again in a moment, or sign in "
                         "with your card.", 30)
        self.reason = reason


@dataclass(frozen=True)
class Fetched:
    """What Authlib wants of a response."""

    status_code: int
    body: bytes

    def json(self) -> Any:
        """Raises ValueError."""
        return orjson.loads(self.body)

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise ProviderAway(f"status {self.status_code}")


class Fetcher:
    """Asks one node's provider. `networks` are those beyond the public internet that the operator allows."""

    def __init__(self, networks: Iterable[Network], resolve: Resolver = guard.patient_resolver) -> None:
        self._networks = tuple(networks)
        self._resolve = resolve

    def checked(self, url: str) -> Target:
        """Where the URL leads; raises ProviderAway for one that may not be asked."""
        try:
            return guard.check(url, self._networks, self._resolve)
        except UrlRefused as reason:
            raise ProviderAway(f"address refused: {reason.detail}") from None

    def get_object(self, url: str) -> dict[str, Any]:
        """The JSON object there. Raises ProviderAway."""
        fetched = self.send("GET", url, {"Accept": "application/json"})
        try:
            found = fetched.json() if fetched.status_code == 200 else None
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ProviderAway(f"no JSON object, status {fetched.status_code}")
        return found

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Fetched:
        """The whole answer, whatever its status. Raises ProviderAway within TOTAL_SECONDS or so."""
        target, deadline = self.checked(url), time.monotonic() + TOTAL_SECONDS
        sent = {"User-Agent": "Libranet/1", "Accept-Encoding": "identity", **headers, "Host": target.place.host_header}
        for address in target.addresses[:MOST_ADDRESSES]:
            try:
                return _once(address, target, method, sent, body, deadline)
            except HTTPError as error:
                reason = type(error).__name__
        raise ProviderAway(f"no answer: {reason}")


def _once(address: str, target: Target, method: str, headers: Mapping[str, str], body: bytes | None,
          deadline: float) -> Fetched:
    left = max(0.1, deadline - time.monotonic())
    with pinned_pool(address, target) as pool:
        response = pool.urlopen(method, target.place.path, body=body, headers=headers, retries=False, redirect=False,
                                assert_same_host=False, preload_content=False, decode_content=False,
                                timeout=Timeout(connect=min(CONNECT_SECONDS, left), read=left))
        try:
            return Fetched(response.status, _read(response, deadline))
        finally:
            response.close()


def _read(response: BaseHTTPResponse, deadline: float) -> bytes:
    whole = bytearray()
    while piece := response.read1(PIECE_BYTES, decode_content=False):
        whole += piece
        if len(whole) > MOST_BYTES or time.monotonic() > deadline:
            raise ProviderAway("an answer that is too long or too slow")
    return bytes(whole)
