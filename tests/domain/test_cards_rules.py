"""Rules of cards: what may be a number or a PIN, what an answer means, how often one may try."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.profiles.cards.domain import answers, attempts, connection, frames, numbers
from services.profiles.cards.domain.answers import AnotherPatronAnswered, CardAnswer
from services.profiles.cards.domain.connection import CardConnection, Login
from services.profiles.cards.domain.frames import Dialect, FieldUnsendable, Frame, FrameUnusable
from services.profiles.cards.domain.refusals import (
    CardBarred,
    CardExpired,
    CardNotAccepted,
    CardUnreadable,
    ConnectionUnusable,
    NoPlaceForCards,
    TooManyAttempts,
)
from services.profiles.org.domain.nodes import Node

CARD = "21234000011112"
TODAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
GOOD = CardAnswer(True, True, " " * 14, None)


def frame(flags: str = " " * 14, code: str = "64", **fields: str) -> Frame:
    return Frame(code, flags + " " * 45, tuple({"AA": CARD, "BL": "Y", "CQ": "Y", **fields}.items()))


@pytest.mark.parametrize("pin", ["", " ", "\t", "12|34", "12\r34", "12\n34", "12\x0034", "1\x1b[2J", "12\x7f", "1" * 65,
                                 "12\u202834", "12\u202e34", "\ud800"])
def test_a_pin_that_could_do_harm_is_refused_before_anything_is_sent(pin: str) -> None:
    with pytest.raises(CardUnreadable):
        numbers.pin(pin)


@pytest.mark.parametrize("card", [
    "", "12", "1|2", "12\r34", "12\n34", "12\x0034", "é1234", "1" * 65, "12\t34", "1\xa0234"])
def test_what_can_be_no_card_is_refused_before_anything_is_sent(card: str) -> None:
    with pytest.raises(CardUnreadable):
        numbers.card_number(card)


def test_blanks_in_a_number_are_print_and_those_in_a_pin_are_not() -> None:
    assert numbers.card_number(" 2 1234 00001 1112 ") == CARD
    assert numbers.pin(" 12 ä ") == " 12 ä "


@pytest.mark.parametrize("value", ["a|b", "a\rb", "a\nb", "a\x00b", "a\tb", "a\x7f"])
def test_no_value_can_end_its_field(value: str) -> None:
    for encoding in ("utf-8", "cp850"):
        with pytest.raises(FieldUnsendable):
            frames.request("63", "", [("AD", value)], Dialect(encoding=encoding), 0)


def test_a_letter_that_the_encoding_lacks_is_not_sent() -> None:
    with pytest.raises(FieldUnsendable):
        frames.request("63", "", [("AD", "漢")], Dialect(encoding="cp850"), 0)


def test_the_checksum_is_the_standards_own_example() -> None:
    """SIP2 2.00, request SC resend: 96AZFEF6."""
    assert frames.with_checksum(b"96") == b"96AZFEF6"
    assert frames.read(b"96AZFEF6", Dialect()).code == "96"


@pytest.mark.parametrize(("zone", "middle"), [("blank", "    "), ("zero", "0000"), ("utc", "   Z")])
def test_a_date_has_its_zone_in_the_middle(zone: str, middle: str) -> None:
    text = frames.moment(NOON, zone)
    assert (len(text), text[8:12]) == (18, middle)
    assert zone != "utc" or text == "20261122   Z120000"


def test_a_number_is_kept_as_another_hash_at_another_library() -> None:
    here, there = (numbers.hash_of_card(CARD, place) for place in ("demo.riverside", "demo.hill"))
    assert here == numbers.hash_of_card(CARD, "demo.riverside") != there
    assert CARD not in here
    assert here != numbers.hash_of_account("card", CARD, "demo.riverside")
    assert numbers.hash_of_account("ab", "c", "x") != numbers.hash_of_account("a", "bc", "x")


@pytest.mark.parametrize("pin_says", ["N", " ", "", "y", "YY", "1", "J"])
def test_a_pin_is_right_only_when_the_system_says_so(pin_says: str) -> None:
    with pytest.raises(CardNotAccepted):
        answers.check(answers.read_answer(frame(CQ=pin_says), CARD), ("expired",), TODAY)
    with pytest.raises(CardNotAccepted):
        answers.check(answers.read_answer(frame(BL=pin_says), CARD), ("expired",), TODAY)


def test_a_pin_that_the_system_says_nothing_about_is_not_right() -> None:
    silent = Frame("64", " " * 59, (("AA", CARD), ("BL", "Y")))
    with pytest.raises(CardNotAccepted):
        answers.check(answers.read_answer(silent, CARD), (), TODAY)


@pytest.mark.parametrize("about", ["21234000022223", "", "2123400001111", "021234000011112", CARD + "1"])
def test_an_answer_about_another_card_is_no_answer(about: str) -> None:
    with pytest.raises(AnotherPatronAnswered):
        answers.read_answer(frame(AA=about), CARD)
    with pytest.raises(AnotherPatronAnswered):
        answers.read_answer(Frame("64", " " * 59, (("BL", "Y"), ("CQ", "Y"))), CARD)


@pytest.mark.parametrize("code", ["94", "98", "36", "96"])
def test_an_answer_to_something_else_is_no_answer(code: str) -> None:
    with pytest.raises(FrameUnusable):
        answers.read_answer(frame(code=code), CARD)


def test_a_refused_card_is_told_the_same_whatever_the_reason() -> None:
    told = set()
    for fields in ({"CQ": "N"}, {"BL": "N"}, {"BL": "N", "CQ": "N"}):
        with pytest.raises(CardNotAccepted) as refusal:
            answers.check(answers.read_answer(frame(PA="19990101", **fields), CARD), ("expired",), TODAY)
        told.add(str(refusal.value))
    assert len(told) == 1


@pytest.mark.parametrize(("text", "day"), [
    ("20261121", date(2026, 11, 21)), ("20261121    235900", date(2026, 11, 21)), ("2026-11-21", date(2026, 11, 21)),
    ("2026-11-21 23:59:59", date(2026, 11, 21)), ("", None), (None, None), ("20261301", None), ("never", None),
    ("202611215", None)])
def test_the_day_of_expiry_is_read_in_several_shapes(text: str | None, day: date | None) -> None:
    assert answers.expiry(text) == day


def test_an_expired_card_is_refused_where_the_library_says_so() -> None:
    expired = CardAnswer(True, True, " " * 14, TODAY - timedelta(days=1))
    with pytest.raises(CardExpired):
        answers.check(expired, ("expired",), TODAY)
    answers.check(expired, (), TODAY)
    answers.check(CardAnswer(True, True, " " * 14, TODAY), ("expired",), TODAY)


def test_money_owed_never_bars_learning() -> None:
    owes = "".join("Y" if place in (0, 10, 11, 13) else " " for place in range(14))
    answers.check(CardAnswer(True, True, owes, None), answers.RULES, TODAY)


def test_a_library_may_bar_by_a_flag_of_its_choice() -> None:
    lost = " " * 4 + "Y" + " " * 9
    with pytest.raises(CardBarred, match="reported lost"):
        answers.check(CardAnswer(True, True, lost, None), ("reported-lost",), TODAY)
    answers.check(CardAnswer(True, True, lost, None), ("expired", "privileges-denied"), TODAY)
    with pytest.raises(CardBarred):
        answers.check(CardAnswer(True, True, "Y" + " " * 13, None), ("privileges-denied",), TODAY)


def test_a_card_can_be_tried_five_times_in_a_quarter_of_an_hour() -> None:
    known = None
    for _ in range(attempts.MOST_FAILURES):
        known = attempts.another(known, "hash", NOON)
    with pytest.raises(TooManyAttempts) as refusal:
        attempts.another(known, "hash", NOON + timedelta(minutes=5))
    assert int(refusal.value.headers["Retry-After"]) == 601
    assert attempts.another(known, "hash", NOON + attempts.WINDOW).count == 1
    assert known is not None
    assert attempts.another(attempts.given_back(known), "hash", NOON).count == attempts.MOST_FAILURES


def test_cards_belong_to_libraries_and_branches() -> None:
    for kind in ("library", "branch"):
        connection.check_place(Node("demo.riverside", kind, "Riverside"))
    for kind in ("consortium", "partner"):
        with pytest.raises(NoPlaceForCards):
            connection.check_place(Node("demo", kind, "Demo"))


def test_a_login_that_could_never_be_sent_is_refused_when_it_is_set() -> None:
    there = CardConnection(owner="demo.riverside", host="ils.example.org", port=6001)
    connection.check(there, Login("user", "pass", "word"))
    with pytest.raises(ConnectionUnusable):
        connection.check(there, Login("user", "pa|ss"))
    with pytest.raises(ConnectionUnusable, match="PEM"):
        connection.check(CardConnection(owner="x", host="h", port=1, tls_authorities="no certificate"), Login())
    with pytest.raises(ConnectionUnusable, match="tls"):
        connection.check(CardConnection(owner="x", host="h", port=1, tls=False, tls_name="h"), Login())


def test_prefixes_tell_the_cards_of_libraries_that_share_a_system_apart() -> None:
    assert numbers.is_of(CARD, ())
    assert numbers.is_of(CARD, ("999", "21234"))
    assert not numbers.is_of(CARD, ("31234",))
