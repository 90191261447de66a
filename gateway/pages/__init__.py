"""/docs: the description as one page for people. Needs no script and nothing from elsewhere."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, render_template
from markupsafe import Markup

from gateway.guard import Guard
from gateway.hardening import policy
from gateway.pages.reading import Operation, read_operations
from gateway.routes.meta import CACHED, DOCS
from gateway.routes.publish import publish

STYLE = (Path(__file__).parent / "docs.css").read_text(encoding="utf-8")


def install(app: Flask, guard: Guard, document: Callable[[], dict[str, Any]]) -> None:
    @cache
    def page() -> str:
        described = document()
        return render_template("docs.html", style=Markup(STYLE), info=described["info"],  # noqa: S704 - our own file
                               about=paragraphs(described["info"]["description"]), groups=grouped(described))

    publish(app, guard, DOCS, lambda _: Response(page(), content_type="text/html; charset=utf-8", headers={
        **CACHED, "Content-Security-Policy": policy(STYLE)}))


def grouped(described: dict[str, Any]) -> dict[str, list[Operation]]:
    """Operations by their tag, in the order of the table."""
    groups: dict[str, list[Operation]] = {tag["name"]: [] for tag in described["tags"]}
    for operation in read_operations(described):
        groups[operation.tag].append(operation)
    return groups


def paragraphs(text: str) -> list[Markup]:
    """The little Markdown that our own texts use: paragraphs, **strong** and `code`."""
    return [_inline(each) for each in text.strip().split("\n\n")]


def _inline(text: str) -> Markup:
    done = Markup("")
    for index, piece in enumerate(text.split("`")):
        if index % 2:
            done += Markup("<code>{}</code>").format(piece)
            continue
        for strong, part in enumerate(piece.split("**")):
            done += Markup("<strong>{}</strong>").format(part) if strong % 2 else Markup("{}").format(part)
    return done
