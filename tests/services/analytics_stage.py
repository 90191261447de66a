"""Analytics as tests meet it: facts in, totals and tables out. Each batch and each call is a work of its own."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from contracts import event_types
from contracts.calls.analytics import BY, MeasuresQuery
from libranet.ids import new_id
from libranet.testing import a_principal, a_request, an_event
from services.analytics.domain.pseudonyms import Pseudonyms
from services.analytics.service import Analytics
from services.analytics.store import COLLECTIONS, AnalyticsStore

LIBRARY = "demo.riverside"
AT = "2026-11-20T09:00:00.000+00:00"


class Counter:
    """Analytics on one state."""

    def __init__(self, work_factory: Any) -> None:
        self._database = work_factory(COLLECTIONS, "analytics")
        self._service = Analytics()
        self._service.pseudonyms = Pseudonyms("a secret for tests, of more than thirty-two characters")
        self._number = 0

    @classmethod
    def without_state(cls) -> "Counter":
        """For making facts only."""
        return cls(lambda collections, source: None)

    def rows(self, name: str) -> list[Any]:
        return self._database.transact(lambda work: work.find(name, {}))

    def hear(self, *events: Any) -> list[Any]:
        def effect(work: Any) -> list[Any]:
            self._service.facts(list(events), AnalyticsStore(work))
            return list(work.events)

        return self._database.transact(effect)

    def registered(self, patron: str, owner: str = LIBRARY) -> Any:
        return self._event("profiles.patron-registered", {"patron": patron, "registered_at": AT}, owner)

    def enrolled(self, patron: str, owner: str = LIBRARY, at: str = AT) -> Any:
        """Decided at that time."""
        event = self._event("learning.enrolled", {
            "enrolment": new_id(), "patron": patron, "course": new_id(), "enrolled_at": at}, owner)
        return replace(event, time=datetime.fromisoformat(at))

    def consent(self, patron: str, granted: bool, sequence: int, at: str = AT, purpose: str = "analytics") -> Any:
        name = "profiles.consent-given" if granted else "profiles.consent-withdrawn"
        event = self._event(name, {"patron": patron, "purpose": purpose, "recipient": LIBRARY, "decided_at": at},
                            LIBRARY, sequence)
        return replace(event, time=datetime.fromisoformat(at))

    def skilled(self, patron: str, *labels: str, sequence: int = 1, owner: str = LIBRARY) -> Any:
        """Labels with a colon are URIs."""
        told = [{"label": each.partition(":")[2], "uri": each} if ":" in each else {"label": each} for each in labels]
        return self._event("profiles.skills-changed", {
            "patron": patron, "skills": [{**each, "bases": ["claimed"]} for each in told]}, owner, sequence)

    def demanded(self, owner: str, sequence: int = 1, **postings: int) -> Any:
        return self._event("jobs.skill-demand-changed", {"skills": [
            {"uri": f"urn:{name}", "label": name, "postings": number} for name, number in postings.items()]},
            owner, sequence)

    def offered(self) -> Any:
        return self._event("learning.course-offered", {
            "course": new_id(), "title": "Sheets", "activity_iri": "urn:x", "teaches": []}, LIBRARY)

    def claimed(self, patron: str, at: str = AT) -> Any:
        name = "credentials.credential-claimed"
        [example] = event_types.all_types()[f"org.libranet.{name}.v1"].schema["examples"]
        return self._event(name, {**example, "credential": new_id(), "patron": patron, "claimed_at": at}, LIBRARY)

    def erased(self, patron: str, owner: str = LIBRARY) -> Any:
        data = {"patron": patron, "erasure": new_id(), "requested_at": AT}
        return self._event("profiles.patron-erased", data, owner)

    def answered(self, patron: str, service: str) -> Any:
        data = {"patron": patron, "erasure": new_id(), "erased_at": AT, "deleted": 1}
        return self._event(f"{service}.patron-data-erased", data, LIBRARY)

    def measures(self, node: str | None = None, caller: str = LIBRARY) -> dict[str, Any]:
        query = {"node": node} if node else {}
        request = a_request(principal=a_principal(caller), query=query)
        body = self._database.transact(lambda work: self._service.get_measures(request, AnalyticsStore(work)))
        return {each["measure"]: (each["events"], each["people"], each["suppressed"]) for each in body["items"]}

    def ask(self, caller: str = LIBRARY, accept: str | None = None, **query: Any) -> Any:
        """What is answered to a query as it is written in an address (`since` stands for from)."""
        loaded = MeasuresQuery().load({"from" if name == "since" else name: each for name, each in query.items()})
        request = a_request(principal=a_principal(caller), query=loaded, headers={"Accept": accept} if accept else {})
        return self._database.transact(lambda work: self._service.get_measures(request, AnalyticsStore(work)))

    def table(self, *columns: str, caller: str = LIBRARY, **query: Any) -> list[tuple[Any, ...]]:
        """These columns of the items."""
        return [tuple(each[name] for name in columns) for each in self.ask(caller, **query)["items"]]

    def figures(self) -> str:
        """Everything that can be asked, for comparing."""
        asked = [{}, *({"by": by} for by in BY), *({"by": by, "since": "2026-11-01", "to": "2026-11-30"} for by in BY)]
        return json.dumps([self.ask("demo", **query) for query in asked])

    def _event(self, name: str, data: dict[str, Any], owner: str, sequence: int = 1) -> Any:
        self._number += 1
        return an_event(f"org.libranet.{name}.v1", data, owner=owner, sequence=sequence, number=self._number)
