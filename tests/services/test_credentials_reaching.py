"""What a record opens at colleges: reached, told with consent, lost, found near, answered once."""

from datetime import timedelta

import pytest
from marshmallow import ValidationError

from contracts.calls import recognition as calls
from libranet.clock import now, parse_rfc3339, rfc3339
from libranet.testing import a_principal
from tests.services.credentials_stage import (
    OTHER_PATRON,
    PATRON,
    UNKNOWN,
    completed,
    consent,
    erased,
    offered,
    refused,
    registered,
)
from tests.services.recognition_desk import (
    COLLEGE,
    ELSEWHERE,
    LEARNER,
    THE_COLLEGE,
    Desk,
    campus,
    decide,
    reached,
)
from tests.services.review_stage import changed as of_the_learner
from tests.services.review_stage import competency, judged, submitted

__all__ = ["campus"]


# who reaches what, and who hears of it

def test_an_issue_that_makes_somebody_qualify_is_told_once_to_who_may_know(campus: Desk) -> None:
    _, seen = reached(campus)
    [event] = campus.told()
    assert (event.short_type, event.owner, event.subject) == ("recognition-reached", "demo.riverside", seen["id"])
    assert (event.data["college"], event.data["patron"]) == (COLLEGE, PATRON)
    assert event.data["credentials"][0]["achievement_name"] == "Spreadsheets: completed"
    assert seen["state"] == "reached"
    assert PATRON not in str(seen)
    issued = [each for each in campus.events if each.short_type == "credential-issued"]
    assert campus.hear("recognitions", *issued, *issued) == []
    campus.walk()
    assert len(campus.told()) == len(campus.rows("reaches")) == 1


def test_without_consent_nobody_hears_and_a_later_consent_tells_then(campus: Desk) -> None:
    stated = campus.stated(campus.defined())
    campus.decided(recipient="demo.mill")
    campus.hear("recognitions", consent(recipient=COLLEGE))
    campus.earn()
    assert (campus.told(), campus.reached(stated)) == ([], [])
    [mine] = campus.near()
    assert (mine["standing"], mine["college_was_told"]) == ("reached", False)
    assert f"/consents/share-credentials/{COLLEGE}" in mine["next_step"]
    campus.decided()
    assert [each.short_type for each in campus.told()] == ["recognition-reached"]
    assert campus.near()[0]["college_was_told"] is True
    campus.decided(given=False, sequence=2)
    assert campus.reached(stated) == []
    campus.decided(sequence=3)
    campus.decided(sequence=3)
    assert len(campus.told()) == len(campus.reached(stated)) == 1


def test_a_consent_that_does_not_cover_credentials_or_has_expired_is_none(campus: Desk) -> None:
    stated = campus.stated(campus.defined())
    campus.earn()
    campus.decided(expires_at="2026-01-01T00:00:00.000Z")
    assert (campus.told(), campus.reached(stated)) == ([], [])


def test_who_qualifies_already_is_found_when_a_recognition_is_stated(campus: Desk) -> None:
    achievement = campus.defined()
    campus.decided()
    campus.earn()
    stated = campus.stated(achievement)
    assert campus.told() == []
    campus.walk()
    assert len(campus.told("reached")) == len(campus.reached(stated)) == 1
    assert campus.rows("recognition_walks") == []


def test_a_walk_goes_on_where_it_was_and_tells_nobody_twice(campus: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.credentials.adapters.recognition_walk.BATCH", 2)
    achievement = campus.defined()
    for number in range(5):
        patron = f"0190b3a0-1111-7111-8111-{number:012d}"
        campus.hear("patrons", registered(patron))
        campus.earn(number, patron)
        campus.decided(patron=patron)
    stated = campus.stated(achievement)
    campus.walk(steps=2)
    assert len(campus.told("reached")) == 4
    campus.walk()
    assert len({each.data["patron"] for each in campus.told("reached")}) == len(campus.told("reached")) == 5
    first = campus.by(THE_COLLEGE, "list_reached", query={"limit": 3}, recognition=stated["id"]).body
    rest = campus.reached(stated, limit=3, cursor=first["next"])
    assert len({each["id"] for each in first["items"] + rest}) == 5


def test_it_is_reached_from_when_it_applies_until_it_ends(campus: Desk) -> None:
    achievement, tomorrow = campus.defined(), now() + timedelta(days=1)
    campus.decided()
    campus.earn()
    campus.stated(achievement, applies_from=rfc3339(tomorrow))
    campus.walk()
    assert (campus.told(), campus.near(), len(campus.rows("recognition_walks"))) == ([], [], 1)
    campus.walk(moment=tomorrow + timedelta(seconds=1))
    assert len(campus.told("reached")) == 1
    ended = campus.stated(achievement)
    campus.by(THE_COLLEGE, "end_recognition", recognition=ended["id"])
    campus.walk()
    assert len(campus.told("reached")) == 1


def test_what_was_reached_stays_under_the_version_before_and_is_told_once_for_each(campus: Desk) -> None:
    stated, seen = reached(campus)
    other = campus.defined(course=None)
    campus.stated_anew(stated, other)
    campus.walk()
    assert [(each["id"], each["version"]) for each in campus.reached(stated)] == [(seen["id"], 1)]
    assert [(each["standing"], each["version"]) for each in campus.near()] == [("reached", 1), ("open", 2)]
    assert campus.answered(stated, seen["id"])["state"] == "granted"
    assert [each.short_type for each in campus.told()] == ["recognition-reached", "recognition-granted"]


def test_a_version_that_is_met_again_is_told_again(campus: Desk) -> None:
    stated, seen = reached(campus)
    campus.stated_anew(stated, campus.defined(course=None), takes=stated["takes"], title="More credit")
    campus.walk()
    assert sorted((each["version"], each["id"] == seen["id"]) for each in campus.reached(stated)) == [
        (1, True), (2, False)]
    assert len(campus.told("reached")) == 2


@pytest.mark.parametrize("what", ["revoke", "suspend"])
def test_a_credential_that_counts_no_more_is_told_before_the_answer(campus: Desk, what: str) -> None:
    stated, seen = reached(campus)
    decide(campus, what)
    told = campus.told()
    assert [each.short_type for each in told] == ["recognition-reached", "recognition-lost"]
    assert [each.sequence for each in told] == [1, 2]
    assert [each["state"] for each in campus.reached(stated)] == ["lost"]
    refused(409, campus.answered, stated, seen["id"])
    [mine] = campus.near()
    assert (mine["standing"], mine["missing"][0]["reason"]) == ("open", "suspended" if what == "suspend" else "revoked")


def test_a_suspension_that_is_taken_back_is_a_reaching_again(campus: Desk) -> None:
    stated, seen = reached(campus)
    decide(campus, "suspend")
    decide(campus, "reinstate")
    assert [each.short_type for each in campus.told()] == [
        "recognition-reached", "recognition-lost", "recognition-reached"]
    assert [each.sequence for each in campus.told()] == [1, 2, 3]
    assert campus.answered(stated, seen["id"])["state"] == "granted"


def test_who_never_heard_of_it_does_not_hear_that_it_was_lost(campus: Desk) -> None:
    stated = campus.stated(campus.defined())
    campus.earn()
    decide(campus, "revoke")
    campus.decided()
    assert (campus.told(), campus.reached(stated)) == ([], [])


def test_a_loss_waits_for_consent_as_well(campus: Desk) -> None:
    reached(campus)
    campus.decided(given=False, sequence=2)
    decide(campus, "revoke")
    assert len(campus.told()) == 1
    campus.decided(sequence=3)
    assert [each.short_type for each in campus.told()] == ["recognition-reached", "recognition-lost"]


def test_another_credential_in_its_place_keeps_what_was_reached(campus: Desk) -> None:
    stated, seen = reached(campus)
    campus.earn(6, completed_at="2026-11-19T18:00:00.000Z")
    newest = next(each for each in campus.listed()["items"]
                  if each["public_url"] == seen["credentials"][0]["public_url"])
    campus.call("revoke_credential", {"reason": "Twice."}, credential=newest["id"])
    assert [each.short_type for each in campus.told()] == ["recognition-reached"]
    [still] = campus.reached(stated)
    assert still["credentials"][0]["awarded_at"] == "2026-11-19T18:00:00.000Z"


def test_time_takes_nothing_away(campus: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    taken, other = campus.defined(validity=30), "0190b3a0-2222-7222-8222-222222222223"
    campus.hear("courses", offered(other, "demo"))
    campus.defined(course=other)
    stated = campus.stated({"achievement": taken["id"], "within_days": 90})
    campus.decided()
    campus.earn(completed_at=rfc3339(now()))
    monkeypatch.setattr("services.credentials.recognition.now", lambda: now() + timedelta(days=100))
    campus.earn(6, course=other)
    assert [each["state"] for each in campus.reached(stated)] == ["reached"]
    assert [each["standing"] for each in campus.near()] == ["reached"]


# what the college answers

def test_an_answer_is_given_once_and_the_patron_reads_it(campus: Desk) -> None:
    stated, seen = reached(campus)
    answered = campus.answered(stated, seen["id"], "refused", reason="The exam was not proctored.")
    assert answered["answer"]["reason"] == "The exam was not proctored."
    assert campus.answered(stated, seen["id"], "refused", reason="The exam was not proctored.") == answered
    refused(409, campus.answered, stated, seen["id"], "granted")
    refused(409, campus.answered, stated, seen["id"], "refused", reason="Another one.")
    [mine] = campus.near()
    assert (mine["answer"]["answer"], mine["answer"]["reason"]) == ("refused", "The exam was not proctored.")
    [event] = campus.told("refused")
    assert "reason" not in event.data
    decide(campus, "revoke")
    assert campus.told("lost") == []


def test_a_refusal_has_a_reason() -> None:
    with pytest.raises(ValidationError) as no:
        calls.AnswerRecognition().load({"reached": UNKNOWN, "answer": "refused"})
    assert list(no.value.normalized_messages()) == ["reason"]


def test_only_those_are_answered_of_whom_the_college_may_know(campus: Desk) -> None:
    stated = campus.stated(campus.defined())
    campus.earn()
    [row] = campus.rows("reaches")
    assert refused(404, campus.answered, stated, row["_id"]) == "/reached"
    assert refused(404, campus.answered, stated, UNKNOWN) == "/reached"
    campus.decided()
    campus.decided(given=False, sequence=2)
    assert refused(404, campus.answered, stated, row["_id"]) == "/reached"
    campus.decided(sequence=3)
    assert campus.answered(stated, row["_id"])["state"] == "granted"
    assert [each.short_type for each in campus.told()] == ["recognition-reached", "recognition-granted"]


# what a patron sees

def test_a_record_shows_what_it_opens_the_nearest_first_with_what_is_missing(campus: Desk) -> None:
    second = "0190b3a0-2222-7222-8222-222222222223"
    campus.hear("courses", offered(second, "demo"))
    have, waits = campus.defined(), campus.defined(course=second, name="Charts: completed")
    assessed = competency(campus, name="Bookkeeping")
    far = campus.stated(waits, assessed)["id"]
    near = campus.stated(have, assessed)["id"]
    reached_id = campus.stated(have, assessed, takes={
        "of": [{"achievement": have["id"]}, {"achievement": assessed["id"]}], "at_least": 1})["id"]
    campus.earn()
    items = campus.near()
    assert [(each["recognition"], each["standing"]) for each in items] == [
        (reached_id, "reached"), (near, "nearly"), (far, "open")]
    assert [each["achievement_name"] for each in items[1]["have"]] == ["Spreadsheets: completed"]
    assert [(each["achievement_name"], each["reason"]) for each in items[1]["missing"]] == [
        ("Bookkeeping", "not-earned")]
    assert items[2]["missing"][0]["course"] == second
    assert f"/v1/courses/{second}" in items[2]["next_step"]
    assert [each["still_needed"] for each in items[1:]] == [1, 2]
    for each in items:
        calls.PatronRecognition().load(each)


def test_the_order_goes_on_from_page_to_page(campus: Desk) -> None:
    achievement = campus.defined()
    stated = [campus.stated(achievement, title=f"Number {number}")["id"] for number in range(5)]
    found, cursor = [], None
    while True:
        query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = campus.by(LEARNER, "list_patron_recognitions", query=query, patron=PATRON).body
        assert calls.NearnessPageQuery().load({"cursor": page["next"]} if page["next"] else {})
        found += [each["recognition"] for each in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == sorted(stated)


def test_what_was_earned_and_waits_for_a_consent_says_so(campus: Desk) -> None:
    campus.stated(campus.defined())
    campus.hear("completions", completed())
    [mine] = campus.near()
    assert mine["missing"][0]["reason"] == "waiting"
    assert "issue-credentials" in mine["next_step"]


def test_a_level_counts_by_the_rubric_that_it_was_judged_by(campus: Desk) -> None:
    achievement = competency(campus)
    least = {"achievement": achievement["id"], "levels": [{"criterion": "Formulas", "level": "teaching others"}]}
    campus.stated(least)
    campus.hear("consents", consent())
    submission = submitted(campus, achievement)
    judged(campus, submission)
    of_the_learner(campus, submission, "accept_submission")
    [mine] = campus.near()
    assert (mine["standing"], mine["missing"][0]["reason"]) == ("open", "below-level")
    assert "Formulas: teaching others" in mine["next_step"]
    lower = {**least, "levels": [{"criterion": "Formulas", "level": "proficient"}]}
    campus.stated(lower)
    campus.walk()
    assert [each["standing"] for each in campus.near()] == ["reached", "open"]


def test_a_competency_that_is_shown_again_at_a_higher_level_is_a_reaching(campus: Desk) -> None:
    achievement = competency(campus)
    least = {"achievement": achievement["id"], "levels": [{"criterion": "Formulas", "level": "teaching others"}]}
    stated = campus.stated(least)
    campus.decided()
    campus.hear("consents", consent())
    for level in ("proficient", "teaching others"):
        assert campus.told() == []
        submission = submitted(campus, achievement)
        judged(campus, submission, formulas=level)
        of_the_learner(campus, submission, "accept_submission")
    assert len(campus.listed()["items"]) == len(campus.reached(stated)) == 1
    assert [each.short_type for each in campus.told()] == ["recognition-reached"]


def test_a_credential_that_was_renewed_after_its_end_is_a_reaching(campus: Desk) -> None:
    campus.defined(validity=30)
    campus.decided()
    campus.earn()
    [row] = campus.rows("credentials")
    ended = {**row, "valid_until": now() - timedelta(days=1)}
    campus.database.transact(lambda work: work.replace("credentials", ended))
    stated = campus.stated({"achievement": row["achievement"]})
    campus.walk()
    assert campus.told() == []
    campus.call("revalidate_credential", {"extend": True}, credential=row["_id"])
    assert [each.short_type for each in campus.told()] == ["recognition-reached"]
    assert len(campus.reached(stated)) == 1


def test_what_was_earned_too_long_ago_does_not_count(campus: Desk) -> None:
    achievement = campus.defined()
    age = (now() - parse_rfc3339("2026-11-20T18:00:00.000Z")).days
    campus.stated({"achievement": achievement["id"], "within_days": age + 400})
    campus.earn(completed_at="2026-11-20T18:00:00.000Z")
    campus.stated({"achievement": achievement["id"], "within_days": 30})
    campus.earn(7, OTHER_PATRON, completed_at=rfc3339(now() - timedelta(days=31)))
    campus.hear("patrons", registered(OTHER_PATRON))
    reasons = [each["missing"][0]["reason"] for each in campus.near(a_principal(), OTHER_PATRON) if each["missing"]]
    assert reasons == ["too-old"]


def test_who_may_not_see_the_patron_sees_nothing_of_what_they_opened(campus: Desk) -> None:
    reached(campus)
    assert campus.near(a_principal("demo.riverside"))[0]["standing"] == "reached"
    for who in (a_principal("demo.hill"), THE_COLLEGE, ELSEWHERE):
        refused(404, campus.near, who)


# the patron's rights

def test_an_erasure_leaves_nothing_and_nothing_comes_back(campus: Desk) -> None:
    stated, seen = reached(campus)
    issued = [each for each in campus.events if each.short_type == "credential-issued"]
    campus.hear("patrons", erased())
    campus.hear("recognitions", *issued, consent(sequence=9, purpose="share-credentials", recipient=COLLEGE))
    campus.stated_anew(stated, campus.defined(), title="Anew")
    campus.walk()
    assert (campus.rows("reaches"), campus.reached(stated)) == ([], [])
    assert refused(404, campus.answered, stated, seen["id"]) == "/reached"
    assert len(campus.told()) == 1


def test_a_patron_reads_what_is_kept(campus: Desk) -> None:
    _, seen = reached(campus)
    held = campus.database.transact(lambda work: campus.service.held(PATRON, LEARNER, work))
    rows = {each.collection.name: each.records for each in held}
    assert [each["_id"] for each in rows["reaches"]] == [seen["id"]]
    assert {each["purpose"] for each in rows["consents"]} == {"issue-credentials", "share-credentials"}
