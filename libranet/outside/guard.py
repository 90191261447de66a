"""Keeps what others name from reaching inside: reads a URL strictly, resolves its host once, judges every address.

Used when an address is given to us and again before every connection, because names change. Whoever connects takes
the addresses found here and asks no resolver again, so nothing can change between check and connection.
"""

import re
import socket
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass

from libranet import settings
from libranet.outside import addresses
from libranet.outside.addresses import Network
from libranet.problems import Refusal

Resolver = Callable[[str, int], Sequence[str]]
"""The addresses of a host name and port as text; raises OSError when there are none."""

PORTS = {"https": 443, "http": 80}
LONGEST = 2000
VISIBLE_ASCII = re.compile(r"[!-~]+")
SHAPE = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?]*)(?P<path>.*)")
AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:(?P<port>[0-9]{1,5}))?")
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
LOOKS_LIKE_A_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
"""A last label of this form makes the host an IPv4 address for some parsers (WHATWG URL, `ends in a number`)."""
RESOLVE_SECONDS = 5
ASK = "or ask the platform's operator to allow its network for you"


class UrlRefused(Refusal):
    """We do not connect to this address."""

    title = "This address is not connected to"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, field="/url")


@dataclass(frozen=True)
class Place:
    """A URL in its parts. `host` is a lower-case name or an address; `path` has the query with it."""

    scheme: str
    host: str
    port: int
    path: str
    address: addresses.Address | None = None

    @property
    def host_header(self) -> str:
        """RFC 9110, 7.2: the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True)
class Target:
    """A place that was judged fit, and the addresses to connect to."""

    place: Place
    addresses: tuple[str, ...]


def read(url: str) -> Place:
    """The parts of a URL; raises UrlRefused for everything that parsers disagree about."""
    if len(url) > LONGEST or not VISIBLE_ASCII.fullmatch(url) or set(url) & set('#\\"<>^`{|}'):
        raise UrlRefused(f"Write an absolute URL of at most {LONGEST} visible ASCII characters without a fragment: "
                         "a host in its xn-- form, other characters as %XX.")
    shape = SHAPE.fullmatch(url)
    if shape is None or shape["scheme"].lower() not in PORTS:
        raise UrlRefused("Write an absolute URL that begins with https://.")
    if "@" in shape["authority"]:
        raise UrlRefused("Leave user name and password out of the URL.")
    authority = AUTHORITY.fullmatch(shape["authority"])
    if authority is None:
        raise UrlRefused("The host is neither a name nor an address in its usual form.")
    scheme = shape["scheme"].lower()
    port = int(authority["port"] or PORTS[scheme])
    if not 0 < port < 65536:
        raise UrlRefused("The port is not between 1 and 65535.")
    path = shape["path"]
    return _place(scheme, authority["host"].lower(), port, path if path.startswith("/") else "/" + path)


def _place(scheme: str, host: str, port: int, path: str) -> Place:
    bare = host[1:-1] if host.startswith("[") else host.removesuffix(".")
    last_label = bare.rpartition(".")[2]
    if host.startswith("[") or LOOKS_LIKE_A_NUMBER.fullmatch(last_label):
        try:
            return Place(scheme, bare, port, path, addresses.read(bare))
        except ValueError:
            raise UrlRefused("Write an address in its usual form, like 203.0.113.7 or [2001:db8::7].") from None
    if len(bare) > 253 or not all(LABEL.fullmatch(label) for label in bare.split(".")):
        raise UrlRefused("The host is no name that the DNS can hold.")
    return Place(scheme, bare, port, path)


def check(url: str, networks: Iterable[Network], resolve: Resolver) -> Target:
    """Where to connect for this URL. Outside `networks` (the operator's) only https, port 443, public addresses.

    Raises UrlRefused, also when the name does not resolve: nothing could be sent there. It never tells an address,
    or whoever gives URLs could read the inside's DNS.
    """
    place = read(url)
    found = [place.address] if place.address is not None else _resolved(place, resolve)
    texts = tuple(str(address) for address in found)
    if addresses.are_within(found, networks):
        return Target(place, texts)
    if place.scheme != "https" or place.port != PORTS["https"]:
        raise UrlRefused(f"Use https on port 443, {ASK}.")
    if not all(addresses.is_public(address) for address in found):
        raise UrlRefused("The host is not, or not only, on the public internet (it has a private, loopback or "
                         f"otherwise reserved address). Use a public address, {ASK}.")
    return Target(place, texts)


def _resolved(place: Place, resolve: Resolver) -> list[addresses.Address]:
    try:
        found = [addresses.read(text) for text in resolve(place.host, place.port)]
    except (OSError, ValueError):
        found = []
    if not found:
        raise UrlRefused("The host name does not resolve. Set up its DNS entry first, or correct the name.")
    return list(dict.fromkeys(found))


def networks_of(setting: str, also: Iterable[str] = ()) -> tuple[Network, ...]:
    """What the operator allows beyond the public internet: a setting of CIDRs with commas (default none), and more.
    A text that is no network raises ValueError."""
    return tuple(addresses.network(text) for text in (*settings.get(setting, " ").split(","), *also) if text.strip())


def system_resolver(host: str, port: int) -> list[str]:
    """The system's own resolver; takes as long as that takes."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


_resolving = ThreadPoolExecutor(max_workers=8, thread_name_prefix="resolve")


def patient_resolver(host: str, port: int) -> list[str]:
    """The system's resolver for at most RESOLVE_SECONDS, so that a slow name server holds no request for longer."""
    try:
        return _resolving.submit(system_resolver, host, port).result(RESOLVE_SECONDS)
    except TookTooLong as error:
        raise OSError("the name took too long to resolve") from error
