"""Rules of the event core that need neither broker nor database."""

import time
from dataclasses import replace

import orjson
import pytest
from joserfc.jwk import OKPKey
from pymongo.errors import AutoReconnect, BulkWriteError, OperationFailure

from contracts import compatibility, principal
from contracts.principal import PrincipalInvalid, Verifier, sign
from libranet import outbox, quarantine
from libranet.cloudevent import Cause, EventUnreadable, Fact, from_fact, from_json, to_json
from libranet.health import Health
from libranet.mongo import UNDECIDED, _commit, is_outage
from libranet.testing import MemoryWork, OutsideSubset, a_principal
from libranet.worker import Broke, contained

OFFERED = "org.libranet.learning.course-offered.v1"


def an_event(size: int = 10, number: int = 1):
    data = {"course": "c", "title": "x" * size, "activity_iri": "https://example.org/", "teaches": []}
    return from_fact(Fact(OFFERED, f"course-{number}", "demo", data), Cause("a", "b", "c"), "learning")


@pytest.mark.parametrize("change", [
    {"id": None}, {"type": [OFFERED]}, {"subject": {}}, {"owner": 7}, {"actor": None}, {"correlationid": 1},
    {"time": "0001-01-01T00:00:00+14:00"}, {"time": "2026-01-01T00:00:00"}, {"sequence": "many"}, {"data": []},
], ids=str)
def test_an_envelope_of_another_shape_is_unreadable(change: dict[str, object]) -> None:
    with pytest.raises(EventUnreadable):
        from_json(orjson.dumps({**orjson.loads(to_json(an_event())), **change}))


def test_what_could_not_be_read_again_is_not_made() -> None:
    with pytest.raises(TypeError):
        replace(an_event(), owner=None)


def test_a_transaction_that_tells_much_makes_several_rows_in_order() -> None:
    events = [an_event(1_000_000, number) for number in range(10)]
    rows = outbox.rows(events)
    assert [event.id for row in rows for event in outbox.events_of(row)] == [event.id for event in events]
    assert len(rows) == 3
    assert [row["_id"] for row in rows] == sorted(row["_id"] for row in rows)
    assert len(outbox.rows(events[:1])) == 1


@pytest.mark.parametrize(("error", "may_succeed_later"), [
    (AutoReconnect("away"), True),
    (OperationFailure("no right", 13), True),
    (OperationFailure("conflict", 112, {"errorLabels": ["TransientTransactionError"]}), True),
    (OperationFailure("bad value", 2), False),
    (BulkWriteError({"writeErrors": [{"code": 11000}], "writeConcernErrors": []}), False),
], ids=str)
def test_an_outage_is_told_from_a_fault(error: OperationFailure, may_succeed_later: bool) -> None:
    assert is_outage(error) is may_succeed_later


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
def test_what_is_no_exception_becomes_one(kind: type[BaseException]) -> None:
    @contained
    def method() -> None:
        raise kind("odd")

    with pytest.raises(Broke, match="odd"):
        method()


class Shelf:
    """A database for `release`: one MemoryWork."""

    def __init__(self) -> None:
        self.work = MemoryWork((), "jobs")

    def reading(self) -> MemoryWork:
        return self.work

    def transact(self, effect):
        return effect(self.work)


@pytest.fixture
def shelf() -> Shelf:
    shelf = Shelf()
    quarantine.set_aside(shelf, "q", [quarantine.Poison("e", b"body", "why")])
    return shelf


def test_a_replay_that_cannot_be_sent_stays_in_quarantine(shelf: Shelf) -> None:
    def send(_body: bytes) -> None:
        raise OSError("the broker is down")

    with pytest.raises(OSError, match="down"):
        quarantine.release(shelf, "q|e", send)
    assert shelf.work.get("quarantine", "q|e")


def test_a_replay_that_came_back_at_once_stays_in_quarantine(shelf: Shelf) -> None:
    quarantine.release(shelf, "q|e", lambda body: quarantine.set_aside(
        shelf, "q", [quarantine.Poison("e", body, "again")]))
    assert shelf.work.get("quarantine", "q|e")["reason"] == "again"


def test_a_replay_that_was_sent_leaves_quarantine_and_inbox(shelf: Shelf) -> None:
    sent: list[bytes] = []
    quarantine.release(shelf, "q|e", sent.append)
    assert sent == [b"body"]
    assert shelf.work.get("quarantine", "q|e") is None
    assert shelf.work.get("inbox", "q|e") is None


def test_a_principal_is_taken_from_either_live_key_and_from_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new, foreign = (OKPKey.generate_key("Ed25519") for _ in range(3))
    who = a_principal("demo.riverside", "patrons:read")
    verifier = Verifier([new, old])
    for key in (old, new):
        assert verifier.verify(sign(who, key)) == who
    for token in (None, "", "a.b.c", "é", sign(who, foreign), sign(who, new)[:-4] + "AAAA", tampered(sign(who, new)),
                  unsigned(sign(who, new))):
        with pytest.raises(PrincipalInvalid):
            verifier.verify(token)
    token = sign(who, new)
    assert verifier.verify(token) == who
    now = principal.time.time()
    monkeypatch.setattr(principal.time, "time", lambda: now + 71)
    for each in (verifier, Verifier([new])):
        with pytest.raises(PrincipalInvalid, match="expired"):
            each.verify(token)


def test_a_principal_that_was_checked_opens_nothing_for_its_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    key, checks = OKPKey.generate_key("Ed25519"), []
    verifier, decode = Verifier([key]), principal.jwt.decode
    monkeypatch.setattr(principal.jwt, "decode", lambda *asked, **more: checks.append(asked) or decode(*asked, **more))
    token = sign(a_principal("demo.riverside", "patrons:read"), key)
    for _ in range(3):
        verifier.verify(token)
        with pytest.raises(PrincipalInvalid, match="not signed"):
            verifier.verify(tampered(token))
    assert [asked[0] for asked in checks].count(token) == 1
    assert [asked[0] for asked in checks].count(tampered(token)) == 3


def tampered(token: str) -> str:
    head, _, signature = token.split(".")
    return f"{head}.eyJhY3RvciI6InJvb3QifQ.{signature}"


def unsigned(token: str) -> str:
    return f"eyJhbGciOiJub25lIn0.{token.split('.')[1]}."


@pytest.mark.parametrize("change", [
    {"enum": ["a"]}, {"const": "a"}, {"items": {"type": "string"}}, {"additionalProperties": False}, {"minItems": 1},
], ids=str)
def test_a_member_that_is_held_to_more_than_before_breaks_old_events(change: dict[str, object]) -> None:
    old = {"type": "object", "properties": {"a": {}}}
    assert compatibility.breaks(old, {"type": "object", "properties": {"a": change}})
    assert compatibility.breaks({"enum": ["a"]}, {"enum": ["a", "b"]}) == []


class Commits:
    """A session whose commits end like this, one after the other."""

    def __init__(self, *ends: Exception | None) -> None:
        self.ends = list(ends)

    def commit_transaction(self) -> None:
        end = self.ends.pop(0)
        if end:
            raise end


def test_a_commit_that_may_have_been_done_is_asked_again_but_its_effect_is_never_run_again() -> None:
    lost = OperationFailure("no answer", 0, {"errorLabels": [UNDECIDED]})
    forgotten = OperationFailure("no such transaction", 251, {"errorLabels": ["TransientTransactionError"]})
    later = time.monotonic() + 5
    _commit(Commits(lost, lost, None), later)
    with pytest.raises(OperationFailure, match="no answer"):
        _commit(Commits(lost, forgotten), later)
    with pytest.raises(OperationFailure, match="no such"):
        _commit(Commits(forgotten), later)


@pytest.mark.parametrize("query", [{"$where": "true"}, {"size": {"$mod": [2, 0]}}, {"$or": [{"size": {"$type": 1}}]}])
def test_the_work_of_tests_refuses_a_query_that_it_does_not_know(query: dict) -> None:
    work = MemoryWork((), "jobs")
    work.insert("outbox", {"_id": "row", "size": 2})
    with pytest.raises(OutsideSubset):
        work.find("outbox", query)


def test_the_work_of_tests_refuses_an_update_that_it_does_not_know() -> None:
    work = MemoryWork((), "jobs")
    work.insert("outbox", {"_id": "row", "size": 2})
    with pytest.raises(OutsideSubset):
        work.update("outbox", {"_id": "row"}, {"$mul": {"size": 2}})
    assert work.get("outbox", "row") == {"_id": "row", "size": 2}


def test_who_waits_for_a_person_is_told_of_and_hinders_nobody() -> None:
    health = Health()
    health.expect("queue")
    assert health.report() == (False, {"queue": "starting"})
    assert health.paused("queue", "full")
    assert not health.paused("queue", "full"), "no news"
    assert health.report() == (True, {"queue": "full"})
    assert health.count_ill() == 1
    assert health.ill("queue", "away")
    assert health.report() == (False, {"queue": "away"})
    health.paused("queue", "full")
    health.well("queue")
    assert (health.report(), health.count_ill()) == ((True, {"queue": "ok"}), 0)
