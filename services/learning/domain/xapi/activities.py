"""Activities, their definitions and interactions (Data 2.4.4.1)."""

from typing import Any

from services.learning.domain.xapi.findings import Check, Findings, each, kind_of, members
from services.learning.domain.xapi.values import exactly, extensions, iri, language_map, text

COMPONENT_LISTS: dict[str, tuple[str, ...]] = {
    "true-false": (), "choice": ("choices",), "fill-in": (), "long-fill-in": (), "matching": ("source", "target"),
    "performance": ("steps",), "sequencing": ("choices",), "likert": ("scale",), "numeric": (), "other": (),
}
"""Which lists of components an interaction of each type may have."""


def _interaction_type(value: object, at: str, findings: Findings) -> None:
    if not isinstance(value, str) or value not in COMPONENT_LISTS:
        findings.add(at, f"must be one of {', '.join(COMPONENT_LISTS)}")


_COMPONENT: dict[str, Check] = {"id": text, "description": language_map}


def _component(value: object, at: str, findings: Findings) -> None:
    members(value, at, findings, _COMPONENT, required=("id",))


_component_array = each(_component)


def _components(value: object, at: str, findings: Findings) -> None:
    _component_array(value, at, findings)
    if isinstance(value, list):
        names = [item["id"] for item in value if isinstance(item, dict) and isinstance(item.get("id"), str)]
        if len(set(names)) < len(names):
            findings.add(at, "must not use the same component id twice")


_DEFINITION: dict[str, Check] = {
    "name": language_map, "description": language_map, "type": iri, "moreInfo": iri, "extensions": extensions,
    "interactionType": _interaction_type, "correctResponsesPattern": each(text),
    "choices": _components, "scale": _components, "source": _components, "target": _components,
    "steps": _components,
}
_INTERACTION_MEMBERS = ("correctResponsesPattern", "choices", "scale", "source", "target", "steps")


def _definition(value: object, at: str, findings: Findings) -> None:
    found = members(value, at, findings, _DEFINITION)
    if found is not None and any(name in found for name in _INTERACTION_MEMBERS):
        _check_interaction(found, at, findings)


def _check_interaction(definition: dict[str, Any], at: str, findings: Findings) -> None:
    kind = definition.get("interactionType")
    if kind is None:
        findings.add(f"{at}/interactionType", "is missing: responses and components need it")
        return
    allowed = COMPONENT_LISTS.get(kind, ()) if isinstance(kind, str) else ()
    for name in _INTERACTION_MEMBERS[1:]:
        if name in definition and name not in allowed:
            findings.add(f"{at}/{name}", f"does not belong to an interaction of type {str(kind)[:40]}: remove it")


_ACTIVITY: dict[str, Check] = {"objectType": exactly("Activity"), "id": iri, "definition": _definition}


def activity(value: object, at: str, findings: Findings) -> None:
    """An id is enough; a definition is optional."""
    members(value, at, findings, _ACTIVITY, required=("id",))


_activity_array = each(activity)


def _one_or_many(value: object, at: str, findings: Findings) -> None:
    if isinstance(value, list):
        _activity_array(value, at, findings)
    elif isinstance(value, dict):
        activity(value, at, findings)
    else:
        findings.add(at, f"must be an activity or an array of them, not {kind_of(value)}")


_CONTEXT_ACTIVITIES: dict[str, Check] = dict.fromkeys(("parent", "grouping", "category", "other"), _one_or_many)


def context_activities(value: object, at: str, findings: Findings) -> None:
    """Data 2.4.6.2: parent, grouping, category and other; one activity may stand without its array."""
    members(value, at, findings, _CONTEXT_ACTIVITIES)
