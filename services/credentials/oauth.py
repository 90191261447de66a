"""How wallets ask and are refused: bodies as OAuth 2.0 and OpenID4VCI 1.0 have them, refusals in their words."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import parse_qsl

import orjson

from libranet.calls import Answer, CallRequest
from services.credentials.domain.claims_refusals import ClaimRefused

FORM_TYPE, JSON_TYPE = "application/x-www-form-urlencoded", "application/json"
MOST_BYTES = 64 * 1024
MOST_FIELDS = 50
NOT_STORED = {"Cache-Control": "no-store"}
ClaimAnswer = Callable[[Any, CallRequest, Any], Answer]


def in_oauth(answer: ClaimAnswer) -> ClaimAnswer:
    """The answer; or the refusal, with what was decided before it saved (RFC 6749, 5.2; RFC 6750, 3)."""

    @wraps(answer)
    def answered(self: Any, request: CallRequest, store: Any) -> Answer:
        try:
            return answer(self, request, store)
        except ClaimRefused as refused:
            challenge = {"WWW-Authenticate": f'Bearer error="{refused.error}"'} if refused.status == 401 else {}
            return Answer(refused.as_dict(), refused.status, {**NOT_STORED, **challenge})

    return answered


def bearer(request: CallRequest) -> str | None:
    """The access token in the header (RFC 6750, 2.1)."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def form_of(request: CallRequest) -> dict[str, str]:
    """The parameters of a form, each once (RFC 6749, 3.2). Raises ClaimRefused."""
    _check_body(request, FORM_TYPE, "invalid_request")
    try:
        pairs = parse_qsl(request.raw.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise ClaimRefused("invalid_request", "The form cannot be read.") from error
    asked = dict(pairs)
    if len(asked) != len(pairs):
        raise ClaimRefused("invalid_request", "A parameter was sent more than once.")
    return asked


def object_of(request: CallRequest, error: str) -> dict[str, Any]:
    """The members of a JSON object; those that the standard does not know are passed over. Raises ClaimRefused with
    this error."""
    _check_body(request, JSON_TYPE, error)
    try:
        asked = orjson.loads(request.raw)
    except orjson.JSONDecodeError:
        asked = None
    if not isinstance(asked, dict):
        raise ClaimRefused(error, "The body is no JSON object.")
    return asked


def _check_body(request: CallRequest, media_type: str, error: str) -> None:
    sent = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if sent != media_type:
        raise ClaimRefused(error, f"Send {media_type}.")
    if len(request.raw) > MOST_BYTES:
        raise ClaimRefused(error, f"Send at most {MOST_BYTES} bytes.")
