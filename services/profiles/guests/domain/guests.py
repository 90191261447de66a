"""Guests: what somebody without an account has said, under a code that only they have. Nothing personal is known."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from services.profiles.guests.domain.refusals import GuestsNotWelcome
from services.profiles.org.domain.nodes import Node
from services.profiles.patrons.domain.patrons import Goal, Patron, goal_of, mentions_of
from services.profiles.patrons.domain.skills import Skills, claim


@dataclass(frozen=True, slots=True)
class Guest:
    """`owner` is the library or branch at whose computer they started; all is gone at `expires_at`."""

    id: str
    owner: str
    started_at: datetime
    expires_at: datetime
    skills: Skills = ()
    goal: Goal | None = None
    languages: tuple[str, ...] = ()

    def is_there(self, at: datetime) -> bool:
        return at < self.expires_at


def start(guest_id: str, node: Node, welcome: bool, days: int, at: datetime) -> Guest:
    """A new guest of the node, for this many days. Raises GuestsNotWelcome."""
    if not welcome:
        raise GuestsNotWelcome(f"{node.name} asks everybody to register. Ask at the desk.")
    return Guest(guest_id, node.id, at, at + timedelta(days=days))


def tell(guest: Guest, said: Mapping[str, Any], at: datetime) -> Guest:
    """The guest with all that was said in place of what was known."""
    return replace(
        guest, skills=claim(guest.skills, mentions_of(said.get("skills", ())), at), goal=goal_of(said.get("goal")),
        languages=tuple(dict.fromkeys(said.get("languages", ()))))


def become(guest: Guest, patron: Patron) -> Patron:
    """The newly registered patron with what the guest had said."""
    return replace(patron, skills=guest.skills, goal=guest.goal, languages=guest.languages)
