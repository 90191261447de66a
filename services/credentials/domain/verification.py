"""Judges a credential, ours or a stranger's: signature, shape, dates, status, issuer and endorsements each by itself,
three-valued.

`unknown` means that it could not be told, with the reason; it never stands for yes. Nothing is fetched here but what
`Sources` gives, and nothing that is handed in raises: what cannot be read is invalid. Raised is only what kept the
platform from reading its own records.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from functools import partial
from typing import Any

from libranet.clock import parse_rfc3339
from services.credentials.domain import (
    credential_schema,
    endorsements,
    guard,
    life,
    signature_check,
    status_check,
    tokens,
)
from services.credentials.domain.canonical_json import NotCanonical
from services.credentials.domain.didkeys import KeyUnreadable
from services.credentials.domain.guard import Unreadable
from services.credentials.domain.linked_data import ContextUnknown, NotCovered, TooAmbiguous
from services.credentials.domain.sources import OwnRecordsUnread, Sources
from services.credentials.domain.verdicts import INVALID, UNKNOWN, VALID, Verdict

OWN_KEYS = ("did:key:", "did:web:")
"""Their keys are named below them."""


@dataclass(frozen=True)
class Verification:
    signature: Verdict
    dates: Verdict
    status: Verdict
    issuer: Verdict
    schema: Verdict
    endorsement: Verdict

    def as_dict(self) -> dict[str, dict[str, str]]:
        return asdict(self)


def verify(document: object, sources: Sources) -> Verification:
    """Four verdicts on a credential with embedded proofs (VCDM 2.0, 7.1)."""
    if not isinstance(document, dict):
        return _unread(Verdict(INVALID, "It is not a JSON object."))
    signature = partial(signature_check.of_document, document, sources)
    return _judged(document, sources, signature, partial(signature_check.signers_of, document))


def verify_token(text: str, sources: Sources) -> Verification:
    """The same verdicts on a credential as compact JWS (Open Badges 3.0, 8.2)."""
    try:
        token = tokens.read(text)
    except tokens.TokenUnreadable as error:
        return _unread(Verdict(INVALID, f"It cannot be read: {error}."))
    signature = partial(signature_check.of_token, token, sources)
    return _judged(token.credential, sources, signature, partial(signature_check.signers_of_token, token, sources))


def _unread(verdict: Verdict) -> Verification:
    return Verification(*[verdict] * len(fields(Verification)))


def _judged(
    document: dict[str, Any], sources: Sources, signature: Callable[[], Verdict], signers: Callable[[], set[str]]
) -> Verification:
    try:
        guard.check_size(document)
    except Unreadable as error:
        return _unread(Verdict(UNKNOWN, f"Not judged: {error}."))
    try:
        return Verification(
            _guarded(signature),
            _guarded(_dates, document, sources.now),
            _guarded(_status, document, sources),
            _guarded(_issuer, document, sources, signers),
            _guarded(credential_schema.judge, document),
            _guarded(endorsements.judge, document, partial(_endorsement, sources=sources)),
        )
    except OwnRecordsUnread as unread:
        raise unread.error from None


def _endorsement(document: dict[str, Any] | str, sources: Sources) -> tuple[dict[str, Any], list[Verdict]]:
    """An endorsement as its document, and what the checks say of it that decide whether it counts."""
    if isinstance(document, str):
        token = tokens.read(document)
        found, signature = token.credential, partial(signature_check.of_token, token)
        signers = partial(signature_check.signers_of_token, token, sources)
    else:
        found, signature = document, partial(signature_check.of_document, document)
        signers = partial(signature_check.signers_of, document)
    guard.check_size(found, guard.LIMITS)
    return found, [
        _guarded(signature, sources), _guarded(_dates, found, sources.now), _guarded(_status, found, sources),
        _bound(_guarded(_issuer, found, sources, signers))]


def _bound(issuer: Verdict) -> Verdict:
    """That the platform does not know who endorses says nothing against the endorsement."""
    return issuer if issuer.verdict == INVALID else Verdict(VALID, issuer.reason)


def _guarded(judge: Callable[..., Verdict], *arguments: Any) -> Verdict:
    """The judge's verdict, in words that JSON can hold; what nobody foresaw is a malformed document, and never an error
    of ours."""
    verdict = _told(judge, *arguments)
    return Verdict(verdict.verdict, verdict.reason.encode("utf-8", "replace").decode())


def _told(judge: Callable[..., Verdict], *arguments: Any) -> Verdict:
    try:
        return judge(*arguments)
    except OwnRecordsUnread:
        raise
    except (ContextUnknown, KeyUnreadable, NotCanonical, TooAmbiguous, Unreadable) as error:
        return Verdict(UNKNOWN, f"Cannot be told: {error}.")
    except NotCovered as error:
        return Verdict(INVALID, f"The signature does not cover all that stands here: {error}.")
    except Exception as error:  # noqa: BLE001 - any shape of hostile JSON may come in
        return Verdict(INVALID, f"It cannot be read as a credential ({type(error).__name__}).")


def _dates(document: dict[str, Any], now: datetime) -> Verdict:
    for name in ("validFrom", "validUntil"):
        if name in document and not guard.is_time(document[name]):
            return Verdict(INVALID, f"'{name}' is not a time with a zone.")
    if "validFrom" not in document:
        return Verdict(INVALID, "'validFrom' is missing.")
    if parse_rfc3339(document["validFrom"]) > now:
        return Verdict(INVALID, f"It is valid only from {document['validFrom']}.")
    if "validUntil" not in document:
        return Verdict(VALID, f"Valid since {document['validFrom']}, without an end.")
    if parse_rfc3339(document["validUntil"]) <= now:
        return Verdict(INVALID, f"It expired on {document['validUntil']}.")
    return Verdict(VALID, f"Valid from {document['validFrom']} until {document['validUntil']}.")


def _status(document: dict[str, Any], sources: Sources) -> Verdict:
    own_id = document.get("id")
    kept = sources.status_of(own_id) if isinstance(own_id, str) else None
    if kept in ("revoked", "suspended", "withdrawn"):
        return Verdict(INVALID, f"This platform's own record says: {kept}.")
    listed = _listed(document, sources)
    if listed is not None and listed.verdict == INVALID:
        return listed
    if kept == "issued":
        return Verdict(VALID, "Not revoked, by this platform's own record.")
    if kept == life.SUPERSEDED:
        return Verdict(VALID, "Not revoked, by this platform's own record; superseded: its learner has a newer one.")
    if kept is not None:
        return Verdict(UNKNOWN, f"This platform's own record says: {kept}.")
    if _issuer_id(document) in sources.book.nodes:
        return Verdict(UNKNOWN, "An issuer of this platform is named, but no such credential is on record.")
    return listed or Verdict(VALID, "Its issuer publishes no status, so it cannot have been revoked.")


def _listed(document: dict[str, Any], sources: Sources) -> Verdict | None:
    """What the lists say that it names, None where it names none."""
    if "credentialStatus" not in document:
        return None

    def fault(status_list: dict[str, Any]) -> str | None:
        guard.check_size(status_list, guard.LIMITS)
        checks = (
            _guarded(signature_check.of_document, status_list, sources),
            _guarded(_dates, status_list, sources.now),
            _bound(_guarded(_issuer, status_list, sources, partial(signature_check.signers_of, status_list))),
        )
        return next((each.reason.rstrip(".") for each in checks if each.verdict != VALID), None)

    return status_check.judge(document["credentialStatus"], _issuer_id(document), sources.read_list, fault)


def _issuer(document: dict[str, Any], sources: Sources, signers: Callable[[], set[str]]) -> Verdict:
    issuer = _issuer_id(document)
    if issuer is None:
        return Verdict(INVALID, "It names no issuer.")
    speaking = signers()
    if issuer.startswith(OWN_KEYS) and issuer not in speaking:
        return Verdict(INVALID, "Another key signed it than that of the issuer it names.")
    if issuer in sources.book.nodes:
        return Verdict(VALID, f"Issued by {sources.book.nodes[issuer]}.")
    name = sources.known_as(issuer)
    if name is None:
        return Verdict(UNKNOWN, "The issuer is not among those that this platform knows.")
    if issuer.startswith(OWN_KEYS) or _place(issuer) in {_place(each) for each in speaking}:
        return Verdict(VALID, f"Issued by {name}, which the consortium knows.")
    return Verdict(UNKNOWN, f"It says that {name} issued it, but the key that signed it is not at that address.")


def _place(address: str) -> str:
    """Scheme and host of an address, the whole of anything else."""
    return "/".join(address.split("/", 3)[:3])


def _issuer_id(document: dict[str, Any]) -> str | None:
    issuer = document.get("issuer")
    named = issuer.get("id") if isinstance(issuer, dict) else issuer
    return named if isinstance(named, str) and named else None
