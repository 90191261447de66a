"""What callers are shown of a patron: the body of an answer, as contracts/calls/profiles.py describes it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from contracts.calls.badge_connect import CONTEXT
from libranet.clock import rfc3339
from services.profiles.consents import views as consents
from services.profiles.consents.domain.consents import Consent
from services.profiles.org.domain.nodes import Node
from services.profiles.patrons.domain import patrons
from services.profiles.patrons.domain.patrons import Goal, Patron
from services.profiles.patrons.domain.skills import HeldSkill

Shown = dict[str, Any]


def patron_path(patron_id: str) -> str:
    return f"/v1/patrons/{patron_id}"


def patron(shown: Patron, decided: Iterable[Consent], nodes: Iterable[Node], at: datetime) -> Shown:
    """The profile with every consent there is to decide, decided or not. `nodes` are those that it may concern."""
    body: Shown = {
        "id": shown.id, "owner": shown.owner, "registered_at": rfc3339(shown.registered_at),
        "skills": skills(shown.counting), "languages": list(shown.languages), "interests": list(shown.interests),
        "matches_url": f"{patron_path(shown.id)}/matches",
        "consents": consents.states(shown, decided, nodes, at),
    }
    told = {"name": shown.name, "age_band": shown.age_band, "goal": goal(shown.goal) if shown.goal else None}
    return {**body, **{name: value for name, value in told.items() if value is not None}}


def profile(shown: Patron) -> Shown:
    """As Open Badges 3.0 has it."""
    name = {"name": shown.name} if shown.name is not None else {}
    return {"@context": [CONTEXT], "id": patrons.subject_of(shown), "type": ["Profile"], **name}


def skills(shown: Iterable[HeldSkill]) -> list[Shown]:
    return [_skill(each) for each in shown]


def goal(shown: Goal) -> Shown:
    return {"label": shown.label, **({"uri": shown.uri} if shown.uri else {})}


def _skill(shown: HeldSkill) -> Shown:
    names = {"uri": shown.mention.uri, "known_as": shown.mention.known.label if shown.mention.known else None}
    known = {name: value for name, value in names.items() if value}
    evidence = [{"basis": each.kind, "source": each.source, "since": rfc3339(each.since)} for each in shown.bases]
    return {**known, "label": shown.mention.label, "bases": shown.kinds, "evidence": evidence}
