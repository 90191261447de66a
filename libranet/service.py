"""What every service process answers besides its calls: /healthz, /readyz, /metrics; what it holds about a person, and
who touched that."""

from typing import Any, ClassVar

import orjson
from nameko.web.handlers import http
from werkzeug.wrappers import Request, Response

from contracts import calls
from contracts.calls import collected
from contracts.principal import Principal
from libranet import holdings, metrics
from libranet.audit import AuditTrail, subject_of
from libranet.calls import CallRequest, answers
from libranet.clock import rfc3339
from libranet.collection import Collection, Document
from libranet.health import HEALTH
from libranet.holdings import Holding
from libranet.ids import keyed_id
from libranet.work import Work

ACTIONS = {**collected.BESIDE_CALLS, **{each.name: each.summary for each in (
    *calls.ALL, *calls.BADGE_CONNECT, *calls.INTERNAL, *collected.OF_EACH)}}


class Service:
    """A service names itself, its collections and its store; nameko finds its entrypoints."""

    name: ClassVar[str]
    collections: ClassVar[tuple[Collection, ...]] = ()
    store: ClassVar[Any]

    def check_seen(self, person: str, principal: Principal, work: Work) -> None:
        """Raises a refusal unless the principal may see the person. Only profiles knows; it is asked first."""

    def held(self, person: str, principal: Principal, work: Work) -> list[Holding]:
        """All that the service keeps about a person whom the principal sees, in its words; every collection marked
        `personal` is in it."""
        return []

    @answers(collected.EXPORT_OF_SERVICE, store=lambda work: work)
    def export_of_service(self, request: CallRequest, work: Work) -> dict[str, Any]:
        person = request.path["patron"]
        self.check_seen(person, request.principal, work)
        found = [*self.held(person, request.principal, work), holdings.kept_answers(work, person)]
        return {"service": self.name, "holdings": [holdings.shown(each) for each in found]}

    @answers(collected.TOUCHES_OF_SERVICE, store=lambda work: work)
    def touches_of_service(self, request: CallRequest, work: Work) -> dict[str, Any]:
        """The newest first; no names, and another number for the same actor with every patron."""
        person, limit = request.path["patron"], request.query["limit"]
        self.check_seen(person, request.principal, work)
        found = AuditTrail(work).touches_of(person, request.query.get("cursor", ""), limit + 1)
        return {"items": [self._touch(each, person) for each in found[:limit]],
                "next": found[limit - 1]["id"] if len(found) > limit else None}

    def _touch(self, entry: Document, person: str) -> dict[str, Any]:
        return {
            "id": entry["id"], "at": rfc3339(entry["at"]), "services": [self.name], "request": entry["request"],
            "action": ACTIONS.get(entry["action"], entry["action"]), "node": entry["node"],
            "by": "you" if entry["actor"] == subject_of(person) else entry["kind"] or "client",
            "actor": keyed_id("touch", person, entry["actor"]),
            **({"app": entry["app"]} if "app" in entry else {})}

    @http("GET", "/healthz")
    def healthz(self, _request: Request) -> Response:
        """The process turns its event loop."""
        return Response("alive\n", content_type="text/plain")

    @http("GET", "/readyz")
    def readyz(self, _request: Request) -> Response:
        """200 when every part is well or waits for a person only, else 503; both say what each part reports."""
        ready, parts = HEALTH.report()
        return Response(orjson.dumps({"ready": ready, "parts": parts}), status=200 if ready else 503,
                        content_type="application/json")

    @http("GET", "/metrics")
    def metrics(self, _request: Request) -> Response:
        return Response(metrics.exposition(), content_type=metrics.CONTENT_TYPE)
