"""What becomes of a credential after it was issued: suspended, reinstated, revoked for good; expiring and expired.

Each decision gives the credential's next state, the same object when it changes nothing, or raises StatusFinal.
"""

from datetime import datetime, timedelta
from typing import Any

from services.credentials.domain.refusals import StatusFinal
from services.credentials.domain.status_lists import REVOCATION, SUSPENSION

ISSUED, SUSPENDED, REVOKED, EXPIRED = "issued", "suspended", "revoked", "expired"
SUPERSEDED, EXPIRING, CLAIMED, SHARED = "superseded", "expiring", "claimed", "shared"
REINSTATED, REVALIDATED, RESTORED = "reinstated", "revalidated", "restored"
IN_REVIEW, REVIEWED = "in-review", "reviewed"
TIMES = {ISSUED: "issued_at", SHARED: "shared_at", CLAIMED: "claimed_at", REVALIDATED: "revalidated_at"}
LONGEST_NOTICE = timedelta(days=30)
Credential = dict[str, Any]
"""The stored document of issuing.issue."""


def revoke(credential: Credential, reason: str, at: datetime) -> Credential:
    """Not to be accepted any more, and never again; the first reason stays."""
    if credential["status"] == REVOKED:
        return credential
    return {**_changed(credential, REVOKED, at, reason), "due_at": None}


def suspend(credential: Credential, reason: str, at: datetime) -> Credential:
    """Not to be accepted until it is reinstated. Raises StatusFinal for one that was revoked."""
    _check_open(credential)
    if credential["status"] == SUSPENDED:
        return credential
    return _changed(credential, SUSPENDED, at, reason)


def reinstate(credential: Credential, at: datetime) -> Credential:
    """To be accepted again, every copy of it. Raises StatusFinal for one that was revoked."""
    _check_open(credential)
    if credential["status"] == ISSUED:
        return credential
    return _changed(credential, ISSUED, at)


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


def standing(credential: Credential) -> str:
    """Its status, where it has not been superseded since: that one still holds, and there is a newer one."""
    is_superseded = credential["status"] == ISSUED and credential.get("superseded_by")
    return SUPERSEDED if is_superseded else str(credential["status"])


def status_at(credential: Credential, now: datetime) -> str:
    """As people read it: one that is not suspended or revoked may have expired, or been superseded."""
    return EXPIRED if credential["status"] == ISSUED and not holds_at(credential, now) else standing(credential)


def holds_at(credential: Credential, now: datetime) -> bool:
    """Whether others may accept it: neither suspended nor revoked nor expired."""
    until = credential["valid_until"]
    return credential["status"] == ISSUED and (until is None or until > now)


def state_at(credential: Credential, now: datetime) -> str:
    """How far it is in its life, in one word: what limits it, else the farthest it came."""
    status = status_at(credential, now)
    if status != ISSUED:
        return status
    until = credential["valid_until"]
    if until is not None and notice_at(credential.get("revalidated_at") or credential["issued_at"], until) <= now:
        return EXPIRING
    return next((each for each in (CLAIMED, SHARED) if credential.get(TIMES[each])), ISSUED)


def entry(what: str, at: datetime, reason: str | None = None) -> dict[str, Any]:
    """One of its life."""
    return {"what": what, "at": at, **({"reason": reason} if reason else {})}


def lived(credential: Credential, what: str, at: datetime, reason: str | None = None) -> Credential:
    """Its next state, which has come to this."""
    return {**credential, "sequence": credential["sequence"] + 1,
            "life": [*life_of(credential), entry(what, at, reason)]}


def life_of(credential: Credential) -> list[dict[str, Any]]:
    """All that became of it, the oldest first; of one from before this was kept, what its times tell."""
    if "life" in credential:
        return list(credential["life"])
    known = [entry(what, credential[name]) for what, name in TIMES.items() if credential.get(name)]
    if credential["status"] != ISSUED:
        known.append(entry(credential["status"], credential["status_since"], credential["status_reason"]))
    return sorted(known, key=lambda each: each["at"])


def notice_at(issued_at: datetime, valid_until: datetime) -> datetime:
    """When it is told that a credential will expire: 30 days ahead, or half of its life where that is shorter."""
    return valid_until - min(LONGEST_NOTICE, (valid_until - issued_at) / 2)


def told(credential: Credential, now: datetime) -> Credential:
    """The state once it was told that the credential will expire, or has expired."""
    if has_expired(credential, now):
        return {**lived(credential, EXPIRED, credential["valid_until"]), "due_at": None}
    return {**lived(credential, EXPIRING, now), "due_at": credential["valid_until"]}


def has_expired(credential: Credential, now: datetime) -> bool:
    """Of one with an end: whether that has come."""
    return bool(credential["valid_until"] <= now)


def _changed(credential: Credential, status: str, at: datetime, reason: str | None = None) -> Credential:
    what = REINSTATED if status == ISSUED else status
    return {**lived(credential, what, at, reason), "status": status, "status_since": at, "status_reason": reason}


def _check_open(credential: Credential) -> None:
    if credential["status"] == REVOKED:
        raise StatusFinal("It was revoked, and that is for good. Issue another credential where one is due.")
