"""Requests to one checked address under the host's own name: no resolver is asked again, no proxy in between."""

import http.client
import io
import math
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Timeout

from libranet.outside.guard import Target


@contextmanager
def opened(method: str, address: str, target: Target, headers: Mapping[str, str], timeout: Timeout,
           body: bytes | None = None, ends_at: float = math.inf) -> Iterator[BaseHTTPResponse]:
    """The answer of `address` (one of the target's), its body unread; a redirect is an answer like others. Nothing is
    read after `ends_at` (time.monotonic), in however small pieces head and body come; under eventlet, whose handshakes
    and sendings may drip beyond it, the caller sets a Timeout besides.

    Raises urllib3's HTTPError. Only a certificate of the target's host is taken.
    """
    with _pool(address, target) as pool:
        pool.ConnectionCls = type("Connection", (pool.ConnectionCls,), {"response_class": partial(_Answer, ends_at)})
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


class _Answer(http.client.HTTPResponse):
    """A socket's own timeout begins anew with each piece; this one's reads share what is left until `ends_at`."""

    def __init__(self, ends_at: float, sock: socket.socket, *given: Any, **named: Any) -> None:
        super().__init__(sock, *given, **named)
        self.fp = io.BufferedReader(_Reads(self.fp.detach(), sock, ends_at))


class _Reads(io.RawIOBase):
    def __init__(self, raw: io.RawIOBase, sock: socket.socket, ends_at: float) -> None:
        self._raw, self._sock, self._ends_at = raw, sock, ends_at

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def readinto(self, buffer: Any) -> int | None:
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer is not whole in time")
        if left < math.inf:
            self._sock.settimeout(min(left, self._sock.gettimeout() or left))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
