"""Refusals that only the door gives; the others are in `libranet.problems`."""

from collections.abc import Iterable

from contracts.call import SELF
from libranet.problems import NotAllowed, Refusal, SignInNeeded

CHALLENGE = 'Bearer realm="libranet", Basic realm="libranet", charset="UTF-8"'


class MethodNotAllowed(Refusal):
    status = 405
    title = "This address does not take that method"


class TooManyRequests(Refusal):
    """A limit is used up; `Retry-After` says when it opens again."""

    status = 429
    title = "Too many requests"

    def __init__(self, detail: str, retry_after_seconds: int) -> None:
        super().__init__(detail, headers={"Retry-After": str(max(1, retry_after_seconds))})


class SentTooSlowly(Refusal):
    status = 408
    title = "The request did not arrive in time"


class RequestNotUnderstood(Refusal):
    status = 400
    title = "The request cannot be understood"


class ServiceMisunderstood(Refusal):
    """A service gave an answer that is no answer of ours (another release, a wrong key)."""

    status = 502
    title = "A part of the platform gave an unexpected answer"


def sign_in_needed(detail: str) -> SignInNeeded:
    """401 with the challenge that RFC 9110, 11.6.1 asks for."""
    return SignInNeeded(detail, headers={"WWW-Authenticate": CHALLENGE})


def scope_needed(allows: Iterable[str]) -> NotAllowed:
    """403 that names the scope."""
    scopes = [each for each in allows if each != SELF]
    if not scopes:
        return NotAllowed("Only the person whom it is about may do this, signed in as themselves.")
    return NotAllowed(f"This needs the scope {' or '.join(scopes)}; ask your operator for it.")
