"""A library's own system as tests need it: pysip2's server with a few cards, in plain text or with TLS; and systems
that say what a test wants, byte for byte."""

import datetime as time
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import pysip2
from anyio.streams.tls import TLSListener
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAME = "Ada Testperson"
ADDRESS = "12 Secret Street"
LOGIN = {"user": "libranet", "password": "sip-secret-7", "terminal_password": "term-secret-8"}


@dataclass
class Holder:
    """What the system knows of a card."""

    pin: str
    valid: bool = True
    flags: str = " " * 14
    expires: str | None = None


@dataclass
class LibrarySystem:
    """Runs in a thread on a free port. `heard` has the messages that came, as objects; `anybody` holds every card that
    is not in `cards`."""

    cards: dict[str, Holder] = field(default_factory=dict)
    anybody: Holder | None = None
    login: tuple[str, str] = (LOGIN["user"], LOGIN["password"])
    tls: ssl.SSLContext | None = None
    encoding: str = "utf-8"
    online: bool = True
    only_status: bool = False
    heard: list[pysip2.SIPRequest] = field(default_factory=list)
    port: int = 0

    def start(self) -> None:
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: anyio.run(self._run, ready), daemon=True)
        self._thread.start()
        assert ready.wait(60)

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(10)

    async def _run(self, ready: threading.Event) -> None:
        server = self._server()
        self._stop = threading.Event()
        listener = await server.listen(port=self.port)
        self.port = listener.extra(anyio.abc.SocketAttribute.local_port)
        if self.tls is not None:
            listener = TLSListener(listener, self.tls, standard_compatible=False)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listener.serve, server._handle_connection)
            ready.set()
            while not self._stop.is_set():
                await anyio.sleep(0.05)
            tasks.cancel_scope.cancel()

    def _server(self) -> pysip2.SIP2Server:
        server = pysip2.SIP2Server(encoding=self.encoding)
        server.route(pysip2.LOGIN)(self._log_in)
        server.route(pysip2.PATRON_STATUS)(self._status_of_patron)
        if not self.only_status:
            server.route(pysip2.PATRON_INFORMATION)(self._information)
            server.route(pysip2.END_PATRON_SESSION)(self._end)
        if not self.online:
            server._bx_flags = lambda: "Y" * 16  # type: ignore[method-assign]
            server.min_protocol_version = "9.00"
        return server

    def _log_in(self, asked: pysip2.LoginRequest, _: object) -> pysip2.LoginResponse:
        self.heard.append(asked)
        good = (asked.login_user_id, asked.login_password) == self.login
        return pysip2.LoginResponse(ok="1" if good else "0")

    def _judged(self, asked: pysip2.PatronInformationRequest) -> tuple[str, str, str]:
        self.heard.append(asked)
        holder = self.cards.get(asked.patron_identifier, self.anybody)
        if holder is None:
            return " " * 14, "N", "N"
        return holder.flags, "Y" if holder.valid else "N", "Y" if asked.patron_password == holder.pin else "N"

    def _information(self, asked: pysip2.PatronInformationRequest, _: object) -> pysip2.PatronInformationResponse:
        """As some systems do, with name and address whatever the PIN."""
        flags, valid, right = self._judged(asked)
        return pysip2.PatronInformationResponse(
            patron_status=flags, language="000", transaction_date=moment(), hold_items_count="0001",
            overdue_items_count="0002", charged_items_count="0003", fine_items_count="0004", recall_items_count="0000",
            unavailable_holds_count="0000", institution_id="TEST", patron_identifier=asked.patron_identifier,
            personal_name=NAME, home_address=ADDRESS, valid_patron=valid, valid_patron_password=right,
            fee_amount="12.50")

    def _status_of_patron(self, asked: pysip2.PatronStatusRequest, _: object) -> pysip2.PatronStatusResponse:
        flags, valid, right = self._judged(asked)  # type: ignore[arg-type]
        return pysip2.PatronStatusResponse(
            patron_status=flags, language="000", transaction_date=moment(), institution_id="TEST",
            patron_identifier=asked.patron_identifier, personal_name=NAME, valid_patron=valid,
            valid_patron_password=right)

    def _end(self, asked: pysip2.EndPatronSessionRequest, _: object) -> pysip2.EndSessionResponse:
        self.heard.append(asked)
        return pysip2.EndSessionResponse(end_session="Y", transaction_date=moment(), institution_id="TEST",
                                         patron_identifier=asked.patron_identifier)


def moment() -> str:
    return time.datetime.now(time.UTC).strftime("%Y%m%d    %H%M%S")


@contextmanager
def library_system(**settings: object) -> Iterator[LibrarySystem]:
    system = LibrarySystem(**settings)  # type: ignore[arg-type]
    system.start()
    try:
        yield system
    finally:
        system.stop()


Behaviour = Callable[[socket.socket], None]


@contextmanager
def odd_system(*behaviours: Behaviour) -> Iterator[tuple[int, list[int]]]:
    """Listens on a free port and treats each connection as the behaviours say, in turn, the last one for ever. Gives
    the port and a list that grows by one for each connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen: list[int] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                behave = behaviours[min(len(seen), len(behaviours) - 1)]
                seen.append(1)
                threading.Thread(target=treat, args=(behave, connection), daemon=True).start()

    def treat(behave: Behaviour, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            connection.settimeout(60)
            behave(connection)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1], seen
    finally:
        listener.close()


def answers(*frames: bytes) -> Behaviour:
    """Takes a message for each frame and answers with it."""
    def behave(connection: socket.socket) -> None:
        for frame in frames:
            if not connection.recv(4096):
                return
            connection.sendall(frame)
        connection.recv(4096)
    return behave


@dataclass(frozen=True)
class Certificate:
    """A throwaway certificate of its own authority, good for localhost and 127.0.0.1 unless told otherwise."""

    pem: str
    server: ssl.SSLContext


def certificate(folder: Path, name: str = "localhost") -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = time.datetime.now(time.UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(today - time.timedelta(days=1))
        .not_valid_after(today + time.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256()))
    pem = made.public_bytes(serialization.Encoding.PEM)
    file = folder / f"{name}.pem"
    file.write_bytes(pem + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                             serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return Certificate(pem.decode(), context)
