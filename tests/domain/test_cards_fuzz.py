"""Whatever a library's system says, nobody gets in unless it is the answer about this card with BL Y and CQ Y."""

from datetime import date

from hypothesis import example, given, settings
from hypothesis import strategies as some

from libranet.problems import Refusal
from services.profiles.cards.adapters.sip2 import AsksAgain, Conversation, Question, nobody_watches
from services.profiles.cards.adapters.wire import LineBroken, NotReached
from services.profiles.cards.domain import answers, frames
from services.profiles.cards.domain.connection import CardConnection, Login
from services.profiles.cards.domain.frames import Dialect, FrameUnusable

CARD, PIN = "21234000011112", "4711"
GOOD = (b"64" + b" " * 14 + b"00020261122    100000" + b"0" * 24 + b"AOTEST|AA" + CARD.encode()
        + b"|AESome Body|BLY|CQY|")
MANY = settings(max_examples=700, deadline=None)
WHOLE = settings(max_examples=300, deadline=None)
PIECES = some.sampled_from([
    b"AA" + CARD.encode(), b"AA" + CARD.encode()[:-1], b"AA9" + CARD.encode(), b"AA", b"BLY", b"BLN", b"BL ", b"BL",
    b"CQY", b"CQN", b"CQ ", b"CQ", b"AESome Body", b"AFBLY CQY", b"AOTEST", b"", b"BLYCQY", b"cqY", b" CQY",
    b"AY0AZ0000", b"PA20991231"])
HEADS = some.sampled_from([GOOD[:61], b"24" + GOOD[2:37], b"98" + b"Y" * 34, b"941", b"36Y" + b" " * 18, b"64", b"63"])
DIALECTS = some.builds(Dialect, checksum=some.booleans(), encoding=some.sampled_from(["utf-8", "cp850"]))


def lets_in(raw: bytes, dialect: Dialect) -> bool:
    try:
        answers.check(answers.read_answer(frames.read(raw, dialect), CARD), ("expired",), date(2026, 11, 22))
    except (FrameUnusable, Refusal):
        return False
    return True


def may_let_in(raw: bytes) -> bool:
    """Said otherwise, to be compared: one answer about a patron that names this card once, and once Y for both."""
    if raw[:2] not in (b"64", b"24"):
        return False
    fields = raw[61 if raw[:2] == b"64" else 37:].split(b"|")[:-1]
    return all([each for each in fields if each[:2] == name] == [name + value]
               for name, value in ((b"AA", CARD.encode()), (b"BL", b"Y"), (b"CQ", b"Y")))


@some.composite
def spoilt(draw: some.DrawFn) -> bytes:
    """The good frame with a few bytes changed, left out or put in."""
    raw = bytearray(GOOD)
    for _ in range(draw(some.integers(1, 4))):
        place = draw(some.integers(0, len(raw) - 1))
        kind = draw(some.sampled_from(["change", "cut", "put", "end"]))
        if kind == "change":
            raw[place] = draw(some.integers(0, 255))
        elif kind == "cut":
            del raw[place:place + draw(some.integers(1, 10))]
        elif kind == "put":
            raw[place:place] = draw(some.binary(max_size=6))
        else:
            del raw[max(place, 1):]
        raw = raw or bytearray(b"6")
    return bytes(raw)


def joined(head: bytes, pieces: list[bytes]) -> bytes:
    return head + b"".join(piece + b"|" for piece in pieces)


FRAMES = some.one_of(some.binary(max_size=200), spoilt(), some.builds(joined, HEADS, some.lists(PIECES, max_size=10)),
                     some.just(GOOD))


@MANY
@given(raw=FRAMES, dialect=DIALECTS)
@example(raw=GOOD, dialect=Dialect(checksum=False))
def test_no_frame_lets_anybody_in_unless_it_says_so(raw: bytes, dialect: Dialect) -> None:
    assert not lets_in(raw, dialect) or may_let_in(raw)


@MANY
@given(raw=FRAMES)
def test_a_checksum_changes_nothing_about_that(raw: bytes) -> None:
    assert not lets_in(frames.with_checksum(raw + b"AY3"), Dialect()) or may_let_in(raw)


def test_the_good_frame_does_let_in() -> None:
    assert lets_in(GOOD, Dialect(checksum=False))
    assert lets_in(frames.with_checksum(GOOD + b"AY3"), Dialect())


class Script:
    """Stands in for wire.Line: what the system says, frame by frame."""

    def __init__(self, said: list[bytes]) -> None:
        self.said = said
        self.sent: list[bytes] = []

    def send(self, frame: bytes) -> None:
        self.sent.append(frame)

    def receive(self) -> bytes:
        if not self.said:
            raise LineBroken("it hung up")
        return self.said.pop(0)


@WHOLE
@given(said=some.lists(some.one_of(FRAMES, some.sampled_from([b"941", b"98" + b"Y" * 34, b"96", GOOD])), max_size=6),
       checksum=some.booleans(), sequence=some.integers(0, 4), login=some.booleans(), status=some.booleans())
def test_no_conversation_lets_anybody_in_unless_one_answer_says_so(
        said: list[bytes], checksum: bool, sequence: int, login: bool, status: bool) -> None:
    frames_said = [frames.with_checksum(each + b"AY%d" % (number + sequence)) if checksum else each
                   for number, each in enumerate(said)]
    there = CardConnection(owner="demo.riverside", host="h", port=1, login_user="user" if login else "",
                           asks_status=status, dialect=Dialect(checksum=checksum), ends_session=False)
    line = Script(frames_said)
    try:
        answer = Conversation(there, Login(), line, nobody_watches).hold(Question(CARD, PIN))  # type: ignore[arg-type]
    except (FrameUnusable, LineBroken, NotReached, AsksAgain):
        return
    assert answer is not None
    assert not (answer.valid and answer.pin_right) or any(may_let_in(each) for each in said)


@MANY
@given(card=some.text(max_size=30), pin=some.text(max_size=30), dialect=DIALECTS)
def test_no_card_and_no_pin_adds_a_field_to_what_is_sent(card: str, pin: str, dialect: Dialect) -> None:
    try:
        raw = frames.request("63", "", [("AA", card), ("AD", pin)], dialect, 1)
    except frames.FieldUnsendable:
        return
    body = raw.removesuffix(b"\r")
    assert body.count(b"|") == 2
    assert not frames.CONTROL.search(body)
