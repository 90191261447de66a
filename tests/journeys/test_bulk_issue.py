"""Lists of awards on a running platform, its process killed on the way: each row counts once."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from tests.journeys.stage import ISSUE, Stage
from tests.patience import until

pytestmark = pytest.mark.chaos
PATRONS, DAYS = 30, 12


def engagement(stage: Stage) -> str:
    return str(stage.library.ask("POST", "/v1/achievements", {
        "name": "Reading club", "description": "Came to the club.", "criteria": "Come.", "kind": "engagement"})["id"])


def a_list(patrons: list[str]) -> bytes:
    rows = [f"{patron};{date(2026, 1, 1) + timedelta(days=day)};" for day in range(DAYS) for patron in patrons]
    return "\r\n".join(("\ufeffpatron;awarded_at;note", *rows, "nobody;2026-01-01;")).encode()


def look(stage: Stage, batch: str) -> dict[str, Any]:
    """What there was to see; nothing while the service starts anew."""
    answer = stage.library.raw("GET", f"/v1/awards/{batch}")
    return dict(json.loads(answer.data)) if answer.status == 200 else {"state": "away"}


def worked_off(stage: Stage, batch: str, state: str, kills: int = 0,
               progress: Callable[[], int] = lambda: 0) -> dict[str, Any]:
    """The list at its end; the service is killed so often on the way, at even parts of it. It may be too busy to tell
    how far it is: the progress is looked for in the database."""
    for number in range(kills):
        part = PATRONS * DAYS * (number + 1) // (kills + 2)
        until(lambda part=part: progress() > part, 240, "so much of the list")  # type: ignore[misc]
        stage.platform.kill("credentials")
        stage.platform.wait_ready(parts=["credentials"])
    until(lambda: look(stage, batch)["state"] in (state, "failed"), 240, f"the list that is {state}")
    found = look(stage, batch)
    assert found["state"] == state, found
    return found


def events(stage: Stage, kind: str, issued: set[str]) -> Counter[str]:
    """How often each of these credentials was told of so."""
    database = stage.mongo["libranet_credentials"]
    rows = [*database.outbox.find(), *database.archive.find()]
    told = {event["id"]: event for row in rows for event in map(_event, row["events"])}
    return Counter(each["subject"] for each in told.values()
                   if each["type"].endswith(f".{kind}.v1") and each["subject"] in issued)


def _event(body: bytes) -> dict[str, Any]:
    return dict(json.loads(bytes(body)))


def test_a_list_whose_process_is_killed_gives_each_row_one_credential_and_is_undone_whole(stage: Stage) -> None:
    achievement = engagement(stage)
    patrons = [stage.patron(ISSUE) for _ in range(PATRONS)]
    credentials = stage.mongo["libranet_credentials"].credentials

    def there() -> int:
        return credentials.count_documents({"achievement": achievement})

    batch = stage.awards(achievement, a_list(patrons))["id"]
    report = worked_off(stage, batch, "done", 2, there)["report"]
    assert (report["read"], report["issued"], report["rejected_count"]) == (PATRONS * DAYS + 1, PATRONS * DAYS, 1)
    assert report["rejected"][0]["position"] == PATRONS * DAYS + 2
    issued = {row["_id"] for row in credentials.find({"achievement": achievement}, {"_id": 1})}
    assert len(issued) == PATRONS * DAYS
    again = stage.awards(achievement, a_list(patrons))["id"]
    assert worked_off(stage, again, "done")["report"]["already"] == PATRONS * DAYS
    shared = stage.credentials(patrons[0])[0]["id"]
    stage.library.ask("POST", f"/v1/credentials/{shared}/share")
    stage.library.ask("POST", f"/v1/awards/{batch}/undo", {"reason": "It was the list of another club."})
    undo = worked_off(stage, batch, "undone", 1, lambda: PATRONS * DAYS - there())["undo"]
    assert (undo["undone"], undo["kept_count"]) == (PATRONS * DAYS - 1, 1)
    assert [row["_id"] for row in credentials.find({"achievement": achievement}, {"_id": 1})] == [shared]
    until(lambda: stage.outbox_rows() == 0, what="an empty outbox")
    assert events(stage, "credential-issued", issued) == Counter(dict.fromkeys(issued, 1))
    assert events(stage, "credential-revoked", issued) == Counter(dict.fromkeys(issued - {shared}, 1))


def test_a_dry_run_gives_nothing_and_a_bad_list_is_refused(stage: Stage) -> None:
    achievement, patron = engagement(stage), stage.patron()
    sent = stage.awards(achievement, f"patron,awarded_at\n{patron},2026-11-20\n".encode(), "?dry_run=true")
    dry = worked_off(stage, sent["id"], "done")
    assert dry["report"]["waiting"] == 1
    assert stage.library.ask("GET", f"/v1/patrons/{patron}/credentials")["waiting"] == []
    answer = stage.library.raw("GET", f"/v1/awards/{dry['id']}/rows?format=csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert patron in answer.data.decode()
    refused = stage.library.raw("POST", f"/v1/achievements/{achievement}/awards", b"name\nAmina\n")
    assert refused.status == 422
