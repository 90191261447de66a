"""Open Badges 2.0 as this service knows credentials: an Assertion is verified by its own rules, hosted or signed.

What an assertion carries of its badge and issuer proves nothing: both are read at their own addresses, and the issuer's
profile there says which key speaks for it, and where its assertions stand. `read` gives the JSON at an address.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from services.credentials.domain import baking, imported, keys, png, svg, tokens
from services.credentials.domain.didkeys import KeyUnreadable
from services.credentials.domain.imported import (
    OPEN_BADGES_2,
    Given,
    Seen,
    Verdicts,
    address_of,
    member,
    moment,
    several,
    text,
)
from services.credentials.domain.refusals import ImageUnsuitable
from services.credentials.domain.tokens import Token
from services.credentials.domain.verdicts import INVALID, UNKNOWN, VALID, Verdict

ASSERTION, BADGE_CLASS = "Assertion", "BadgeClass"
HOSTED, SIGNED = ("HostedBadge", "hosted"), ("SignedBadge", "signed")


class Unread(Exception):
    """Nothing can be had at an address; the text says why in half a sentence."""


class Gone(Unread):
    """Its owner took away what was there (410)."""


class Unsound(Exception):
    """Something does not hold; the text says what."""


Reader = Callable[[str], object]


@dataclass(frozen=True)
class Proven:
    """An assertion whose origin is proven, with badge and issuer as they stand at their own addresses; `how` in
    words."""

    assertion: dict[str, Any]
    badge: dict[str, Any]
    issuer: dict[str, Any]
    how: str


def is_assertion(document: object) -> bool:
    return isinstance(document, dict) and ASSERTION in several(document.get("type"))


def unbaked(image: bytes) -> str | None:
    """What a picture carries by the older standard: an assertion as JSON or JWS, or the address of a hosted one; None
    where it carries none. Raises ImageUnsuitable."""
    if baking.media_type_of(image) == baking.PNG:
        found = png.texts(image, baking.EARLIER_KEYWORD)
    else:
        elements = svg.read(image).iter(baking.EARLIER_ELEMENT)
        found = [each.get("verify") or "".join(each.itertext()) for each in elements]
    if len(found) > 1:
        raise ImageUnsuitable("There is more than one badge in this picture; which one counts cannot be told.")
    return found[0].strip() if found else None


def judge(given: Given, read: Reader, now: datetime) -> tuple[Seen | None, Verdicts]:
    """What it says, once that is proven, and the four verdicts."""
    try:
        found = _proven(given, read)
    except Gone:
        return None, _untold(Verdict(UNKNOWN, "The assertion is not at its address any more."),
                             status=Verdict(INVALID, "Its issuer took the assertion down."))
    except Unread as reason:
        return None, _untold(Verdict(UNKNOWN, f"It cannot be told: {reason}."))
    except (Unsound, KeyUnreadable) as reason:
        return None, _untold(Verdict(INVALID, f"It does not hold: {reason}."))
    except Exception as error:  # noqa: BLE001 - any shape of hostile JSON may be there
        return None, _untold(Verdict(INVALID, f"It cannot be read as a badge ({type(error).__name__})."))
    seen = _seen(found)
    return seen, imported.as_dicts(
        signature=Verdict(VALID, found.how), dates=_dates(found.assertion, now), status=_status(found, read),
        issuer=Verdict(UNKNOWN, "The issuer is not among those that this platform knows."))


def _untold(signature: Verdict, status: Verdict | None = None) -> Verdicts:
    rest = Verdict(UNKNOWN, "Nothing is told of what is not proven.")
    return imported.as_dicts(signature=signature, dates=rest, status=status or rest, issuer=rest)


def _proven(given: Given, read: Reader) -> Proven:
    """By the way that it names itself; a hosted one may come as JWS, whose signature is then no matter."""
    token = tokens.read(given) if isinstance(given, str) else None
    handed_in = given if token is None else token.credential
    if _is_verified(handed_in, HOSTED):
        return _hosted(handed_in, read)
    if token is not None and _is_verified(handed_in, SIGNED):
        return _signed(token, read)
    raise Unsound("it does not say that it is hosted, and it is no JWS that says that it is signed")


def _is_verified(assertion: dict[str, Any], way: tuple[str, ...]) -> bool:
    return any(each in way for each in several(member(assertion, "verification").get("type")))


def _hosted(handed_in: dict[str, Any], read: Reader) -> Proven:
    """What is at the assertion's own address counts, and only within the issuer's own places (2.0, HostedBadge)."""
    own = address_of(handed_in)
    assertion = _at(own, read)
    if not is_assertion(assertion) or not _is_verified(assertion, HOSTED):
        raise Unsound("what is at the assertion's address is no hosted assertion")
    badge, issuer = _origin(assertion, read)
    if not (_is_in_scope(own, issuer) and _is_in_scope(address_of(badge), issuer)):
        raise Unsound("the assertion or its badge is not in a place of the issuer that it names")
    return Proven(assertion, badge, issuer, f"It stands at its own address, in a place of {address_of(issuer)}.")


def _signed(token: Token, read: Reader) -> Proven:
    """The key is one that the issuer's profile names, and says that it is the issuer's (2.0, SignedBadge)."""
    assertion = token.credential
    badge, issuer = _origin(assertion, read)
    named = {address_of(each): each for each in several(issuer.get("publicKey"))}
    creator = text(member(assertion, "verification").get("creator")) or next(iter(named), "")
    if creator not in named:
        raise Unsound("its issuer's profile does not name the key that signed it")
    key = named[creator] if isinstance(named[creator], dict) else _at(creator, read)
    if address_of(key.get("owner")) != address_of(issuer):
        raise Unsound("the key that signed it is not its issuer's")
    if not tokens.holds(token, keys.from_pem(text(key.get("publicKeyPem")))):
        raise Unsound("the signature does not match")
    return Proven(assertion, badge, issuer, f"Signed with {creator}.")


def _origin(assertion: dict[str, Any], read: Reader) -> tuple[dict[str, Any], dict[str, Any]]:
    """Badge and issuer, each from its own address."""
    badge = _at(address_of(assertion.get("badge")), read)
    if BADGE_CLASS not in several(badge.get("type")):
        raise Unsound("what is at the badge's address is no BadgeClass")
    return badge, _at(address_of(badge.get("issuer")), read)


def _at(address: str, read: Reader) -> dict[str, Any]:
    if urlsplit(address).scheme not in ("https", "http"):
        raise Unsound("badge, issuer and hosted assertion each have a web address of their own")
    found = read(address)
    if not isinstance(found, dict) or found.get("id") != address:
        raise Unsound("what is at an address says that it belongs at another one")
    return found


def _is_in_scope(address: str, issuer: dict[str, Any]) -> bool:
    """Below one of the issuer's prefixes, else at one of its hosts, else at the host of its own address (2.0,
    VerificationObject)."""
    rules, place = member(issuer, "verification"), urlsplit(address)
    prefixes = [each for each in several(rules.get("startsWith")) if isinstance(each, str)]
    if prefixes:
        return any(address.startswith(each) and place.netloc == urlsplit(each).netloc for each in prefixes)
    hosts = several(rules.get("allowedOrigins")) or [urlsplit(address_of(issuer)).netloc]
    return place.netloc.lower() in [each.lower() for each in hosts if isinstance(each, str)]


def _dates(assertion: dict[str, Any], now: datetime) -> Verdict:
    issued, until = moment(assertion.get("issuedOn")), moment(assertion.get("expires"))
    if issued is None or ("expires" in assertion and until is None):
        return Verdict(INVALID, "'issuedOn' is missing, or a time of it cannot be read.")
    if issued > now:
        return Verdict(INVALID, f"It was issued on {assertion['issuedOn']}, which is still to come.")
    if until is not None and until <= now:
        return Verdict(INVALID, f"It expired on {assertion['expires']}.")
    return Verdict(VALID, f"Issued on {assertion['issuedOn']}.")


def _status(found: Proven, read: Reader) -> Verdict:
    """By the assertion itself, then by the list of its issuer."""
    if found.assertion.get("revoked") is True:
        return Verdict(INVALID, "Its issuer revoked it.")
    place = address_of(found.issuer.get("revocationList"))
    if not place:
        return Verdict(VALID, "Not revoked, by what its issuer publishes.")
    try:
        listed = _at(place, read)
    except (Unread, Unsound) as reason:
        return Verdict(UNKNOWN, f"Its status cannot be told: {reason}.")
    if address_of(listed.get("issuer")) != address_of(found.issuer):
        return Verdict(UNKNOWN, "Its status cannot be told: the list is of another issuer.")
    names = {text(found.assertion.get(name)) for name in ("id", "uid")} - {""}
    revoked = {name for each in several(listed.get("revokedAssertions"))
               for name in ((text(each.get("id")), text(each.get("uid"))) if isinstance(each, dict) else (text(each),))}
    if names & revoked:
        return Verdict(INVALID, "Its issuer's list says: revoked.")
    return Verdict(VALID, "Not revoked, by its issuer's list.")


def _seen(found: Proven) -> Seen:
    recipient = member(found.assertion, "recipient")
    issued = moment(found.assertion.get("issuedOn"))
    return Seen(
        standard=OPEN_BADGES_2, issuer=address_of(found.issuer), issuer_name=text(found.issuer.get("name")),
        credential_id=address_of(found.assertion), name=text(found.badge.get("name")),
        description=text(found.badge.get("description")), awarded_at=issued, valid_from=issued,
        valid_until=moment(found.assertion.get("expires")),
        identifiers=(imported.identifier(recipient.get("identity"), recipient),))
