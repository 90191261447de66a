"""What jobs says about a person's skills, asked for by the gateway: jobs is told skills, never whose they are.

Nothing here fails a caller's request: while jobs does not answer, labels stay unresolved and matches are None.
"""

from dataclasses import replace
from typing import Any

import orjson

from contracts.principal import Principal
from gateway.passage import Passage
from gateway.services import Received
from libranet.logs import log
from libranet.problems import ServiceAway

JOBS_READ = "jobs:read"
RESOLVE, MATCH = "/v1/skills/resolve", "/v1/matches"
MOST_SKILLS = 200
Shown = dict[str, Any]


class Matching:
    """Asks jobs on behalf of somebody at a node. Threads share it."""

    def __init__(self, passage: Passage) -> None:
        self._passage = passage

    def resolved(self, who: Principal, said: Shown) -> Shown:
        """What somebody said, each skill with the URI and the name that jobs' taxonomy has for its label, if any."""
        if not said.get("skills"):
            return said
        found = self._found(who, list(dict.fromkeys(each["label"] for each in said["skills"])))
        return {**said, "skills": [_resolved(each, found) for each in said["skills"]]}

    def of(self, who: Principal, person: Shown, **wishes: Any) -> Shown | None:
        """The matches of a patron or a guest as profiles shows them; None where jobs cannot tell.

        Raises ServiceAway.
        """
        skills = [{name: each[name] for name in ("label", "uri", "bases") if name in each}
                  for each in person.get("skills", [])[:MOST_SKILLS]]
        goal = {"goal": _goal(person["goal"])} if "goal" in person else {}
        return _good(self._ask(who, MATCH, {"skills": skills, **goal, **wishes}))

    def of_if_there(self, who: Principal, person: Shown) -> Shown | None:
        """The same; None too while jobs does not answer."""
        try:
            return self.of(who, person)
        except ServiceAway:
            return None

    def _found(self, who: Principal, labels: list[str]) -> dict[str, Shown]:
        try:
            answer = _good(self._ask(who, RESOLVE, {"labels": labels})) or {"items": []}
        except ServiceAway:
            return {}
        return {each["asked"]: each for each in answer["items"] if each.get("uri")}

    def _ask(self, who: Principal, target: str, document: Shown) -> Received:
        """In the name of whoever asked, who may read jobs for this."""
        reader = replace(who, scopes=tuple(dict.fromkeys((*who.scopes, JOBS_READ))))
        return self._passage.ask(reader, "jobs", "POST", target, document)


def _good(received: Received) -> Shown | None:
    if received.status != 200:
        log().warning("jobs did not answer a question of the gateway", status=received.status)
        return None
    answer: Shown = orjson.loads(received.body)
    return answer


def _resolved(skill: Shown, found: dict[str, Shown]) -> Shown:
    """A URI of something else than what the label says stays with the caller, and gets no name."""
    said = {name: value for name, value in skill.items() if name != "known_as"}
    known = found.get(skill["label"])
    if known is None or said.get("uri", known["uri"]) not in (known["uri"], *known["other_uris"]):
        return said
    return {**said, "uri": known["uri"], "known_as": known["label"]}


def _goal(goal: Shown) -> Shown:
    return {"label": goal["label"], **({"occupation_uri": goal["uri"]} if "uri" in goal else {})}
