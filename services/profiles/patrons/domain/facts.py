"""What was decided about patrons, in the past tense: ids, times, and skills by what a taxonomy or a course calls them.

Nothing leaves in the patron's own words: neither names nor goals, nor skills that nobody else has named. All of them
have the patron as subject and count the states of the profile, so a state may be told by several facts.
"""

from typing import Any

from libranet.clock import rfc3339
from libranet.cloudevent import Fact
from services.profiles.patrons.domain.patrons import Patron
from services.profiles.patrons.domain.skills import PublicName

PREFIX = "org.libranet.profiles."


def patron_registered(patron: Patron) -> list[Fact]:
    """With skills and goal where the first visit brought some."""
    registered = Fact(f"{PREFIX}patron-registered.v1", patron.id, patron.owner,
                      {"patron": patron.id, "registered_at": rfc3339(patron.registered_at)}, patron.sequence)
    return [registered, *profile_changed(Patron(patron.id, patron.owner, patron.registered_at), patron)]


def profile_changed(before: Patron, after: Patron) -> list[Fact]:
    """What others go by: skills and their bases, and whether there is a goal. Nothing where neither changed."""
    facts = []
    if _shown(before) != _shown(after):
        facts.append(Fact(f"{PREFIX}skills-changed.v1", after.id, after.owner,
                          {"patron": after.id, "skills": _shown(after)}, after.sequence))
    if before.goal != after.goal:
        facts.append(Fact(f"{PREFIX}goal-set.v1", after.id, after.owner,
                          {"patron": after.id, "has_goal": after.goal is not None}, after.sequence))
    return facts


def _shown(patron: Patron) -> list[dict[str, Any]]:
    return [_skill(each.mention.known, each.kinds) for each in patron.counting if each.mention.known]


def _skill(name: PublicName, bases: list[str]) -> dict[str, Any]:
    return {**({"uri": name.uri} if name.uri else {}), "label": name.label, "bases": bases}
