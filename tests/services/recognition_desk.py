"""Recognition in short sentences: a college that states, a patron who earns and agrees, on any database."""

from pathlib import Path
from typing import Any

import pytest

from contracts.calls import recognition as calls
from contracts.principal import Principal
from libranet.calls import Answer, CallRequest
from libranet.clock import now
from libranet.cloudevent import Event
from libranet.problems import NotYet
from libranet.testing import a_principal
from services.credentials.adapters import recognition_walk
from services.credentials.store import COLLECTIONS, CredentialStore
from tests.services.credentials_stage import (
    COURSE,
    PATRON,
    WITHDRAWN,
    Platform,
    changed,
    completed,
    consent,
    offered,
    registered,
)

COLLEGE = "demo.lakeside-college"
THE_COLLEGE = a_principal(COLLEGE, kind="college", actor="k_college")
LEARNER = Principal(actor=PATRON, kind="patron", node="demo.riverside")
OTHER_COLLEGE = a_principal("demo.mill", kind="college")
ELSEWHERE = a_principal("other.college", kind="college")
CREDIT = {"kind": "credit", "amount": 1.5, "unit": "semester hours"}
HEARD = {f"credential-{state}" for state in ("issued", "revoked", "suspended", "reinstated", "revalidated")}


class Desk(Platform):
    """The service on a database; what it tells of credentials it hears itself, as it does by the broker."""

    def __init__(self, folder: Path, work_factory: Any) -> None:
        super().__init__(folder)
        self.database = work_factory(COLLECTIONS, "credentials")

    def hear(self, method: str, *events: Event) -> list[Event]:
        def effect(work: Any) -> list[Event]:
            getattr(self.service, method)(list(events), CredentialStore(work))
            return list(work.events)

        return self._pass_on(self.database.transact(effect))

    def _run(self, method: str, request: CallRequest) -> Answer:
        def effect(work: Any) -> tuple[Any, list[Event]]:
            return getattr(self.service, method)(request, CredentialStore(work)), list(work.events)

        try:
            answer, events = self.database.transact(effect)
        except NotYet as reason:  # the core would ask again for a moment, then refuse
            raise reason.refusal from None
        self._pass_on(events)
        return answer if isinstance(answer, Answer) else Answer(answer)

    def _pass_on(self, events: list[Event]) -> list[Event]:
        self.events += events
        own = [each for each in events if each.short_type in HEARD]
        return events + (self.hear("recognitions", *own) if own else [])

    def walk(self, steps: int = 100, moment: Any = None) -> None:
        """Takes so many steps of the walks that are due."""
        for _ in range(steps):
            def effect(work: Any) -> tuple[bool, list[Event]]:
                return recognition_walk.step(work, moment or now()), list(work.events)

            more, events = self.database.transact(effect)
            self.events += events
            if not more:
                return

    def rows(self, collection: str) -> list[Any]:
        return list(self.database.transact(lambda work: work.find(collection, {})))

    def told(self, *kinds: str) -> list[Event]:
        """What was told of recognitions, in order."""
        return [each for each in self.events if each.short_type.startswith("recognition-")
                and (not kinds or each.short_type.removeprefix("recognition-") in kinds)]

    def earn(self, number: int = 5, patron: str = PATRON, **changes: Any) -> None:
        """A course is completed, to which the patron's library may make credentials."""
        self.hear("consents", consent(patron=patron))
        self.hear("completions", completed(number, patron, **changes))

    def decided(self, given: bool = True, sequence: int = 1, recipient: str = COLLEGE, **changes: str) -> None:
        """About letting the college know."""
        kind = {} if given else {"kind": WITHDRAWN}
        self.hear("recognitions", consent(sequence=sequence, purpose="share-credentials", recipient=recipient,
                                          **kind, **changes))

    def stated(self, *achievements: Any, who: Principal = THE_COLLEGE, takes: dict[str, Any] | None = None,
               **changes: Any) -> dict[str, Any]:
        return dict(self.by(who, "state_recognition", statement(*achievements, takes=takes, **changes)).body)

    def stated_anew(self, before: dict[str, Any], *achievements: Any, **changes: Any) -> dict[str, Any]:
        body = statement(*achievements, **changes)
        return dict(self.by(THE_COLLEGE, "replace_recognition", body, recognition=before["id"]).body)

    def near(self, who: Principal = LEARNER, patron: str = PATRON, **query: Any) -> list[dict[str, Any]]:
        return list(self.by(who, "list_patron_recognitions", query=query, patron=patron).body["items"])

    def reached(self, recognition: dict[str, Any], who: Principal = THE_COLLEGE, **query: Any) -> list[dict[str, Any]]:
        return list(self.by(who, "list_reached", query=query, recognition=recognition["id"]).body["items"])

    def answered(self, recognition: dict[str, Any], reached: str, answer: str = "granted",
                 who: Principal = THE_COLLEGE, **reason: str) -> dict[str, Any]:
        body = calls.AnswerRecognition().load({"reached": reached, "answer": answer, **reason})
        return dict(self.by(who, "answer_recognition", body, recognition=recognition["id"]).body)


def statement(*achievements: Any, takes: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Takes all of these achievements (their ids, or all that is said of each); None leaves a member out."""
    of = [each if isinstance(each, dict) and "achievement" in each else {"achievement": each["id"]}
          for each in achievements]
    members = {"title": "Credit for spreadsheets", "gives": CREDIT, "takes": takes or {"of": of}, **changes}
    return dict(calls.StateRecognition().load({name: each for name, each in members.items() if each is not None}))


def at_work(desk: Desk) -> Desk:
    """With a course and a patron."""
    desk.hear("courses", offered(COURSE, "demo"))
    desk.hear("patrons", registered())
    return desk


@pytest.fixture
def campus(tmp_path: Path, work_factory: Any) -> Desk:
    return at_work(Desk(tmp_path, work_factory))


def reached(campus: Desk, **changes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A recognition that the patron reached and lets the college know of, and the reach as the college sees it."""
    stated = campus.stated(campus.defined(), **changes)
    campus.decided()
    campus.earn()
    [seen] = campus.reached(stated)
    return stated, seen


def decide(campus: Desk, what: str) -> None:
    """About the patron's only credential."""
    [credential] = campus.listed()["items"]
    changed(campus, credential, what)
