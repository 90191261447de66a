"""Requests to one checked address under the host's own name: no resolver is asked again, no proxy in between."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Timeout

from libranet.outside.guard import Target


@contextmanager
def opened(method: str, address: str, target: Target, headers: Mapping[str, str], timeout: Timeout,
           body: bytes | None = None) -> Iterator[BaseHTTPResponse]:
    """The answer of `address` (one of the target's), its body unread; a redirect is an answer like others.

    Raises urllib3's HTTPError. Only a certificate of the target's host is taken.
    """
    with _pool(address, target) as pool:
        response = pool.urlopen(
            method, target.place.path, body=body, headers={**headers, "Host": target.place.host_header},
            retries=False, redirect=False, assert_same_host=False, preload_content=False, decode_content=False,
            timeout=timeout)
        try:
            yield response
        finally:
            response.close()


def _pool(address: str, target: Target) -> HTTPConnectionPool:
    host = f"[{address}]" if ":" in address else address
    place = target.place
    if place.scheme == "http":
        return HTTPConnectionPool(host, place.port)
    return HTTPSConnectionPool(host, place.port, server_hostname=place.host, cert_reqs="CERT_REQUIRED")
