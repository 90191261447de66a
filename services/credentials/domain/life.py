"""What becomes of a credential after it was issued: suspended, reinstated, revoked for good; expiring and expired.

Each decision gives the credential's next state, the same object when it changes nothing, or raises StatusFinal.
"""

from datetime import datetime, timedelta
from typing import Any

from services.credentials.domain.refusals import StatusFinal
from services.credentials.domain.status_lists import REVOCATION, SUSPENSION

ISSUED, SUSPENDED, REVOKED, EXPIRED = "issued", "suspended", "revoked", "expired"
LONGEST_NOTICE = timedelta(days=30)
Credential = dict[str, Any]
"""The stored document of issuing.issue."""


def revoke(credential: Credential, reason: str, at: datetime) -> Credential:
    """Not to be accepted any more, and never again; the first reason stays."""
    if credential["status"] == REVOKED:
        return credential
    return {**_changed(credential, REVOKED, at), "status_reason": reason, "due_at": None}


def suspend(credential: Credential, reason: str, at: datetime) -> Credential:
    """Not to be accepted until it is reinstated. Raises StatusFinal for one that was revoked."""
    _check_open(credential)
    if credential["status"] == SUSPENDED:
        return credential
    return {**_changed(credential, SUSPENDED, at), "status_reason": reason}


def reinstate(credential: Credential, at: datetime) -> Credential:
    """To be accepted again, every copy of it. Raises StatusFinal for one that was revoked."""
    _check_open(credential)
    if credential["status"] == ISSUED:
        return credential
    return {**_changed(credential, ISSUED, at), "status_reason": None}


def why_in_hand(credential: Credential) -> str | None:
    """Why it cannot be taken back as if it had never been; None where nobody has it yet."""
    if credential["shared_at"]:
        return "It was shared."
    return "It was claimed." if credential.get("claimed_at") else None


def purposes_of(status: str) -> list[str]:
    """The lists in which the bit of a credential of this status is set.

    A credential can name but one list, that of revocations, so while it is suspended its bit is set there too:
    others would accept it otherwise. See docs/decisions.
    """
    return {REVOKED: [REVOCATION], SUSPENDED: [REVOCATION, SUSPENSION]}.get(status, [])


def status_at(credential: Credential, now: datetime) -> str:
    """As people read it: one that is not suspended or revoked may have expired."""
    until = credential["valid_until"]
    expired = until is not None and until <= now and credential["status"] == ISSUED
    return EXPIRED if expired else str(credential["status"])


def notice_at(issued_at: datetime, valid_until: datetime) -> datetime:
    """When it is told that a credential will expire: 30 days ahead, or half of its life where that is shorter."""
    return valid_until - min(LONGEST_NOTICE, (valid_until - issued_at) / 2)


def told(credential: Credential, now: datetime) -> Credential:
    """The state once it was told that the credential will expire, or has expired."""
    due_at = None if has_expired(credential, now) else credential["valid_until"]
    return {**credential, "sequence": credential["sequence"] + 1, "due_at": due_at}


def has_expired(credential: Credential, now: datetime) -> bool:
    """Of one with an end: whether that has come."""
    return bool(credential["valid_until"] <= now)


def _changed(credential: Credential, status: str, at: datetime) -> Credential:
    return {**credential, "status": status, "status_since": at, "sequence": credential["sequence"] + 1}


def _check_open(credential: Credential) -> None:
    if credential["status"] == REVOKED:
        raise StatusFinal("It was revoked, and that is for good. Issue another credential where one is due.")
