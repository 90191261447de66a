"""The measuring of capacity, in short: it grows what is stored, tells the cost, and finds what no index serves."""

from pathlib import Path

import pytest

from bench.capacity import audit, measuring, plan
from bench.capacity.__main__ import run, text
from bench.capacity.audit import Asked
from bench.capacity.stage import collections

SIZES = (10, 20)
ASKED = "profile read"


@pytest.mark.real
def test_what_an_operation_costs_is_told_at_each_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "IDLE_SECONDS", 1)
    for name in ("ID_KEY_FILE", "MONGO_URI"):
        monkeypatch.setenv(name, "")  # becomes the platform's own, which is gone afterwards
    *_, report = run(tmp_path, SIZES, 2, 0, 0, [ASKED])
    patrons = [size.stored["libranet_profiles"]["patrons"] for size in report.sizes]
    assert patrons[1] - patrons[0] == SIZES[1] - SIZES[0]
    assert [[cost.operation for cost in size.costs] for size in report.sizes] == [[ASKED], [ASKED]]
    assert {each.collection for each in report.queries} >= {"libranet_profiles.patrons", "libranet_profiles.consents"}
    assert ASKED in text(report)


@pytest.mark.parametrize(("asked", "by", "left", "afterwards"), [
    (Asked(frozenset({"patron"}), frozenset({"_id"}), frozenset(), ("_id",)), ("patron", "_id"), (), False),
    (Asked(frozenset({"owner", "state"}), frozenset(), frozenset(), ()), ("state",), ("owner",), False),
    (Asked(frozenset({"state"}), frozenset(), frozenset(), ("at",)), ("state",), (), True),
    (Asked(frozenset({"name"}), frozenset(), frozenset(), ()), (), ("name",), False)])
def test_an_index_serves_what_its_first_keys_fix_and_then_bound(
        asked: Asked, by: tuple[str, ...], left: tuple[str, ...], afterwards: bool) -> None:
    assert audit.served(asked, [("_id",), ("patron", "_id"), ("state",)]) == (by, left, afterwards)


def test_a_replica_more_than_the_load_needs_may_be_missing() -> None:
    size = {"idle": {"gateway": 0.0}, "costs": [{"operation": ASKED, "cpu_ms": {"gateway": 1000.0}}]}
    need = plan.needs(size, 500, 1.0)["gateway"]
    assert need.cores == pytest.approx(plan.a_second(500)[ASKED])
    assert (need.replicas - 1) * plan.SHARE >= need.cores > (need.replicas - 2) * plan.SHARE


def test_each_collection_of_a_service_has_one_place() -> None:
    assert {"patrons", "outbox"} <= collections()["libranet_profiles"].keys()
