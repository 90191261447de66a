"""Messages of SIP2 (3M Standard Interchange Protocol 2.00) as bytes: made and read, strictly.

A frame is two digits, a fixed part, fields of two letters and a value each ended by `|`, and with error detection
`AY`, a sequence digit, `AZ` and four digits of checksum. What is not exactly that is no message.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

FIXED_LENGTHS: Mapping[str, int] = {"94": 1, "98": 34, "24": 35, "64": 59, "36": 19, "96": 0}
"""Of the messages that a library's system sends us, the characters between code and fields."""
DECISIVE = ("AA", "BL", "CQ", "BX")
"""A frame that has one of these twice may mean two things, so it means nothing."""
ERROR_DETECTION = re.compile(rb"(?:AY([0-9]))?AZ([0-9A-Fa-f]{4})\Z")
FIELD = re.compile(r"([A-Z][A-Z0-9])([^|]*)", re.DOTALL)
CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
SEPARATOR = "|"
RESEND = "97"
ZONES = {"blank": "    ", "zero": "0000", "utc": "   Z"}


class FieldUnsendable(ValueError):
    """A value would end its field or its frame, or has letters that the library's system does not know."""


class FrameUnusable(ValueError):
    """What came is no message, or might be two."""


class ChecksumWrong(FrameUnusable):
    """The frame was damaged on its way: it may be asked for once more."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one library's system speaks. `zone` is what stands between date and time: one of ZONES."""

    checksum: bool = True
    line_end: str = "cr"
    encoding: str = "utf-8"
    zone: str = "blank"

    @property
    def end(self) -> bytes:
        return b"\r\n" if self.line_end == "crlf" else b"\r"


@dataclass(frozen=True, slots=True)
class Frame:
    """One message. `sequence` is None where the sender detects no errors."""

    code: str
    fixed: str
    fields: tuple[tuple[str, str], ...] = ()
    sequence: int | None = None

    def find(self, tag: str) -> str | None:
        """The first field of this name."""
        return next((value for name, value in self.fields if name == tag), None)


def request(code: str, fixed: str, fields: Iterable[tuple[str, str]], dialect: Dialect, sequence: int) -> bytes:
    """A message to send, with its line end. Raises FieldUnsendable, so that no value can add a field."""
    parts = [f"{code}{fixed}".encode("ascii")]
    parts += [tag.encode("ascii") + encoded(value, dialect.encoding) + b"|" for tag, value in fields]
    body = b"".join(parts)
    if CONTROL.search(body):
        raise FieldUnsendable("a control character cannot be sent")
    return (with_checksum(body + b"AY%d" % sequence) if dialect.checksum else body) + dialect.end


def resend_request(dialect: Dialect) -> bytes:
    """Asks for the last answer again; it has no sequence number of its own."""
    return (with_checksum(RESEND.encode()) if dialect.checksum else RESEND.encode()) + dialect.end


def encoded(value: str, encoding: str) -> bytes:
    try:
        raw = value.encode(encoding)
    except UnicodeEncodeError:
        raise FieldUnsendable(f"a letter cannot be written in {encoding}") from None
    if b"|" in raw or b"\t" in raw or CONTROL.search(raw):
        raise FieldUnsendable("a separator or a control character cannot be sent")
    return raw


def is_sendable(value: str, dialect: Dialect) -> bool:
    """Whether the library's system knows every letter of it."""
    try:
        encoded(value, dialect.encoding)
    except FieldUnsendable:
        return False
    return True


def with_checksum(body: bytes) -> bytes:
    return body + b"AZ%04X" % checksum(body + b"AZ")


def checksum(data: bytes) -> int:
    """The two's complement of the sum of all bytes through `AZ`, 16 bits."""
    return -sum(data) & 0xFFFF


def read(raw: bytes, dialect: Dialect) -> Frame:
    """The message in these bytes (line end removed). Raises FrameUnusable, or ChecksumWrong for what was damaged."""
    if CONTROL.search(raw):
        raise FrameUnusable("a control character inside a message")
    body, sequence = _without_error_detection(raw, dialect)
    text = body.decode(dialect.encoding, "replace")
    code, rest = text[:2], text[2:]
    length = FIXED_LENGTHS.get(code)
    if length is None:
        raise FrameUnusable("a message that nobody asked for")
    fixed, rest = rest[:length], rest[length:]
    if len(fixed) < length or SEPARATOR in fixed:
        raise FrameUnusable("a message that is too short")
    return Frame(code, fixed, _fields(rest), sequence)


def _without_error_detection(raw: bytes, dialect: Dialect) -> tuple[bytes, int | None]:
    found = ERROR_DETECTION.search(raw)
    if found is None:
        if dialect.checksum:
            raise ChecksumWrong("a message without a checksum")
        return raw, None
    if checksum(raw[:found.end() - 4]) != int(found[2], 16):
        raise ChecksumWrong("a message whose checksum is wrong")
    return raw[:found.start()], int(found[1]) if found[1] else None


def _fields(text: str) -> tuple[tuple[str, str], ...]:
    *parts, last = text.split(SEPARATOR)
    if last.strip():
        raise FrameUnusable("a field without its end")
    found = [FIELD.fullmatch(part) for part in parts if part]
    fields = tuple((each[1], each[2]) for each in found if each is not None)
    if len(fields) != len(found):
        raise FrameUnusable("a field without a name")
    names = [name for name, _ in fields]
    if any(names.count(tag) > 1 for tag in DECISIVE):
        raise FrameUnusable("a decisive field that is there twice")
    return fields


def moment(at: datetime, zone: str) -> str:
    """18 characters: date, zone, time. Only `utc` says a zone; the others mean the system's own time."""
    local = at.astimezone(UTC) if zone == "utc" else at.astimezone()
    return f"{local:%Y%m%d}{ZONES[zone]}{local:%H%M%S}"
