"""The published description: complete, true to the code, and readable as a page without scripts or internet."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

from contracts import calls
from contracts.calls import matches, subscriptions
from contracts.calls.shapes import Strict
from gateway.examples import EXAMPLES
from gateway.openapi import COPY, text
from services.credentials.views import TYPE_OF_FORM
from tests.services.gateway_stage import Stage, staged

ALL = (*calls.ALL, *subscriptions.CALLS, *matches.CALLS)
BY_NAME = {call.name: call for call in ALL}


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with staged() as made:
        yield made


@pytest.fixture(scope="module")
def described(stage: Stage) -> dict[str, Any]:
    return stage.ask("GET", "/openapi.json").json


def operations(described: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["operationId"]: each for methods in described["paths"].values() for each in methods.values()}


def test_the_committed_copy_is_what_the_code_says(described: dict[str, Any]) -> None:
    assert COPY.read_text(encoding="utf-8") == text(described), "run: python -m gateway.describe"


def test_every_call_is_described_with_who_may_make_it(described: dict[str, Any]) -> None:
    found = operations(described)
    for name, call in BY_NAME.items():
        assert tuple(found[name]["x-allows"]) == call.allows
        assert bool(found[name]["security"]) != call.is_public


def test_whatever_an_answer_may_come_as_is_described(described: dict[str, Any]) -> None:
    found = operations(described)
    for name, call in BY_NAME.items():
        content = found[name]["responses"][str(call.status)].get("content", {})
        assert set(call.other_media_types) <= set(content)
    for name in ("get_public_credential", "get_credential_file"):
        assert set(TYPE_OF_FORM.values()) <= set(found[name]["responses"]["200"]["content"])


def test_refusals_that_only_a_call_itself_knows_are_described_with_it(described: dict[str, Any]) -> None:
    found = operations(described)
    for name, call in BY_NAME.items():
        assert {str(status) for status in call.refused} <= set(found[name]["responses"])
    assert {"403", "404", "503"} <= set(found["sign_in"]["responses"])


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(described)):
        place = described
        for part in reference.split("/"):
            place = place[part]


def test_every_path_value_is_described(described: dict[str, Any]) -> None:
    for path, methods in described["paths"].items():
        for operation in methods.values():
            given = [each["name"] for each in operation["parameters"] if each["in"] == "path"]
            assert given == re.findall(r"{(\w+)}", path)
            assert all(each.get("description") for each in operation["parameters"] if each["in"] == "path")


def test_what_is_taken_is_closed_and_what_is_answered_stays_open(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    assert schemas["OfferCourse"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["Course"]


@pytest.mark.parametrize("name", [call.name for call in ALL if call.body])
def test_every_body_has_an_example_that_its_shape_takes(name: str) -> None:
    body = BY_NAME[name].body
    assert body is not None
    assert issubclass(body, Strict)
    assert body().validate(EXAMPLES[name]) == {}


class Page(HTMLParser):
    """What a page holds: ids, tags, and where it leads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name == "id":
                self.ids.append(str(value))
            if name in ("href", "src"):
                self.links.append(str(value))


@pytest.fixture(scope="module")
def page(stage: Stage) -> Page:
    return Page(stage.ask("GET", "/docs").text)


def test_the_page_tells_every_call(page: Page, described: dict[str, Any]) -> None:
    assert set(operations(described)) <= set(page.ids)


def test_the_page_needs_no_script_and_nothing_from_elsewhere(page: Page, stage: Stage) -> None:
    assert not {"script", "img", "link", "iframe", "form"} & set(page.tags)
    assert not {name for name in page.attributes if name.startswith("on") or name == "style"}
    assert all(link.startswith(("#", "/")) for link in page.links)
    assert "script-src" not in stage.ask("GET", "/docs").headers["Content-Security-Policy"]


def test_links_within_the_page_lead_somewhere_and_ids_are_used_once(page: Page) -> None:
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)


def test_the_page_is_laid_out_by_logical_sides_only(stage: Stage) -> None:
    style = re.search(r"<style>(.*)</style>", stage.ask("GET", "/docs").text, re.DOTALL)
    assert style
    assert not re.search(r"(margin|padding|border)-(left|right)|[^-](left|right)\s*:", style[1])
