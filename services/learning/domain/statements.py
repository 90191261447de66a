"""Statements as they arrive: checked, given their identity, and judged by the rule table.

The id of a statement that comes without one follows from its content, so one that is sent again is the same
statement. Two acts that differ in nothing at all (no id, no timestamp: Moodle sends such) are one statement too; for
a finished course that is what we want, and a producer who means two sends ids or times.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import orjson

from libranet.ids import keyed_id
from services.learning.domain.agents import actor_key, agents_of, forget, people_of
from services.learning.domain.circumstances import hours_of, was_proctored
from services.learning.domain.refusals import StatementConflict, StatementsInvalid, StatementTooLarge
from services.learning.domain.rules import Verdict, judge
from services.learning.domain.xapi import MAX_FINDINGS, Findings, check_statement
from services.learning.domain.xapi.statement import VOIDED
from services.learning.domain.xapi.values import read_timestamp

MAX_STATEMENTS = 1000
"""Of one request: more would hold the database's transaction for seconds."""
MAX_AGENTS = 1000
"""That one statement names: whoever is erased is looked for among them, and what stands in for each may be longer."""
MAX_STATEMENT_BYTES = 2**20
"""As it is given back: numbers may be longer there than they were sent, and a database's document has its limit."""

_GIVEN_BY_THE_STORE = ("id", "stored", "authority", "version")
_LATEST = {"1": "1.0.3", "2": "2.0.0"}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the store adds to each statement of a request (Data 2.4.8 to 2.4.10)."""

    stored: datetime
    authority: dict[str, Any]
    version: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that may be kept. `content` is the whole of it as it is given back; `fingerprint` tells whether
    two with the same id say the same; `occurred_at` is never after it was received. `voids` is the id of the statement
    that it voids, if it does that."""

    id: str
    actor: str | None
    people: tuple[str, ...]
    verb: str
    activity: str | None
    registration: str | None
    occurred_at: datetime
    score: float | None
    proctored: bool | None
    hours: float | None
    voids: str | None
    verdict: Verdict
    fingerprint: str
    content: dict[str, Any]


def receive(body: object, receipt: Receipt) -> list[Statement]:
    """The statements of a request, in its order, all or none; raises StatementsInvalid or StatementTooLarge, naming
    every place."""
    several = isinstance(body, list)
    items: list[Any] = body if isinstance(body, list) else [body]
    if len(items) > MAX_STATEMENTS:
        raise StatementsInvalid(f"Send no more than {MAX_STATEMENTS} statements in one request.", "/")
    findings = Findings()
    for position, item in enumerate(items):
        check_statement(item, _place(position, several), findings)
    if not findings.count:
        _check_ids_differ(items, findings)
        _check_agents(items, findings, several)
    if findings.count:
        raise StatementsInvalid(_what_to_do(findings, several), errors=findings.errors)
    statements = [_of(item, receipt) for item in items]
    _check_sizes(statements, findings, several)
    return statements


def agree_with(fingerprint: str, content: dict[str, Any], statement: Statement) -> None:
    """Raises StatementConflict unless the kept statement (its fingerprint as sent, and its content) says the same."""
    if statement.fingerprint not in (fingerprint, fingerprint_of(content)):
        raise StatementConflict(f"Statement {statement.id} is kept here with other content: give the new one a new id.")


def without(erased: Collection[str], statements: Iterable[Statement]) -> list[Statement]:
    """What may be kept when these accounts are those of erased patrons: none of their acts, and the acts of others
    with them taken out."""
    return [_forgetting(erased, each) for each in statements if each.actor not in erased]


def fingerprint_of(statement: dict[str, Any]) -> str:
    """A digest of what a statement says, without what a store adds and what may be worded anew (Data 2.3.1)."""
    essence = _essence({name: value for name, value in statement.items() if name not in _GIVEN_BY_THE_STORE})
    return hashlib.sha256(orjson.dumps(essence, option=orjson.OPT_SORT_KEYS)).hexdigest()


def latest_version(stated: str) -> str | None:
    """The newest version we know of the family that a request names (Communication 3.3); None for a foreign one."""
    parts = stated.strip().split(".")
    known = len(parts) in (2, 3) and parts[0] in _LATEST and parts[1] == "0" and all(p.isdigit() for p in parts)
    return _LATEST[parts[0]] if known else None


def _check_ids_differ(items: Sequence[dict[str, Any]], findings: Findings) -> None:
    seen: set[str] = set()
    for position, item in enumerate(items):
        stated = item.get("id", "").lower()
        if stated and stated in seen:
            findings.add(f"/{position}/id", "is used by an earlier statement of this array: give each its own")
        seen.add(stated)


def _check_agents(items: Sequence[dict[str, Any]], findings: Findings, several: bool) -> None:
    for position, item in enumerate(items):
        named = sum(1 for _ in agents_of(item))
        if named > MAX_AGENTS:
            findings.add(_place(position, several),
                         f"names {named} agents and groups, of {MAX_AGENTS} at most: name a group by its own account")


def _place(position: int, several: bool) -> str:
    return f"/{position}" if several else ""


def _check_sizes(statements: Sequence[Statement], findings: Findings, several: bool) -> None:
    for position, each in enumerate(statements):
        size = len(orjson.dumps(each.content))
        if size > MAX_STATEMENT_BYTES:
            findings.add(_place(position, several),
                         f"has {size} bytes as it is kept, of {MAX_STATEMENT_BYTES} at most: send less, or say by an "
                         "attachment's fileUrl where the rest is")
    if findings.count:
        raise StatementTooLarge(_what_to_do(findings, several), errors=findings.errors)


def _what_to_do(findings: Findings, several: bool) -> str:
    shown = f" The first {MAX_FINDINGS} are listed." if findings.count > MAX_FINDINGS else ""
    nothing = "Nothing of the array was stored" if several else "The statement was not stored"
    return f"{nothing}: correct {findings.count} error(s) and send it again.{shown}"


def _of(item: dict[str, Any], receipt: Receipt) -> Statement:
    fingerprint = fingerprint_of(item)
    content = _complete(item, item["id"].lower() if "id" in item else keyed_id("statement", fingerprint), receipt)
    target = content["object"]
    return Statement(
        id=content["id"],
        actor=actor_key(content["actor"]),
        people=people_of(content),
        verb=content["verb"]["id"],
        activity=target["id"] if target.get("objectType", "Activity") == "Activity" else None,
        registration=content.get("context", {}).get("registration", "").lower() or None,
        occurred_at=_occurred_at(item, receipt.stored),
        score=content.get("result", {}).get("score", {}).get("scaled"),
        proctored=was_proctored(content),
        hours=hours_of(content),
        voids=target["id"].lower() if content["verb"]["id"] == VOIDED else None,
        verdict=judge(content),
        fingerprint=fingerprint,
        content=content,
    )


def _forgetting(erased: Collection[str], statement: Statement) -> Statement:
    if not any(key in erased for key in statement.people):
        return statement
    forget(statement.content, erased)
    return replace(statement, people=people_of(statement.content))


def _occurred_at(item: dict[str, Any], stored: datetime) -> datetime:
    stated = read_timestamp(item["timestamp"]) if "timestamp" in item else None
    return min(stated, stored) if stated else stored


def _complete(item: dict[str, Any], identity: str, receipt: Receipt) -> dict[str, Any]:
    stored = receipt.stored.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    content = {"version": receipt.version, "timestamp": stored, **item}
    content |= {"id": identity, "stored": stored, "authority": receipt.authority}
    if "contextActivities" in content.get("context", {}):
        content["context"] = {**content["context"], "contextActivities": _as_arrays(content["context"])}
    return content


def _as_arrays(context: dict[str, Any]) -> dict[str, Any]:
    """Data 2.4.6.2: a single activity is given back as an array of one."""
    around = context["contextActivities"]
    return {name: listed if isinstance(listed, list) else [listed] for name, listed in around.items()}


def _essence(statement: dict[str, Any]) -> dict[str, Any]:
    essence = {**statement, "verb": {"id": statement["verb"]["id"]}}
    target = statement["object"]
    if target.get("objectType") == "SubStatement":
        essence["object"] = _essence(target)
    elif target.get("objectType", "Activity") == "Activity":
        essence["object"] = _bare(target)
    context = statement.get("context", {})
    if "contextActivities" in context:
        bare = {name: [_bare(activity) for activity in listed] for name, listed in _as_arrays(context).items()}
        essence["context"] = {**context, "contextActivities": bare}
    return essence


def _bare(activity: dict[str, Any]) -> dict[str, Any]:
    return {"objectType": "Activity", "id": activity["id"]}
