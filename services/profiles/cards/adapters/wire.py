"""One connection to a library's system: a judged address, TLS unless told otherwise, frames in and out by one deadline.

Blocks until the deadline at most. Redirects, proxies and resolvers play no part once the address is judged.
"""

import socket
import ssl
import threading
import time
from collections.abc import Sequence

from libranet.outside import addresses
from libranet.outside.addresses import Network
from libranet.outside.guard import Resolver
from services.profiles.cards.domain.connection import CardConnection
from services.profiles.cards.domain.frames import FrameUnusable

MOST_BYTES = 16 * 1024
"""A patron's answer has some hundred bytes; more is no answer."""
READ_BYTES = 4096
MOST_ADDRESSES = 3


class NotReached(Exception):
    """No connection; the text says why, in words that tell nothing of the inside."""


class LineBroken(Exception):
    """The other side hung up: a new connection may help."""


class AnswerTooLate(Exception):
    """The deadline passed."""


class AnswerTooLong(Exception):
    """More bytes than any answer has."""


class Deadline:
    """A moment by which everything has to be done."""

    def __init__(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds; raises AnswerTooLate when there are none."""
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise AnswerTooLate("no answer in time")
        return left

    @property
    def passed(self) -> bool:
        return time.monotonic() >= self._ends_at


def resolve(host: str, port: int, deadline: Deadline, resolver: Resolver) -> list[str]:
    """The host's addresses. The system's resolver knows no deadline, so a thread of its own waits for it."""
    found: list[str] = []
    failed: list[Exception] = []

    def ask() -> None:
        try:
            found.extend(resolver(host, port))
        except (OSError, UnicodeError) as error:
            failed.append(error)

    thread = threading.Thread(target=ask, daemon=True, name="resolve-card-system")
    thread.start()
    thread.join(deadline.left())
    if not found:
        raise NotReached("the host name does not resolve" if failed or not thread.is_alive()
                         else "the name server does not answer")
    return list(dict.fromkeys(found))


def judged(found: Sequence[str], allowed: Sequence[Network]) -> list[str]:
    """The addresses, if all of them are public or all of them lie in networks that the operator allows."""
    try:
        read = [addresses.read(text) for text in found]
    except ValueError:
        raise NotReached("the name has an address that is none") from None
    if not (addresses.are_within(read, allowed) or all(addresses.is_public(each) for each in read)):
        raise NotReached("the address is not public; the operator has to allow its network (libranet "
                         "card-connection allow)")
    return [str(each) for each in read]


def connect(found: Sequence[str], port: int, deadline: Deadline) -> socket.socket:
    """A socket to the first address that answers. Raises NotReached or AnswerTooLate."""
    for address in found[:MOST_ADDRESSES]:
        try:
            opened = socket.create_connection((address, port), timeout=deadline.left())
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return opened
        except TimeoutError:
            raise AnswerTooLate("no connection in time") from None
        except OSError:
            continue
    raise NotReached("the connection is refused")


def secured(plain: socket.socket, connection: CardConnection, deadline: Deadline) -> ssl.SSLSocket:
    """TLS 1.2 or newer, certificate and name verified. Raises NotReached with the library's own words for why."""
    try:
        context = ssl.create_default_context(cadata=connection.tls_authorities or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        plain.settimeout(deadline.left())
        return context.wrap_socket(plain, server_hostname=connection.name_on_certificate)
    except TimeoutError:
        raise AnswerTooLate("no TLS in time") from None
    except ssl.SSLCertVerificationError as error:
        raise NotReached(f"the certificate is not accepted: {error.verify_message}") from None
    except (ssl.SSLError, OSError, ValueError):
        raise NotReached("the other side does not speak TLS 1.2 or newer as it should") from None


class Line:
    """Sends and receives frames on an open socket, which it closes."""

    def __init__(self, opened: socket.socket, deadline: Deadline) -> None:
        self._socket = opened
        self._deadline = deadline
        self._read = bytearray()

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, frame: bytes) -> None:
        """Sends one frame. Raises LineBroken, AnswerTooLate, or FrameUnusable where something came unasked."""
        if self._read.strip(b"\r\n"):
            raise FrameUnusable("more than one answer to one question")
        try:
            self._socket.settimeout(self._deadline.left())
            self._socket.sendall(frame)
        except TimeoutError:
            raise AnswerTooLate("it takes nothing") from None
        except OSError:
            raise LineBroken("it hung up") from None

    def receive(self) -> bytes:
        """The next frame without its line end: CR, CRLF or LF."""
        while True:
            del self._read[:len(self._read) - len(self._read.lstrip(b"\r\n"))]
            ends = [end for end in (self._read.find(b"\r"), self._read.find(b"\n")) if end >= 0]
            if ends:
                frame = bytes(self._read[:min(ends)])
                del self._read[:min(ends)]
                return frame
            if len(self._read) > MOST_BYTES:
                raise AnswerTooLong("an answer without an end")
            self._read += self._some()

    def _some(self) -> bytes:
        try:
            self._socket.settimeout(self._deadline.left())
            some = self._socket.recv(READ_BYTES)
        except TimeoutError:
            raise AnswerTooLate("no answer in time") from None
        except OSError:
            raise LineBroken("it hung up") from None
        if not some:
            raise LineBroken("it hung up")
        return some
