"""The gateway's door as it is: requests go out byte for byte, and whatever comes back is read."""

import http.client
import json
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs

from tests.journeys.apps import App
from tests.journeys.described import DOCUMENT, JSON, OAUTH, OPEN_BADGES, Operation
from tests.patience import PATIENCE_SECONDS

PROBLEM = "application/problem+json"
STATUS_INFO = DOCUMENT["components"]["schemas"]["ImsxStatusInfo"]
APP = "app"
XAPI = {"X-Experience-API-Version": "1.0.3"}


@dataclass(frozen=True)
class Answer:
    """What came back; header names are in lower case."""

    status: int
    headers: dict[str, str]
    data: bytes
    target: str = ""

    @property
    def json(self) -> Any:
        return json.loads(self.data)

    @property
    def content(self) -> Any:
        """The JSON, or the bytes of what is none."""
        return self.json if "json" in self.headers.get("content-type", "") else self.data

    @property
    def fields(self) -> list[str]:
        """The places that a refusal names; one of OAuth begins with it."""
        if self.target.startswith(OPEN_BADGES):
            named = self.json["imsx_codeMinor"]["imsx_codeMinorField"]
            return [each["imsx_codeMinorFieldName"] for each in named]
        if self.target.startswith(OAUTH) and "error_description" in self.json:
            return ["/" + self.json["error_description"].split(" ")[0]]
        return [each["field"] for each in self.json.get("errors", ())]

    @property
    def same(self) -> tuple[int, Any]:
        """A problem without what differs from request to request."""
        kept = {name: value for name, value in self.json.items() if name not in ("instance", "request_id")}
        return self.status, kept


class Door:
    """Asks with the keys of all kinds of clients, which `keys` has by kind, and as an app of one patron."""

    def __init__(self, gateway: str, keys: dict[str, str], app: App) -> None:
        self.address = urlsplit(gateway).netloc
        self.keys = keys
        self.app = app
        self.scopes = {kind: tuple(self.ask("GET", "/v1/me", kind).json["scopes"]) for kind in keys}

    def key_of(self, kind: str) -> str:
        return self.app.token if kind == APP else self.keys[kind]

    def kinds_for(self, operation: Operation) -> list[str | None]:
        """Who may ask for it: by the scope that it names first, and of those whoever may do least first (that is whose
        things it is about), operators last; nobody in particular for what is public."""
        if operation.is_public:
            return [None]
        if operation.is_for_apps:
            return [APP]
        may = [kind for kind, scopes in self.scopes.items()
               if set(scopes) & set(operation.allows) or operation.allows == ("signed-in",)]
        return sorted(may, key=lambda kind: (kind == "operator", operation.allows[0] not in self.scopes[kind],
                                             len(self.scopes[kind])))

    def ask(self, method: str, target: str, kind: str | None = None, body: bytes | None = None,
            headers: dict[str, str] | None = None) -> Answer:
        """One request on a connection of its own; the target is not touched. `kind` names whose key is shown."""
        sent = {"Authorization": f"Bearer {self.key_of(kind)}"} if kind else {}
        if body is not None:
            sent["Content-Type"] = JSON
        if target.startswith("/xAPI"):
            sent |= XAPI
        connection = http.client.HTTPConnection(self.address, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, target, body, sent | (headers or {}))
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, found, response.read(), target)
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
            return Answer(response.status, found, response.read(),
                          raw.partition(b" ")[2].partition(b" ")[0].decode("latin-1"))


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
    """A refusal with one of the statuses, complete, whose errors name their fields: an RFC 9457 problem, and in the
    words of another standard where one rules; asserts what is not so."""
    told = f"{answer.status} {answer.data[:500]!r}"
    assert 400 <= answer.status < 500, told
    assert not statuses or answer.status in statuses, told
    if answer.target.startswith(OPEN_BADGES):
        return is_status_info(answer, told)
    if answer.target.startswith(OAUTH) and answer.headers.get("content-type") == JSON:
        assert set(answer.json) <= {"error", "error_description"}, told
        assert answer.json["error"], told
        return True
    assert answer.headers.get("content-type") == PROBLEM, told
    problem = answer.json
    assert {"type", "title", "status", "detail"} <= set(problem), told
    assert problem["status"] == answer.status, told
    assert problem["type"].startswith("urn:libranet:problem:"), told
    assert all(problem[name].strip() for name in ("title", "detail")), told
    assert all(each["field"][:1] in ("", "/") and each["detail"] for each in problem.get("errors", ())), told
    assert problem["request_id"] == answer.headers["x-request-id"], told
    return True


def is_status_info(answer: Answer, told: str) -> bool:
    """An Imsx_StatusInfo of 1EdTech, with its request's id in the header alone; asserts what is not so."""
    assert answer.headers.get("content-type") == JSON, told
    jsonschema_rs.validate({**STATUS_INFO, "components": DOCUMENT["components"]}, answer.json)
    assert answer.json["imsx_codeMajor"] == "failure", told
    assert answer.json["imsx_description"].strip(), told
    assert all(each[:1] in ("r", "/") for each in answer.fields), told
    assert answer.headers["x-request-id"], told
    return True
