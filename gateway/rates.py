"""How often one may call: per client, per node, per address for whoever is not signed in, and for failed sign-ins.

Counted in the memory of each worker, so with two workers twice as much passes; an ingress or `RATE_STORAGE` (any
storage address of the `limits` library) makes it one count. A window is fixed: it opens with the first request.
"""

import ipaddress
import time
from dataclasses import dataclass, fields

from limits import RateLimitItem, parse
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from gateway import counters
from libranet import settings
from libranet.problems import TooManyRequests

IPV6_NETWORK_BITS = 64
"""One subscriber usually holds a /64."""


@dataclass(frozen=True)
class RateSettings:
    """How many requests in which time, in the notation of `limits` ("60/minute"). Generous: they keep one caller from
    starving the others, and a library's import or a learning platform's backlog must not meet them."""

    client: str = "30000/minute"
    node: str = "60000/minute"
    address: str = "3000/minute"
    public_work: str = "600/minute"
    registrations: str = "20/hour"
    sign_in_failures: str = "300/minute"
    guesses: str = "20/minute"
    card_failures: str = "30/minute"
    storage: str = counters.ADDRESS

    @classmethod
    def from_environment(cls) -> "RateSettings":
        """Settings: `RATE_CLIENT`, `RATE_NODE`, `RATE_ADDRESS`, `RATE_PUBLIC_WORK`, `RATE_REGISTRATIONS`,
        `RATE_SIGN_IN_FAILURES`, `RATE_GUESSES`, `RATE_CARD_FAILURES`, `RATE_STORAGE`."""
        return cls(**{each.name: settings.get(f"RATE_{each.name.upper()}", str(each.default))
                      for each in fields(cls)})


class Rates:
    """Raises TooManyRequests when a limit is used up."""

    def __init__(self, limits: RateSettings) -> None:
        storage: Storage = storage_from_string(limits.storage)  # type: ignore[assignment]
        self._limiter = FixedWindowRateLimiter(storage)
        self._client, self._node = parse(limits.client), parse(limits.node)
        self._address, self._work = parse(limits.address), parse(limits.public_work)
        self._failures, self._guesses = parse(limits.sign_in_failures), parse(limits.guesses)
        self._cards, self._registrations = parse(limits.card_failures), parse(limits.registrations)

    def count_client(self, client_id: str, node: str) -> None:
        """One request of a signed-in client; counts for its node, too."""
        self._hit(self._client, "client", client_id, "This API client has")
        self._hit(self._node, "node", node, "The clients of this library have")

    def count_address(self, address: str) -> None:
        """One request of somebody who is not signed in."""
        self._hit(self._address, "address", network_of(address), "Your network has")

    def count_public_work(self, address: str) -> None:
        """Something that costs us much more than it costs somebody who is not signed in."""
        self._hit(self._work, "work", network_of(address), "For this call your network has")

    def count_registration(self, address: str) -> None:
        """An app that wants to register: each stays in the database for days."""
        self._hit(self._registrations, "registration", network_of(address), "To register apps your network has")

    def count_sign_in_failure(self, address: str) -> None:
        """A wrong key; a missing one is just an address's request. Right keys are never refused for somebody else's
        wrong ones behind the same address."""
        self._hit(self._failures, "failure", network_of(address), "Too many wrong keys: your network has")

    def count_wrong_code(self, address: str) -> None:
        """A code that opened nothing. Right codes are never refused for somebody else's wrong ones behind the same
        address; how many can be tried at all, `count_public_work` says."""
        self._hit(self._guesses, "guess", network_of(address),
                  "This code opens nothing, and of such codes your network has")

    def note_card_failure(self, address: str) -> None:
        """A card that was not accepted. Nobody is refused for it here: see `is_crowded`."""
        self._limiter.hit(self._cards, "card", network_of(address))

    def is_crowded(self, address: str) -> bool:
        """Whether so many cards failed at this address that only those known here are tried: a whole branch has one
        address, and its regulars must get in while somebody beside them guesses."""
        return not self._limiter.test(self._cards, "card", network_of(address))

    def _hit(self, limit: RateLimitItem, kind: str, who: str, whose: str) -> None:
        if not self._limiter.hit(limit, kind, who):
            raise self._used_up(limit, kind, who, whose)

    def _used_up(self, limit: RateLimitItem, kind: str, who: str, whose: str) -> TooManyRequests:
        wait = self._limiter.get_window_stats(limit, kind, who).reset_time - time.time()
        return TooManyRequests(f"{whose} used up {limit}. Wait as long as Retry-After says.", int(wait) + 1)


def network_of(address: str) -> str:
    """What is counted as one caller: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 4:
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, IPV6_NETWORK_BITS), strict=False))
