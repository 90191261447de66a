"""JSON-LD as pages really hold it: with comments, control characters, trailing commas, in objects, lists and graphs.

Finds nodes of a type by name; it expands no context, since job boards write schema.org's words plainly.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

WRAPPED = re.compile(r"\s*(?://\s*)?<!(?:--|\[CDATA\[)")
STRING = r'("(?:\\.|[^"\\])*+"?)'
"""Also one that never ends, so that no pattern begins anew at each of its quotation marks."""
COMMENTS = re.compile(STRING + r"|//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
TRAILING = re.compile(STRING + r"|,(?=\s*[}\]])", re.DOTALL)
MOST_DEPTH = 12


class NotJson(ValueError):
    """The text is no JSON, even read kindly; the message says where it breaks."""


def read(text: str) -> Any:
    """The document; raises NotJson. What strict JSON allows is read strictly."""
    text = _unwrapped(text)
    try:
        return json.loads(text, strict=False)
    except RecursionError:
        raise NotJson("it is nested too deeply") from None
    except ValueError:
        pass
    mended = TRAILING.sub(lambda found: found[1] or "", COMMENTS.sub(lambda found: found[1] or " ", text))
    try:
        return json.loads(mended, strict=False)
    except RecursionError:
        raise NotJson("it is nested too deeply") from None
    except ValueError as error:
        raise NotJson(str(error)) from None


def _unwrapped(text: str) -> str:
    """Without the marks that hide a script from old browsers, and without a semicolon at the end."""
    beginning = WRAPPED.match(text)
    text = text[beginning.end() if beginning else 0:].rstrip().removesuffix(";").rstrip()
    for ending in ("-->", "]]>"):
        if text.endswith(ending):
            return text.removesuffix(ending).rstrip().removesuffix("//")
    return text


def nodes(document: Any, kind: str, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Every object of this type, wherever it stands: in a list, in a `@graph`, below another object."""
    if depth > MOST_DEPTH:
        return
    if isinstance(document, list):
        for each in document:
            yield from nodes(each, kind, depth + 1)
    elif isinstance(document, dict):
        if is_a(document, kind):
            yield document
            return
        for each in document.values():
            if isinstance(each, dict | list):
                yield from nodes(each, kind, depth + 1)


def is_a(node: Any, kind: str) -> bool:
    """Whether `@type` names it: alone or in a list, plain, prefixed or as an address."""
    given = node.get("@type") if isinstance(node, dict) else None
    names = given if isinstance(given, list) else [given]
    return any(isinstance(each, str) and re.split(r"[/:#]", each)[-1] == kind for each in names)
