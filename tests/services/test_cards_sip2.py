"""Our SIP2 client before real sockets: what lets somebody in, and all that does not."""

import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from libranet.outside import addresses
from services.profiles.cards.adapters.sip2 import ExchangeFailed, Question, Sip2
from services.profiles.cards.domain import frames
from services.profiles.cards.domain.answers import CardAnswer
from services.profiles.cards.domain.connection import CardConnection, Login
from services.profiles.cards.domain.frames import Dialect
from services.profiles.cards.domain.steps import Step
from tests.library_system import (
    ADDRESS,
    LOGIN,
    NAME,
    Holder,
    LibrarySystem,
    answers,
    certificate,
    library_system,
    odd_system,
)
from tests.patience import is_done_within, until

LOOPBACK = (addresses.network("127.0.0.0/8"),)
CARD, PIN = "21234000011112", "pin 4711"
OTHER = "21234000022223"
QUESTION = Question(CARD, PIN)
ONLINE = b"98YYYYNN03000320261122    1000002.00AOTEST|BXYYYYYYYYYYYYYYYY|"
PLAIN = Dialect(checksum=False)


@pytest.fixture(scope="module")
def system() -> Iterator[LibrarySystem]:
    with library_system(cards={CARD: Holder(PIN), OTHER: Holder("other", valid=False)}) as running:
        yield running


def there(port: int, **settings: object) -> CardConnection:
    given = {"tls": False, "login_user": LOGIN["user"], "institution": "TEST", **settings}
    return CardConnection(owner="demo.riverside", host="127.0.0.1", port=port, **given)  # type: ignore[arg-type]


def ask(connection: CardConnection, question: Question = QUESTION, steps: list[Step] | None = None) -> CardAnswer:
    client = Sip2(connection, Login(**LOGIN), LOOPBACK, watch=(steps if steps is not None else []).append)
    answer = client.ask(question)
    assert answer is not None
    return answer


def patron_answer(card: str = CARD, sequence: int | None = None, more: bytes = b"") -> bytes:
    """A frame that would let somebody in, if it is the answer to the question."""
    body = (b"64" + b" " * 14 + b"00020261122    100000" + b"0000" * 6 + b"AOTEST|AA" + card.encode()
            + b"|AESomebody|BLY|CQY|" + more)
    if sequence is not None:
        body = frames.with_checksum(body + b"AY%d" % sequence)
    return body + b"\r"


def let_in(answer: CardAnswer) -> bool:
    return answer.valid and answer.pin_right


@pytest.mark.parametrize("dialect", [
    Dialect(), PLAIN, Dialect(zone="utc", encoding="cp850")], ids=str)
def test_a_right_card_and_pin_are_valid_in_every_dialect(system: LibrarySystem, dialect: Dialect) -> None:
    assert let_in(ask(there(system.port, dialect=dialect)))


def test_a_line_may_end_in_cr_and_lf() -> None:
    heard: list[bytes] = []

    def behave(connection: socket.socket) -> None:
        for frame in (ONLINE, patron_answer()):
            heard.append(connection.recv(4096))
            connection.sendall(frame.rstrip() + b"\r\n")

    with odd_system(behave) as (port, _):
        assert let_in(ask(there(port, login_user="", dialect=Dialect(checksum=False, line_end="crlf"))))
    assert all(each.endswith(b"|\r\n") or each == b"9900802.00\r\n" for each in heard)


def test_a_wrong_pin_and_an_unknown_card_are_not_valid(system: LibrarySystem) -> None:
    assert not let_in(ask(there(system.port), Question(CARD, "wrong")))
    assert not let_in(ask(there(system.port), Question("404", PIN)))
    assert not let_in(ask(there(system.port), Question(OTHER, "other")))


def test_the_session_is_ended_and_the_pin_sent_once(system: LibrarySystem) -> None:
    system.heard.clear()
    ask(there(system.port, location="desk"))
    names = [type(each).__name__ for each in system.heard]
    assert names == ["LoginRequest", "PatronInformationRequest", "EndPatronSessionRequest"]
    assert [getattr(each, "patron_password", None) for each in system.heard] == [None, PIN, None]


def test_a_system_without_patron_information_is_asked_for_the_patron_status() -> None:
    with library_system(cards={CARD: Holder(PIN)}, only_status=True) as small:
        assert let_in(ask(there(small.port)))
        assert not let_in(ask(there(small.port), Question(CARD, "wrong")))
        assert let_in(ask(there(small.port, patron_message="23", asks_status=False)))


def test_a_system_that_asks_again_and_again_is_asked_for_the_patron_status() -> None:
    again, short = b"96\r", b"24" + patron_answer()[2:37] + b"AOTEST|AA" + CARD.encode() + b"|BLY|CQY|\r"
    with odd_system(answers(again, again, short)) as (port, _):
        assert let_in(ask(there(port, login_user="", asks_status=False, dialect=PLAIN)))


def test_a_system_that_is_offline_lets_nobody_in() -> None:
    with library_system(cards={CARD: Holder(PIN)}, online=False) as offline:
        with pytest.raises(ExchangeFailed, match="offline"):
            ask(there(offline.port))


def test_a_wrong_login_is_told(system: LibrarySystem) -> None:
    with pytest.raises(ExchangeFailed, match="does not take our login"):
        ask(there(system.port, login_user="somebody"))


def test_an_answer_about_another_patron_is_rejected_and_the_connection_dropped() -> None:
    seen: list[bytes] = []

    def behave(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(patron_answer(OTHER))
        seen.append(connection.recv(4096))

    with odd_system(behave) as (port, connections):
        with pytest.raises(ExchangeFailed, match="another card"):
            ask(there(port, login_user="", asks_status=False, dialect=PLAIN))
        until(lambda: bool(seen))
    assert (seen, len(connections)) == ([b""], 1)


def test_an_answer_with_another_sequence_number_is_rejected() -> None:
    with odd_system(answers(patron_answer(sequence=7))) as (port, _):
        with pytest.raises(ExchangeFailed, match="sequence"):
            ask(there(port, login_user="", asks_status=False))
    with odd_system(answers(patron_answer(sequence=0))) as (port, _):
        assert let_in(ask(there(port, login_user="", asks_status=False)))


def test_two_answers_to_one_question_are_rejected() -> None:
    with odd_system(answers(ONLINE + b"\r" + patron_answer(), patron_answer())) as (port, _):
        with pytest.raises(ExchangeFailed, match="more than one answer"):
            ask(there(port, login_user="", dialect=PLAIN))


def test_a_damaged_answer_is_asked_for_again_once() -> None:
    damaged = patron_answer(sequence=0).replace(b"Somebody", b"Some0ody")
    with odd_system(answers(damaged, patron_answer(sequence=0))) as (port, _):
        assert let_in(ask(there(port, login_user="", asks_status=False)))
    with odd_system(answers(damaged, damaged)) as (port, _):
        with pytest.raises(ExchangeFailed, match="checksum"):
            ask(there(port, login_user="", asks_status=False))


def test_what_breaks_off_is_tried_once_more_on_a_new_connection() -> None:
    def hang_up(connection: socket.socket) -> None:
        connection.recv(4096)

    settings = {"login_user": "", "asks_status": False, "dialect": PLAIN}
    with odd_system(hang_up, answers(patron_answer())) as (port, connections):
        assert let_in(ask(there(port, **settings)))
        assert len(connections) == 2
    with odd_system(hang_up) as (port, connections):
        with pytest.raises(ExchangeFailed, match="hung up"):
            ask(there(port, **settings))
        assert len(connections) == 2


@pytest.mark.parametrize("bytes_each", [0, 1])
def test_a_system_that_is_silent_or_drips_is_given_up_at_the_deadline(bytes_each: int) -> None:
    def drip(connection: socket.socket) -> None:
        connection.recv(4096)
        for each in patron_answer():
            connection.sendall(bytes([each])[:bytes_each])
            time.sleep(0.05)

    with odd_system(drip) as (port, _):
        def exchange() -> None:
            with pytest.raises(ExchangeFailed, match="in time"):
                ask(there(port, login_user="", asks_status=False, dialect=PLAIN, deadline_seconds=0.5))

        assert is_done_within(1.0, exchange)


@pytest.mark.parametrize("sent", [
    b"\r\n" * 5 + b"\x00\x00\r", b"garbage\r", b"64\r", patron_answer()[:70] + b"\r", patron_answer()[:-8] + b"\r",
    b"x" * 40_000, b"HTTP/1.1 200 OK\r\n\r\nBLYCQY\r\n", patron_answer(more=b"BLN|"), patron_answer(more=b"AA1|"),
    patron_answer(more=b"CQY|"), b"94" + b"1\r", b"98" + patron_answer()[2:], b"\xff" * 100 + b"\r", ONLINE + b"\r"])
def test_garbage_lets_nobody_in(sent: bytes) -> None:
    with odd_system(answers(sent)) as (port, _):
        with pytest.raises(ExchangeFailed):
            ask(there(port, login_user="", asks_status=False, dialect=PLAIN, deadline_seconds=0.5))


def test_a_private_address_is_refused_unless_the_operator_allows_it(system: LibrarySystem) -> None:
    for allowed in ((), (addresses.network("10.0.0.0/8"),)):
        with pytest.raises(ExchangeFailed, match="not public"):
            Sip2(there(system.port), Login(**LOGIN), allowed).ask(QUESTION)


def test_a_name_with_one_private_address_is_refused(system: LibrarySystem) -> None:
    for found in (["93.184.215.14", "127.0.0.1"], ["::ffff:127.0.0.1"], ["not an address"]):
        with pytest.raises(ExchangeFailed, match="address"):
            Sip2(there(system.port), Login(**LOGIN), (), lambda _host, _port, found=found: found).ask(QUESTION)


def test_a_name_server_that_does_not_answer_costs_no_more_than_the_deadline() -> None:
    def slow(_host: str, _port: int) -> list[str]:
        time.sleep(2)
        return ["127.0.0.1"]

    def ask_slowly() -> None:
        with pytest.raises(ExchangeFailed, match="name server"):
            Sip2(there(1, deadline_seconds=0.5), Login(**LOGIN), LOOPBACK, slow).ask(QUESTION)

    assert is_done_within(1.5, ask_slowly)


def test_tls_is_verified_by_authority_and_name(tmp_path: Path) -> None:
    mine, stranger = certificate(tmp_path), certificate(tmp_path, "elsewhere.example")
    with library_system(cards={CARD: Holder(PIN)}, tls=mine.server) as secure:
        good = {"tls": True, "tls_name": "localhost", "tls_authorities": mine.pem}
        steps: list[Step] = []
        assert let_in(ask(there(secure.port, **good), steps=steps))
        assert [f"{each.name} {each.outcome}" for each in steps][:3] == ["resolve ok", "connect ok", "tls ok"]
        for wrong in ({"tls_authorities": ""}, {"tls_authorities": stranger.pem}, {"tls_name": "elsewhere.example"},
                      {"tls_name": ""}, {"tls_authorities": "no certificate"}):
            with pytest.raises(ExchangeFailed):
                ask(there(secure.port, **{**good, **wrong}))


def test_plain_text_is_never_a_way_out_of_tls(system: LibrarySystem, tmp_path: Path) -> None:
    system.heard.clear()
    with pytest.raises(ExchangeFailed, match="TLS"):
        ask(there(system.port, tls=True, tls_name="localhost", tls_authorities=certificate(tmp_path).pem))
    assert system.heard == []


def limit_to_tls_1_1(context: ssl.SSLContext) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1


def test_tls_before_1_2_is_refused(tmp_path: Path) -> None:
    old = certificate(tmp_path)
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        limit_to_tls_1_1(old.server)
    with library_system(cards={CARD: Holder(PIN)}, tls=old.server) as secure, pytest.raises(ExchangeFailed):
        ask(there(secure.port, tls=True, tls_name="localhost", tls_authorities=old.pem))


def test_the_steps_show_no_card_no_pin_no_name_and_no_secret(system: LibrarySystem) -> None:
    steps: list[Step] = []
    ask(there(system.port, location="desk-9"), steps=steps)
    ask(there(system.port), Question(CARD, "wrong-pin"), steps)
    with pytest.raises(ExchangeFailed):
        ask(there(system.port, login_user="intruder-5"), steps=steps)
    shown = repr(steps)
    for secret in (CARD, PIN, "wrong-pin", NAME, ADDRESS, "12.50", "desk-9", "intruder-5", *LOGIN.values()):
        assert secret not in shown
    assert [each.name for each in steps[:7]] == ["resolve", "connect", "tls", "login", "status", "patron", "end"]
    assert "BLY|" in steps[5].got
    assert "AD•••|" in steps[5].sent
