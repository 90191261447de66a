"""Fetches a feed's address: only what is public, also after redirects; conditionally, and within limits.

Every address is checked and then connected to as checked (libranet/outside). Raises FetchFailed with a reason that
is shown to the feed's owner and tells nothing of the inside. It does not promise an end: a board may drip for ever,
so whoever calls sets the deadline. Setting: FEED_ALLOWED_NETWORKS (CIDRs with commas).
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from urllib.parse import urljoin

from urllib3 import BaseHTTPResponse, Timeout
from urllib3.exceptions import HTTPError

from libranet.outside import guard
from libranet.outside.guard import Target, UrlRefused
from libranet.outside.pinned import opened

ALLOWED = "FEED_ALLOWED_NETWORKS"
SOMEWHERE_PUBLIC = "8.8.8.8"
"""Stands for a name's address where only the rest of a URL is judged; nobody connects to it."""
USER_AGENT = "Libranet-Feeds/1 (reads job feeds for public libraries)"
ACCEPT = "application/json, application/rss+xml, application/xml;q=0.9, text/html;q=0.8, */*;q=0.5"
MOST_REDIRECTS = 5
MOST_ADDRESSES_TRIED = 3
CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 20.0
REDIRECTS = (301, 302, 303, 307, 308)


class FetchFailed(Exception):
    """The address gave no file."""


@dataclass
class Reply:
    """What the board answered. `read(size)` gives the unpacked body piece by piece, or raises FetchFailed."""

    url: str
    unchanged: bool
    etag: str | None
    last_modified: str | None
    _response: BaseHTTPResponse

    def read(self, size: int) -> bytes:
        """Packed bodies are unpacked `size` bytes at a time, so that a bomb meets whoever counts them."""
        try:
            return self._response.read(size, decode_content=True)
        except HTTPError:
            raise FetchFailed("the answer broke off") from None


@contextmanager
def fetch(url: str, etag: str | None = None, last_modified: str | None = None,
          resolve: guard.Resolver = guard.system_resolver) -> Iterator[Reply]:
    """The answer of the last of up to five redirects. Raises FetchFailed for all but 200 and 304."""
    headers = {"User-Agent": USER_AGENT, "Accept": ACCEPT, "Accept-Encoding": "gzip, deflate"}
    headers |= {"If-None-Match": etag} if etag else {}
    headers |= {"If-Modified-Since": last_modified} if last_modified else {}
    for _ in range(MOST_REDIRECTS + 1):
        target = _checked(url, resolve)
        with _asked(target, headers) as response:
            if response.status in REDIRECTS and response.headers.get("Location"):
                url = _joined(url, response.headers["Location"])
                continue
            if response.status not in (200, 304):
                raise FetchFailed(f"the board answered {response.status}")
            yield Reply(url, response.status == 304, _word(response, "ETag"), _word(response, "Last-Modified"),
                        response)
            return
    raise FetchFailed(f"it redirects more than {MOST_REDIRECTS} times")


def check_address(url: str | None) -> None:
    """Refuses (UrlRefused) an address that can never be fetched. What a name resolves to is judged at each fetch."""
    if url is not None:
        guard.check(url, guard.networks_of(ALLOWED), lambda _host, _port: [SOMEWHERE_PUBLIC])


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise FetchFailed("it redirects to what is no address") from None


def _checked(url: str, resolve: guard.Resolver) -> Target:
    try:
        return guard.check(url, guard.networks_of(ALLOWED), resolve)
    except UrlRefused as refusal:
        raise FetchFailed(refusal.detail) from None


@contextmanager
def _asked(target: Target, headers: dict[str, str]) -> Iterator[BaseHTTPResponse]:
    failure = "no address answered"
    timeout = Timeout(connect=CONNECT_SECONDS, read=SILENCE_SECONDS)
    for address in target.addresses[:MOST_ADDRESSES_TRIED]:
        with ExitStack() as open_until_read:
            try:
                response = open_until_read.enter_context(opened("GET", address, target, headers, timeout))
            except HTTPError as error:
                failure = f"the connection failed ({type(error).__name__})"
                continue
            yield response
            return
    raise FetchFailed(failure)


def _word(response: BaseHTTPResponse, name: str) -> str | None:
    value = response.headers.get(name)
    return value if value and len(value) <= 300 else None
