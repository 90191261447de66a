"""Refusals that only the door gives; the others are in `libranet.problems`."""

from collections.abc import Iterable

from contracts.call import SELF
from contracts.calls.badge_connect import SCOPES
from libranet.problems import NotAllowed, Refusal, SignInNeeded

CHALLENGE = 'Bearer realm="libranet", Basic realm="libranet", charset="UTF-8"'


class MethodNotAllowed(Refusal):
    status = 405
    title = "This address does not take that method"


class SentTooSlowly(Refusal):
    status = 408
    title = "The request did not arrive in time"


class RequestNotUnderstood(Refusal):
    status = 400
    title = "The request cannot be understood"


class AddressTooLong(Refusal):
    status = 414
    title = "The address is too long"


class HeaderTooLong(Refusal):
    status = 431
    title = "A header field is too long"


class ServiceMisunderstood(Refusal):
    """A service gave an answer that is no answer of ours (another release, a wrong key)."""

    status = 502
    title = "A part of the platform gave an unexpected answer"


def sign_in_needed(detail: str) -> SignInNeeded:
    """401 with the challenge that RFC 9110, 11.6.1 asks for."""
    return SignInNeeded(detail, headers={"WWW-Authenticate": CHALLENGE})


def token_needed(is_shown: bool) -> SignInNeeded:
    """401 for an app; the challenge tells a token that opens nothing from none (RFC 6750, 3.1)."""
    challenge = 'Bearer realm="libranet"' + (', error="invalid_token"' if is_shown else "")
    return SignInNeeded("Show an access token: it was never given, has run out, or was ended. Refresh it, or ask the "
                        "patron to let the app in.", headers={"WWW-Authenticate": challenge})


def scope_needed(allows: Iterable[str]) -> NotAllowed:
    """403 that names the scope."""
    scopes = [each for each in allows if each != SELF]
    if not scopes:
        return NotAllowed("Only the person whom it is about may do this, signed in as themselves.")
    if set(scopes) <= set(SCOPES):
        challenge = f'Bearer realm="libranet", error="insufficient_scope", scope="{" ".join(scopes)}"'
        return NotAllowed(f"This needs the scope {' or '.join(scopes)}; ask the patron to allow it.",
                          headers={"WWW-Authenticate": challenge})
    return NotAllowed(f"This needs the scope {' or '.join(scopes)}; ask your operator for it.")
