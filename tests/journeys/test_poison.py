"""A message that nobody can handle is set aside with its reason, its neighbours pass, and an operator decides."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from contracts import topology
from libranet import broker, operate
from libranet.clock import now, rfc3339
from libranet.cloudevent import Event, to_json
from tests.journeys.insides import archived, put, waiting_messages
from tests.journeys.stage import ISSUE, Stage, complaint, libranet
from tests.patience import until

pytestmark = pytest.mark.real

COMPLETIONS, ANSWERS = "credentials.completions", "profiles.erasure-answers"
ENVELOPE = {"specversion": "1.0", "id": "poison", "source": "/libranet/learning", "subject": "x", "owner": "test",
            "time": "2026-01-01T00:00:00Z", "actor": "a", "sequence": "1", "correlationid": "c", "causationid": "d",
            "type": "org.libranet.learning.course-completed.v1"}
POISON = {
    "no JSON": b"{", "not UTF-8": b"\xff\xfe\x00", "nothing": b"", "a number": b"7", "no event": b'{"a": 1}',
    "deep": b"[" * 5000 + b"]" * 5000, "another version": json.dumps({**ENVELOPE, "specversion": "9"}).encode(),
    "no data": json.dumps(ENVELOPE).encode(), "data without a member": json.dumps({**ENVELOPE, "data": {}}).encode(),
    "an unknown type": json.dumps({**ENVELOPE, "type": "org.libranet.jobs.unheard-of.v1", "data": {}}).encode(),
    "a sequence in words": json.dumps({**ENVELOPE, "sequence": "one", "data": {}}).encode(),
}


@pytest.fixture(autouse=True)
def nothing_set_aside(stage: Stage) -> Iterator[None]:
    """Each test leaves an empty quarantine, as the hearers stop at a limit."""
    yield
    for name in ("credentials", "profiles"):
        stage.mongo[f"libranet_{name}"].quarantine.delete_many({})


def ready_to_complete(stage: Stage) -> tuple[str, dict[str, Any]]:
    course, account, patron = stage.course(), stage.account(), stage.patron(ISSUE)
    stage.enrol(patron, course, account)
    return patron, stage.passed(account, course)


def quarantined(stage: Stage, queue: str) -> dict[str, dict[str, Any]]:
    rows = stage.mongo[f"libranet_{queue.split('.')[0]}"].quarantine.find({"queue": queue})
    return {row["_id"]: row for row in rows}


def test_poison_is_set_aside_while_its_neighbours_pass(stage: Stage) -> None:
    before, after = ready_to_complete(stage), ready_to_complete(stage)
    stage.report(before[1])
    put(stage.platform, COMPLETIONS, *POISON.values(), *POISON.values())
    stage.report(after[1])
    for patron, _ in (before, after):
        until(lambda patron=patron: len(stage.credentials(patron)) == 1, what="the neighbour's credential")
    until(lambda: [row["times"] for row in quarantined(stage, COMPLETIONS).values()] == [2] * len(POISON),
          what="both copies of each in quarantine")
    rows = quarantined(stage, COMPLETIONS).values()
    assert sorted(bytes(row["body"]) for row in rows) == sorted(POISON.values())
    assert all(row["reason"] for row in rows)
    until(lambda: waiting_messages(stage.platform) == {}, what="empty queues")


def test_an_operator_lists_shows_and_drops_what_is_set_aside(stage: Stage) -> None:
    put(stage.platform, COMPLETIONS, POISON["no event"])
    until(lambda: any(bytes(row["body"]) == POISON["no event"] for row in quarantined(stage, COMPLETIONS).values()))
    rows = quarantined(stage, COMPLETIONS)
    for listed in (libranet(stage.platform, "quarantine", "list", COMPLETIONS),
                   libranet(stage.platform, "quarantine", "list")):
        assert all(key in listed for key in rows)
    key = next(key for key, row in rows.items() if bytes(row["body"]) == POISON["no event"])
    shown = libranet(stage.platform, "quarantine", "show", key)
    assert rows[key]["reason"] in shown
    assert POISON["no event"].decode() in shown
    libranet(stage.platform, "quarantine", "drop", key, "--yes")
    assert set(quarantined(stage, COMPLETIONS)) == set(rows) - {key}
    assert key not in libranet(stage.platform, "quarantine", "list", COMPLETIONS)


@pytest.mark.parametrize("is_whole_queue", [False, True], ids=["one event", "all of its queue"])
def test_what_was_set_aside_is_handled_when_its_cause_is_mended(stage: Stage, is_whole_queue: bool) -> None:
    """An answer to an erasure that nobody asked for; then somebody did."""
    patron, erasure = str(uuid.uuid4()), str(uuid.uuid4())
    data = {"patron": patron, "erasure": erasure, "erased_at": rfc3339(now()), "deleted": 1}
    event = Event(str(uuid.uuid4()), "org.libranet.learning.patron-data-erased.v1", "learning", patron, now(),
                  "test.riverside", "a", 1, "c", "d", data)
    key = f"{ANSWERS}|{event.id}"
    put(stage.platform, ANSWERS, to_json(event))
    until(lambda: key in quarantined(stage, ANSWERS), what="the quarantine")
    assert "erasure-unknown" in quarantined(stage, ANSWERS)[key]["reason"]

    put(stage.platform, ANSWERS, to_json(event))
    erasures = stage.mongo["libranet_profiles"].erasures
    erasures.insert_one({"_id": erasure, "patron": patron, "owner": "test.riverside", "requested_at": now(),
                         "answers": {"learning": None}, "schema_version": 1})
    chosen = ("--queue", ANSWERS) if is_whole_queue else (key,)
    assert f"Sent: {key}" in libranet(stage.platform, "quarantine", "replay", *chosen)
    until(lambda: erasures.find_one({"_id": erasure})["answers"]["learning"] is not None, what="the effect")
    assert key not in quarantined(stage, ANSWERS)
    erasures.delete_one({"_id": erasure})


def test_a_second_and_a_late_copy_of_an_event_change_nothing(stage: Stage) -> None:
    patron, statement = ready_to_complete(stage)
    stage.report(statement)
    until(lambda: len(stage.credentials(patron)) == 1)
    stage.consent(patron, ISSUE, granted=False)
    until(lambda: consent_of(stage, patron) is False, what="the withdrawal")
    until(lambda: {"consent-given", "course-completed"} <= set(events_of(stage, patron)), what="the archive")
    events = events_of(stage, patron)
    given = events["consent-given"]
    late = Event(**{**vars(given), "id": str(uuid.uuid4())})
    put(stage.platform, COMPLETIONS, *[to_json(events["course-completed"])] * 3)
    put(stage.platform, "credentials.consents", to_json(given), to_json(late))
    until(lambda: stage.mongo["libranet_credentials"].inbox.find_one({"_id": f"credentials.consents|{late.id}"})
          is not None, what="the late one")
    until(lambda: waiting_messages(stage.platform) == {})
    assert consent_of(stage, patron) is False
    assert len(stage.credentials(patron)) == 1


def events_of(stage: Stage, patron: str) -> dict[str, Event]:
    return {each.short_type: each for each in archived(stage.mongo) if each.data.get("patron") == patron}


def consent_of(stage: Stage, patron: str) -> bool:
    row = stage.mongo["libranet_credentials"].consents.find_one({"patron": patron})
    return bool(row and row["granted"])


@pytest.mark.parametrize(("arguments", "told"), [
    (("quarantine", "list", "nobody.hears"), "No queue is called"),
    (("quarantine", "show", "credentials.completions|none"), "Nothing in quarantine"),
    (("quarantine", "show", "none"), "No queue is called"),
    (("quarantine", "replay", "credentials.completions|none"), "Nothing in quarantine"),
    (("quarantine", "replay"), "all of one queue by --queue"),
    (("quarantine", "replay", "--queue", "nobody.hears"), "No queue is called"),
    (("quarantine", "drop", "credentials.completions|none", "--yes"), "Nothing in quarantine"),
    (("events", "replay", "--type", "unheard.of", "--since", "2026-01-01", "--to", COMPLETIONS), "does not hear"),
    (("events", "replay", "--type", ENVELOPE["type"], "--since", "2026-01-01", "--to", ANSWERS), "does not hear"),
    (("events", "replay", "--type", "unheard.of", "--since", "2026-01-01"), "No queue hears"),
    (("events", "replay", "--type", ENVELOPE["type"], "--since", "yesterday", "--to", COMPLETIONS), "--since")])
def test_a_wrong_command_says_what_is_wrong(stage: Stage, arguments: tuple[str, ...], told: str) -> None:
    assert told in complaint(stage.platform, *arguments)


@pytest.mark.parametrize("reason", [broker.NotConfirmed("it takes nothing"), AutoReconnect("it takes nothing")])
@pytest.mark.parametrize("arguments", [(), ("--type", ENVELOPE["type"])])
def test_a_replay_that_cannot_reach_one_queue_reaches_the_others(
        stage: Stage, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], reason: Exception) -> None:
    asked: list[str] = []

    def publish(queue: str, _: object) -> int:
        asked.append(queue)
        if queue == COMPLETIONS:
            raise reason
        return 3

    monkeypatch.setattr(operate, "_publish", publish)
    told = complaint(stage.platform, "events", "replay", "--since", "2026-01-01", *arguments)
    assert f"Not all were sent to {COMPLETIONS}." in told
    assert "it takes nothing" in told
    assert sorted(asked) == sorted(topology.hearers()[ENVELOPE["type"]] if arguments else topology.queues())
