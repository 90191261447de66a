"""TLS as the sender uses it: the connection goes to the pinned address, the certificate is held to the name."""

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.deliveries import guard
from gateway.deliveries.post import PostFailed, post
from libranet.outside import addresses

NAME = "partner.example.org"


def self_signed(path: Path) -> None:
    """A certificate for NAME with its key in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256()))
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))


class Answerer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append(self.headers["Host"])  # type: ignore[attr-defined]
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Any]:
    """Speaks TLS on the loopback address and notes the names that clients ask for (SNI)."""
    pem = tmp_path / "partner.pem"
    self_signed(pem)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answerer)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.asked, server.heard, server.pem = [], [], str(pem)  # type: ignore[attr-defined]
    context.sni_callback = lambda _socket, name, _context: server.asked.append(name)  # type: ignore[attr-defined]
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def send(server: Any, host: str) -> int:
    found = guard.check(f"https://{host}:{server.server_port}/", [addresses.network("127.0.0.0/8")],
                        lambda *_: ["127.0.0.1"])
    return post(found, b"{}", {}).status


def test_the_certificate_is_held_to_the_name_not_to_the_address(
        server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", server.pem)
    assert send(server, NAME) == 204
    assert server.asked == [NAME]
    assert server.heard == [f"{NAME}:{server.server_port}"]


@pytest.mark.parametrize("host", ["other.example.org", "127.0.0.1"])
def test_a_certificate_for_another_name_is_refused(
        server: Any, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", server.pem)
    with pytest.raises(PostFailed, match="TLS: certificate verify failed"):
        send(server, host)
    assert server.heard == []


def test_a_certificate_of_nobody_known_is_refused(server: Any) -> None:
    with pytest.raises(PostFailed, match="TLS: certificate verify failed"):
        send(server, NAME)
    assert server.heard == []
