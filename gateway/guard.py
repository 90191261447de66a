"""What every request has to pass before anything is done: sign-in, scope, rate, size, media type and shape.

`Guard.admit` gives back what was asked, loaded; or raises a refusal. The service behind checks again: it trusts the
signed principal, not the gateway's care.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from flask import request
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from contracts.call import Call
from contracts.calls.shapes import Strict
from contracts.principal import PUBLIC as NOBODY
from contracts.principal import Principal
from gateway.cookies import Cookies
from gateway.rates import Rates
from gateway.refusals import RequestNotUnderstood, SentTooSlowly, scope_needed
from gateway.uploads import Upload
from libranet.problems import (
    BodyTooLarge,
    BodyUnreadable,
    MediaTypeUnsupported,
    NotFound,
    Refusal,
    RequestInvalid,
    SignInNeeded,
    schema_errors,
)

SIGNED_IN = "signed-in"
"""Allows everybody who is signed in, whatever their scopes (the gateway's own routes only)."""
MAX_BODY_BYTES = 2**20
PATH_VALUE = re.compile(r"(?=[_-]*[A-Za-z0-9])[A-Za-z0-9._~:@-]{1,200}")
"""Thumbprints of keys may begin with `_` or `-`."""
IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,200}")
JSON_TYPES = re.compile(r"application/([a-z0-9.-]+\+)?json", re.IGNORECASE)


@dataclass(frozen=True)
class Asked:
    """One admitted request. `query` and `body` are loaded by the call's schemas; `raw` is the body as it came, a file
    where the call takes one."""

    call: Call
    principal: Principal
    path: dict[str, str]
    query: dict[str, Any]
    body: Any
    raw: bytes | Upload
    idempotency_key: str | None


class Guard:
    """The door. `way_in` tells who shows an Authorization header; it raises SignInNeeded. Threads share it."""

    def __init__(self, way_in: Callable[[str | None], Principal], rates: Rates, cookies: Cookies) -> None:
        self._way_in = way_in
        self._cookies = cookies
        self._rates = rates

    def admit(self, call: Call, path: dict[str, str]) -> Asked:
        """What the present request asks of `call`; raises a Refusal."""
        principal = self._principal(call)
        _check_path(path)
        _check_may(call, principal, path)
        key = _idempotency_key(call)
        query = _load(call.query, request.args.to_dict(), "the query") if call.query else request.args.to_dict()
        raw = _read_body(call)
        return Asked(call, principal, path, query, _body(call, raw), raw, key)

    def _principal(self, call: Call) -> Principal:
        address = request.remote_addr or ""
        if call.is_public:
            self._rates.count_address(address)
            if call.changes:
                self._rates.count_public_work(address)
            return NOBODY
        authorization = request.headers.get("Authorization")
        if authorization is None:
            cookie = self._cookies.session_of(request.method, request.headers.get("Origin"), request.cookies)
            authorization = f"Bearer {cookie}" if cookie else None
        return self.sign_in(authorization)

    def sign_in(self, authorization: str | None) -> Principal:
        """Who shows this; a wrong key or token counts against the caller's address. Raises SignInNeeded."""
        try:
            return self._way_in(authorization)
        except SignInNeeded:
            address = request.remote_addr or ""
            if authorization:
                self._rates.count_sign_in_failure(address)
            else:
                self._rates.count_address(address)
            raise


def _check_may(call: Call, principal: Principal, path: dict[str, str]) -> None:
    if SIGNED_IN in call.allows or call.admits(principal, path):
        return
    if call.hides(principal):
        raise NotFound(f"There is no such {call.person}.")
    raise scope_needed(call.allows)


def _check_path(path: dict[str, str]) -> None:
    for name, value in path.items():
        if not PATH_VALUE.fullmatch(value):
            raise NotFound(f"There is no {name} of that name.")


def takes_idempotency_key(call: Call) -> bool:
    """Changes by somebody we know: strangers would share one name, and so each other's keys."""
    return call.changes and call.keyed and not call.is_public


def _idempotency_key(call: Call) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None or not takes_idempotency_key(call):
        return None
    if not IDEMPOTENCY_KEY.fullmatch(key):
        raise RequestNotUnderstood("An Idempotency-Key is 1 to 200 visible ASCII characters.")
    return key


def _read_body(call: Call) -> bytes | Upload:
    """The body of a change, or of a question that takes one; any other is left unread."""
    if call.body is None and not call.changes:
        return b""
    request.max_content_length = limit = call.max_bytes or (call.raw_bytes if call.raw else MAX_BODY_BYTES)
    try:
        if call.max_bytes:
            return _received(limit)
        raw = bytes(request.get_data(cache=False))
        if len(raw) >= limit and request.content_length != len(raw):  # a chunked body is cut there without a word
            raise RequestEntityTooLarge
        _check_whole(len(raw))
        return raw
    except RequestEntityTooLarge:
        raise BodyTooLarge(f"Send at most {limit} bytes; split what is longer.") from None
    except ClientDisconnected as gone:
        if isinstance(gone.__context__, BlockingIOError):  # the deadline of gunicorn.conf.py, not the caller's doing
            raise SentTooSlowly("The body stopped arriving; send it again.") from None
        raise RequestNotUnderstood("The body is shorter than its Content-Length.") from None
    except Refusal:
        raise
    except Exception:  # noqa: BLE001 - the server's own errors: chunks that are none
        raise RequestNotUnderstood("The body is not framed as HTTP asks; send it with an HTTP library.") from None


def _received(limit: int) -> Upload:
    """A file. One that says that it is too long is not begun to be read."""
    if (request.content_length or 0) > limit:
        raise RequestEntityTooLarge
    request.max_content_length = None  # counted while it is received: chunks have no length
    upload = Upload().receive(request.stream.read, limit)
    try:
        _check_whole(upload.bytes)
    except ClientDisconnected:
        upload.close()
        raise
    return upload


def _check_whole(received: int) -> None:
    """The server tells a body that broke off by its length alone: as nothing at all, it would be an empty change."""
    if request.content_length not in (None, received):
        raise ClientDisconnected


def _body(call: Call, raw: bytes | Upload) -> Any:
    if isinstance(raw, Upload) or call.raw or (call.body is None and not raw):
        return None
    if raw and not JSON_TYPES.fullmatch(request.mimetype):
        raise MediaTypeUnsupported("Send JSON, with Content-Type: application/json.")
    try:
        document = orjson.loads(raw or b"{}")
    except orjson.JSONDecodeError as error:
        raise BodyUnreadable(f"The body is not JSON in UTF-8: {error}.") from None
    return _load(call.body or Empty, document, "the body")


class Empty(Strict):
    """The body of a change that has no members: `{}`, or nothing."""


def _load(schema: type[Schema], document: Any, what: str) -> Any:
    try:
        return schema().load(document)
    except ValidationError as error:
        raise RequestInvalid(f"Some members of {what} are not as documented; see errors.",
                             errors=schema_errors(error.messages)) from None
