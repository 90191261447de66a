"""Whatever arrives, a statement is taken or refused with a reason; nothing else happens."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from libranet.problems import Refusal
from services.learning.domain.statement_query import read_query
from services.learning.domain.statements import Receipt, receive

FIXTURES = sorted((Path(__file__).parents[1] / "fixtures" / "xapi").glob("*.json"))
SAMPLES = [json.loads(path.read_text(encoding="utf-8")) for path in FIXTURES]
RECEIPT = Receipt(datetime(2026, 11, 21, tzinfo=UTC), {"mbox": "mailto:lrs@example.org"}, "1.0.3")

NAMES = st.sampled_from([
    "actor", "verb", "object", "id", "objectType", "mbox", "account", "member", "definition", "type", "result", "score",
    "context", "contextActivities", "parent", "extensions", "timestamp", "attachments", "version", "choices",
]) | st.text(max_size=5)
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from([
    "Agent", "Group", "Activity", "SubStatement", "StatementRef", "mailto:a@example.org", "https://example.org/x",
    "2026-01-01T00:00:00Z", "6f2b8c1e-4a54-4b3f-9b7e-2d0c7a5e1f00", "choice", "1.0.3", "\ud800",
])
JSON = st.recursive(VALUES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6),
                    max_leaves=40)


@given(JSON)
def test_random_json_is_taken_or_refused(body: Any) -> None:
    with suppress(Refusal):
        receive(body, RECEIPT)


@given(st.sampled_from(SAMPLES), st.data())
@settings(max_examples=300)
def test_a_real_shape_with_something_replaced_is_taken_or_refused(body: Any, data: st.DataObject) -> None:
    body = json.loads(json.dumps(body))
    place = body
    while isinstance(place, dict | list) and place:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if data.draw(st.booleans()) or not isinstance(place[key], dict | list):
            place[key] = data.draw(JSON)
            break
        place = place[key]
    with suppress(Refusal):
        receive(body, RECEIPT)


PARAMETERS = st.sampled_from(["agent", "verb", "since", "until", "limit", "ascending", "cursor", "statementId"])


@given(st.dictionaries(PARAMETERS | st.text(max_size=5), st.text(max_size=30) | JSON.map(repr), max_size=3))
def test_random_queries_are_read_or_refused(asked: dict[str, str]) -> None:
    with suppress(Refusal):
        read_query(asked)
