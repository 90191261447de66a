"""One reading of a query: the gateway checks what the service will read, whatever bytes a client sends."""

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

STRAY_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")
ALLOWED = "%!$&'()*+,;=:@/?-._~"
"""Besides letters and digits (RFC 3986, 3.4)."""
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def written_out(query: bytes) -> str:
    """As it came, but what an address cannot hold is percent-encoded byte by byte."""
    return quote(STRAY_PERCENT.sub(b"%25", query), safe=ALLOWED)


def read_once(application: Wsgi) -> Wsgi:
    """The application, which finds each query written out."""
    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["QUERY_STRING"] = written_out(environ.get("QUERY_STRING", "").encode("latin-1"))
        return application(environ, start_response)
    return answer
