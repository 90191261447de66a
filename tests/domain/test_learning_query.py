"""What may be asked of `GET /xAPI/statements`."""

import json

import pytest

from services.learning.domain.agents import actor_key
from services.learning.domain.refusals import StatementQueryInvalid
from services.learning.domain.statement_query import MAX_LIMIT, StatementQuery, more_link, read_query

UUID = "6f2b8c1e-4a54-4b3f-9b7e-2d0c7a5e1f00"
AGENT = {"mbox": "mailto:reader@example.org"}


def test_no_parameters_ask_for_everything_newest_first() -> None:
    assert read_query({}) == StatementQuery(limit=MAX_LIMIT, ascending=False)


def test_every_filter_is_read() -> None:
    query = read_query({
        "agent": json.dumps(AGENT), "verb": "https://example.org/v", "activity": "https://example.org/a",
        "registration": UUID.upper(), "since": "2026-11-21T10:00:00+02:00", "until": "2026-11-22T00:00:00Z",
        "limit": "5", "ascending": "true",
    })
    assert query == StatementQuery(
        actor=actor_key(AGENT), verb="https://example.org/v", activity="https://example.org/a", registration=UUID,
        since="2026-11-21T08:00:00.000Z", until="2026-11-22T00:00:00.000Z", limit=5, ascending=True,
    )


@pytest.mark.parametrize(("asked", "place"), [
    ({"Agent": "{}"}, "/Agent"),
    ({"agent": "reader"}, "/agent"),
    ({"agent": "{}"}, "/agent"),
    ({"verb": "completed"}, "/verb"),
    ({"since": "yesterday"}, "/since"),
    ({"limit": "-1"}, "/limit"),
    ({"limit": "²"}, "/limit"),
    ({"ascending": "yes"}, "/ascending"),
    ({"format": "canonical"}, "/format"),
    ({"related_agents": "true"}, "/related_agents"),
    ({"statementId": "1"}, "/statementId"),
    ({"statementId": UUID, "verb": "https://example.org/v"}, "/statementId"),
    ({"voidedStatementId": "1"}, "/voidedStatementId"),
    ({"voidedStatementId": UUID, "limit": "1"}, "/voidedStatementId"),
    ({"voidedStatementId": UUID, "statementId": UUID}, "/statementId"),
    ({"cursor": "{}"}, "/cursor"),
])
def test_a_parameter_that_cannot_be_answered_is_refused_by_name(asked: dict[str, str], place: str) -> None:
    with pytest.raises(StatementQueryInvalid) as refused:
        read_query(asked)
    assert refused.value.errors[0]["field"] == place


@pytest.mark.parametrize(("limit", "given"), [("0", MAX_LIMIT), ("7", 7), ("100000", MAX_LIMIT)])
def test_the_limit_is_bounded(limit: str, given: int) -> None:
    assert read_query({"limit": limit}).limit == given


def test_a_more_link_keeps_the_query_and_is_relative() -> None:
    link = more_link({"verb": "https://example.org/v?a=b"}, "2026-11-21T08:00:00.000Z|x")
    assert link.startswith("/xAPI/statements?verb=https%3A%2F%2Fexample.org")
    assert "cursor=2026-11-21T08" in link
