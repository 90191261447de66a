"""Reading the elements of XML feeds, whatever namespace a board put them in."""

from typing import Any

from services.jobs.feeds.domain.values import text


def child(element: Any, *path: str) -> Any:
    """The first element at a path of local names, or None."""
    return element.find("/".join(f"{{*}}{name}" for name in path)) if element is not None else None


def children(element: Any, *path: str) -> list[Any]:
    return element.findall("/".join(f"{{*}}{name}" for name in path)) if element is not None else []


def words(element: Any, *path: str) -> str | None:
    """The text of the element at a path; of CDATA and of escaped HTML alike."""
    found = child(element, *path) if path else element
    return text("".join(found.itertext())) if found is not None else None
