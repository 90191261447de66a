"""What is asked of a document once for its shape is what would be asked of each document."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.badges import competency
from services.credentials.domain import guard, signable
from services.credentials.domain.refusals import DocumentUnsound

SOUND = {**competency(1, "did:example:issuer"), "credentialStatus": {
    "id": "urn:x:s", "type": "BitstringStatusListEntry", "statusListCredential": "urn:x:l", "statusListIndex": "7"}}
ODD: list[Any] = [
    None, [], {}, [""], [None], {"type": []}, {"@value": "x"}, {"a:b": "x"}, {"@context": "x"}, 1.5, 7, True, "",
    " ", "x", "7", "\u0667", "one line\nand another", "bell\x07", "half \ud800", "\x85", "2026-11-21T09:30:00",
    "2026-11-21T09:30:00Z", "urn:x:y", "relative", "@json", [[[["deep"]]]], "1EdTechJsonSchemaValidator2019"]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Of every member and item."""
    for name in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield (*path, name)
        yield from places(value[name], (*path, name))


PLACES = list(places(SOUND))


def changed(changes: list[tuple[tuple[Any, ...], Any]]) -> dict[str, Any]:
    document = copy.deepcopy(SOUND)
    for path, value in changes:
        holder: Any = document
        try:
            for name in path[:-1]:
                holder = holder[name]
            if holder[path[-1]] != value:
                holder[path[-1]] = copy.deepcopy(value)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took it away
    return document


def outcome(judge: Any, document: dict[str, Any]) -> object:
    """Whether it is sound; how one says so is the other's business."""
    try:
        judge(document)
    except (DocumentUnsound, guard.Unreadable, TypeError) as error:
        return type(error) is TypeError
    return "sound"


@settings(max_examples=1500, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(ODD)), min_size=1, max_size=3))
def test_a_shape_that_is_known_hides_nothing(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    assert outcome(signable.taken_apart, SOUND) == "sound"
    document = changed(changes)
    expected = outcome(signable.check, document)
    assert outcome(signable.taken_apart, document) == expected
    assert outcome(signable.taken_apart, document) == expected


@pytest.mark.parametrize("path", [each for each in PLACES if isinstance(each[-1], str)], ids=str)
def test_no_text_of_a_known_shape_is_taken_unseen(path: tuple[Any, ...]) -> None:
    signable.taken_apart(SOUND)
    with pytest.raises(DocumentUnsound) as refused:
        signable.taken_apart(changed([(path, "bell\x07")]))
    assert refused.value.problem()["errors"][0]["field"].startswith("/")


def test_what_is_too_deep_is_refused_before_it_can_end_the_process() -> None:
    deep: Any = "x"
    for _ in range(50_000):
        deep = [deep]
    with pytest.raises(DocumentUnsound, match="levels"):
        signable.taken_apart({**SOUND, "evidence": deep})
    with pytest.raises(DocumentUnsound, match="more than"):
        signable.taken_apart({**SOUND, "evidence": ["x"] * 20_000})
