"""A whole statement: who did what to what, with which result and in which context (Data 2.4)."""

from typing import Any

from services.learning.domain.xapi.activities import activity, context_activities
from services.learning.domain.xapi.agents import actor, agent, authority, group
from services.learning.domain.xapi.findings import Check, Findings, each, members
from services.learning.domain.xapi.values import (
    boolean,
    duration,
    exactly,
    extensions,
    iri,
    language,
    language_map,
    media_type,
    number,
    text,
    timestamp,
    uuid,
    version,
    whole_number,
)

VOIDED = "http://adlnet.gov/expapi/verbs/voided"

_VERB: dict[str, Check] = {"id": iri, "display": language_map}
_REFERENCE: dict[str, Check] = {"objectType": exactly("StatementRef"), "id": uuid}
_SCORE: dict[str, Check] = {"scaled": number, "raw": number, "min": number, "max": number}


def _verb(value: object, at: str, findings: Findings) -> None:
    members(value, at, findings, _VERB, required=("id",))


def _reference(value: object, at: str, findings: Findings) -> None:
    members(value, at, findings, _REFERENCE, required=("objectType", "id"))


def _score(value: object, at: str, findings: Findings) -> None:
    before = findings.count
    found = members(value, at, findings, _SCORE)
    if found is None or findings.count > before:
        return
    if not -1 <= found.get("scaled", 0) <= 1:
        findings.add(f"{at}/scaled", "must be between -1 and 1")
    least, most = found.get("min", float("-inf")), found.get("max", float("inf"))
    if least >= most:
        findings.add(f"{at}/max", "must be more than min")
    elif not least <= found.get("raw", least) <= most:
        findings.add(f"{at}/raw", "must be between min and max")


_RESULT: dict[str, Check] = {
    "score": _score, "success": boolean, "completion": boolean, "response": text, "duration": duration,
    "extensions": extensions,
}


def _result(value: object, at: str, findings: Findings) -> None:
    members(value, at, findings, _RESULT)


_CONTEXT_AGENT: dict[str, Check] = {
    "objectType": exactly("contextAgent"), "agent": agent, "relevantTypes": each(iri, least=1),
}
_CONTEXT_GROUP: dict[str, Check] = {
    "objectType": exactly("contextGroup"), "group": group, "relevantTypes": each(iri, least=1),
}


def _context_agent(value: object, at: str, findings: Findings) -> None:
    members(value, at, findings, _CONTEXT_AGENT, required=("objectType", "agent"))


def _context_group(value: object, at: str, findings: Findings) -> None:
    members(value, at, findings, _CONTEXT_GROUP, required=("objectType", "group"))


_CONTEXT: dict[str, Check] = {
    "registration": uuid, "instructor": actor, "team": group, "contextActivities": context_activities,
    "revision": text, "platform": text, "language": language, "statement": _reference, "extensions": extensions,
    "contextAgents": each(_context_agent), "contextGroups": each(_context_group),
}
"""The last two came with xAPI 2.0 (IEEE 9274.1.1)."""


def _context(value: object, at: str, findings: Findings) -> None:
    members(value, at, findings, _CONTEXT)


_ATTACHMENT: dict[str, Check] = {
    "usageType": iri, "display": language_map, "description": language_map, "contentType": media_type,
    "length": whole_number, "sha2": text, "fileUrl": iri,
}


def _attachment(value: object, at: str, findings: Findings) -> None:
    found = members(value, at, findings, _ATTACHMENT,
                    required=("usageType", "display", "contentType", "length", "sha2"))
    if found is not None and "fileUrl" not in found:
        findings.add(f"{at}/fileUrl", "is missing: files beside a statement are not taken here, send where the file is")


def _object(value: object, at: str, findings: Findings, within: bool = False) -> None:
    kind = value.get("objectType", "Activity") if isinstance(value, dict) else "Activity"
    if kind == "SubStatement" and not within:
        _sub_statement(value, at, findings)
        return
    check = _OBJECTS.get(kind) if isinstance(kind, str) else None
    if check is None:
        findings.add(f"{at}/objectType", f"must be one of {', '.join(_OBJECTS)}" + ("" if within else ", SubStatement"))
    else:
        check(value, at, findings)


def _object_within(value: object, at: str, findings: Findings) -> None:
    _object(value, at, findings, within=True)


_OBJECTS: dict[str, Check] = {"Activity": activity, "Agent": agent, "Group": group, "StatementRef": _reference}

_BOTH: dict[str, Check] = {
    "actor": actor, "verb": _verb, "result": _result, "context": _context, "timestamp": timestamp,
    "attachments": each(_attachment),
}
_SUB_STATEMENT: dict[str, Check] = {**_BOTH, "objectType": exactly("SubStatement"), "object": _object_within}
_STATEMENT: dict[str, Check] = {
    **_BOTH, "id": uuid, "object": _object, "stored": timestamp, "authority": authority, "version": version,
}


def _sub_statement(value: object, at: str, findings: Findings) -> None:
    """Data 2.4.4.3: no id, stored, version or authority, and no other sub-statement inside."""
    found = members(value, at, findings, _SUB_STATEMENT, required=("actor", "verb", "object"))
    if found is not None:
        _check_together(found, at, findings)


def check_statement(value: object, at: str, findings: Findings) -> None:
    """Note everything that is wrong with the statement at pointer `at`; touches nothing."""
    found = members(value, at, findings, _STATEMENT, required=("actor", "verb", "object"))
    if found is not None:
        _check_together(found, at, findings)


def _check_together(statement: dict[str, Any], at: str, findings: Findings) -> None:
    target, context, verb = statement.get("object"), statement.get("context"), statement.get("verb")
    kind = target.get("objectType", "Activity") if isinstance(target, dict) else "Activity"
    if kind != "Activity" and isinstance(context, dict):
        for name in ("revision", "platform"):
            if name in context:
                findings.add(f"{at}/context/{name}", "belongs to statements about an activity only: remove it")
    if isinstance(verb, dict) and verb.get("id") == VOIDED and kind != "StatementRef":
        findings.add(f"{at}/object/objectType", "must be StatementRef: only a statement can be voided (Data 2.3.2)")
