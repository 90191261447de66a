"""How a library's own system is reached: what its librarian or the operator has set. Secrets are kept beside it,
sealed."""

from dataclasses import dataclass, field
from datetime import datetime

from cryptography.x509 import load_pem_x509_certificates

from services.profiles.cards.domain.frames import Dialect, FieldUnsendable, encoded
from services.profiles.cards.domain.refusals import ConnectionUnusable, NoPlaceForCards
from services.profiles.org.domain.nodes import Node

DEFAULT_DEADLINE_SECONDS = 3.0
CARD_HOLDERS = ("library", "branch")


@dataclass(frozen=True, slots=True)
class Login:
    """What the library's system knows us by; the passwords are in clear text here and nowhere else."""

    user: str = ""
    password: str = ""
    terminal_password: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardConnection:
    """`owner` is the library or branch whose cards these are. Plain text goes out only where `tls` is False."""

    owner: str
    host: str
    port: int
    tls: bool = True
    tls_name: str = ""
    tls_authorities: str = ""
    login_user: str = ""
    location: str = ""
    institution: str = ""
    dialect: Dialect = field(default_factory=Dialect)
    asks_status: bool = True
    patron_message: str = "63"
    ends_session: bool = True
    deadline_seconds: float = DEFAULT_DEADLINE_SECONDS
    places: int = 4
    card_prefixes: tuple[str, ...] = ()
    bars: tuple[str, ...] = ("expired",)
    changed_at: datetime | None = None

    @property
    def name_on_certificate(self) -> str:
        return self.tls_name or self.host


def check_place(node: Node) -> None:
    """Raises NoPlaceForCards."""
    if node.kind not in CARD_HOLDERS:
        raise NoPlaceForCards(f"{node.id} is a {node.kind}. Connect each library; where several share one system, "
                              "card_prefixes tells their cards apart.")


def check(connection: CardConnection, login: Login) -> None:
    """Raises ConnectionUnusable for what could never be sent."""
    texts = {"/login/user": connection.login_user, "/login/password": login.password,
             "/login/terminal_password": login.terminal_password, "/location": connection.location,
             "/institution": connection.institution}
    for place, text in texts.items():
        try:
            encoded(text, connection.dialect.encoding)
        except FieldUnsendable as reason:
            raise ConnectionUnusable(f"Leave out |, line breaks and letters that the system does not know: {reason}.",
                                     place) from None
    if connection.tls_authorities:
        check_certificates(connection.tls_authorities)
    if not connection.tls and (connection.tls_name or connection.tls_authorities):
        raise ConnectionUnusable("Leave tls_name and tls_authorities out where tls is false.", "/tls")


def check_certificates(pem: str) -> None:
    """Raises ConnectionUnusable for what is no certificate."""
    try:
        load_pem_x509_certificates(pem.encode())
    except ValueError:
        raise ConnectionUnusable("Write certificates as PEM: -----BEGIN CERTIFICATE----- and so on.",
                                 "/tls_authorities") from None


def check_same_place(known: CardConnection, wanted: CardConnection, kept: Login) -> None:
    """A login that is kept goes only where it went: nobody sends it to a host of their own by changing the rest.
    Raises ConnectionUnusable."""
    before, after = ((each.host, each.port, each.tls, each.tls_name, each.tls_authorities)
                     for each in (known, wanted))
    if kept != Login() and before != after:
        raise ConnectionUnusable("Send the login again with another place; it is not taken along.", "/login")
