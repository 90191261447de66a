"""The benchmarks run to their end and report; what they report is never held against anybody."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import award, calls, consume, deliveries, issue, line, match, relay, skills, table
from bench.parts import Parts
from bench.table import Row
from libranet.local import Platform

pytestmark = pytest.mark.real
FEW = 200
ALL_INSTALLED = importlib.util.find_spec("celery") and importlib.util.find_spec("faststream")
"""`make bench` installs the peers that nothing else needs."""


@pytest.fixture(scope="module")
def bench_parts(parts: Platform) -> Iterator[Parts]:
    """Parts that other tests use too: what was measured with goes."""
    bench_parts = Parts(parts)
    yield bench_parts
    for service in ("jobs", "learning", "credentials"):
        bench_parts.drop(service)


def test_consuming_is_reported_for_ours_with_and_without_effects_and_for_each_peer(bench_parts: Parts) -> None:
    peers = consume.PEERS if ALL_INSTALLED else (consume.OURS, *consume.STOCK)
    rows = consume.run(bench_parts, FEW, rounds=1, peers=peers)
    assert [row.title for row in rows] == [*(peer.title for peer in peers), consume.WHOLE.title]
    assert_reported(rows, "broker", "database")


def test_relaying_is_reported_for_ours_and_the_stock_dispatcher(bench_parts: Parts) -> None:
    rows = relay.run(bench_parts, FEW, rounds=1)
    assert [row.title for row in rows] == [*relay.ROWS.values(), relay.STOCK]
    assert_reported(rows, "broker", "database")


def test_calls_are_reported_from_both_sides(bench_parts: Parts) -> None:
    rows = calls.run(bench_parts, 64, rounds=1)
    assert len(rows) == len(calls.PAIRS) * len(calls.WHAT) * len(calls.CALLERS)
    assert_reported(rows, "answering", "broker", "database")


def test_the_whole_line_is_reported_process_by_process(monkeypatch: pytest.MonkeyPatch) -> None:
    for part in ("AMQP_URI", "MONGO_URI"):  # the line brings its own
        monkeypatch.delenv(part, raising=False)
    rows = line.run(completions=20, rounds=1)
    assert_reported(rows, "gateway", "learning", "credentials", "broker", "database")


def test_deliveries_are_reported_process_by_process(monkeypatch: pytest.MonkeyPatch) -> None:
    for part in ("AMQP_URI", "MONGO_URI", "WEBHOOK_KEK_FILE"):
        monkeypatch.delenv(part, raising=False)
    rows = deliveries.run(webhooks=80, rounds=1)
    assert_reported(rows, "deliveries", "broker", "database")


def test_awarding_is_reported_with_what_the_database_spends(bench_parts: Parts) -> None:
    assert_reported(award.run(bench_parts, 100, rounds=1), "database")


def test_matching_is_reported_beside_a_scan_and_the_database(bench_parts: Parts) -> None:
    rows = match.run(bench_parts, FEW, asks=3)
    assert len(rows) == 3
    assert_reported(rows, "database")


def test_finding_skills_is_reported_without_the_official_taxonomies_too(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIBRANET_BENCH_DATA", str(tmp_path))
    assert_reported(skills.run())


def test_issuing_and_verifying_are_reported_beside_other_libraries() -> None:
    rows = issue.run(credentials=20, rounds=1)
    assert [row.title for row in rows] == list(issue.chosen())
    assert_reported(rows)


def assert_reported(rows: list[Row], *behind: str) -> None:
    for row in rows:
        assert row.per_second > 0
        assert set(behind) <= set(row.behind_us), row
        assert row.title in table.text(rows)
