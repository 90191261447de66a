"""What `GET /xAPI/statements` may ask for (Communication 2.1.3); names and values are checked first."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson

from services.learning.domain.agents import actor_key
from services.learning.domain.refusals import StatementQueryInvalid
from services.learning.domain.xapi.agents import actor
from services.learning.domain.xapi.findings import Check, Findings
from services.learning.domain.xapi.values import iri, read_timestamp, timestamp, uuid

MAX_LIMIT = 200
FILTERS = ("agent", "verb", "activity", "registration", "since", "until", "limit", "ascending", "cursor")
ONLY_VALUES = {
    "format": ("exact",), "attachments": ("false",), "related_agents": ("false",), "related_activities": ("false",),
}
"""Parameters of the standard whose other values are not answered yet: refused instead of quietly ignored."""
ONE_STATEMENT = ("statementId", "voidedStatementId")

_CURSOR = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]{8,20}Z?\|\d{4}\|[0-9a-f-]{36}")
"""As positions are written: when it was stored, its place in its array, its id."""


@dataclass(frozen=True, slots=True)
class StatementQuery:
    """Filters that were asked for; None where they were not. `is_voided`: of the one statement, whether it has to be
    voided. `since` and `until` are written like `stored`, and
    compared with it: later than `since`, not later than `until`. `cursor` is the position after which to go on."""

    statement_id: str | None = None
    is_voided: bool = False
    actor: str | None = None
    verb: str | None = None
    activity: str | None = None
    registration: str | None = None
    since: str | None = None
    until: str | None = None
    cursor: str | None = None
    limit: int = MAX_LIMIT
    ascending: bool = False


def read_query(asked: Mapping[str, str]) -> StatementQuery:
    """The query of a request; raises StatementQueryInvalid for an unknown parameter or a value that cannot be read."""
    for name, value in asked.items():
        _check_name(name, value)
    for name in ONE_STATEMENT:
        if name in asked:
            if any(other in asked for other in (*FILTERS, *ONE_STATEMENT) if other != name):
                raise StatementQueryInvalid(f"{name} stands alone: leave the filters out.", f"/{name}")
            return StatementQuery(_checked(uuid, name, asked).lower(), name == "voidedStatementId")
    return StatementQuery(
        actor=_actor(asked),
        verb=_checked(iri, "verb", asked) or None,
        activity=_checked(iri, "activity", asked) or None,
        registration=_checked(uuid, "registration", asked).lower() or None,
        since=_time(asked, "since"),
        until=_time(asked, "until"),
        cursor=_cursor(asked),
        limit=_limit(asked),
        ascending=_truth(asked, "ascending"),
    )


def more_link(asked: Mapping[str, str], cursor: str) -> str:
    """The relative link to the rest of a result: the same query, from `cursor` on."""
    return "/xAPI/statements?" + urlencode({**asked, "cursor": cursor})


def _check_name(name: str, value: str) -> None:
    if value not in ONLY_VALUES.get(name, (value,)):
        raise StatementQueryInvalid(f"{name}={value[:40]} is not answered here yet: leave it out.", f"/{name}")
    if name not in (*FILTERS, *ONLY_VALUES, *ONE_STATEMENT):
        raise StatementQueryInvalid("This is no parameter of xAPI; mind upper and lower case.", f"/{name[:100]}")


def _checked(check: Check, name: str, asked: Mapping[str, str]) -> str:
    value = asked.get(name)
    if value is None:
        return ""
    findings = Findings()
    check(value, f"/{name}", findings)
    if findings.count:
        raise StatementQueryInvalid(f"{name} {findings.errors[0]['detail']}.", errors=findings.errors)
    return value


def _actor(asked: Mapping[str, str]) -> str | None:
    if "agent" not in asked:
        return None
    try:
        agent: Any = orjson.loads(asked["agent"])
    except orjson.JSONDecodeError as error:
        raise StatementQueryInvalid("agent must be an agent in JSON.", "/agent") from error
    findings = Findings()
    actor(agent, "/agent", findings)
    key = actor_key(agent) if not findings.count else None
    if key is None:
        raise StatementQueryInvalid("agent must be an agent or group with an identifier.", "/agent", findings.errors)
    return key


def _time(asked: Mapping[str, str], name: str) -> str | None:
    moment = read_timestamp(_checked(timestamp, name, asked)) if name in asked else None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None


def _cursor(asked: Mapping[str, str]) -> str | None:
    cursor = asked.get("cursor")
    if cursor is not None and not _CURSOR.fullmatch(cursor):
        raise StatementQueryInvalid("cursor must be taken from a more link as it is.", "/cursor")
    return cursor


def _limit(asked: Mapping[str, str]) -> int:
    """Communication 2.1.3: 0 asks for as many as the server gives."""
    text = asked.get("limit", "0")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise StatementQueryInvalid("limit must be a whole number, zero or more.", "/limit")
    return min(int(text), MAX_LIMIT) or MAX_LIMIT


def _truth(asked: Mapping[str, str], name: str) -> bool:
    text = asked.get(name, "false")
    if text not in ("true", "false"):
        raise StatementQueryInvalid(f"{name} must be true or false.", f"/{name}")
    return text == "true"
