"""One attempt of one webhook: its URL and addresses judged anew, its body made and signed, its answer read.

Never raises: what went wrong is the attempt's reason, in words that the subscriber is shown.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from gateway.deliveries import figures, guard
from gateway.deliveries.domain import partner_view, rotation, signing
from gateway.deliveries.domain.agenda import Due
from gateway.deliveries.domain.schedule import Attempt, Outlook
from gateway.deliveries.guard import UrlRefused
from gateway.deliveries.post import PostFailed, Reply, post
from gateway.deliveries.sealing import unseal
from libranet.clock import now
from libranet.collection import Document
from libranet.logs import log

FRESH_SECONDS = 1.0
OUR_FAULT = "not sent: an error on our side, which the operator's log describes"


@dataclass(frozen=True)
class Job:
    """A delivery with all that its attempt needs."""

    due: Due
    delivery: Document
    subscription: Document
    networks: tuple[str, ...]
    prepared_at: float

    @property
    def is_stale(self) -> bool:
        """It waited so long for its turn that consent has to be asked again."""
        return time.monotonic() - self.prepared_at > FRESH_SECONDS

    @property
    def body(self) -> bytes:
        """What the partner gets, made anew each time."""
        return partner_view.body(self.delivery["message"], self.delivery["event"], self.subscription["owner"])


@dataclass(frozen=True)
class Outcome:
    """What came of a delivery; `outlook` is set where nothing was tried and nothing more is to be decided."""

    due: Due
    attempt: Attempt
    outlook: Outlook | None = None


def attempt(job: Job, resolve: guard.Resolver = guard.system_resolver,
            send: Callable[..., Reply] = post) -> Attempt:
    """One try."""
    at, started = now(), time.monotonic()
    status = retry_after = reason = None
    is_our_fault = False
    try:
        target = guard.check(job.subscription["url"], guard.allowed_networks(job.networks), resolve)
        secrets = [unseal(each, job.subscription["_id"]) for each in rotation.in_use(job.subscription, at)]
        body = job.body
        headers = signing.headers(secrets, job.delivery["message"], int(at.timestamp()), body)
        reply = send(target, body, {"Content-Type": partner_view.CONTENT_TYPE, **headers})
        status, retry_after = reply.status, reply.retry_after_seconds(at)
    except UrlRefused as refusal:
        reason = refusal.detail
    except PostFailed as failure:
        reason = str(failure)
    except Exception:  # noqa: BLE001 - one delivery's fault must not end the sending of all others
        log().exception("a webhook could not be made", delivery=job.delivery["_id"])
        reason, is_our_fault = OUR_FAULT, True
    seconds = time.monotonic() - started
    figures.ATTEMPT_SECONDS.observe(seconds)
    return Attempt(at, int(seconds * 1000), status, reason, retry_after, is_our_fault)
