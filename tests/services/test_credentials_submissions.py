"""From evidence to a competency: what a learner shows, what evaluators find, what becomes public."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from contracts.calls import reviews, submissions
from libranet.staff import at_work
from libranet.testing import a_principal
from tests.services.credentials_stage import (
    OTHER_PATRON,
    PATRON,
    Platform,
    consent,
    platform,
    refused,
    registered,
)
from tests.services.review_stage import (
    EVIDENCE,
    LEARNER,
    an_evaluator,
    changed,
    competency,
    judged,
    judgement,
    reviewed,
    seen,
    submitted,
)

__all__ = ["platform"]


# what is submitted

def test_evidence_is_submitted_and_read_again(platform: Platform) -> None:
    made = submitted(platform, competency(platform))
    assert submissions.Submission().load(made)
    assert (made["state"], made["evidence"]) == ("waiting", EVIDENCE)
    assert seen(platform, made) == made
    assert changed(platform, made, "list_submissions")["items"] == [made]


@pytest.mark.parametrize("who", [LEARNER, a_principal("demo.riverside")], ids=["the learner", "a navigator"])
def test_the_learner_submits_or_who_helps_them(platform: Platform, who: Any) -> None:
    assert submitted(platform, competency(platform), who=who)["patron"] == PATRON


def test_a_file_is_evidence_with_its_hash_and_kept_as_long_as_the_submission(platform: Platform) -> None:
    file = platform.sent(b"%PDF-1.7").body
    assert (file["bytes"], file["sha256"]) == (8, sha256(b"%PDF-1.7").hexdigest())
    made = submitted(platform, competency(platform), [{"name": "The books", "file": file["id"]}])
    assert made["evidence"] == [{"name": "The books", "file": file}]
    assert set(platform.blobs.days.values()) == {730}
    answer = platform.by(LEARNER, "get_evidence_file", patron=PATRON, submission=made["id"], file=file["id"])
    assert (answer.body, answer.media_type) == (b"%PDF-1.7", "application/pdf")
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''sheet.pdf"
    assert answer.about == PATRON


def test_a_file_of_another_patron_is_none(platform: Platform) -> None:
    platform.hear("patrons", registered(OTHER_PATRON))
    file = platform.sent(b"theirs", patron=OTHER_PATRON).body
    assert refused(422, submitted, platform, competency(platform), [{"name": "Mine", "file": file["id"]}]) == \
        "/evidence/0/file"


def test_a_file_that_was_swept_meanwhile_has_to_be_sent_again(platform: Platform) -> None:
    file = platform.sent(b"late").body
    platform.blobs.files.clear()
    assert refused(422, submitted, platform, competency(platform), [{"name": "Mine", "file": file["id"]}]) == \
        "/evidence/0/file"


@pytest.mark.parametrize("media_type", ["", "text/html", "image/svg+xml", "application/x-msdownload", "nonsense"])
def test_a_file_that_a_browser_might_run_is_not_taken(platform: Platform, media_type: str) -> None:
    refused(415, platform.sent, b"<script>", media_type=media_type)


def test_no_more_files_are_taken_than_could_be_submitted_soon(platform: Platform) -> None:
    for number in range(20):
        platform.sent(b"%d" % number)
    refused(409, platform.sent, b"one more")


@pytest.mark.parametrize(("evidence", "field"), [
    ([{"name": "a", "narrative": "bell\x07"}], "/evidence/0/narrative"),
    ([{"name": "a", "url": "https://x.example/<a>"}], "/evidence/0/url"),
    ([{"name": "a", "url": "https://libranet.example.org/issuers/demo.riverside"}], "/evidence/0/url"),
    ([{"name": "a", "url": "https://x.example/1"}, {"name": "b", "url": "https://x.example/1"}], "/evidence/1/url"),
    ([{"name": "a", "narrative": "b"}, {"name": "a", "narrative": "b"}], "/evidence/1")])
def test_evidence_that_no_credential_could_show_is_refused_by_place(
        platform: Platform, evidence: list[dict[str, Any]], field: str) -> None:
    assert refused(422, submitted, platform, competency(platform), evidence) == field


def test_the_same_file_under_two_ids_is_one_piece(platform: Platform) -> None:
    pieces = [{"name": "Mine", "file": platform.sent(b"the same").body["id"]} for _ in range(2)]
    assert refused(422, submitted, platform, competency(platform), pieces) == "/evidence/1"


def test_only_a_competency_of_ones_own_library_takes_evidence(platform: Platform) -> None:
    for achievement in (platform.defined(), competency(platform, "demo.hillside"), {"id": OTHER_PATRON}):
        assert refused(422, submitted, platform, achievement) == "/achievement"
    assert submitted(platform, competency(platform, "demo"))


def test_one_submission_at_a_time_for_each_competency(platform: Platform) -> None:
    achievement = competency(platform)
    first = submitted(platform, achievement)
    refused(409, submitted, platform, achievement)
    changed(platform, first, "withdraw_submission")
    assert submitted(platform, achievement)


def test_another_librarys_patron_and_submission_are_unknown(platform: Platform) -> None:
    made = submitted(platform, competency(platform))
    other = a_principal("demo.hillside")
    for method in ("get_submission", "accept_submission", "withdraw_submission"):
        refused(404, platform.by, other, method, patron=PATRON, submission=made["id"])
    platform.hear("patrons", registered(OTHER_PATRON))
    refused(404, platform.by, a_principal(), "get_submission", patron=OTHER_PATRON, submission=made["id"])


def test_what_is_taken_back_is_deleted_with_its_files(platform: Platform) -> None:
    file = platform.sent(b"mine").body
    made = submitted(platform, competency(platform), [{"name": "Mine", "file": file["id"]}])
    changed(platform, made, "withdraw_submission")
    assert (platform.state["submissions"], platform.blobs.files) == ({}, {})


def test_other_evidence_takes_the_place_of_the_first_and_drops_its_files(platform: Platform) -> None:
    kept, dropped = platform.sent(b"kept").body, platform.sent(b"dropped").body
    made = submitted(platform, competency(platform), [
        {"name": "Kept", "file": kept["id"]}, {"name": "Dropped", "file": dropped["id"]}])
    body = submissions.Resubmit().load({"evidence": [{"name": "Kept", "file": kept["id"]}]})
    assert len(changed(platform, made, "resubmit_evidence", body)["evidence"]) == 1
    assert list(platform.blobs.files.values()) == [b"kept"]


# who judges

def test_the_queue_shows_what_one_may_judge_and_to_nobody_else(platform: Platform) -> None:
    own = submitted(platform, competency(platform))
    high = submitted(platform, competency(platform, "demo"))

    def listed(who: Any) -> set[str]:
        page = platform.by(who, "list_reviews").body
        assert reviews.ReviewList().load(page)
        return {each["id"] for each in page["items"]}

    assert listed(an_evaluator()) == {own["id"]}
    assert listed(an_evaluator(at="demo")) == {own["id"], high["id"]}
    for other in (a_principal(), an_evaluator(at="demo.hillside"), an_evaluator(at="demo.riverside.central"),
                  an_evaluator(at="demo", node="demo.hillside"), LEARNER):
        assert listed(other) == set()


def test_the_queue_comes_page_by_page(platform: Platform) -> None:
    made = [submitted(platform, competency(platform, name=f"Number {number}"))["id"] for number in range(5)]
    found, query = [], {"limit": 2}
    while True:
        page = platform.by(an_evaluator(), "list_reviews", query=query).body
        found += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        query = {"limit": 2, "cursor": page["next"]}
    assert found == made


@pytest.mark.parametrize(("who", "status"), [
    (a_principal(), 403), (an_evaluator(at="demo.riverside.central", node="demo.riverside"), 403),
    (an_evaluator(at="demo.hillside"), 404), (an_evaluator(at="demo"), 200), (an_evaluator(), 200)])
def test_only_an_evaluator_at_the_achievements_node_or_above_judges(
        platform: Platform, who: Any, status: int) -> None:
    made = submitted(platform, competency(platform))
    if status == 200:
        assert judged(platform, made, who)["state"] == "passed"
        return
    for method in ("get_review", "claim_review", "give_back_review"):
        refused(status, reviewed, platform, made, method, who)
    refused(status, reviewed, platform, made, "judge_review", who, judgement())


@pytest.mark.parametrize("named", [str, at_work], ids=["as a patron", "at work"])
def test_nobody_judges_their_own_work(platform: Platform, named: Callable[[str], str]) -> None:
    made = submitted(platform, competency(platform))
    own = replace(an_evaluator(), actor=named(PATRON))
    refused(403, reviewed, platform, made, "claim_review", own)
    assert platform.by(own, "list_reviews").body["items"] == []


def test_evaluators_do_not_see_whose_it_is_and_their_reading_is_on_record(platform: Platform) -> None:
    made = submitted(platform, competency(platform))
    answer = platform.by(an_evaluator(), "get_review", submission=made["id"])
    assert reviews.Review().load(answer.body)
    assert PATRON not in str(answer.body)
    assert answer.about == PATRON


def test_what_one_has_claimed_nobody_else_takes(platform: Platform) -> None:
    made = submitted(platform, competency(platform))
    assert reviewed(platform, made, "claim_review")["is_yours"]
    assert reviewed(platform, made, "claim_review")["is_yours"]
    refused(409, reviewed, platform, made, "claim_review", an_evaluator(2))
    refused(409, reviewed, platform, made, "judge_review", an_evaluator(2), judgement())
    refused(409, reviewed, platform, made, "give_back_review", an_evaluator(2))
    reviewed(platform, made, "give_back_review")
    assert reviewed(platform, made, "claim_review", an_evaluator(2))["is_yours"]


def test_an_old_claim_can_be_taken_over(platform: Platform) -> None:
    made = submitted(platform, competency(platform))
    reviewed(platform, made, "claim_review")
    claim = platform.state["submissions"][made["id"]]["claim"]
    claim["at"] = claim["at"].replace(year=claim["at"].year - 1)
    assert reviewed(platform, made, "claim_review", an_evaluator(2))["is_yours"]


def test_more_can_be_asked_for(platform: Platform) -> None:
    made = submitted(platform, competency(platform))
    reviewed(platform, made, "claim_review")
    body = submissions.Resubmit().load({"evidence": [{"name": "More", "narrative": "Explained."}]})
    refused(409, changed, platform, made, "resubmit_evidence", body)
    reviewed(platform, made, "ask_for_more", body={"comment": "Explain the sums."})
    returned = seen(platform, made)
    assert (returned["state"], returned["comments"]) == ("returned", ["Explain the sums."])
    assert changed(platform, made, "resubmit_evidence", body)["state"] == "waiting"
    assert judged(platform, made, an_evaluator(2))["state"] == "passed"


@pytest.mark.parametrize(("judgements", "field"), [
    ([("Formulas", "proficient")], "/judgements"),
    ([("Formulas", "proficient"), ("Formulas", "proficient")], "/judgements/1/criterion"),
    ([("Formulas", "expert"), ("a.$charts", "practising")], "/judgements/0/level"),
    ([("Formulas", "proficient"), ("Style", "practising")], "/judgements/1/criterion")])
def test_a_judgement_fits_the_rubric(platform: Platform, judgements: list[tuple[str, str]], field: str) -> None:
    made = submitted(platform, competency(platform))
    reviewed(platform, made, "claim_review")
    body = {"judgements": [{"criterion": criterion, "level": level} for criterion, level in judgements]}
    assert refused(422, reviewed, platform, made, "judge_review", body=body) == field


def test_it_is_judged_by_the_rubric_that_was_current_when_it_was_submitted(platform: Platform) -> None:
    achievement = competency(platform)
    made = submitted(platform, achievement)
    platform.replaced(achievement["id"], name="Sheets", kind="competency", course=None, rubric=[
        {"name": "Other", "required_level": "b", "levels": [{"name": "a"}, {"name": "b"}]}])
    assert judged(platform, made)["state"] == "passed"
    platform.hear("consents", consent())
    changed(platform, made, "accept_submission")
    [earned] = platform.listed()["items"]
    assert (earned["because"]["achievement_version"], earned["achievement_name"]) == (1, "Spreadsheets")
