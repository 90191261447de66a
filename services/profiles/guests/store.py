"""Guests in MongoDB, given only to themselves and to a principal who sees their library, and only until they expire."""

from datetime import datetime
from typing import Any

from contracts.principal import Principal
from libranet.clock import now
from libranet.collection import Collection, Index, Retention
from libranet.work import Work
from services.profiles.guests.domain.guests import Guest
from services.profiles.guests.domain.refusals import GuestUnknown, ResumeCodeUnknown
from services.profiles.patrons.domain.patrons import Goal
from services.profiles.patrons.store import held_skills, skill_rows

Row = dict[str, Any]

COLLECTIONS = (
    Collection("guests", Retention.of_days(0, "expires_at", "30 days after the first visit, or sooner by a setting"),
               (Index("code"),), personal=True),
)


class GuestStore:
    """One unit of work's view of guests."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def get(self, guest_id: str, principal: Principal) -> Guest:
        """Raises GuestUnknown, also for one whose time is over."""
        row = self._work.get("guests", guest_id)
        if row is None or not principal.sees(row["owner"], guest_id) or row["expires_at"] <= now():
            raise GuestUnknown("There is no such guest at your library; after some weeks a guest is gone.")
        return _guest(row)

    def resume(self, code: str | None, at: datetime) -> Guest:
        """The guest whose code has this hash: whoever has the code is the guest. Raises ResumeCodeUnknown."""
        rows = self._work.find("guests", {"code": code}, limit=1) if code else []
        guest = _guest(rows[0]) if rows else None
        if guest is None or not guest.is_there(at):
            raise ResumeCodeUnknown("Look at the code again: twelve characters in three groups. After some weeks a "
                                    "code has run out; then start anew.", "/code")
        return guest

    def add(self, guest: Guest, code: str) -> None:
        """`code` is the hash of the resume code."""
        self._work.insert("guests", {"_id": guest.id, "owner": guest.owner, "started_at": guest.started_at,
                                     "expires_at": guest.expires_at, "code": code, **_said(guest)})

    def save(self, guest: Guest) -> None:
        self._work.update("guests", {"_id": guest.id}, {"$set": _said(guest)})

    def delete(self, guest: Guest) -> None:
        self._work.delete("guests", {"_id": guest.id})
        self._work.delete("idempotency", {"about": guest.id})


def _said(guest: Guest) -> Row:
    return {
        "skills": skill_rows(guest.skills), "languages": list(guest.languages),
        "goal": {"label": guest.goal.label, "uri": guest.goal.uri} if guest.goal else None,
    }


def _guest(row: Row) -> Guest:
    goal = row["goal"]
    return Guest(row["_id"], row["owner"], row["started_at"], row["expires_at"], held_skills(row["skills"]),
                 Goal(goal["label"], goal["uri"]) if goal else None, tuple(row["languages"]))
