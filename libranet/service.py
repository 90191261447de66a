"""What every service process answers besides its calls: /healthz, /readyz, /metrics."""

from typing import Any, ClassVar

import orjson
from nameko.web.handlers import http
from werkzeug.wrappers import Request, Response

from libranet import metrics
from libranet.collection import Collection
from libranet.health import HEALTH


class Service:
    """A service names itself, its collections and its store; nameko finds its entrypoints."""

    name: ClassVar[str]
    collections: ClassVar[tuple[Collection, ...]] = ()
    store: ClassVar[Any]

    @http("GET", "/healthz")
    def healthz(self, _request: Request) -> Response:
        """The process turns its event loop."""
        return Response("alive\n", content_type="text/plain")

    @http("GET", "/readyz")
    def readyz(self, _request: Request) -> Response:
        """200 when every part is well, else 503; both say what each part reports."""
        ready, parts = HEALTH.report()
        return Response(orjson.dumps({"ready": ready, "parts": parts}), status=200 if ready else 503,
                        content_type="application/json")

    @http("GET", "/metrics")
    def metrics(self, _request: Request) -> Response:
        return Response(metrics.exposition(), content_type=metrics.CONTENT_TYPE)
