"""The client of the services: pooled connections, a deadline on every call, and 503 with Retry-After when one is away.

Sent again is only what was never sent, or what may be sent twice: safe methods, and changes with an Idempotency-Key
(the owning service answers the second like the first). It does not promise that a call that ended in 503 had no
effect: without an Idempotency-Key only the caller can find out.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ProtocolError, ReadTimeoutError

from gateway import figures
from gateway.bulkhead import Bulkhead, NoRoom
from gateway.uploads import Upload
from libranet import settings
from libranet.logs import log
from libranet.problems import ServiceAway

NAMES = ("profiles", "jobs", "learning", "credentials", "analytics", "deliveries")
CONNECT_SECONDS = 1.0
FULL, UNREACHABLE, DEADLINE, BROKEN_OFF = REASONS = "full", "unreachable", "deadline", "broken-off"
PAUSES_SECONDS = (0.1, 0.3)
"""Between attempts to reach a service that refuses connections: a restart takes longer, a listen queue less."""
RETRY_AFTER_HUNG_SECONDS = 10
CHUNK_BYTES = 2**16
SENDING_SECONDS = 15.0
"""How long a service may take no byte of a file: urllib3 sends under the deadline of the connect."""
STORED_BYTES_A_SECOND = 4 * 2**20
"""Measured on a busy machine: five to ten times as much."""


@dataclass(frozen=True)
class Sent:
    """One call to a service. `repeatable` says whether it may be sent twice."""

    service: str
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes | Upload = b""
    repeatable: bool = False


@dataclass(frozen=True)
class Received:
    """What a service answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Services:
    """Calls services by name. Threads share it. `urls` maps a service's name to where it listens."""

    def __init__(self, urls: Mapping[str, str], deadline_seconds: float = 8.0, places: int = 16) -> None:
        self._deadline_seconds = deadline_seconds
        self._pools = {name: urllib3.connection_from_url(url, maxsize=places, retries=False)
                       for name, url in urls.items()}
        self._rooms = {name: Bulkhead(places) for name in urls}
        for name, reason in product(urls, REASONS):
            figures.SERVICE_FAILURES.labels(name, reason)

    def call(self, sent: Sent, deadline_seconds: float | None = None) -> Received:
        """The service's answer, whatever its status. Raises ServiceAway within the deadline: the usual one, or a
        shorter one."""
        try:
            with self._rooms[sent.service].place(), figures.IN_FLIGHT.labels(sent.service).track_inprogress():
                usual = self._deadline_seconds + _seconds_to_store(sent)
                return self._attempt(sent, time.monotonic() + min(usual, deadline_seconds or usual))
        except NoRoom:
            raise _away(sent, FULL, "has more to do than it can take", RETRY_AFTER_HUNG_SECONDS) from None

    def _attempt(self, sent: Sent, deadline: float) -> Received:
        for pause in (*PAUSES_SECONDS, None):
            try:
                return self._once(sent, deadline)
            except (NewConnectionError, ConnectTimeoutError):
                reason, may_go_on = UNREACHABLE, True
            except ReadTimeoutError:
                raise _away(sent, DEADLINE, "took too long", RETRY_AFTER_HUNG_SECONDS) from None
            except (ProtocolError, HTTPError):
                reason, may_go_on = BROKEN_OFF, sent.repeatable
            if pause is None or not may_go_on or time.monotonic() + pause >= deadline:
                break
            time.sleep(pause)
        raise _away(sent, reason, "does not answer" if may_go_on else "broke off; whether it was done is not known")

    def _once(self, sent: Sent, deadline: float) -> Received:
        left = max(0.05, deadline - time.monotonic())
        body, headers, silence = sent.body, dict(sent.headers), CONNECT_SECONDS
        if isinstance(body, Upload):
            headers["Content-Length"], silence = str(body.bytes), SENDING_SECONDS
        response = self._pools[sent.service].urlopen(
            sent.method, sent.target, body=body.rewound() if isinstance(body, Upload) else body or None,
            headers=headers, retries=False,
            redirect=False, preload_content=False, decode_content=False,
            timeout=urllib3.Timeout(connect=min(silence, left), read=left))
        try:
            return Received(response.status, response.headers, _read(response, deadline))
        except BaseException:
            response.close()
            raise
        finally:
            response.release_conn()

    def health(self, name: str, timeout_seconds: float = 0.5) -> str:
        """`ok`, or what is the matter."""
        try:
            answer = self._pools[name].request("GET", "/readyz", timeout=timeout_seconds, retries=False)
        except HTTPError:
            return "does not answer"
        return "ok" if answer.status == 200 else "not ready"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._pools)


def _seconds_to_store(sent: Sent) -> float:
    """A service that takes a file answers when it has stored it."""
    return sent.body.bytes / STORED_BYTES_A_SECOND if isinstance(sent.body, Upload) else 0.0


def _read(response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    """The whole body, or a ReadTimeoutError when it drips in beyond the deadline."""
    chunks = []
    while chunk := response.read1(CHUNK_BYTES, decode_content=False):
        chunks.append(chunk)
        if time.monotonic() > deadline:
            raise ReadTimeoutError(None, None, "the answer is still arriving at the deadline")  # type: ignore[arg-type]
    return b"".join(chunks)


def _away(sent: Sent, reason: str, words: str, retry_after_seconds: int = 5) -> ServiceAway:
    figures.SERVICE_FAILURES.labels(sent.service, reason).inc()
    log().warning("a service did not answer a call", service=sent.service, method=sent.method, reason=reason)
    return ServiceAway(f"The {sent.service} service {words}. Try again later.", retry_after_seconds)


def urls_from_environment() -> dict[str, str]:
    """Settings: `PROFILES_URL`, `LEARNING_URL` ... for every service."""
    return {name: settings.get(f"{name.upper()}_URL") for name in NAMES}
