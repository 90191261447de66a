"""The OpenAPI 3.1 description of everything that is published, made from the table of calls.

`python -m gateway.describe` writes contracts/openapi.json, which a test holds against the code.
"""

import json
import re
from collections.abc import Callable, Iterable
from copy import deepcopy
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import orjson
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema

from contracts.call import SELF, Call
from contracts.calls import badge_connect, claims, sign_in
from contracts.calls.cards import CARD_TEST_PATH
from contracts.calls.shapes import Strict
from contracts.calls.verification import VERIFY_PAGE
from gateway.badge_connect import description
from gateway.examples import EXAMPLES
from gateway.guard import SIGNED_IN, takes_idempotency_key
from gateway.roles import ACTING_AS, SCOPES_OF_ROLE
from gateway.routes.meta import PROBES
from gateway.wording import (
    ABOUT,
    CONTENT_OF_ANSWERS,
    CONTENT_OF_RAW_CALLS,
    OTHER_REFUSALS,
    PARAMETERS,
    PROBLEM_SCHEMA,
    PROBLEMS,
    QUERY_OF_RAW_CALLS,
    RAW_BODY,
    TAGS,
)

COPY = Path(__file__).parent.parent / "contracts" / "openapi.json"
OPENAPI_VERSION = "3.1.0"
PROBLEM_TYPE, JSON_TYPE = "application/problem+json", "application/json"
FILE_TYPES = ("application/octet-stream", "*/*")
"""A file is known by its content, whatever it is called."""
HIDDEN = (*(probe.path for probe in PROBES), sign_in.START_PATH, sign_in.CALLBACK_PATH, CARD_TEST_PATH, VERIFY_PAGE,
          badge_connect.AUTHORIZE_PATH, *(call.path for call in claims.WALLET))
"""For the operator's machinery, for people at browsers and for wallets, not for other programs."""
ROLE_SCOPES = {scope for scopes in SCOPES_OF_ROLE.values() for scope in scopes}
"""What a person may use who acts in a role."""
PATH_VALUE = re.compile(r"<([a-z_]+)>")


class Described:
    """The description, made once, when first asked for: all routes exist by then."""

    def __init__(self, calls: Callable[[], Iterable[Call]]) -> None:
        self._calls = calls

    @cached_property
    def _document(self) -> dict[str, Any]:
        return document(self._calls())

    def document(self) -> dict[str, Any]:
        return self._document

    @cached_property
    def _json(self) -> bytes:
        return orjson.dumps(self._document)

    def json(self) -> bytes:
        return self._json


def document(calls: Iterable[Call]) -> dict[str, Any]:
    """The description of these calls as one OpenAPI object."""
    named: dict[str, type[Schema]] = {}

    def name_of(schema: Any) -> str:
        kind = schema if isinstance(schema, type) else type(schema)
        if named.setdefault(kind.__name__, kind) is not kind:
            raise ValueError(f"two shapes are called {kind.__name__}: the description needs one name for each")
        return kind.__name__

    plugin = MarshmallowPlugin(schema_name_resolver=name_of)
    spec = APISpec(title="Libranet", version=_version(), openapi_version=OPENAPI_VERSION, plugins=[plugin],
                   info={"description": ABOUT, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
                   servers=[{"url": "/"}])
    spec.components.schema("Problem", PROBLEM_SCHEMA)
    spec.components.security_scheme("bearer", {
        "type": "http", "scheme": "bearer", "description": "`<client id>.<secret>`"})
    spec.components.security_scheme("basic", {
        "type": "http", "scheme": "basic", "description": "The client id as user name, the secret as password."})
    spec.components.security_scheme("session", {
        "type": "http", "scheme": "bearer", "description": "The token of a patron's or guest's session: `s_…`"})
    spec.components.security_scheme(description.SCHEME, description.security_scheme(""))
    _add_refusals(spec)
    published = [call for call in calls if call.path not in HIDDEN]
    for name in dict.fromkeys(tag_of(call) for call in published):
        spec.tag({"name": name})
    for call in published:
        spec.path(path=path_of(call), operations={call.method.lower(): _operation(call)})
    described: dict[str, Any] = _with_uris(spec.to_dict())
    for name, schema in named.items():
        _tell(described["components"]["schemas"][name], schema)
    return described


def _add_refusals(spec: APISpec) -> None:
    for status, words in PROBLEMS.items():
        spec.components.response(f"Problem{str(status).title()}", {
            "description": words,
            "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}})
    for name, (words, schema) in OTHER_REFUSALS.items():
        spec.components.response(name, {"description": words, "content": {JSON_TYPE: {"schema": schema}}})


def _tell(component: dict[str, Any], schema: type[Schema]) -> None:
    """Adds the shape's own words. Only what we take is closed: answers may get new members."""
    if not issubclass(schema, Strict):
        component.pop("additionalProperties", None)
    if "__doc__" in vars(schema) and schema.__doc__:
        component["description"] = " ".join(schema.__doc__.split())


def path_of(call: Call) -> str:
    """`/v1/patrons/{patron}` for `/v1/patrons/<patron>`."""
    return PATH_VALUE.sub(r"{\1}", call.path)


def tag_of(call: Call) -> str:
    """The heading that a call stands under."""
    return next((tag for which, tag in TAGS if which == call.service or call.path.startswith(which)), call.service)


def _operation(call: Call) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": call.name,
        "summary": call.summary,
        "tags": [tag_of(call)],
        "security": _security(call),
        "x-allows": list(call.allows),
        "parameters": _parameters(call),
        "responses": _responses(call),
    }
    if call.description:
        operation["description"] = call.description
    if call.body is not None or (call.raw and call.changes):
        operation["requestBody"] = _request_body(call)
    return operation


def _security(call: Call) -> list[dict[str, list[str]]]:
    if call.is_public:
        return []
    if scopes := description.scopes_of(call.allows):
        return [{description.SCHEME: scopes}]
    keys: list[dict[str, list[str]]] = [{"bearer": []}, {"basic": []}]
    return [*keys, {"session": []}] if {SELF, SIGNED_IN, *ROLE_SCOPES} & set(call.allows) else keys


def _parameters(call: Call) -> list[dict[str, Any]]:
    found: list[Any] = [
        {"in": "path", "name": name, "required": True, **PARAMETERS.get(name, {"schema": {"type": "string"}})}
        for name in PATH_VALUE.findall(call.path)]
    if call.query is not None:
        found.append({"in": "query", "schema": call.query})
    found += [{"in": "query", **each} for each in QUERY_OF_RAW_CALLS.get(call.name, ())]
    if call.path.startswith("/xAPI/"):
        found.append({"in": "header", "name": "X-Experience-API-Version", **PARAMETERS["X-Experience-API-Version"]})
    if ROLE_SCOPES & set(call.allows):
        found.append({"in": "header", "name": ACTING_AS, **PARAMETERS[ACTING_AS]})
    if takes_idempotency_key(call):
        found.append({"in": "header", "name": "Idempotency-Key", **PARAMETERS["Idempotency-Key"]})
    return found


def _request_body(call: Call) -> dict[str, Any]:
    if call.max_bytes:
        return {"required": True, "description": f"A file of at most {call.max_bytes} bytes.",
                "content": {media_type: {} for media_type in FILE_TYPES}}
    usual = {JSON_TYPE: {"schema": call.body or RAW_BODY}}
    content: dict[str, Any] = deepcopy(CONTENT_OF_RAW_CALLS.get(call.name, usual))
    if call.name in EXAMPLES:
        next(iter(content.values()))["example"] = EXAMPLES[call.name]
    return {"required": not _may_be_empty(call.body), "content": content}


def _may_be_empty(body: type[Schema] | None) -> bool:
    return body is not None and not body().validate({})


def _responses(call: Call) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "Done." if call.changes else "Found."}
    if call.name in CONTENT_OF_ANSWERS:
        good["content"] = deepcopy(CONTENT_OF_ANSWERS[call.name])
    elif call.status != 204:
        good["content"] = {call.media_type: {"schema": call.answer} if call.answer else {},
                           **{each: {} for each in call.other_media_types}}
    refused = {status: f"Problem{str(status).title()}" for status in (*statuses(call), "default")}
    if call.path.startswith(badge_connect.BASE):
        refused = {400 if status == 422 else status: "ImsxStatusInfo" for status in refused}
    if call in badge_connect.APP_ENDPOINTS:
        refused |= {400: "AppRefusal", 401: "AppRefusal"}
    return {**{str(status): good for status in (call.status, *call.other_statuses)},
            **{str(status): {"$ref": f"#/components/responses/{name}"} for status, name in refused.items()}}


def statuses(call: Call) -> list[int]:
    """The problems that a call may answer with."""
    found = [429, *call.refused]
    if not call.is_public:
        found += [401] if SIGNED_IN in call.allows else [401, 403]
    if PATH_VALUE.search(call.path) or call.raw or (call.query is not None and "node" in call.query().fields):
        found.append(404)
    if call.is_public and PATH_VALUE.search(call.path):
        found.append(410)
    if call.query is not None:
        found.append(422)
    if call.changes:
        found += [400, 409, 422]
    if call.body is not None:
        found += [413, 415]
    if call.raw:
        found += [400, 413, *([] if call.max_bytes else [415])] if call.changes else [400]
    if call.service != "gateway" or not call.is_public:
        found.append(503)
    return sorted(set(found))


def _with_uris(value: Any) -> Any:
    """marshmallow says `url` where JSON Schema says `uri`."""
    if isinstance(value, dict):
        return {key: "uri" if key == "format" and each == "url" else _with_uris(each) for key, each in value.items()}
    return [_with_uris(each) for each in value] if isinstance(value, list) else value


def _version() -> str:
    try:
        return version("libranet")
    except PackageNotFoundError:
        return "0"


def text(described: dict[str, Any]) -> str:
    """As it is committed."""
    return json.dumps(described, indent=1, ensure_ascii=False) + "\n"
