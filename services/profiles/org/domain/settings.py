"""Settings of nodes: each is known here with its type, default and meaning; a node inherits what it does not set.

A node may lock a setting: below it, what others set counts no more, and nobody may set it. The highest lock wins.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import available_timezones

from contracts.calls.shapes import AGE_BANDS, is_language_tag
from services.profiles.org.domain.refusals import SettingLocked, SettingUnknown, SettingUnsuitable

GUEST_DAYS = 30
"""No guest stays longer; a library may send them away sooner."""


@dataclass(frozen=True, slots=True)
class Known:
    """A setting that there is. `type` is said to people, `fits` decides."""

    name: str
    type: str
    default: Any
    meaning: str
    fits: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """What one node itself has set and locked."""

    node: str
    values: dict[str, Any] = field(default_factory=dict)
    locked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Effective:
    """How a setting counts at a node: `set_at` is where it comes from, None for the default."""

    known: Known
    value: Any
    set_at: str | None = None
    locked_by: str | None = None


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool)


def _is_zone(value: Any) -> bool:
    return isinstance(value, str) and value in available_timezones()


def _are_languages(value: Any) -> bool:
    return isinstance(value, list) and 0 < len(value) <= 20 and all(map(is_language_tag, value))


def _are_guest_days(value: Any) -> bool:
    return type(value) is int and 1 <= value <= GUEST_DAYS


def _is_jurisdiction(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"([A-Z]{2}(-[A-Z0-9]{1,3})?)?", value) is not None


def _is_age_band(value: Any) -> bool:
    return isinstance(value, str) and value in AGE_BANDS


KNOWN = {each.name: each for each in (
    Known("guardian_below_age_band", f"one of {', '.join(AGE_BANDS)}", "16-17",
          "Patrons of a younger age band than this one need a guardian's yes to a consent.", _is_age_band),
    Known("guest_days", f"a whole number of days from 1 to {GUEST_DAYS}", GUEST_DAYS,
          "How long what a guest has said is kept after their first visit.", _are_guest_days),
    Known("guests_welcome", "true or false", True,
          "Whether people without an account may start at the library's public computers.", _is_truth),
    Known("jurisdiction", "a country or a part of one by ISO 3166, like US or US-MA, or empty", "",
          "Whose law receipts of consents name.", _is_jurisdiction),
    Known("languages", "a list of 1 to 20 language tags of BCP 47", ["en"],
          "The languages that people are served in, the most usual first.", _are_languages),
    Known("time_zone", "a time zone like America/Chicago", "UTC",
          "The zone that opening hours and sessions are told in.", _is_zone),
)}


def known(name: str) -> Known:
    """Raises SettingUnknown, which lists what there is."""
    if name not in KNOWN:
        raise SettingUnknown(f"There is no setting of that name. There are {', '.join(sorted(KNOWN))}.")
    return KNOWN[name]


def effective(name: str, line: Iterable[NodeSettings]) -> Effective:
    """How a setting counts at the last node of `line`, which comes from the root down."""
    counts = Effective(known(name), KNOWN[name].default)
    for node in line:
        if counts.locked_by is not None:
            break
        if name in node.values:
            counts = replace(counts, value=node.values[name], set_at=node.node)
        if name in node.locked:
            counts = replace(counts, locked_by=node.node)
    return counts


def put(own: NodeSettings, above: Iterable[NodeSettings], name: str, value: Any, locked: bool | None) -> NodeSettings:
    """The node's settings with this one set; `locked` None leaves a lock as it is.

    Raises SettingUnknown, SettingUnsuitable, or SettingLocked when a node of `above` (from the root down) locks it.
    """
    wanted = known(name)
    _check_unlocked(name, above)
    if not wanted.fits(value):
        raise SettingUnsuitable(f"{name} is {wanted.type}. {wanted.meaning}", "/value")
    keep = name in own.locked if locked is None else locked
    return NodeSettings(own.node, {**own.values, name: value}, own.locked | {name} if keep else own.locked - {name})


def unset(own: NodeSettings, above: Iterable[NodeSettings], name: str) -> NodeSettings:
    """The node's settings without this one, its lock included. Raises SettingUnknown or SettingLocked."""
    known(name)
    _check_unlocked(name, above)
    values: Mapping[str, Any] = {key: value for key, value in own.values.items() if key != name}
    return NodeSettings(own.node, dict(values), own.locked - {name})


def _check_unlocked(name: str, above: Iterable[NodeSettings]) -> None:
    lock = effective(name, above).locked_by
    if lock is not None:
        raise SettingLocked(f"{lock} has locked {name} for all below it. Ask there, or leave it as it is.")
