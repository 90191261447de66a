"""Lists of awards as a library meets them: dry run, report by row, once only, taken back before anybody has them."""

import csv
import io
from dataclasses import replace
from typing import Any

import pytest

from libranet.problems import NotFound
from libranet.testing import MemoryWork, a_principal, a_request, an_event
from services.credentials import bulk_steps
from services.credentials.bulk_steps import Outdated, settle, take_back
from services.credentials.domain import award_lists
from services.credentials.domain.refusals import (
    AchievementUnknown,
    BatchUnknown,
    CompetencyWithoutAssessment,
    ListUnreadable,
    NothingToUndo,
)
from services.credentials.store import COLLECTIONS, CredentialStore
from tests.services.credentials_stage import (
    EVERYTHING_VALID,
    PATRON,
    REGISTERED,
    Platform,
    consent,
    erased,
    platform,
    status_list,
)

__all__ = ["platform"]
OTHER, ELSEWHERE = "0190b3a0-1111-7111-8111-222222222222", "0190b3a0-1111-7111-8111-333333333333"
DAY = "2026-11-20"
REASON = {"reason": "It was the list of another course."}
COUNTS = ("read", "issued", "waiting", "already", "rejected_count")


class Desk:
    """Lists of awards of one platform, worked off by hand in chunks of two rows."""

    def __init__(self, platform: Platform) -> None:
        self.platform, self.blobs = platform, platform.blobs
        platform.service.bulk_desk = self
        self.achievement = platform.defined(course=None)["id"]

    def content(self, blob: str) -> bytes:
        return self.blobs.files[blob]

    def wake(self) -> None:
        return

    def store(self) -> Any:
        return CredentialStore(MemoryWork(COLLECTIONS, "credentials", self.platform.state))  # type: ignore[arg-type]

    def send(self, *rows: str, node: str = "demo.riverside", achievement: str | None = None,
             dry_run: bool = False) -> dict[str, Any]:
        """The list as it was taken, with nothing done yet."""
        blob = self.blobs.put("\n".join(("patron,awarded_at,note", *rows)).encode())
        request = replace(a_request(None, a_principal(node), {"achievement": achievement or self.achievement},
                                    {"dry_run": dry_run}), blob=blob)
        return dict(self.platform._run("award_achievement", request).body)

    def go_on(self, batch: str, chunks: int = 100) -> dict[str, Any]:
        for _ in range(chunks):
            work = MemoryWork(COLLECTIONS, "credentials", self.platform.state)
            store: Any = CredentialStore(work)  # type: ignore[arg-type]
            found = store.batches.find(batch)
            if not found.is_open:
                break
            if found.state == "undoing":
                take_back(found, 2, store)
            else:
                rows = award_lists.read(self.content(found.blob), found.created_at)
                settle(found, rows[found.read:found.read + 2], store, self.platform.service)
            self.platform.events += work.events
        return self.look(batch, "demo")

    def awarded(self, *rows: str, **how: Any) -> dict[str, Any]:
        return self.go_on(self.send(*rows, **how)["id"])

    def look(self, batch: str, node: str = "demo.riverside") -> dict[str, Any]:
        return dict(self.platform.call("get_awards", node=node, batch=batch).body)

    def rows(self, batch: str) -> list[dict[str, Any]]:
        return list(self.platform.call("list_award_rows", query={"format": "json"}, batch=batch).body["items"])

    def undone(self, batch: str) -> dict[str, Any]:
        self.platform.call("undo_awards", REASON, batch=batch)
        return self.go_on(batch)

    def told(self) -> list[str]:
        return [each.short_type for each in self.platform.events]


@pytest.fixture
def desk(platform: Platform) -> Desk:
    for patron, owner in ((OTHER, "demo.riverside"), (ELSEWHERE, "demo.hillside")):
        platform.hear("patrons", an_event(
            REGISTERED, {"patron": patron, "registered_at": "2026-11-21T09:00:00.000Z"}, patron, owner))
    platform.hear("consents", consent())
    return Desk(platform)


def counts(batch: dict[str, Any]) -> tuple[int, ...]:
    return tuple(batch["report"][name] for name in COUNTS)


def test_a_list_gives_each_patron_a_credential_or_lets_it_wait_for_consent(desk: Desk) -> None:
    batch = desk.awarded(f"{PATRON},{DAY},Well done", f"{OTHER},{DAY},")
    assert (batch["state"], counts(batch)) == ("done", (2, 1, 1, 0, 0))
    [earned] = desk.platform.listed()["items"]
    assert earned["because"] == {"rule": "awarded-by-list", "achievement_version": 1, "batch": batch["id"],
                                 "event": "request-1", "note": "Well done"} | {"event": earned["because"]["event"]}
    assert earned["credential"]["awardedDate"] == "2026-11-20T12:00:00.000Z"
    assert desk.platform.verified(earned["credential"]) == EVERYTHING_VALID
    assert len(desk.platform.listed(patron=OTHER)["waiting"]) == 1
    desk.platform.hear("consents", consent(patron=OTHER))
    assert len(desk.platform.listed(patron=OTHER)["items"]) == 1
    assert desk.told() == ["credential-issued", "credential-issued"]


def test_a_dry_run_tells_the_same_and_does_nothing(desk: Desk) -> None:
    rows = (f"{PATRON},{DAY},", f"{OTHER},{DAY},", f"{PATRON},{DAY},", "nobody,2026-11-20,", f"{ELSEWHERE},{DAY},")
    dry = desk.awarded(*rows, dry_run=True)
    assert (counts(dry), desk.told(), desk.platform.listed()["items"]) == ((5, 1, 1, 0, 3), [], [])
    done = desk.awarded(*rows)
    assert done["report"] == dry["report"]
    shown = [[{name: each[name] for name in ("position", "outcome", "credential") if name in each}
              for each in desk.rows(batch["id"])] for batch in (dry, done)]
    assert shown[0] == shown[1]
    with pytest.raises(NothingToUndo):
        desk.platform.call("undo_awards", REASON, batch=dry["id"])


def test_bad_rows_are_named_by_line_and_column_and_nothing_else_of_them_is_kept(desk: Desk) -> None:
    batch = desk.awarded("=cmd|'calc',2026-11-20,Amina Yusuf", f"{PATRON},yesterday,Amina Yusuf", f"{PATRON},{DAY},",
                         "0190b3a0-1111-7111-8111-999999999999,2026-11-20,", f"{ELSEWHERE},{DAY},")
    assert [(each["position"], each["field"]) for each in batch["report"]["rejected"]] == [
        (2, "patron"), (3, "awarded_at"), (5, "patron"), (6, "patron")]
    unknown, elsewhere = batch["report"]["rejected"][2:]
    assert unknown["reason"] == elsewhere["reason"], "another library's patron is as unknown as none"
    assert "Amina" not in repr(desk.platform.state)
    assert ELSEWHERE not in repr(desk.platform.state["award_rows"])


def test_the_table_runs_no_formula_in_a_spreadsheet(desk: Desk) -> None:
    batch = desk.awarded(f'{PATRON},{DAY},"=HYPERLINK(""https://a.example"")"', "nobody,,")
    answer = desk.platform.call("list_award_rows", query={"format": "csv"}, batch=batch["id"])
    [good, bad] = csv.DictReader(io.StringIO(answer.body.decode(), newline=""))
    assert good["note"] == "'=HYPERLINK(\"https://a.example\")"
    assert (good["position"], good["outcome"], good["patron"]) == ("2", "issued", PATRON)
    assert (bad["position"], bad["outcome"], bad["field"], bad["patron"]) == ("3", "rejected", "patron", "")


def test_the_same_list_again_gives_nobody_anything_twice(desk: Desk) -> None:
    rows = (f"{PATRON},{DAY},", f"{OTHER},{DAY},", f"{PATRON},2026-11-19,")
    assert counts(desk.awarded(*rows)) == (3, 2, 1, 0, 0)
    assert counts(desk.awarded(*rows)) == (3, 0, 0, 3, 0)
    assert counts(desk.awarded(f"{PATRON.upper()},2026-11-20T12:00:00Z,")) == (1, 0, 0, 1, 0)
    assert desk.told().count("credential-issued") == 2


def test_a_list_goes_on_after_its_last_chunk_and_nobody_does_a_chunk_twice(desk: Desk) -> None:
    batch = desk.send(*(f"{PATRON},2026-10-{day:02},once" for day in range(1, 8)))["id"]
    assert desk.go_on(batch, chunks=2)["progress"] == {"read": 4, "total": 7}
    stale = replace(desk.store().batches.find(batch), read=2)
    rows = award_lists.read(desk.content(stale.blob), stale.created_at)
    with pytest.raises(Outdated):
        settle(stale, rows[2:4], desk.store(), desk.platform.service)
    assert counts(desk.go_on(batch)) == (7, 7, 0, 0, 0)
    assert [each["position"] for each in desk.rows(batch)] == list(range(2, 9))


def test_an_undo_takes_back_what_nobody_has_yet_and_tells_what_it_could_not(desk: Desk) -> None:
    batch = desk.awarded(f"{PATRON},{DAY},", f"{PATRON},2026-11-19,", f"{OTHER},{DAY},")
    shared, taken = desk.platform.listed()["items"]
    desk.platform.call("share_credential", credential=shared["id"])
    undone = desk.undone(batch["id"])
    assert undone["state"] == "undone"
    [kept] = undone["undo"].pop("kept")
    assert undone["undo"] == {**REASON, "undone": 2, "kept_count": 1}
    assert kept["reason"] == "It was shared."
    assert [each["id"] for each in desk.platform.listed()["items"]] == [shared["id"]]
    assert desk.platform.listed(patron=OTHER)["waiting"] == []
    assert desk.told().count("credential-revoked") == 1
    assert desk.platform.verified(taken["credential"])["status"] == "invalid"
    assert desk.platform.verified(shared["credential"])["status"] == "valid"
    assert status_list(desk.platform, taken["credential"]).status == 200
    assert desk.undone(batch["id"])["undo"]["undone"] == 2, "once more changes nothing"
    desk.platform.hear("consents", consent(patron=OTHER))
    assert desk.platform.listed(patron=OTHER)["items"] == []


def test_what_earned_another_credential_is_not_taken_back(desk: Desk) -> None:
    other = desk.platform.defined(course=None)["id"]
    desk.platform.defined(course=None, earned_by={"achievements": [desk.achievement, other]})
    batch = desk.awarded(f"{PATRON},{DAY},", f"{PATRON},2026-11-19,")
    desk.awarded(f"{PATRON},{DAY},", achievement=other)
    assert len(desk.platform.listed()["items"]) == 4
    [kept] = desk.undone(batch["id"])["undo"]["kept"]
    assert kept["reason"] == "Its patron earned another one by it."
    assert len(desk.platform.listed()["items"]) == 3


def test_a_list_that_was_taken_back_may_be_sent_again(desk: Desk) -> None:
    first = desk.awarded(f"{PATRON},{DAY},")
    [before] = desk.platform.listed()["items"]
    desk.undone(first["id"])
    assert counts(desk.awarded(f"{PATRON},{DAY},")) == (1, 1, 0, 0, 0)
    [after] = desk.platform.listed()["items"]
    assert after["id"] != before["id"]
    assert desk.platform.verified(after["credential"]) == EVERYTHING_VALID
    assert desk.platform.verified(before["credential"])["status"] == "invalid"


def test_a_list_may_be_taken_back_while_it_is_read(desk: Desk) -> None:
    batch = desk.send(*(f"{PATRON},2026-10-{day:02}," for day in range(1, 8)))["id"]
    desk.go_on(batch, chunks=1)
    seen = desk.store().batches.find(batch)
    undone = desk.undone(batch)
    assert (undone["state"], undone["progress"]["read"], undone["undo"]["undone"]) == ("undone", 2, 2)
    rows = award_lists.read(desk.content(seen.blob), seen.created_at)
    with pytest.raises(Outdated):
        settle(seen, rows[2:4], desk.store(), desk.platform.service)
    assert desk.platform.listed()["items"] == []


def test_a_competency_is_not_awarded_by_a_list(desk: Desk) -> None:
    competency = desk.platform.defined(kind="competency", course=None, rubric=[{
        "name": "Sums", "levels": [{"name": "Not yet"}, {"name": "Able"}], "required_level": "Able"}])
    with pytest.raises(CompetencyWithoutAssessment):
        desk.send(f"{PATRON},{DAY},", achievement=competency["id"])


def test_what_is_another_librarys_is_unknown(desk: Desk) -> None:
    batch = desk.awarded(f"{PATRON},{DAY},")
    with pytest.raises(AchievementUnknown):
        desk.send(f"{ELSEWHERE},{DAY},", node="demo.hillside")
    for call, body in (("get_awards", None), ("list_award_rows", None), ("undo_awards", REASON)):
        with pytest.raises(BatchUnknown) as refused:
            desk.platform.call(call, body, "demo.hillside", batch=batch["id"])
        assert isinstance(refused.value, NotFound)


def test_a_branch_awards_what_its_library_defined_and_a_library_not_what_a_branch_defined(desk: Desk) -> None:
    own = desk.platform.defined("demo.riverside.east", course=None)["id"]
    batch = desk.awarded(f"{PATRON},{DAY},", achievement=own)
    assert "demo.riverside.east" in batch["report"]["rejected"][0]["reason"]
    assert counts(desk.awarded(f"{PATRON},{DAY},", node="demo")) == (1, 1, 0, 0, 0)


def test_a_file_that_is_no_list_is_refused_at_once(desk: Desk) -> None:
    with pytest.raises(ListUnreadable):
        desk.send()
    assert desk.platform.state["award_batches"] == {}


def test_an_erased_patron_is_awarded_nothing_and_leaves_no_row(desk: Desk) -> None:
    batch = desk.awarded(f"{PATRON},{DAY},Amina")
    undone = desk.awarded(f"{PATRON},2026-11-19,")
    desk.undone(undone["id"])
    platform = desk.platform
    held = {each.collection.name: len(each.records) for each in platform.service.held(
        PATRON, a_principal(), MemoryWork(COLLECTIONS, "credentials", platform.state))}  # type: ignore[arg-type]
    assert (held["award_rows"], held["undone_awards"]) == (2, 1)
    platform.hear("patrons", erased())
    assert PATRON not in repr({name: rows for name, rows in platform.state.items() if name != "audit"})
    assert desk.undone(batch["id"])["undo"]["undone"] == 0
    assert counts(desk.awarded(f"{PATRON},{DAY},")) == (1, 0, 0, 0, 1)


def test_each_award_is_audited_as_a_touch_of_its_patron(desk: Desk) -> None:
    batch = desk.awarded(f"{PATRON},{DAY},", f"{OTHER},{DAY},")
    desk.undone(batch["id"])
    assert sorted(each["action"] for each in desk.platform.state["audit"].values()) == [
        bulk_steps.AWARDED, bulk_steps.AWARDED, bulk_steps.UNDONE, bulk_steps.UNDONE]
