"""The gateway's door as it is: requests go out byte for byte, and whatever comes back is read."""

import http.client
import json
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.journeys.described import JSON, Operation
from tests.patience import PATIENCE_SECONDS

PROBLEM = "application/problem+json"
XAPI = {"X-Experience-API-Version": "1.0.3"}


@dataclass(frozen=True)
class Answer:
    """What came back; header names are in lower case."""

    status: int
    headers: dict[str, str]
    data: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.data)

    @property
    def content(self) -> Any:
        """The JSON, or the bytes of what is none."""
        return self.json if "json" in self.headers.get("content-type", "") else self.data

    @property
    def fields(self) -> list[str]:
        """The places that a problem names."""
        return [each["field"] for each in self.json.get("errors", ())]

    @property
    def same(self) -> tuple[int, Any]:
        """A problem without what differs from request to request."""
        kept = {name: value for name, value in self.json.items() if name not in ("instance", "request_id")}
        return self.status, kept


class Door:
    """Asks with the keys of all kinds of clients; `keys` is by kind."""

    def __init__(self, gateway: str, keys: dict[str, str]) -> None:
        self.address = urlsplit(gateway).netloc
        self.keys = keys
        self.scopes = {kind: tuple(self.ask("GET", "/v1/me", kind).json["scopes"]) for kind in keys}

    def kinds_for(self, operation: Operation) -> list[str | None]:
        """Who may ask for it, whoever may do least first (that is whose things it is about), operators last; nobody in
        particular for what is public."""
        if operation.is_public:
            return [None]
        may = [kind for kind, scopes in self.scopes.items()
               if set(scopes) & set(operation.allows) or operation.allows == ("signed-in",)]
        return sorted(may, key=lambda kind: (kind == "operator", len(self.scopes[kind])))

    def ask(self, method: str, target: str, kind: str | None = None, body: bytes | None = None,
            headers: dict[str, str] | None = None) -> Answer:
        """One request on a connection of its own; the target is not touched. `kind` names whose key is shown."""
        sent = {"Authorization": f"Bearer {self.keys[kind]}"} if kind else {}
        if body is not None:
            sent["Content-Type"] = JSON
        if target.startswith("/xAPI"):
            sent |= XAPI
        connection = http.client.HTTPConnection(self.address, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, target, body, sent | (headers or {}))
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, found, response.read())
        finally:
            connection.close()

    def send(self, raw: bytes) -> Answer:
        """A request that no HTTP library would send."""
        host, _, port = self.address.partition(":")
        with socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS) as connection:
            connection.sendall(raw)
            response = http.client.HTTPResponse(connection)
            response.begin()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, found, response.read())


def check_each(check: Callable[[Any], object], cases: Iterable[Any]) -> None:
    """Checks every case, and tells of all that do not hold."""
    faults = []
    for case in cases:
        try:
            check(case)
        except AssertionError as fault:
            faults.append(f"{case}: {fault}")
    assert not faults, "\n".join(faults)


def is_problem(answer: Answer, *statuses: int) -> bool:
    """An RFC 9457 problem of one of the statuses, complete, whose errors name their fields; asserts what is not so."""
    told = f"{answer.status} {answer.data[:500]!r}"
    assert 400 <= answer.status < 500, told
    assert not statuses or answer.status in statuses, told
    assert answer.headers.get("content-type") == PROBLEM, told
    problem = answer.json
    assert {"type", "title", "status", "detail"} <= set(problem), told
    assert problem["status"] == answer.status, told
    assert problem["type"].startswith("urn:libranet:problem:"), told
    assert all(problem[name].strip() for name in ("title", "detail")), told
    assert all(each["field"][:1] in ("", "/") and each["detail"] for each in problem.get("errors", ())), told
    assert problem["request_id"] == answer.headers["x-request-id"], told
    return True
