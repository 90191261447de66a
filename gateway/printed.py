"""Signed answers as pages to print: the same facts as the JSON, for people. No script, nothing from elsewhere."""

from pathlib import Path
from typing import Any

import orjson
from flask import Response, render_template, request
from markupsafe import Markup

from contracts.calls import consents, profiles, records
from gateway.hardening import policy

STYLE = (Path(__file__).parent / "pages" / "print.css").read_text(encoding="utf-8")
TEMPLATES = {consents.GET_CONSENT_RECEIPT.name: "receipt.html",
             **dict.fromkeys((profiles.GET_ERASURE_CERTIFICATE.name, profiles.GET_ERASURE_PROOF.name),
                             "certificate.html"),
             records.GET_RECORD_PAGE.name: "record.html"}
FOR_PEOPLE = {records.GET_RECORD_PAGE.name}
"""JSON is for who asks for it."""
HTML, JSON = "text/html", "application/json"
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


def printed(name: str, answer: Response) -> Response:
    """The answer of the call `name` as a page where the caller would rather have one; else as it is."""
    if name not in TEMPLATES or answer.status_code != 200:
        return answer
    offered = [HTML, JSON] if name in FOR_PEOPLE else [JSON, HTML]
    if request.accept_mimetypes.best_match(offered) == HTML:
        body = orjson.loads(answer.data)
        page = render_template(TEMPLATES[name], style=Markup(STYLE), **body, **_writing(body))  # noqa: S704 - our own
        answer = Response(page, content_type=f"{HTML}; charset=utf-8", headers={
            "Content-Security-Policy": policy(STYLE), "Cache-Control": "no-store"})
    answer.headers["Vary"] = "Accept, Accept-Language" if name in FOR_PEOPLE else "Accept"
    return answer


def _writing(body: dict[str, Any]) -> dict[str, str]:
    """`lang` and `dir` of the page."""
    language = next(each["language"] for each in body.values() if isinstance(each, dict))
    return {"lang": language, "dir": "rtl" if language.partition("-")[0] in RIGHT_TO_LEFT else "ltr"}
