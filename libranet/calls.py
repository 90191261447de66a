"""Answering calls: `@answers(CALL)` makes a service method the answer to one call of the gateway.

Gives: the signed principal is verified and its scope checked before anything is read; the body has the contract's
shape; the effect, its facts and the idempotency record commit together; every touch of a person's record is
audited; every refusal is an RFC 9457 problem. A method gets `(self, request, store)`.

A method that talks to somebody else's system must not hold a transaction while it waits, nor ask twice because a
transaction is run again: `@answers(CALL, in_steps=True)` gives it `(self, request, step)`, where `step(effect)` runs
`effect(store)` in a transaction of its own. Such a call takes no Idempotency-Key, and that it touched a person's record
is audited when it has ended, as of one that only reads.
"""

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from typing import Any

import orjson
from joserfc.jwk import OKPKey
from marshmallow import ValidationError
from nameko.web.handlers import HttpRequestHandler
from pymongo.errors import PyMongoError
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request, Response

from contracts import principal as principals
from contracts.call import ASKED_DIGEST, Call
from libranet import audit, metrics, problems, settings, spans, uploads
from libranet.blobs import Blob, Blobs
from libranet.clock import now
from libranet.cloudevent import Cause
from libranet.heard import HEARD
from libranet.ids import new_id
from libranet.logs import log, words_of
from libranet.mongo import UNDECIDED, Database, is_outage
from libranet.relay import Relay
from libranet.sealer import Sealer
from libranet.work import Work
from libranet.worker import Awaited

REQUEST_ID = "X-Request-Id"
REPLAYED = "Idempotency-Replayed"
MAX_BODY_BYTES = 8 * 2**20
PATIENCE_SECONDS = 3.0
"""An event crosses in some 50 ms; a busy machine needs more."""
PATIENT_AT_ONCE = 4
"""Calls that wait for an event at the same time: the rest of a service's places stay for others."""
PAUSE_SECONDS = 0.05


@dataclass(frozen=True)
class CallRequest:
    """One call: who asks (`principal`), what for (`path`, `query`, `body`), and why (`cause`). A call that takes a file
    finds it in `blob`; it is deleted again when the call is refused."""

    id: str
    principal: principals.Principal
    path: dict[str, str]
    query: dict[str, Any]
    body: Any
    raw: bytes
    headers: Headers
    url: str
    cause: Cause
    idempotency_key: str | None = None
    blob: Blob | None = None


@dataclass(frozen=True)
class Answer:
    """A JSON `body` (or bytes with their own `media_type`). `about` names the patron whose data it holds, so that an
    erasure finds the stored copy; `app` the app that it is about, for the audit. `later` is asked after the commit, for
    up to PATIENCE_SECONDS: what it gives is sent in place of this answer, so that short work need not be asked for
    twice."""

    body: Any = None
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    about: str | None = None
    app: str = ""
    media_type: str = "application/json"
    later: "Callable[[Work], Answer | None] | None" = None


class Answerer(Awaited, HttpRequestHandler):
    """nameko's http entrypoint with the rules above."""

    database = Database()
    relay = Relay()
    sealer = Sealer()

    def __init__(self, call: Call, store: Callable[[Work], Any] | None = None, in_steps: bool = False,
                 **kwargs: Any) -> None:
        """`store` is made of the unit of work; the service's own where it is not given."""
        if in_steps and call.keyed and call.changes:
            raise ValueError(f"{call.name}: a call in steps has no single transaction for its key")
        self.call = call
        self.store = store
        self.in_steps = in_steps
        kwargs.setdefault("expected_exceptions", (problems.Refusal, problems.NotYet, PyMongoError))
        super().__init__(call.method, call.path, **kwargs)

    def handle_request(self, request: Request) -> Response:
        request.shallow = False  # nameko hands requests over unread, for protocols that take the connection
        started = time.monotonic()
        span = spans.start(self.call.name, spans.SERVER, request.headers.get("traceparent"))
        try:
            response = self._respond(self._answered(self._read(request, span.traceparent)))
        except Exception as error:  # noqa: BLE001 - the caller gets a problem, never a stack trace
            response = problem_response(self._told(error, request), request)
        span.end(response.status_code >= 500, **{"http.response.status_code": response.status_code})
        metrics.CALL_SECONDS.labels(self.call.name, str(response.status_code)).observe(time.monotonic() - started)
        return response

    def _told(self, error: Exception, request: Request) -> problems.Refusal:
        """What the caller is told."""
        if isinstance(error, problems.Refusal):
            return error
        about = {"call": self.call.name, "request_id": request.headers.get(REQUEST_ID)}
        if not isinstance(error, PyMongoError) or not is_outage(error):
            log().exception("a call failed", **about)
            return problems.InternalError()
        log().warning("the database does not answer a call", error=words_of(error), **about)
        if error.has_error_label(UNDECIDED):
            return problems.ServiceAway(
                "The database did not say whether it was done. Look, or try again with the same Idempotency-Key.")
        return problems.ServiceAway("The database does not answer; nothing was changed. Try again.")

    def _read(self, request: Request, traceparent: str | None) -> CallRequest:
        path = dict(getattr(request, "path_values", {}))
        principal = self._principal(request, path)
        limit = self.call.max_bytes
        blob = uploads.stored(request, self.database, principal.node, limit) if limit else None
        raw = self._raw(request) if blob is None else b""
        request_id = request.headers.get(REQUEST_ID) or principal.request_id or new_id()
        return CallRequest(
            id=request_id, principal=principal, path=path, raw=raw,
            url=request.full_path,
            query=self._load(self.call.query, request.args.to_dict(), "the query") if self.call.query
            else request.args.to_dict(),
            body=None if self.call.raw else self._body(raw), headers=request.headers,
            cause=Cause(principal.actor, request.headers.get("X-Correlation-Id") or request_id, request_id,
                        traceparent),
            idempotency_key=request.headers.get("Idempotency-Key"), blob=blob,
        )

    def _principal(self, request: Request, path: dict[str, str]) -> principals.Principal:
        try:
            principal = verifier().verify(request.headers.get(principals.HEADER))
        except principals.PrincipalInvalid as error:
            raise problems.SignInNeeded(f"Calls come through the gateway: {error}.") from error
        if not self.call.admits(principal, path):
            if self.call.hides(principal):
                raise problems.NotFound(f"There is no such {self.call.person}.")
            raise problems.NotAllowed(f"This needs the scope {' or '.join(self.call.allows)}.")
        return principal

    def _raw(self, request: Request) -> bytes:
        if (request.content_length or 0) > MAX_BODY_BYTES:
            raise problems.BodyTooLarge(f"Send at most {MAX_BODY_BYTES} bytes; split a longer list.")
        return bytes(request.get_data(cache=False))

    def _body(self, raw: bytes) -> Any:
        if self.call.body is None:
            return None
        try:
            document = orjson.loads(raw or b"{}")
        except orjson.JSONDecodeError as error:
            raise problems.BodyUnreadable(f"The body is not JSON in UTF-8: {error}.") from None
        return self._load(self.call.body, document, "the body")

    def _load(self, schema: Any, document: Any, what: str) -> Any:
        try:
            return schema().load(document)
        except ValidationError as error:
            raise problems.RequestInvalid(f"Some members of {what} are not as documented; see errors.",
                                 errors=problems.schema_errors(error.messages)) from None

    def _answered(self, request: CallRequest) -> Answer:
        try:
            answer = self._patiently(request)
        except problems.Refusal:
            self._drop(request.blob)
            raise
        if REPLAYED in answer.headers:
            self._drop(request.blob)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while answer.later is not None and time.monotonic() < deadline:
            time.sleep(PAUSE_SECONDS)
            answer = answer.later(self.database.reading()) or answer
        return answer

    def _drop(self, blob: Blob | None) -> None:
        if blob is not None:
            Blobs(self.database).delete(blob.id)

    def _patiently(self, request: CallRequest) -> Answer:
        """Answers; while the method says problems.NotYet and the event may come, again every PAUSE_SECONDS, in a new
        transaction each time. Refuses for good only what would have been heard of by now."""
        asked_at = now()
        try:
            return self._answer(request)
        except problems.NotYet as reason:
            if not HEARD.may_come(reason.identity, asked_at):
                raise reason.refusal from None
        if not _PATIENT.acquire(blocking=False):
            raise on_its_way()
        try:
            return self._wait_for_event(request, asked_at)
        finally:
            _PATIENT.release()

    def _wait_for_event(self, request: CallRequest, asked_at: datetime) -> Answer:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            time.sleep(PAUSE_SECONDS)
            try:
                return self._answer(request)
            except problems.NotYet as reason:
                if not HEARD.may_come(reason.identity, asked_at):
                    raise reason.refusal from None
                if time.monotonic() > deadline:
                    raise on_its_way() from None

    def _answer(self, request: CallRequest) -> Answer:
        if self.call.changes and not self.in_steps:
            return self.database.transact(partial(self._effect, request))
        answer = (_as_answer(self.run_method(request, self._step)) if self.in_steps
                  else self._run_method(request, self.database.reading()))
        if self._person(request, answer):
            self.database.transact(lambda work: self._audit(request, answer, work))
        return answer

    def _effect(self, request: CallRequest, work: Work) -> Answer:
        key, digest = _idempotency(request, self.call)
        if key:
            row = work.get("idempotency", key)
            if row is not None:
                stored = _stored(row, digest)
                self._audit(request, stored, work)
                return stored
        answer = self._run_method(request, work)
        if key:
            work.insert("idempotency", {
                "_id": key, "digest": digest, "status": answer.status or self.call.status,
                "body": orjson.dumps(answer.body), "headers": answer.headers, "about": answer.about,
                "answered_at": now()})
        self._audit(request, answer, work)
        return answer

    def _person(self, request: CallRequest, answer: Answer) -> str | None:
        """Whose record the call touched: the person in the path, else whom the answer is about."""
        return request.path[self.call.person] if self.call.person else answer.about

    def _audit(self, request: CallRequest, answer: Answer, work: Work) -> None:
        person = self._person(request, answer)
        if person:
            work.insert(audit.ENTRIES, audit.entry(request.principal, self.call.name, person, request.id, answer.app))

    def _step(self, effect: Callable[[Any], Any]) -> Any:
        return self.database.transact(lambda work: effect(self.container.service_cls.store(work)))

    def _run_method(self, request: CallRequest, work: Work) -> Answer:
        return _as_answer(self.run_method(request, (self.store or self.container.service_cls.store)(work)))

    def _respond(self, answer: Answer) -> Response:
        status = answer.status or self.call.status
        body = answer.body if isinstance(answer.body, bytes) else orjson.dumps(answer.body)
        if answer.body is None:
            body = b""
        return Response(body, status=status, headers=answer.headers, content_type=answer.media_type)


_PATIENT = threading.BoundedSemaphore(PATIENT_AT_ONCE)


def on_its_way() -> problems.ServiceAway:
    """What may come is neither found nor missing."""
    return problems.ServiceAway("What this request names is not known here yet; nothing was changed. Try again.", 2)


def _as_answer(result: Any) -> Answer:
    return result if isinstance(result, Answer) else Answer(result)


def problem_response(refusal: problems.Refusal, request: Request) -> Response:
    """The refusal as an RFC 9457 response; `request_id` names the log lines about it."""
    body = refusal.problem(request.path)
    if REQUEST_ID in request.headers:
        body["request_id"] = request.headers[REQUEST_ID]
    return Response(orjson.dumps(body), refusal.status, refusal.headers, content_type=problems.PROBLEM_TYPE)


@cache
def verifier() -> principals.Verifier:
    """With the gateway's public keys: one PEM block after the other, newest first (`PRINCIPAL_PUBLIC_KEYS`)."""
    end = "-----END PUBLIC KEY-----"
    blocks = settings.secret("PRINCIPAL_PUBLIC_KEYS").split(end)
    return principals.Verifier([OKPKey.import_key(block.strip() + "\n" + end + "\n")
                                for block in blocks if block.strip()])


def _idempotency(request: CallRequest, call: Call) -> tuple[str | None, str]:
    """The stored key (per actor and call) and the hash of what was asked."""
    body = request.raw if request.blob is None else request.blob.sha256.encode()
    asked = request.headers.get(ASKED_DIGEST, "").encode() or body
    digest = hashlib.sha256(asked + b"\n" + orjson.dumps(sorted(request.path.items()))).hexdigest()
    if not request.idempotency_key:
        return None, digest
    return f"{request.principal.actor}|{call.name}|{request.idempotency_key}", digest


def _stored(row: dict[str, Any], digest: str) -> Answer:
    if row["digest"] != digest:
        raise problems.IdempotencyKeyReused(
            "Use a new Idempotency-Key for another request; this one stands for its first.")
    headers = {**row["headers"], REPLAYED: "true"}
    return Answer(orjson.loads(row["body"]), row["status"], headers, row["about"])


answers = Answerer.decorator
