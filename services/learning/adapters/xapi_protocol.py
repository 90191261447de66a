"""The xAPI protocol around statements (part three, Communication): versions, bodies, who vouches."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import orjson

from contracts.principal import Principal
from libranet.calls import CallRequest
from libranet.clock import now, rfc3339
from libranet.problems import BodyUnreadable, MediaTypeUnsupported, Refusal
from services.learning.domain.refusals import VersionMissing
from services.learning.domain.statement_query import more_link
from services.learning.domain.statements import latest_version

VERSION_HEADER = "X-Experience-API-Version"
CONSISTENT_HEADER = "X-Experience-API-Consistent-Through"
LONGEST_WRITE = timedelta(seconds=2)
"""A statement shows this long after its `stored` time at the latest: what is older a reader may rely on."""


@contextmanager
def speaking(request: CallRequest) -> Iterator[str]:
    """Communication 3.3: the version must be asked for, and every answer names it, refusals too."""
    version = latest_version(_header(request, VERSION_HEADER))
    if version is None:
        raise VersionMissing(f"Send {VERSION_HEADER}: 1.0.3, or another of 1.0 or 2.0.", f"/{VERSION_HEADER}")
    try:
        yield version
    except Refusal as refusal:
        refusal.headers[VERSION_HEADER] = version
        raise


def headers(version: str) -> dict[str, str]:
    """Of an answer to a reader (Communication 2.1.3)."""
    return {VERSION_HEADER: version, CONSISTENT_HEADER: rfc3339(now() - LONGEST_WRITE)}


def body_of(request: CallRequest) -> Any:
    """The statements that were sent, not yet checked (Communication 1.5)."""
    media_type = _header(request, "Content-Type").partition(";")[0].strip().lower()
    if media_type.startswith("multipart/"):
        raise MediaTypeUnsupported("Send application/json. Files beside statements (multipart/mixed) are not taken: "
                                   "name where an attachment is by its fileUrl.")
    if media_type != "application/json":
        raise MediaTypeUnsupported("Send JSON, with Content-Type: application/json.")
    try:
        return orjson.loads(request.raw)
    except orjson.JSONDecodeError as error:
        raise BodyUnreadable(f"The body is not JSON in UTF-8: {error}.") from None


def authority_of(principal: Principal) -> dict[str, Any]:
    """Data 2.4.9: who vouches for a statement is the API client that sent it."""
    account = {"homePage": f"urn:libranet:node:{principal.node}", "name": principal.actor}
    return {"objectType": "Agent", "account": account}


def result_of(texts: Sequence[str], asked: Mapping[str, str], cursor: str | None) -> bytes:
    """A StatementResult (Data 2.5) made of statements as they are kept."""
    more = more_link(asked, cursor) if cursor else ""
    return b'{"statements":[' + ",".join(texts).encode() + b'],"more":' + orjson.dumps(more) + b"}"


def _header(request: CallRequest, name: str) -> str:
    """Header names are the same in any case (RFC 9110, 5.1), and servers write them in theirs."""
    return next((value for each, value in request.headers.items() if each.lower() == name.lower()), "")
