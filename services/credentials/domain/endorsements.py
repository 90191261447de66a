"""Whether others vouch for a credential, its achievement or its issuer: EndorsementCredentials inside it (Open Badges
3.0), as JSON or as compact JWS.
"""

from collections.abc import Callable, Iterator
from typing import Any

from services.credentials.domain.tokens import TokenUnreadable
from services.credentials.domain.verdicts import INVALID, UNKNOWN, VALID, Verdict

MOST_ENDORSEMENTS = 4
TYPE = "EndorsementCredential"
ORDER = (INVALID, UNKNOWN, VALID)
Checks = Callable[[dict[str, Any] | str], tuple[dict[str, Any], list[Verdict]]]
"""An endorsement as its document, with what the checks say of it. Raises TokenUnreadable."""


def judge(credential: dict[str, Any], checks: Checks) -> Verdict:
    """Of several endorsements the worst counts."""
    found = list(_endorsements(credential))
    if not found:
        return Verdict(UNKNOWN, "It carries no endorsement.")
    if len(found) > MOST_ENDORSEMENTS:
        return Verdict(UNKNOWN, f"It carries more than {MOST_ENDORSEMENTS} endorsements.")
    judged = [_one(about, each, checks) for about, each in found]
    worst = min(judged, key=lambda each: ORDER.index(each.verdict))
    return Verdict(VALID, " ".join(each.reason for each in judged)) if worst.verdict == VALID else worst


def _endorsements(credential: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Any]]:
    """Each endorsement, and what carries it."""
    subject = credential.get("credentialSubject")
    achievement = subject.get("achievement") if isinstance(subject, dict) else None
    carriers: list[Any] = [credential, achievement, credential.get("issuer")]
    for about in [each for each in carriers if isinstance(each, dict)]:
        for name in ("endorsement", "endorsementJwt"):
            yield from ((about, each) for each in _several(about.get(name)))


def _one(about: dict[str, Any], endorsement: Any, checks: Checks) -> Verdict:
    if not isinstance(endorsement, dict | str):
        return Verdict(INVALID, "An endorsement in it is none.")
    try:
        document, verdicts = checks(endorsement)
    except TokenUnreadable as error:
        return Verdict(INVALID, f"An endorsement in it cannot be read: {error}.")
    worst = min(verdicts, key=lambda each: ORDER.index(each.verdict))
    if worst.verdict != VALID:
        return Verdict(worst.verdict, f"An endorsement in it, by {_endorser(document)}: {worst.reason}")
    subject = document.get("credentialSubject")
    if TYPE not in _several(document.get("type")) or not isinstance(subject, dict):
        return Verdict(INVALID, "An endorsement in it is of another type.")
    if not isinstance(about.get("id"), str) or subject.get("id") != about["id"]:
        return Verdict(INVALID, "An endorsement in it speaks of something else than what carries it.")
    return Verdict(VALID, f"Endorsed by {_endorser(document)}.")


def _endorser(document: dict[str, Any]) -> str:
    """As the endorsement itself calls whoever made it."""
    issuer = document.get("issuer")
    return str(issuer.get("name", issuer.get("id")) if isinstance(issuer, dict) else issuer)[:200]


def _several(value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
