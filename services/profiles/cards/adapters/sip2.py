"""Our SIP2 client: asks a library's system about one card and one PIN, over a connection of its own.

A connection serves one patron and is closed, so it can never answer about the one before. One question is open at a
time; its answer has to bear its sequence number. What breaks off is tried once more on a new connection, by the same
deadline. Neither card nor PIN nor any answer is logged or kept; `watch` sees redacted steps only.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from libranet.clock import now
from libranet.outside import guard
from libranet.outside.addresses import Network
from services.profiles.cards.adapters import wire
from services.profiles.cards.adapters.wire import AnswerTooLate, AnswerTooLong, Deadline, Line, LineBroken, NotReached
from services.profiles.cards.domain import answers, frames
from services.profiles.cards.domain.answers import CardAnswer
from services.profiles.cards.domain.connection import CardConnection, Login
from services.profiles.cards.domain.frames import ChecksumWrong, FieldUnsendable, Frame, FrameUnusable
from services.profiles.cards.domain.steps import Step, Watch, shown_answer, shown_request

PROTOCOL = "2.00"
LANGUAGE = "000"
PRINT_WIDTH = "080"
KNOWS_PATRON_STATUS, KNOWS_PATRON_INFORMATION, KNOWS_END_SESSION = 0, 7, 8
"""Places in BX, the messages that a system says it knows."""
RESENDS = 1
Fields = list[tuple[str, str]]
Done = TypeVar("Done")


class ExchangeFailed(Exception):
    """No answer that could be used; the text says at which step and why, and names no card."""


class AnswerUnusable(ExchangeFailed):
    """The system is there; what it answered to this question lets nobody in."""


class AsksAgain(Exception):
    """The system asks for the same message again and again: it does not know it."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; without a number only as far as the status goes."""

    number: str | None = None
    pin: str | None = None


def nobody_watches(_step: Step) -> None:
    """Steps are shown in a test of the connection, and nowhere else."""


class Sip2:
    """Asks one library's system. `allowed` are the networks beyond the public internet that the operator allows."""

    def __init__(self, connection: CardConnection, login: Login, allowed: Sequence[Network] = (),
                 resolver: guard.Resolver = guard.system_resolver, watch: Watch = nobody_watches) -> None:
        self._connection = connection
        self._login = login
        self._allowed = allowed
        self._resolver = resolver
        self._watch = watch

    def ask(self, question: Question) -> CardAnswer | None:
        """What the system says; None for a question without a number. Raises ExchangeFailed within the deadline, an
        AnswerUnusable where the system is there."""
        deadline = Deadline(self._connection.deadline_seconds)
        try:
            try:
                return self._once(question, deadline)
            except LineBroken:
                return self._once(question, deadline)
        except (NotReached, LineBroken, AnswerTooLate, AnswerTooLong) as reason:
            raise ExchangeFailed(str(reason)) from None
        except (FrameUnusable, FieldUnsendable, AsksAgain) as reason:
            raise AnswerUnusable(str(reason)) from None

    def _once(self, question: Question, deadline: Deadline) -> CardAnswer | None:
        with self._open(deadline) as line:
            return Conversation(self._connection, self._login, line, self._watch).hold(question)

    def _open(self, deadline: Deadline) -> Line:
        there = self._connection
        found = self._step("resolve", lambda: wire.judged(
            wire.resolve(there.host, there.port, deadline, self._resolver), self._allowed))
        opened = self._step("connect", lambda: wire.connect(found, there.port, deadline))
        if not there.tls:
            self._watch(Step("tls", "skipped", "This connection is set to plain text."))
            return Line(opened, deadline)
        try:
            return Line(self._step("tls", lambda: wire.secured(opened, there, deadline)), deadline)
        except BaseException:
            opened.close()
            raise

    def _step(self, name: str, what: Callable[[], Done]) -> Done:
        started = time.monotonic()
        try:
            done = what()
        except Exception as reason:
            self._watch(Step(name, "failed", str(reason), milliseconds=since(started)))
            raise
        self._watch(Step(name, "ok", milliseconds=since(started)))
        return done


class Conversation:
    """The messages on one open line, in order."""

    def __init__(self, connection: CardConnection, login: Login, line: Line, watch: Watch) -> None:
        self._there = connection
        self._login = login
        self._line = line
        self._watch = watch
        self._sequence = -1
        self._knows = ""

    def hold(self, question: Question) -> CardAnswer | None:
        self._log_in()
        self._ask_status()
        if question.number is None:
            return None
        answer = self._read(self._ask_about(question.number, question.pin or ""), question.number)
        self._end_session(question.number)
        return answer

    def _log_in(self) -> None:
        if not self._there.login_user:
            self._watch(Step("login", "skipped", "No login is set; the system knows us by our address."))
            return
        fields = [("CN", self._there.login_user), ("CO", self._login.password)]
        if self._there.location:
            fields.append(("CP", self._there.location))
        answer = self._ask("login", "93", "00", fields, ("94",))
        if answer.fixed != "1":
            raise self._failed("login", "the system does not take our login")

    def _ask_status(self) -> None:
        if not self._there.asks_status:
            self._watch(Step("status", "skipped", "This connection is set to leave the status out."))
            return
        answer = self._ask("status", "99", f"0{PRINT_WIDTH}{PROTOCOL}", [], ("98",))
        if answer.fixed[0] != "Y":
            raise self._failed("status", "the system says that it is offline, when it would take any card")
        self._knows = answer.find("BX") or ""

    def _ask_about(self, number: str, pin: str) -> Frame:
        """Patron information (63), or patron status (23) where the system knows only that."""
        short = partial(self._ask, "patron", "23", LANGUAGE + self._moment(), self._patron(number, pin), ("24",))
        if self._there.patron_message == "23" or (
                not self._may(KNOWS_PATRON_INFORMATION) and self._may(KNOWS_PATRON_STATUS)):
            return short()
        try:
            fixed = LANGUAGE + self._moment() + " " * 10
            return self._ask("patron", "63", fixed, self._patron(number, pin), ("64",))
        except AsksAgain:
            return short()

    def _read(self, frame: Frame, number: str) -> CardAnswer:
        try:
            return answers.read_answer(frame, number)
        except FrameUnusable as reason:
            self._watch(Step("card", "failed", f"What came is {reason}."))
            raise

    def _end_session(self, number: str) -> None:
        """A courtesy: whatever is answered, the connection is closed."""
        if not self._there.ends_session or not self._may(KNOWS_END_SESSION):
            self._watch(Step("end", "skipped"))
            return
        try:
            self._ask("end", "35", self._moment(), self._patron(number, None), ("36",))
        except (LineBroken, AnswerTooLate, AnswerTooLong, FrameUnusable, AsksAgain):
            return

    def _may(self, place: int) -> bool:
        return self._knows[place:place + 1] != "N"

    def _moment(self) -> str:
        return frames.moment(now(), self._there.dialect.zone)

    def _patron(self, number: str, pin: str | None) -> Fields:
        fields = [("AO", self._there.institution), ("AA", number), ("AC", self._login.terminal_password)]
        return fields if pin is None else [*fields, ("AD", pin)]

    def _ask(self, step: str, code: str, fixed: str, fields: Fields, expected: tuple[str, ...]) -> Frame:
        """The answer to one message. Raises FrameUnusable for any other, and AsksAgain."""
        self._sequence = (self._sequence + 1) % 10
        dialect, started = self._there.dialect, time.monotonic()
        sent, got = shown_request(code, fixed, fields), ""
        try:
            for _ in range(1 + RESENDS):
                self._line.send(frames.request(code, fixed, fields, dialect, self._sequence))
                raw, answer = self._receive()
                got = shown_answer(raw, dialect)
                if answer.code in expected:
                    self._check_sequence(answer)
                    self._watch(Step(step, "ok", "", sent, got, since(started)))
                    return answer
                if answer.code != "96":
                    raise FrameUnusable("an answer to something else")
            raise AsksAgain("it asks for the same message again and again")
        except Exception as reason:
            self._watch(Step(step, "failed", str(reason), sent, got, since(started)))
            raise

    def _receive(self) -> tuple[bytes, Frame]:
        """One message; one that was damaged on its way is asked for once more."""
        raw = self._line.receive()
        try:
            return raw, frames.read(raw, self._there.dialect)
        except ChecksumWrong:
            self._line.send(frames.resend_request(self._there.dialect))
            raw = self._line.receive()
            return raw, frames.read(raw, self._there.dialect)

    def _check_sequence(self, answer: Frame) -> None:
        if self._there.dialect.checksum and answer.sequence != self._sequence:
            raise FrameUnusable("an answer with another question's sequence number")

    def _failed(self, step: str, why: str) -> NotReached:
        self._watch(Step(step, "failed", why))
        return NotReached(why)


def since(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 1)
