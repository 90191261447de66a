"""Refusals as 1EdTech has them (Imsx_StatusInfo), at the addresses of the Open Badges 3.0 API. It knows 400 where ours
is 422, and no word for a place in the request but the name of a field, which is a JSON pointer here.
"""

from typing import Any

from contracts.calls import badge_connect as calls
from libranet.problems import Refusal

MEDIA_TYPE = "application/json"
MINOR = {
    400: "invalid_data", 401: "unauthorizedrequest", 403: "forbidden", 404: "not_found", 405: "not_allowed",
    408: "server_busy", 409: "invalid_data", 413: "invalid_data", 415: "invalid_data", 429: "server_busy",
    500: "internal_server_error", 502: "internal_server_error", 503: "server_busy"}
WHOLE = "request"


def is_due(path: str) -> bool:
    """Whether a refusal at this address is one of these."""
    return path.startswith(f"{calls.BASE}/")


def status_of(refusal: Refusal) -> int:
    return 400 if refusal.status == 422 else refusal.status


def status_info(refusal: Refusal, changes: bool) -> dict[str, Any]:
    """The refusal of a request, which `changes` something or only asks."""
    status = status_of(refusal)
    minor = "invalid_query_parameter" if status == 400 and not changes else MINOR.get(status, "unknown")
    places = [each["field"] or WHOLE for each in refusal.errors] or [WHOLE]
    told = "".join(f" {each['field'] or WHOLE}: {each['detail']}" for each in refusal.errors)
    return {
        "imsx_codeMajor": "failure", "imsx_severity": "error", "imsx_description": refusal.detail + told,
        "imsx_codeMinor": {"imsx_codeMinorField": [
            {"imsx_codeMinorFieldName": each, "imsx_codeMinorFieldValue": minor} for each in places]}}
