"""Who asks in `make check-api`, and which things each of them asks for: those that tests/journeys makes."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.journeys.described import NOT_OWNED, OF_THE_CONSORTIUM, OPERATIONS, Operation
from tests.journeys.door import Door
from tests.journeys.spares import spare_things
from tests.journeys.stage import Stage
from tests.journeys.things import Things

NOBODY, APP, PATRON = "nobody", "app", "patron"
CALLERS = (NOBODY, APP, PATRON, "platform", "college", "operator", "library")
"""Whoever may change least comes first."""
SEES_ALL = ("operator",)
"""Those of the whole consortium: nothing in it is somebody else's to them."""
LEFT_OUT = {PATRON: {
    "sign_in": "it would end the session with which all the rest is asked for, as the new one takes its place",
    "sign_out": "it would end that session"}}
"""Operations that a caller does not ask for, with the reason."""
FOR_ALL = (*OF_THE_CONSORTIUM, "list_patron_recognitions", "list_events")
"""What is about nobody is for the whole consortium there: what colleges take, which courses are offered."""
OF_PEOPLE = ("patron", "credential", "record", "submission", "file", "imported", "guest", "reached", "reconsideration")
"""Whose ids even those never show."""
ELSEWHERE = {"set_card_connection": "central", "set_sign_in_provider": "central"}
"""Below the library, so that its own cards are good for as long as it is asked as a patron."""
NEVER_ASKED = "get_openapi"
"""schemathesis reads it, and does not ask for it again; tests/journeys compare it with the committed one."""


@dataclass(frozen=True)
class Cast:
    """What riverside and lakeside have, what hillside and northgate have, and how they are asked for."""

    stage: Stage
    door: Door
    mine: Things
    theirs: Things

    def key_of(self, caller: str) -> str | None:
        """What the caller shows; None for nobody."""
        if caller == PATRON:
            asked = {"node": self.mine.patron.node, "card": self.mine.patron.card, "pin": self.mine.patron.pin}
            return str(self.stage.stranger.ask("POST", "/v1/sessions", asked)["token"])
        return None if caller == NOBODY else self.door.key_of(caller)

    def plan(self, caller: str) -> dict[str, Any]:
        """What hooks.py is told."""
        asked = [each for each in OPERATIONS if each.name not in LEFT_OUT.get(caller, ())]
        return {
            "own": {each.name: self._own(caller, each) for each in asked},
            "foreign": {each.name: self._foreign(each) for each in asked if not each.is_public},
            "for_all": FOR_ALL,
            "of_people": [] if caller in SEES_ALL else [self.theirs.statement, *map(self.theirs.ids.get, OF_PEOPLE)],
            "secrets": [] if caller in SEES_ALL else self.theirs.private}

    def _own(self, caller: str, operation: Operation) -> dict[str, str]:
        """Spare ones where the call ends them."""
        if operation.name in ELSEWHERE:
            return self.mine.ids | {"node": f"{self.stage.library_node}.{ELSEWHERE[operation.name]}"}
        may = self._may(caller, operation)
        return self.mine.ids | (spare_things(operation, self.mine, self.stage, self.door) if may else {})

    def _foreign(self, operation: Operation) -> dict[str, str]:
        return self.mine.ids | {name: self.theirs.ids[name] for name in operation.parameters("path")
                                if name not in NOT_OWNED}

    def _may(self, caller: str, operation: Operation) -> bool:
        if caller == PATRON:
            return bool({"self", "signed-in", "public"} & set(operation.allows))
        return (None if caller == NOBODY else caller) in self.door.kinds_for(operation)


def write(plan: dict[str, Any], folder: Path) -> Path:
    """The plan as a file, with the place for what hooks.py tells."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "plan.json"
    file.write_text(json.dumps({**plan, "told": str(folder / "told.json")}), encoding="utf-8")
    return file
