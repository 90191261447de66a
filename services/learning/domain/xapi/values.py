"""The single values of a statement: identifiers, times, language maps, extensions."""

import re
from datetime import UTC, datetime
from typing import Any

from services.learning.domain.xapi.findings import Check, Findings, below, kind_of

MAX_IRI_LENGTH = 4000
MAX_EXTENSION_DEPTH = 32
"""Deeper nesting is an attack or a mistake; JSON writers and databases give up near 100."""
MAX_WHOLE_NUMBER = 2**63 - 1

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20<>\"{}|\\^`\x7f\ud800-\udfff]+")
_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_MAILTO = re.compile(r"mailto:[^@\s\ud800-\udfff]+@[^@\s\ud800-\udfff]+", re.IGNORECASE)
_SHA1 = re.compile(r"[0-9a-fA-F]{40}")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_LANGUAGE = re.compile(r"(?:[A-Za-z]{2,8}|[xXiI](?=-))(?:-[A-Za-z0-9]{1,8})*")
_VERSION = re.compile(r"(?:1\.0|2\.0)(?:\.\d{1,4})?")
_MEDIA_TYPE = re.compile(r"[\w.+*-]+/[\w.+*-]+(?:\s*;.*)?", re.ASCII)
_TIMESTAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d+))?(?:([Zz])|([+-]\d\d)(?::?(\d\d))?)?", re.ASCII
)
_NUMBER = r"\d+(?:[.,]\d+)?"
_DURATION = re.compile(
    rf"P(?=.)(?:{_NUMBER}W|(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}D)?"
    rf"(?:T(?=.)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?)",
    re.ASCII,
)


_HOURS = re.compile(
    rf"P(?:({_NUMBER})W|(?:({_NUMBER})D)?(?:T(?:({_NUMBER})H)?(?:({_NUMBER})M)?(?:({_NUMBER})S)?)?)", re.ASCII)
HOURS_OF_UNITS = (7 * 24, 24, 1, 1 / 60, 1 / 3600)
"""Of a week, a day, an hour, a minute, a second."""
MAX_HOURS = 1_000_000


def text(value: object, at: str, findings: Findings) -> None:
    """Any text in Unicode."""
    if not isinstance(value, str):
        findings.add(at, f"must be text, not {kind_of(value)}")
    elif not value.isascii() and _SURROGATE.search(value):
        findings.add(at, "holds half of a surrogate pair: send whole characters")


def boolean(value: object, at: str, findings: Findings) -> None:
    """true or false, not their spellings as text."""
    if not isinstance(value, bool):
        findings.add(at, f"must be true or false, not {kind_of(value)}")


def number(value: object, at: str, findings: Findings) -> None:
    """A finite number that fits into 64 bits."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        findings.add(at, f"must be a number, not {kind_of(value)}")
    elif not -MAX_WHOLE_NUMBER <= value <= MAX_WHOLE_NUMBER:
        findings.add(at, "must be a number that fits into 64 bits")


def whole_number(value: object, at: str, findings: Findings) -> None:
    """Zero or a positive whole number."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_WHOLE_NUMBER:
        findings.add(at, "must be a whole number, zero or more")


def _matches(pattern: re.Pattern[str], advice: str, longest: int = MAX_IRI_LENGTH) -> Check:
    def check(value: object, at: str, findings: Findings) -> None:
        if not isinstance(value, str):
            findings.add(at, f"must be {advice}, not {kind_of(value)}")
        elif len(value) > longest or not pattern.fullmatch(value):
            findings.add(at, f"must be {advice}")

    return check


iri = _matches(_IRI, "a whole IRI with its scheme, such as https://example.org/course/1")
"""RFC 3987, loosely: a scheme and no characters that no IRI may have."""
uuid = _matches(_UUID, "a UUID in its usual form with four dashes")
mailto = _matches(_MAILTO, "an address as mailto:name@example.org")
sha1 = _matches(_SHA1, "a SHA-1 in 40 hexadecimal digits, made from the whole mailto: IRI")
language = _matches(_LANGUAGE, "a language tag such as en or es-MX (RFC 5646)", 100)
version = _matches(_VERSION, "an xAPI version such as 1.0.3 or 2.0.0", 20)
media_type = _matches(_MEDIA_TYPE, "a media type such as text/plain", 300)
duration = _matches(_DURATION, "an ISO 8601 duration such as PT1H30M", 100)
"""Data 4.6; a decimal fraction is taken at any unit."""


def exactly(word: str) -> Check:
    """The check of a value that can only be `word`."""

    def check(value: object, at: str, findings: Findings) -> None:
        if value != word:
            findings.add(at, f"must be {word!r} here")

    return check


def read_hours(value: str) -> float | None:
    """A duration (Data 4.6) in hours. None where it counts years or months, which are not always as long, or is longer
    than anybody lives."""
    parts = _HOURS.fullmatch(value)
    if parts is None:
        return None
    counted = [float((number or "0").replace(",", ".")) for number in parts.groups()]
    hours = sum(number * each for number, each in zip(counted, HOURS_OF_UNITS, strict=True))
    return round(hours, 4) if hours <= MAX_HOURS else None


def timestamp(value: object, at: str, findings: Findings) -> None:
    """Data 4.5: a date and a time of day as RFC 3339 writes them; `-00:00` is refused, a missing zone is UTC."""
    if not isinstance(value, str):
        findings.add(at, f"must be a timestamp in text, not {kind_of(value)}")
    elif read_timestamp(value) is None:
        findings.add(at, "must be an RFC 3339 timestamp such as 2026-11-21T20:15:00Z, and no offset of -00:00")


def read_timestamp(value: str) -> datetime | None:
    """Aware UTC; fractions are cut after six digits (producers send seven). None when it is no moment in time."""
    match = _TIMESTAMP.fullmatch(value)
    if match is None:
        return None
    day, time_of_day, fraction, _, hours, minutes = match.groups()
    if hours == "-00" and minutes in (None, "00"):
        return None
    if fraction:
        time_of_day = f"{time_of_day}.{fraction[:6]}"
    try:
        moment = datetime.fromisoformat(f"{day}T{time_of_day}{hours or '+00'}:{minutes or '00'}")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def language_map(value: object, at: str, findings: Findings) -> None:
    """Data 4.2: language tags with their texts."""
    if not isinstance(value, dict):
        findings.add(at, f"must be an object of language tags and texts, not {kind_of(value)}")
        return
    for tag, wording in value.items():
        place = below(at, tag)
        language(tag, place, findings)
        text(wording, place, findings)


def extensions(value: object, at: str, findings: Findings) -> None:
    """Data 4.1: IRIs with any JSON value, null included; an empty object is fine (XAPI-00119)."""
    if not isinstance(value, dict):
        findings.add(at, f"must be an object, not {kind_of(value)}")
        return
    for name, inner in value.items():
        place = below(at, name)
        iri(name, place, findings)
        reason = _unstorable(inner)
        if reason:
            findings.add(place, reason)


def _unstorable(value: Any) -> str | None:
    pending = [(value, 1)]
    while pending:
        inner, depth = pending.pop()
        if isinstance(inner, dict | list):
            if depth > MAX_EXTENSION_DEPTH:
                return f"is nested more than {MAX_EXTENSION_DEPTH} levels deep: flatten it"
            names = list(inner) if isinstance(inner, dict) else []
            pending += [(item, depth + 1) for item in names]
            pending += [(item, depth + 1) for item in (inner.values() if isinstance(inner, dict) else inner)]
        elif isinstance(inner, str):
            if not inner.isascii() and _SURROGATE.search(inner):
                return "holds half of a surrogate pair: send whole characters"
        elif isinstance(inner, int | float) and not -MAX_WHOLE_NUMBER <= inner <= MAX_WHOLE_NUMBER:
            return "holds a number that does not fit into 64 bits: send it as text"
    return None
