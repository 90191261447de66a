"""Receipts and certificates as pages: the same facts, no script, safe against what names may hold."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from services.profiles.consents.domain.consents import Consent, decide
from services.profiles.consents.domain.guardians import Guardian
from services.profiles.consents.domain.purposes import PURPOSES
from services.profiles.consents.domain.receipts import receipt
from services.profiles.erasures.domain import erasures
from services.profiles.erasures.domain.certificates import certificate
from services.profiles.erasures.domain.erasures import Deleted
from services.profiles.org.domain.nodes import Node
from services.profiles.patrons.domain.patrons import Patron
from tests.services.gateway_stage import Said, Stage, staged

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
LIBRARY = Node("demo.riverside", "library", "Riverside <b>&</b> Sons")
COLLEGE = Node("demo.lakeside", "partner", "Lakeside College")
PLACE = "/v1/patrons/0199f2d6-3c1e-7a40-9d7e-0c5a4b1f2e88/consents/share-credentials/demo.lakeside/receipt"
CERTIFICATE = "/v1/erasures/0199f2d6-3c1e-7a40-9d7e-0c5a4b1f2e88/certificate"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def a_receipt(granted: bool = True) -> dict[str, Any]:
    share = PURPOSES["share-credentials"]
    consent = decide(None, Consent("p1", LIBRARY.id, share.name, COLLEGE.id, granted, NOW, 0,
                                   data_classes=("credentials",), guardian=Guardian("parent", NOW, "c1")), share)
    made = receipt(consent, share, LIBRARY, COLLEGE, "https://libranet.example.org", "US-MA")
    return {"receipt": made, "jws": "a.b.c"}


def a_certificate() -> dict[str, Any]:
    erasure = erasures.request(Patron("p1", LIBRARY.id, NOW), ["learning", "credentials"], 2, NOW)
    erasure = erasures.answer(erasure, "p1", "learning", Deleted(NOW, 4))
    erasure = erasures.answer(erasure, "p1", "credentials", Deleted(NOW, None))
    return {"certificate": certificate(erasure, LIBRARY, 35), "jws": "a.b.c"}


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with staged() as made:
        made.key = made.clients.invite()[0]  # type: ignore[attr-defined]
        yield made


def page(stage: Stage, path: str, body: dict[str, Any], accept: str = BROWSER) -> Any:
    stage.service.script = [Said(body=json.dumps(body).encode())]
    return stage.ask("GET", path, stage.key, headers={"Accept": accept})


class Elements(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


@pytest.mark.parametrize(("path", "body"), [(PLACE, a_receipt()), (CERTIFICATE, a_certificate())],
                         ids=["receipt", "certificate"])
def test_a_page_needs_no_script_and_says_how_it_is_written(stage: Stage, path: str, body: dict[str, Any]) -> None:
    answer = page(stage, path, body)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Vary"] == "Accept"
    assert "default-src 'none'; style-src 'sha256-" in answer.headers["Content-Security-Policy"]
    elements = Elements(answer.text).seen
    assert ("html", {"lang": "en", "dir": "ltr"}) in elements
    assert not {tag for tag, _ in elements} & {"script", "img", "link", "form", "iframe", "b"}
    assert not [attributes for _, attributes in elements if any(name.startswith("on") for name in attributes)]
    assert "@media print" in answer.text
    assert "Riverside &lt;b&gt;&amp;&lt;/b&gt; Sons" in answer.text
    assert "a.b.c" in answer.text


def test_a_receipt_says_what_was_decided_until_when_and_how_to_take_it_back(stage: Stage) -> None:
    told = re.sub(r"<[^>]+>", " ", page(stage, PLACE, a_receipt()).text)
    for words in ("You said yes", "2026-11-21, 09:30 UTC", "2028-11-20", "Lakeside College", "parent, 2026-11-21",
                  "US-MA", "What you earned", "How to take it back"):
        assert words in told, words
    assert "You said no" in page(stage, PLACE, a_receipt(granted=False)).text


def test_a_certificate_lists_every_service_backups_and_what_stays(stage: Stage) -> None:
    told = re.sub(r"<[^>]+>", " ", page(stage, CERTIFICATE, a_certificate()).text)
    for words in ("learning", "credentials", "not counted", "profiles", "jobs", "keeps nothing of people", "2026-12-26",
                  "may still be in those journals", "until newer changes take their place", "What stays, and why"):
        assert words in told, words


@pytest.mark.parametrize(("path", "body"), [(PLACE, a_receipt()), (CERTIFICATE, a_certificate())],
                         ids=["receipt", "certificate"])
def test_a_name_in_another_writing_leaves_the_words_around_it_in_order(
        stage: Stage, path: str, body: dict[str, Any]) -> None:
    told = page(stage, path, body).text
    assert told.count("Riverside &lt;b&gt;") == told.count("<bdi>Riverside &lt;b&gt;") > 0


@pytest.mark.parametrize("accept", ["", "*/*", "application/json", "text/html;q=0.5, application/json"])
def test_programs_get_json(stage: Stage, accept: str) -> None:
    answer = page(stage, PLACE, a_receipt(), accept)
    assert answer.json["jws"] == "a.b.c"
    assert answer.headers["Vary"] == "Accept"


def test_a_refusal_stays_a_problem(stage: Stage) -> None:
    stage.service.script = [Said(409, b'{"title": "Not yet", "status": 409}',
                                 {"Content-Type": "application/problem+json"})]
    answer = stage.ask("GET", CERTIFICATE, stage.key, headers={"Accept": BROWSER})
    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")


# records

RECORD_PLACE = "/records/abcdefghijklmnopqrstuvwxyz/print"
HOSTILE = "<script>alert(1)</script>"


def a_record(language: str = "en", direction: str = "ltr") -> dict[str, Any]:
    item = {"name": HOSTILE, "description": "Soudage", "language": "fr", "status": "revoked",
            "facts": [{"name": "Level", "value": "3"}]}
    return {"page": {
        "language": language, "direction": direction, "title": HOSTILE, "facts": [{"name": "By", "value": "Riverside"}],
        "sections": [{"kind": "competency", "title": "Shown by assessment", "note": "Looked at.", "items": [item]}],
        "scan": "Scan", "address": "https://x.example/records/a", "pdf": "https://x.example/records/a/pdf",
        "pdf_title": "PDF", "qr": '<svg viewBox="0 0 9 9"><title>q</title></svg>', "qr_text": "QR code of a"}}


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl")])
def test_a_record_is_a_page_without_scripts_in_its_own_direction(stage: Stage, language: str, direction: str) -> None:
    answer = page(stage, RECORD_PLACE, a_record(language, direction))
    assert answer.headers["Vary"] == "Accept, Accept-Language"
    assert "default-src 'none'; style-src 'sha256-" in answer.headers["Content-Security-Policy"]
    elements = Elements(answer.text).seen
    assert ("html", {"lang": language, "dir": direction}) in elements
    assert ("div", {"class": "code", "role": "img", "aria-label": "QR code of a"}) in elements
    assert ("h3", {"dir": "auto", "lang": "fr"}) in elements
    assert "script" not in {tag for tag, _ in elements}
    assert "svg" in {tag for tag, _ in elements}
    assert "@media print" in answer.text


@pytest.mark.parametrize(("accept", "kind"), [
    ("*/*", "text/html"), (BROWSER, "text/html"), ("application/json", "application/json")])
def test_a_records_page_is_for_people_unless_json_is_asked_for(stage: Stage, accept: str, kind: str) -> None:
    assert page(stage, RECORD_PLACE, a_record(), accept).mimetype == kind
