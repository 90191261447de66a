"""Every published event keeps its promises: schema, examples, hearers, and what was promised before."""

import json

import pytest
import yaml

from contracts import asyncapi, compatibility, topology
from contracts.cli import ASYNCAPI
from contracts.event_types import EventUnlikeContract, all_types, check

TYPES = sorted(all_types())


@pytest.mark.parametrize("name", TYPES)
def test_every_event_has_examples_that_its_schema_accepts(name: str) -> None:
    examples = all_types()[name].schema["examples"]
    assert examples
    for example in examples:
        check(name, example)


@pytest.mark.parametrize("name", TYPES)
def test_every_event_has_a_hearer_or_is_declared_for_partners(name: str) -> None:
    assert topology.hearers()[name] or all_types()[name].for_partners


@pytest.mark.parametrize("name", TYPES)
def test_a_published_event_only_grows(name: str) -> None:
    before = compatibility.published(name)
    assert before is not None, "run `libranet contracts publish`"
    assert compatibility.breaks(before, all_types()[name].schema) == []


@pytest.mark.parametrize("name", TYPES)
def test_examples_of_the_version_published_before_stay_readable(name: str) -> None:
    for example in (compatibility.published(name) or {})["examples"]:
        check(name, example)


def test_no_published_event_vanishes() -> None:
    assert {path.stem for path in compatibility.PUBLISHED.glob("*.json")} == set(TYPES)


@pytest.mark.parametrize("name", TYPES)
def test_events_carry_ids_and_no_personal_words(name: str) -> None:
    members = set(all_types()[name].schema["properties"])
    assert not members & {"name", "email", "mbox", "account", "address", "phone", "birth_date", "card"}


@pytest.mark.parametrize("name", TYPES)
def test_an_event_about_a_person_says_which_member_names_them(name: str) -> None:
    each = all_types()[name]
    assert ("patron" in each.schema["properties"]) == (each.person == "patron")


def test_a_required_member_cannot_go_and_none_can_become_required() -> None:
    old = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    assert compatibility.breaks(old, {**old, "required": []})
    assert compatibility.breaks({**old, "required": []}, old)
    assert compatibility.breaks(old, {**old, "properties": {"a": {"type": "integer"}}})
    assert compatibility.breaks(old, {"type": "object", "properties": {}, "required": ["a"]})


def test_a_member_may_be_added() -> None:
    old = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    assert compatibility.breaks(old, {**old, "properties": {**old["properties"], "b": {"type": "string"}}}) == []


def test_publishing_refuses_a_break_and_records_nothing(tmp_path) -> None:
    old = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "examples": [{"a": "x"}]}
    assert compatibility.publish({"t": old}, tmp_path) == []
    assert compatibility.publish({"t": {**old, "required": []}}, tmp_path)
    assert json.loads((tmp_path / "t.json").read_text()) == old


def test_an_event_unlike_its_contract_is_refused_with_the_place() -> None:
    with pytest.raises(EventUnlikeContract, match="recipient"):
        check("org.libranet.profiles.consent-given.v1", {
            "patron": "x", "purpose": "p", "recipient": 7, "decided_at": "2026-01-01T00:00:00Z"})


def test_the_asyncapi_document_is_made_from_the_contracts() -> None:
    assert yaml.safe_load(ASYNCAPI.read_text(encoding="utf-8")) == asyncapi.document(), "run `libranet contracts build`"
