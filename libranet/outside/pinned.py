"""Connections to one checked address under the host's own name: no resolver is asked again, no proxy in between."""

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

from libranet.outside.guard import Target


def pinned_pool(address: str, target: Target) -> HTTPConnectionPool:
    """A pool that reaches `address` (one of the target's) and takes only a certificate of the target's host."""
    host = f"[{address}]" if ":" in address else address
    place = target.place
    if place.scheme == "http":
        return HTTPConnectionPool(host, place.port)
    return HTTPSConnectionPool(host, place.port, server_hostname=place.host, cert_reqs="CERT_REQUIRED")
