"""From evidence to a competency: what a learner shows, what evaluators find, what becomes public."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from contracts.calls import credentials as calls
from contracts.calls import reviews, submissions
from libranet.staff import at_work
from libranet.testing import MemoryWork, a_principal
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.submissions import is_read_twice
from services.credentials.store import COLLECTIONS
from tests.services.credentials_stage import (
    EVERYTHING_VALID,
    PATRON,
    Platform,
    consent,
    erased,
    judged_by_others,
    platform,
    refused,
    registered,
)
from tests.services.review_stage import (
    ESCO,
    EVIDENCE,
    LEARNER,
    an_evaluator,
    changed,
    competency,
    judged,
    judgement,
    passed,
    reviewed,
    seen,
    submitted,
)

__all__ = ["platform"]
OTHER_PATRON = "0190b3a0-1111-7111-8111-111111111112"


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


# what follows

def test_the_learner_reads_what_was_found_and_what_would_become_public(platform: Platform) -> None:
    shown = seen(platform, passed(platform))
    assert submissions.Submission().load(shown)
    assert shown["judgements"][0] == {"criterion": "Formulas", "level": "proficient", "required_level": "proficient",
                                      "comments": ["Each one explained."]}
    assert shown["comments"] == ["Well done."]
    assert shown["preview"]["evidence"][0]["id"] == EVIDENCE[0]["url"]


def test_nothing_is_issued_before_it_is_accepted_and_then_exactly_what_was_shown(platform: Platform) -> None:
    platform.hear("consents", consent())
    made = passed(platform)
    preview = seen(platform, made)["preview"]
    assert platform.listed()["items"] == []
    assert changed(platform, made, "accept_submission")["state"] == "accepted"
    [earned] = platform.listed()["items"]
    assert calls.IssuedCredential().load(earned)
    document = earned["credential"]
    assert {name: each for name, each in document.items()
            if name not in ("validFrom", "credentialStatus", "proof")} == preview
    judged_by_others(platform, document)
    assert platform.verified(document) == EVERYTHING_VALID


def test_a_competency_has_evidence_a_source_and_a_result_at_the_required_level(platform: Platform) -> None:
    platform.hear("consents", consent())
    file = platform.sent(b"%PDF").body
    made = submitted(platform, competency(platform), [*EVIDENCE, {"name": "The books", "file": file["id"]}])
    judged(platform, made, formulas="teaching others")
    changed(platform, made, "accept_submission")
    [earned] = platform.listed()["items"]
    document, subject = earned["credential"], earned["credential"]["credentialSubject"]
    assert document["evidence"] == [
        {"type": ["Evidence"], "id": "https://example.org/books", "name": "The year's books",
         "narrative": "I kept them."},
        {"type": ["Evidence"], "name": "The books",
         "description": f"sheet.pdf (application/pdf, 4 bytes), SHA-256 {file['sha256']}"}]
    assert subject["source"] == {"id": "https://libranet.example.org/issuers/demo.riverside", "type": ["Profile"],
                                 "name": "Riverside"}
    formulas, charts = subject["achievement"]["resultDescription"]
    levels = {each["name"]: each["id"] for each in formulas["rubricCriterionLevel"]}
    assert subject["result"][0] == {"type": ["Result"], "resultDescription": formulas["id"],
                                    "achievedLevel": levels["teaching others"]}
    assert subject["result"][1]["achievedLevel"] == charts["requiredLevel"]
    assert platform.issuer("demo.riverside").body


def test_the_largest_competency_with_the_most_evidence_can_be_signed_and_verified(platform: Platform) -> None:
    levels = [{"name": f"level {number}", "description": "d", "points": number} for number in range(8)]
    rubric = [{"name": f"criterion {number}", "levels": levels, "required_level": "level 1"} for number in range(4)]
    alignments = [{**ESCO, "target_url": f"{ESCO['target_url']}{number}", "target_code": "c", "target_description": "d",
                   "target_framework": "ESCO"} for number in range(15)]
    platform.hear("consents", consent())
    assert refused(422, competency, platform, rubric=rubric, alignments=[*alignments, {**ESCO}]) == "/rubric"
    made = submitted(platform, competency(platform, rubric=rubric, alignments=alignments), [
        {"name": f"Piece {number}", "narrative": "n", "url": f"https://example.org/{number}"} for number in range(10)])
    reviewed(platform, made, "claim_review")
    reviewed(platform, made, "judge_review", body={"judgements": [
        {"criterion": each["name"], "level": "level 7"} for each in rubric]})
    changed(platform, made, "accept_submission")
    [earned] = platform.listed()["items"]
    judged_by_others(platform, earned["credential"])
    assert platform.verified(earned["credential"]) == EVERYTHING_VALID


def test_the_credential_remembers_the_evidence_and_tells_the_skills(platform: Platform) -> None:
    platform.hear("consents", consent())
    made = passed(platform)
    platform.events.clear()
    changed(platform, made, "accept_submission")
    [earned] = platform.listed()["items"]
    assert (earned["because"]["rule"], earned["because"]["evidence"]) == ("assessed", EVIDENCE)
    [fact] = [each for each in platform.events if each.short_type == "credential-issued"]
    assert fact.data["kind"] == "competency"
    assert fact.data["skills"] == [{"label": ESCO["target_name"], "uri": ESCO["target_url"]}]
    assert "completion" not in fact.data


def test_accepting_twice_issues_once(platform: Platform) -> None:
    platform.hear("consents", consent())
    made = passed(platform)
    for _ in range(2):
        changed(platform, made, "accept_submission")
    assert len(platform.listed()["items"]) == 1
    refused(409, changed, platform, made, "withdraw_submission")


def test_without_the_standing_consent_it_waits_for_that(platform: Platform) -> None:
    made = passed(platform)
    changed(platform, made, "accept_submission")
    assert len(platform.listed()["waiting"]) == 1
    platform.hear("consents", consent())
    [earned] = platform.listed()["items"]
    assert earned["kind"] == "competency"


def test_below_the_required_level_nothing_is_issued(platform: Platform) -> None:
    platform.hear("consents", consent())
    made = submitted(platform, competency(platform))
    assert judged(platform, made, charts="beginning")["state"] == "not-reached"
    assert "preview" not in seen(platform, made)
    refused(409, changed, platform, made, "accept_submission")
    assert platform.listed()["items"] == []


def test_what_was_not_judged_cannot_be_accepted(platform: Platform) -> None:
    refused(409, changed, platform, submitted(platform, competency(platform)), "accept_submission")


def test_evidence_of_an_assessment_is_for_evaluators_alone(platform: Platform) -> None:
    platform.hear("consents", consent())
    file = platform.sent(b"the test", name="test sheet 7.pdf").body
    made = submitted(platform, competency(platform, secret_evidence=True), [
        {"name": "Question 7", "narrative": "Answer 7", "file": file["id"]}])
    review = reviewed(platform, made, "get_review")
    assert review["evidence"][0]["narrative"] == "Answer 7"
    content = platform.by(an_evaluator(), "get_review_file", submission=made["id"], file=file["id"])
    assert content.body == b"the test"
    refused(404, platform.by, LEARNER, "get_evidence_file", patron=PATRON, submission=made["id"], file=file["id"])
    judged(platform, made)
    shown = [seen(platform, made), changed(platform, made, "accept_submission"), platform.listed(), held(platform)]
    assert len(platform.listed()["items"]) == 1
    for each in shown:
        assert "7" not in "".join(texts(each, ("name", "narrative", "description")))
    assert platform.listed()["items"][0]["credential"]["evidence"][0]["genre"] == "Assessment"
    assert all(list(each) == ["sha256"] for each in shown[0]["evidence"])


# a second reader

def test_a_share_is_read_twice_and_nobody_can_choose(platform: Platform) -> None:
    def share(percent: int) -> int:
        achievement = Achievement("a", "demo", "n", "d", "c", "competency", second_readings=percent)
        return sum(is_read_twice(f"submission {number}", achievement) for number in range(1000))

    assert (share(0), share(100)) == (0, 1000)
    assert 240 < share(30) < 360


def test_the_second_reader_is_another_one_and_does_not_see_what_the_first_found(platform: Platform) -> None:
    made = submitted(platform, competency(platform, second_readings=100))
    platform.events.clear()
    assert judged(platform, made)["state"] == "waiting"
    assert not {"judgements", "comments"} & seen(platform, made).keys()
    refused(409, reviewed, platform, made, "claim_review")
    assert platform.by(an_evaluator(), "list_reviews").body["items"] == []
    second = reviewed(platform, made, "get_review", an_evaluator(2))
    assert "Well done" not in str(second)
    body = submissions.Resubmit().load({"evidence": EVIDENCE})
    refused(409, changed, platform, made, "resubmit_evidence", body)
    assert platform.events == []
    assert judged(platform, made, an_evaluator(2))["state"] == "passed"
    [fact] = platform.events
    assert (fact.short_type, fact.data["passed"], fact.data["readings"]) == ("submission-judged", True, 2)


def test_two_who_agree_attest_the_lower_of_their_levels(platform: Platform) -> None:
    made = submitted(platform, competency(platform, second_readings=100))
    judged(platform, made, formulas="teaching others")
    judged(platform, made, an_evaluator(2))
    assert [each["level"] for each in seen(platform, made)["judgements"]] == ["proficient", "practising"]


@pytest.mark.parametrize(("third", "state"), [("proficient", "passed"), ("beginning", "not-reached")])
def test_where_two_disagree_it_is_told_and_a_third_decides(platform: Platform, third: str, state: str) -> None:
    made = submitted(platform, competency(platform, second_readings=100))
    platform.events.clear()
    judged(platform, made, formulas="teaching others")
    assert judged(platform, made, an_evaluator(2), formulas="beginning")["state"] == "waiting"
    assert [each.short_type for each in platform.events] == ["evaluators-disagreed"]
    for earlier in (1, 2):
        refused(409, reviewed, platform, made, "claim_review", an_evaluator(earlier))
    assert judged(platform, made, an_evaluator(3), formulas=third)["state"] == state
    assert [each.short_type for each in platform.events] == ["evaluators-disagreed", "submission-judged"]
    assert seen(platform, made)["judgements"][0]["level"] == third


# what is held, and erased

def test_an_export_shows_submissions_without_who_judged_them(platform: Platform) -> None:
    made = passed(platform)
    platform.sent(b"waits")
    found = held(platform)
    assert [each["id"] for each in found["submissions"]] == [made["id"]]
    assert found["evidence_files"][0]["name"] == "sheet.pdf"
    assert "k_evaluator" not in str(found)


def test_an_erasure_takes_submissions_and_files_with_it(platform: Platform) -> None:
    file = platform.sent(b"submitted").body
    submitted(platform, competency(platform), [{"name": "Mine", "file": file["id"]}])
    platform.sent(b"waiting")
    [answer] = platform.hear("patrons", erased())
    assert answer.data["deleted"] == 2
    assert (platform.state["submissions"], platform.state["evidence_files"], platform.blobs.files) == ({}, {}, {})
    refused(404, submitted, platform, competency(platform))
    refused(404, platform.sent, b"late")


def held(platform: Platform) -> dict[str, list[dict[str, Any]]]:
    work = MemoryWork(COLLECTIONS, "credentials", platform.state)
    found = platform.service.held(PATRON, a_principal(), work)  # type: ignore[arg-type]
    return {each.collection.name: each.records for each in found}


def texts(document: Any, names: tuple[str, ...]) -> list[str]:
    """What stands under these names, wherever it is."""
    if isinstance(document, dict):
        own = [each for name, each in document.items() if name in names and isinstance(each, str)]
        return own + [text for each in document.values() for text in texts(each, names)]
    return [text for each in document for text in texts(each, names)] if isinstance(document, list) else []
