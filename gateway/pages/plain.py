"""Small pages for people, without scripts: their style, the headers they need, and a refusal in plain words."""

from pathlib import Path
from typing import Any

from flask import Response, g, render_template
from markupsafe import Markup

from gateway.hardening import policy
from libranet.problems import Refusal

STYLE = (Path(__file__).parent / "plain.css").read_text(encoding="utf-8")


def page(template: str, status: int = 200, forms: bool = False, leads_to: str = "", **members: Any) -> Response:
    """The page; it may send forms to this host, which may lead on to the origin `leads_to` only, and nobody keeps it.
    Of a page with forms a browser tells this host, so that it says where the form came from (Fetch, 3.2)."""
    text = render_template(template, style=Markup(STYLE), **members)  # noqa: S704 - our own file
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": policy(
        STYLE, f"'self' {leads_to}".strip() if forms else "'none'")}
    if forms:
        headers["Referrer-Policy"] = "same-origin"
    return Response(text, status, content_type="text/html; charset=utf-8", headers=headers)


def notice(refusal: Refusal) -> Response:
    """Why something was not done, for a person who stands before a browser."""
    response = page("notice.html", refusal.status, title=refusal.title, detail=refusal.detail,
                    request_id=g.get("request_id"))
    response.headers.extend(refusal.headers)
    return response
