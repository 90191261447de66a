"""Time as the platform writes it: aware UTC, RFC 3339 with milliseconds."""

from datetime import UTC, datetime

EPOCH = datetime.fromtimestamp(0, UTC)
"""A query for what is due begins here: without a beginning the stand-in reads all that has no time, too."""


def now() -> datetime:
    """The present as aware UTC, cut to milliseconds (what MongoDB keeps)."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def rfc3339(moment: datetime) -> str:
    """`2026-11-21T20:15:00.123Z`. Raises ValueError for a naive time."""
    if moment.tzinfo is None:
        raise ValueError("a time needs a zone")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_rfc3339(text: str) -> datetime:
    """Aware UTC from RFC 3339 text. Raises ValueError for anything else or a missing zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time needs a zone")
    return moment.astimezone(UTC)
