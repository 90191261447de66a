"""What a patron is promised: a no is in force within seconds, receipts prove what was decided, nothing is hidden from
them, and whoever looked at their record stands in a chain that shows every change made to it."""

import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from libranet import jws
from libranet.clock import rfc3339
from libranet.local import Platform
from tests.journeys.door import Door, is_problem
from tests.journeys.stage import COLLEGE, ISSUE, LIBRARY, SHARE, Keys, Stage, complaint, libranet
from tests.patience import until

pytestmark = pytest.mark.real
PATIENCE_SECONDS = 60
AGREED_SECONDS = 3


@pytest.fixture(scope="module")
def scene(platform: Platform, keys: Keys) -> Iterator[Stage]:
    with Stage(platform, keys) as stage:
        yield stage


def place(patron: str, purpose: str = SHARE, recipient: str = COLLEGE) -> str:
    return f"/v1/patrons/{patron}/consents/{purpose}/{recipient}"


def seconds_until(holds: Callable[[], bool], what: str) -> float:
    started = time.monotonic()
    while not holds():
        assert time.monotonic() < started + PATIENCE_SECONDS, f"{what} did not come about"
        time.sleep(0.005)
    return time.monotonic() - started


def earn(scene: Stage, patron: str) -> str:
    """The public id of a credential that the patron has just earned."""
    return str(scene.completed(patron, scene.course())["public_id"])


def test_withdrawing_stops_deliveries_within_seconds(scene: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    college = scene.college_listens("credential-issued")
    took = []
    for _ in range(5):
        patron = scene.patron(ISSUE, SHARE)
        first = earn(scene, patron)
        until(lambda first=first: first in str(college.deliveries), what="the delivery")
        scene.library.ask("DELETE", place(patron))
        took.append(seconds_until(lambda patron=patron: scene.is_withheld(patron), "the withdrawal at deliveries"))
        second = earn(scene, patron)
        until(lambda: not scene.outbox_rows(), what="quiet")
        assert second not in str(college.deliveries)
        assert second not in str(scene.deliveries(college))
    with capsys.disabled():
        print(f"\nfrom the withdrawal's answer to its effect at deliveries: {_shown(took)}")  # noqa: T201


def test_an_objection_to_being_counted_is_heard_within_seconds(
        scene: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """Once analytics has handled it, its effect is committed (libranet/consume.py: with the inbox row)."""
    def heard() -> int:
        return int(inbox.count_documents({}))

    inbox, took = scene.mongo["libranet_analytics"]["inbox"], []
    for _ in range(5):
        patron = scene.patron()
        until(lambda: not scene.outbox_rows(), what="quiet")
        before = heard()
        scene.library.ask("DELETE", place(patron, "analytics", LIBRARY))
        took.append(seconds_until(lambda before=before: heard() > before, "the objection at analytics"))
    with capsys.disabled():
        print(f"\nfrom the objection's answer to its effect at analytics: {_shown(took)}")  # noqa: T201


def _shown(seconds: list[float]) -> str:
    return f"{min(seconds):.3f} to {max(seconds):.3f} s ({len(seconds)} times)"


def agree_until_now(scene: Stage, target: str) -> None:
    """A consent that has just ended; long enough before for a busy machine to take it."""
    ends = datetime.now(UTC) + timedelta(seconds=AGREED_SECONDS)
    scene.library.ask("PUT", target, {"granted": True, "expires_at": rfc3339(ends)})
    until(lambda: datetime.now(UTC) > ends + timedelta(seconds=0.2), what="the end of the consent")


def test_a_consent_that_expired_delivers_nothing(scene: Stage) -> None:
    college, patron = scene.college_listens("credential-issued"), scene.patron(ISSUE)
    agree_until_now(scene, place(patron))
    shown = scene.library.ask("GET", f"/v1/patrons/{patron}")["consents"]
    assert [each["granted"] for each in shown if each["recipient"] == COLLEGE] == [False]
    public_id = earn(scene, patron)
    until(lambda: not scene.outbox_rows(), what="quiet")
    assert public_id not in str(scene.deliveries(college))
    agree_until_now(scene, place(patron, ISSUE, LIBRARY))
    course, account = scene.course(), scene.account()
    scene.enrol(patron, course, account)
    scene.report(scene.passed(account, course))
    until(lambda: bool(scene.library.ask("GET", f"/v1/patrons/{patron}/credentials")["waiting"]), what="the wait")


def test_a_receipt_can_be_checked_by_anybody_and_printed(scene: Stage, door: Door) -> None:
    patron = scene.patron()
    decided = scene.consent(patron, SHARE)
    got = scene.library.ask("GET", decided["receipt"])
    keys = door.ask("GET", "/v1/receipt-keys").json
    assert jws.read(got["jws"], keys) == got["receipt"]
    assert got["receipt"]["party_identification"][0]["party_name"] == "Riverside"
    assert got["receipt"]["purposes"][0]["withdrawal_method"].startswith(
        f"DELETE {scene.platform.urls['gateway']}{place(patron)}")
    page = door.ask("GET", decided["receipt"], "library", headers={"Accept": "text/html"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert b'<html lang="en" dir="ltr">' in page.data
    assert got["jws"].encode() in page.data
    purposes = door.ask("GET", "/v1/consent-purposes").json["items"]
    assert {each["name"] for each in purposes} >= {ISSUE, SHARE, "analytics", "contact", "employer-introduction"}


def test_a_minor_needs_a_guardian_to_say_yes_and_nobody_to_say_no(scene: Stage, door: Door) -> None:
    patron = str(scene.library.ask("POST", "/v1/patrons", {"age_band": "13-15"})["id"])
    refused = door.ask("PUT", place(patron), "library", b'{"granted": true}')
    assert is_problem(refused, 422)
    assert refused.fields == ["/guardian"]
    agreed = {"relation": "parent", "confirmed_at": rfc3339(datetime.now(UTC))}
    receipt = scene.library.ask("PUT", place(patron), {"granted": True, "guardian": agreed})
    assert receipt["guardian"]["relation"] == "parent"
    assert scene.library.ask("DELETE", place(patron))["granted"] is False


def test_an_export_holds_what_every_service_holds(scene: Stage) -> None:
    mark = f"Zoe{uuid.uuid4().hex[:8]}"
    patron = scene.patron(ISSUE, SHARE, name=mark)
    college = scene.college_listens("credential-issued")
    public_id = earn(scene, patron)
    until(lambda: public_id in str(college.deliveries), what="the delivery")
    export = scene.library.ask("GET", f"/v1/patrons/{patron}/export")
    held = {(part["service"], each["collection"]): each for part in export["services"] for each in part["holdings"]}
    assert {part["service"] for part in export["services"]} == {
        "profiles", "jobs", "learning", "credentials", "analytics", "deliveries"}
    for collection in (("profiles", "patrons"), ("profiles", "consents"), ("learning", "enrolments"),
                       ("learning", "statements"), ("credentials", "credentials"), ("deliveries", "deliveries"),
                       ("analytics", "participations")):
        assert held[collection]["records"], collection
    assert held["profiles", "patrons"]["records"][0]["name"] == mark
    assert patron not in str(held["analytics", "participations"]), "analytics knows a made-up number"
    assert not held["jobs", "idempotency"]["records"], "jobs keeps nothing of people"
    assert all(each["what"] and each["why"] for each in held.values())


def touches(scene: Stage, patron: str) -> list[dict[str, Any]]:
    return list(scene.library.ask("GET", f"/v1/patrons/{patron}/audit")["items"])


def test_a_patron_sees_who_looked(scene: Stage) -> None:
    patron = scene.patron()
    key = {"Idempotency-Key": str(uuid.uuid4())}
    for _ in range(2):
        scene.library.ask("PUT", place(patron), {"granted": True}, key)
    scene.library.ask("GET", f"/v1/patrons/{patron}")
    scene.library.ask("GET", f"/v1/patrons/{patron}/export")
    seen = touches(scene, patron)
    actions = [each["action"] for each in seen]
    assert actions[:2] == ["Export everything held about a patron", "Read a patron's profile and consents"]
    assert actions.count("Give or withdraw a consent; the answer is the receipt") == 2, "a replay is a look, too"
    assert actions[-1].startswith("Register a patron")
    assert {(each["by"], each["node"]) for each in seen} == {("library", LIBRARY)}
    assert len({each["actor"] for each in seen}) == 1
    assert len(seen[0]["services"]) == 6
    page = scene.library.ask("GET", f"/v1/patrons/{patron}/audit?limit=2")
    assert len(page["items"]) <= 2
    assert page["next"]


def test_the_audit_is_whole_until_somebody_changes_it(scene: Stage) -> None:
    patron = scene.patron()
    database = scene.mongo["libranet_profiles"]
    until(lambda: not database["audit"].count_documents({}), what="the seal")
    assert "profiles: " in libranet(scene.platform, "audit", "verify")
    block = database["audit_blocks"].find_one({}, sort=[("_id", -1)])
    assert block is not None
    assert patron not in str(block)
    database["audit_blocks"].update_one({"_id": block["_id"]}, {"$set": {"entries.0.actor": "somebody else"}})
    told = complaint(scene.platform, "audit", "verify")
    assert f"profiles: block {block['number']}: something in it was changed" in told
    database["audit_blocks"].replace_one({"_id": block["_id"]}, block)
    libranet(scene.platform, "audit", "verify")
