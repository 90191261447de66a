"""The main line and what bends it: consents given late or taken back, statements that come first, totals that move."""

import time

import pytest

from demo import statements
from services.analytics.domain.disclosure import SMALLEST_SHOWN
from tests.journeys.door import Door
from tests.journeys.stage import ISSUE, SHARE, Stage, ids_told
from tests.patience import is_done_within, until

pytestmark = pytest.mark.real
ISSUE_SECONDS = 2.0
"""What the platform promises between an accepted statement and a stored credential."""
TRIES = 5


@pytest.mark.parametrize("shape", ["Open edX", "Moodle"])
def test_a_completion_becomes_a_credential_within_two_seconds(stage: Stage, shape: str) -> None:
    course = stage.course()

    def complete(patron: str, account: dict[str, str]) -> None:
        moodle = statements.moodle_course_completed(account, course["activity_iri"], course["title"])
        stage.report(moodle if shape == "Moodle" else stage.passed(account, course))
        until(lambda: len(stage.credentials(patron)) == 1, what="the credential")

    learners = [(stage.patron(ISSUE), stage.account()) for _ in range(TRIES)]
    for patron, account in learners:
        stage.enrol(patron, course, account)
    assert is_done_within(ISSUE_SECONDS, lambda: complete(*learners.pop()), TRIES)


def test_both_shapes_of_one_completion_earn_one_credential(stage: Stage) -> None:
    course, account, patron = stage.course(), stage.account(), stage.patron(ISSUE)
    stage.enrol(patron, course, account)
    moodle = statements.moodle_course_completed(account, course["activity_iri"], course["title"])
    stage.report([stage.passed(account, course), moodle])
    stage.report(moodle)
    until(lambda: len(stage.credentials(patron)) == 1)
    after(stage)
    assert len(stage.credentials(patron)) == 1


def test_a_statement_before_its_enrolment_counts(stage: Stage) -> None:
    course, account, patron = stage.course(), stage.account(), stage.patron(ISSUE)
    stage.report(stage.passed(account, course))
    assert stage.enrol(patron, course, account)["completed"] is True
    until(lambda: len(stage.credentials(patron)) == 1)


def test_without_consent_a_completion_waits_and_says_what_to_do(stage: Stage) -> None:
    course, account, patron = stage.course(), stage.account(), stage.patron()
    stage.enrol(patron, course, account)
    stage.report(stage.passed(account, course))
    until(lambda: bool(waiting(stage, patron)), what="what waits")
    [one] = waiting(stage, patron)
    assert stage.credentials(patron) == []
    assert f"/v1/patrons/{patron}/consents/{ISSUE}/{stage.library_node}" in one["next_step"]


def test_a_consent_given_later_issues_what_waited(stage: Stage) -> None:
    courses, account, patron = [stage.course(), stage.course()], stage.account(), stage.patron()
    for course in courses:
        stage.enrol(patron, course, account)
        stage.report(stage.passed(account, course))
    until(lambda: len(waiting(stage, patron)) == 2)
    stage.consent(patron, ISSUE)
    until(lambda: len(stage.credentials(patron)) == 2)
    assert waiting(stage, patron) == []


def test_a_consent_withdrawn_issues_nothing_more(stage: Stage) -> None:
    course, account, patron = stage.course(), stage.account(), stage.patron(ISSUE)
    stage.consent(patron, ISSUE, granted=False)
    stage.enrol(patron, course, account)
    after(stage)
    stage.report(stage.passed(account, course))
    until(lambda: bool(waiting(stage, patron)))
    assert stage.credentials(patron) == []


def test_a_consent_withdrawn_stops_deliveries(stage: Stage) -> None:
    college, patron = stage.college_listens("credential-issued"), stage.patron(ISSUE, SHARE)
    stage.completed(patron, stage.course())
    until(lambda: len(ids_told(college)) == 1, what="the delivery")
    stage.consent(patron, SHARE, granted=False)
    after(stage)
    stage.completed(patron, stage.course())
    after(stage)
    assert len(ids_told(college)) == 1
    stage.consent(patron, SHARE)
    after(stage)
    stage.completed(patron, stage.course())
    until(lambda: len(ids_told(college)) == 2, what="the delivery after a new consent")


def test_what_waits_to_be_sent_again_is_withheld_when_consent_goes(stage: Stage) -> None:
    college, patron = stage.college_listens("credential-issued"), stage.patron(ISSUE, SHARE)
    college.secret = "whsec_" + "A" * 32  # another one, so that it refuses what comes
    stage.completed(patron, stage.course())
    until(lambda: bool(college.deliveries), what="the first attempt")
    stage.consent(patron, SHARE, granted=False)
    until(lambda: stage.is_withheld(patron), what="the withdrawal at deliveries")
    attempts = len(college.deliveries)
    until(lambda: stage.deliveries(college)[0]["status"] == "withheld", what="the end of it")
    assert len(college.deliveries) == attempts


def test_the_totals_of_a_library_move_with_what_happens(stage: Stage) -> None:
    before, course = totals(stage), stage.course()
    for patron in [stage.patron(ISSUE, SHARE) for _ in range(SMALLEST_SHOWN)]:
        credential = stage.completed(patron, course)
        stage.library.ask("POST", f"/v1/credentials/{credential['id']}/share", {})
    moved = dict.fromkeys(("patron-registered", "enrolled", "course-completed", "credential-issued",
                           "credential-shared", "consent-given"), SMALLEST_SHOWN) | {"course-offered": 1}
    until(lambda: all((totals(stage).get(name) or 0) - (before.get(name) or 0) >= count
                      for name, count in moved.items()), what="the totals")


def test_small_counts_of_people_are_suppressed(stage: Stage) -> None:
    shown = stage.library.ask("GET", "/v1/measures")["items"]
    assert all(each["people"] is None or each["people"] >= 10 or each["people"] == 0 for each in shown)
    assert all(each["people"] is None and each["events"] is None for each in shown if each["suppressed"])


def test_a_credential_is_public_only_once_it_is_shared(stage: Stage, door: Door) -> None:
    patron = stage.patron(ISSUE)
    credential = stage.completed(patron, stage.course())
    address = f"/credentials/{credential['public_id']}"
    assert door.ask("GET", address).status == 404
    stage.library.ask("POST", f"/v1/credentials/{credential['id']}/share", {})
    answer = door.ask("GET", address)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/vc+ld+json"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert patron not in answer.data.decode()
    judged = stage.stranger.ask("POST", "/v1/verifications", {"credential": answer.json})
    assert {name: each["verdict"] for name, each in judged.items()} == dict.fromkeys(
        ("signature", "dates", "status", "issuer", "schema"), "valid") | {"endorsement": "unknown"}


def waiting(stage: Stage, patron: str) -> list[dict[str, str]]:
    return list(stage.library.ask("GET", f"/v1/patrons/{patron}/credentials")["waiting"])


def totals(stage: Stage) -> dict[str, int | None]:
    """People, and events of what nobody does."""
    return {each["measure"]: each["events"] if each["people"] is None else each["people"]
            for each in stage.library.ask("GET", "/v1/measures")["items"]}


def after(stage: Stage) -> None:
    """Everything that is under way has arrived, as far as another event's way through the same queues can tell."""
    until(lambda: stage.outbox_rows() == 0)
    patron, course, account = stage.patron(ISSUE), stage.course(), stage.account()
    stage.enrol(patron, course, account)
    stage.report(stage.passed(account, course))
    until(lambda: len(stage.credentials(patron)) == 1)
    time.sleep(0.2)
