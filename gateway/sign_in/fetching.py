"""Requests to libraries' identity providers: to judged and pinned addresses, no redirect, no proxy, bounded in all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from libranet.outside import asking, guard
from libranet.outside.addresses import Network
from libranet.outside.asking import NoReply
from libranet.outside.guard import Resolver, Target, UrlRefused
from libranet.problems import ServiceAway

MOST_BYTES = 256 * 1024


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
        """The whole answer, whatever its status. Raises ProviderAway, in good time."""
        target = self.checked(url)
        try:
            reply = asking.ask(method, target, headers, MOST_BYTES, body)
        except NoReply as error:
            raise ProviderAway(str(error)) from None
        return Fetched(reply.status, reply.body)
