"""What is wrong with a piece of JSON, and where: a bounded list, so that a broken upload has a short answer."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

MAX_FINDINGS = 50
"""Enough to see a pattern; an array with every statement broken would otherwise answer with megabytes."""

MAX_NAME_LENGTH = 200


_KINDS = ((str, "text"), (dict, "an object"), (list, "an array"), (int | float, "a number"))


class Findings:
    """Collects `{field: JSON pointer, detail}`; from MAX_FINDINGS on it only counts."""

    __slots__ = ("count", "errors")

    def __init__(self) -> None:
        self.errors: list[dict[str, str]] = []
        self.count = 0

    def add(self, at: str, detail: str) -> None:
        """Note one error at `at`, a JSON pointer (RFC 6901; the whole document is written `/`)."""
        self.count += 1
        if len(self.errors) < MAX_FINDINGS:
            self.errors.append({"field": at or "/", "detail": detail})


Check = Callable[[object, str, Findings], None]


def below(at: str, name: object) -> str:
    """The pointer of a member, escaped as RFC 6901 asks."""
    text = str(name)[:MAX_NAME_LENGTH].encode(errors="replace").decode()
    return f"{at}/{text.replace('~', '~0').replace('/', '~1')}"


def kind_of(value: object) -> str:
    """What JSON calls the type of `value`, for error texts."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    for kind, words in _KINDS:
        if isinstance(value, kind):
            return words
    return "something that JSON does not have"


def members(
    value: object, at: str, findings: Findings, known: Mapping[str, Check], required: Iterable[str] = ()
) -> dict[str, Any] | None:
    """Check an object member by member; None when it is no object. Unknown members are refused (Data 2.2)."""
    if not isinstance(value, dict):
        findings.add(at, f"must be an object, not {kind_of(value)}")
        return None
    for name, member in value.items():
        check = known.get(name)
        if check is not None:
            check(member, f"{at}/{name}", findings)
        else:
            findings.add(below(at, name), "is not a member that xAPI has here: remove it or move it to an extension")
    for name in required:
        if name not in value:
            findings.add(f"{at}/{name}", "is missing: add it")
    return value


def each(check: Check, least: int = 0) -> Check:
    """The check of an array whose items all pass `check`."""

    def check_array(value: object, at: str, findings: Findings) -> None:
        if not isinstance(value, list):
            findings.add(at, f"must be an array, not {kind_of(value)}")
            return
        if len(value) < least:
            findings.add(at, f"must have at least {least} item")
        for position, item in enumerate(value):
            check(item, f"{at}/{position}", findings)

    return check_array
