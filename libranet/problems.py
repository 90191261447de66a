"""Refusals that a domain raises and that reach the caller as RFC 9457 problems.

A refusal names its reason by class (`ConsentMissing`), the place by `field` (a JSON pointer into the request), and
says in `detail` what to do. It never carries what the caller may not know.
"""

import re
from collections.abc import Mapping
from typing import Any

PROBLEM_TYPE = "application/problem+json"


class Refusal(Exception):
    """Why something is not done. Subclasses set `status` (HTTP) and `title` (the same for each occurrence)."""

    status = 422
    title = "The request cannot be carried out"

    def __init__(self, detail: str, field: str | None = None, errors: list[dict[str, str]] | None = None,
                 headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors if errors is not None else []
        if field is not None:
            self.errors = [{"field": field, "detail": detail}, *self.errors]
        self.headers = dict(headers or {})

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.detail, self.errors, self.headers))

    @property
    def slug(self) -> str:
        """The class name in words with dashes: the last part of the problem's type."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", type(self).__name__).lower()

    def problem(self, instance: str | None = None) -> dict[str, Any]:
        """The RFC 9457 object: type, title, status, detail, instance and the extension `errors`."""
        body: dict[str, Any] = {
            "type": f"urn:libranet:problem:{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if instance:
            body["instance"] = instance
        if self.errors:
            body["errors"] = self.errors
        return body


def _rebuild(kind: type[Refusal], detail: str, errors: list[dict[str, str]], headers: dict[str, str]) -> Refusal:
    refusal = Refusal.__new__(kind)
    Refusal.__init__(refusal, detail, errors=errors, headers=headers)
    return refusal


class NotFound(Refusal):
    """Unknown, or somebody else's: the caller cannot tell which."""

    status = 404
    title = "Not found"


class NotYet(Exception):
    """What the request names may be on its way as an event: the call is tried again for a moment before it is refused
    with `refusal`. `identity` is the id that is not known here, where its age tells whether it may come."""

    def __init__(self, refusal: Refusal, identity: str | None = None) -> None:
        super().__init__(refusal.detail)
        self.refusal = refusal
        self.identity = identity


class RequestInvalid(Refusal):
    """The body or the query does not have the documented shape; `errors` names each place."""

    status = 422
    title = "The request does not have the documented shape"


class BodyUnreadable(Refusal):
    """The body is not JSON, or not text in UTF-8."""

    status = 400
    title = "The body cannot be read"


class BodyTooLarge(Refusal):
    status = 413
    title = "The body is too large"


class MediaTypeUnsupported(Refusal):
    status = 415
    title = "This media type is not taken here"


class SignInNeeded(Refusal):
    status = 401
    title = "Sign in first"


class NotAllowed(Refusal):
    status = 403
    title = "Not allowed"


class IdempotencyKeyReused(Refusal):
    status = 422
    title = "This idempotency key was used for another request"


class ServiceAway(Refusal):
    """A part of the platform does not answer; the caller may try again after `Retry-After` seconds."""

    status = 503
    title = "A part of the platform does not answer"

    def __init__(self, detail: str, retry_after_seconds: int = 5) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_seconds)})


class InternalError(Refusal):
    """A fault of ours; nothing of it is told but that it is logged."""

    status = 500
    title = "Something went wrong here"

    def __init__(self) -> None:
        super().__init__(
            "Something went wrong here, not in your request. It is logged; tell your operator the request id.")


def schema_errors(messages: Any, prefix: str = "") -> list[dict[str, str]]:
    """marshmallow's nested messages as a flat list of `{field: JSON pointer, detail}`; "" is the whole document."""
    if isinstance(messages, Mapping):
        flat: list[dict[str, str]] = []
        for key, inner in messages.items():
            flat += schema_errors(inner, prefix if key == "_schema" else f"{prefix}/{key}")
        return flat
    if isinstance(messages, list):
        return [{"field": prefix, "detail": str(message)} for message in messages]
    return [{"field": prefix, "detail": str(messages)}]
