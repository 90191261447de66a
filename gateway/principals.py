"""Signs who acts, for the services. Settings: `PRINCIPAL_PRIVATE_KEY` (PEM).

One signature serves all calls of a client for twenty seconds (the principal lives for sixty): signing costs 90 µs
here, and checking twice that in the service, which does it once for each token. The request id therefore travels in its
own header, not in the principal.
"""

import time
from collections.abc import Callable
from functools import cache

from joserfc.jwk import OKPKey

from contracts.principal import Principal, sign
from libranet import settings

REUSE_SECONDS = 20.0
MAX_SIGNED = 10_000


class Signer:
    """Principals as tokens. Threads share it: the worst that a race does is to sign twice."""

    def __init__(self, private_key: Callable[[], OKPKey], clock: Callable[[], float] = time.monotonic) -> None:
        self._private_key = cache(private_key)
        self._clock = clock
        self._signed: dict[Principal, tuple[str, float]] = {}

    def token(self, principal: Principal) -> str:
        """The signed principal, at most REUSE_SECONDS old."""
        moment = self._clock()
        token, signed_at = self._signed.get(principal, ("", -REUSE_SECONDS))
        if moment - signed_at >= REUSE_SECONDS:
            token = sign(principal, self._private_key())
            if len(self._signed) >= MAX_SIGNED:
                self._signed.clear()
            self._signed[principal] = (token, moment)
        return token


def private_key() -> OKPKey:
    """The gateway's own key. Raises SettingMissing, or ValueError for a text that is no key."""
    return OKPKey.import_key(settings.secret("PRINCIPAL_PRIVATE_KEY"))
