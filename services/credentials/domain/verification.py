"""Judges a credential, ours or a stranger's: signature, dates, status and issuer each by itself,
three-valued.

`unknown` means that it could not be told, with the reason; it never stands for yes. Nothing is fetched here but what
`read_list` gives, and nothing that is handed in raises: what cannot be read is invalid.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any

from libranet.clock import parse_rfc3339
from services.credentials.domain import guard, signature_check, status_check, tokens
from services.credentials.domain.canonical_json import NotCanonical
from services.credentials.domain.guard import Unreadable
from services.credentials.domain.linked_data import ContextUnknown, NotCovered, TooAmbiguous
from services.credentials.domain.sources import Sources
from services.credentials.domain.verdicts import INVALID, UNKNOWN, VALID, Verdict

OWN_KEYS = ("did:key:", "did:web:")
"""Their keys are named below them."""


@dataclass(frozen=True)
class Verification:
    signature: Verdict
    dates: Verdict
    status: Verdict
    issuer: Verdict

    def as_dict(self) -> dict[str, dict[str, str]]:
        return asdict(self)


def verify(document: object, sources: Sources) -> Verification:
    """Four verdicts on a credential with embedded proofs (VCDM 2.0, 7.1)."""
    if not isinstance(document, dict):
        return _unread(Verdict(INVALID, "It is not a JSON object."))
    signature = partial(signature_check.of_document, document, sources)
    return _judged(document, sources, signature, signature_check.signers_of(document))


def verify_token(text: str, sources: Sources) -> Verification:
    """The same verdicts on a credential as compact JWS (Open Badges 3.0, 8.2)."""
    try:
        token = tokens.read(text)
    except tokens.TokenUnreadable as error:
        return _unread(Verdict(INVALID, f"It cannot be read: {error}."))
    signature = partial(signature_check.of_token, token, sources)
    return _judged(token.credential, sources, signature, signature_check.signers_of_token(token, sources.book))


def _unread(verdict: Verdict) -> Verification:
    return Verification(verdict, verdict, verdict, verdict)


def _judged(
    document: dict[str, Any], sources: Sources, signature: Callable[[], Verdict], signers: set[str]
) -> Verification:
    try:
        for _ in guard.members(document):
            pass
    except Unreadable as error:
        return _unread(Verdict(UNKNOWN, f"Not judged: {error}."))
    return Verification(
        _guarded(signature),
        _guarded(_dates, document, sources.now),
        _guarded(_status, document, sources),
        _guarded(_issuer, document, sources.book.nodes, signers),
    )


def _guarded(judge: Callable[..., Verdict], *arguments: Any) -> Verdict:
    """The judge's verdict; what nobody foresaw is a malformed document, and never an error of ours."""
    try:
        verdict = judge(*arguments)
        return Verdict(verdict.verdict, verdict.reason.encode("utf-8", "replace").decode())
    except (ContextUnknown, NotCanonical, TooAmbiguous, Unreadable) as error:
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
    if kept == "issued":
        return Verdict(VALID, "Not revoked, by this platform's own record.")
    if kept in ("revoked", "suspended", "withdrawn"):
        return Verdict(INVALID, f"This platform's own record says: {kept}.")
    listed = _listed(document, sources)
    if listed is not None and listed.verdict == INVALID:
        return listed
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
        for _ in guard.members(status_list):
            pass
        checks = (
            _guarded(signature_check.of_document, status_list, sources),
            _guarded(_dates, status_list, sources.now),
            _guarded(_issuer, status_list, {str(_issuer_id(status_list)): ""}, signature_check.signers_of(status_list)),
        )
        return next((each.reason.rstrip(".") for each in checks if each.verdict != VALID), None)

    return status_check.judge(document["credentialStatus"], _issuer_id(document), sources.read_list, fault)


def _issuer(document: dict[str, Any], known_issuers: Mapping[str, str], signers: set[str]) -> Verdict:
    issuer = _issuer_id(document)
    if issuer is None:
        return Verdict(INVALID, "It names no issuer.")
    if issuer.startswith(OWN_KEYS) and issuer not in signers:
        return Verdict(INVALID, "Another key signed it than that of the issuer it names.")
    if issuer not in known_issuers:
        return Verdict(UNKNOWN, "The issuer is not among those that this platform knows.")
    return Verdict(VALID, f"Issued by {known_issuers[issuer]}.")


def _issuer_id(document: dict[str, Any]) -> str | None:
    issuer = document.get("issuer")
    named = issuer.get("id") if isinstance(issuer, dict) else issuer
    return named if isinstance(named, str) and named else None
