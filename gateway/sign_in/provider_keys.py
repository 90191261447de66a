"""What is known of providers: their metadata (OpenID Connect Discovery 1.0) and their public keys, for a while.

A signature by an unknown key makes the keys be read again, but not more often than every REFRESH_SECONDS: a provider
can change its key at any time, and nobody can make us ask it all the time.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet, OctKey

from gateway.sign_in.fetching import Fetcher, ProviderAway
from gateway.sign_in.providers import Provider

METADATA_SECONDS = 3600.0
KEYS_SECONDS = 3600.0
REFRESH_SECONDS = 10.0
WELL_KNOWN = "/.well-known/openid-configuration"
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True)
class Known:
    """A document and when it was read, on the monotonic clock."""

    document: Any
    read_at: float


class Discovery:
    """Threads share it; two that ask at the same time may both read."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], Known] = {}

    def metadata(self, provider: Provider, fetcher: Fetcher) -> dict[str, Any]:
        """The provider's own description. Raises ProviderAway, also when it speaks for another issuer."""
        key = ("metadata", provider.issuer)
        fresh = self._fresh(key, METADATA_SECONDS)
        if fresh is None:
            fresh = fetcher.get_object(provider.issuer.rstrip("/") + WELL_KNOWN)
            if fresh.get("issuer") != provider.issuer:
                raise ProviderAway("the metadata is of another issuer")
            if not all(isinstance(fresh.get(name), str) for name in NEEDED):
                raise ProviderAway("the metadata lacks an address")
            self._remember(key, fresh)
        return dict(fresh)

    def keys(self, uri: str, fetcher: Fetcher, doubted: bool = False) -> KeySet:
        """The provider's public keys; read again when they are `doubted`, unless that was done just now."""
        key = ("keys", uri)
        known = self._known.get(key)
        age = self._clock() - known.read_at if known else KEYS_SECONDS
        if known is None or age >= (REFRESH_SECONDS if doubted else KEYS_SECONDS):
            self._remember(key, public_keys(fetcher.get_object(uri)))
        found: KeySet = self._known[key].document
        return found

    def _fresh(self, key: tuple[str, str], seconds: float) -> Any:
        known = self._known.get(key)
        return known.document if known and self._clock() - known.read_at < seconds else None

    def _remember(self, key: tuple[str, str], document: Any) -> None:
        with self._lock:
            self._known[key] = Known(document, self._clock())


def public_keys(document: dict[str, Any]) -> KeySet:
    """The keys that can only check. A symmetric one would let whoever knows it sign; a private one is left out unread:
    testing its primes takes long. Raises ProviderAway."""
    try:
        public = [each for each in document["keys"] if "d" not in each]
        keys: list[Key] = [
            each for each in KeySet.import_key_set({"keys": public}).keys
            if not isinstance(each, OctKey) and each.get("use", "sig") == "sig"]
    except (JoseError, KeyError, TypeError, ValueError):
        keys = []
    if not keys:
        raise ProviderAway("no usable public keys")
    return KeySet(keys)
