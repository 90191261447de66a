"""What was decided about patrons, in the past tense: ids, times, and skills by their labels. No names.

All of them have the patron as subject and count the states of the profile, so a state may be told by several facts.
"""

from typing import Any

from libranet.clock import rfc3339
from libranet.cloudevent import Fact
from services.profiles.patrons.domain.patrons import Goal, Patron
from services.profiles.patrons.domain.skills import HeldSkill

PREFIX = "org.libranet.profiles."


def patron_registered(patron: Patron) -> list[Fact]:
    """With skills and goal where the first visit brought some."""
    registered = Fact(f"{PREFIX}patron-registered.v1", patron.id, patron.owner,
                      {"patron": patron.id, "registered_at": rfc3339(patron.registered_at)}, patron.sequence)
    return [registered, *profile_changed(Patron(patron.id, patron.owner, patron.registered_at), patron)]


def profile_changed(before: Patron, after: Patron) -> list[Fact]:
    """What others go by: skills and their bases, and the goal. Nothing where neither changed."""
    facts = []
    if _shown(before) != _shown(after):
        facts.append(Fact(f"{PREFIX}skills-changed.v1", after.id, after.owner,
                          {"patron": after.id, "skills": _shown(after)}, after.sequence))
    if before.goal != after.goal:
        goal = {"goal": _goal(after.goal)} if after.goal else {}
        facts.append(Fact(f"{PREFIX}goal-set.v1", after.id, after.owner, {"patron": after.id, **goal}, after.sequence))
    return facts


def _shown(patron: Patron) -> list[dict[str, Any]]:
    return [_skill(each) for each in patron.skills]


def _skill(held: HeldSkill) -> dict[str, Any]:
    uri = {"uri": held.mention.uri} if held.mention.uri else {}
    return {**uri, "label": held.mention.label, "bases": held.kinds}


def _goal(goal: Goal) -> dict[str, str]:
    return {"label": goal.label, **({"occupation_uri": goal.uri} if goal.uri else {})}
