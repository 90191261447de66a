"""What follows from what evaluators found: a competency once its learner accepts, a second reader, what is held."""

from typing import Any

import pytest

from contracts.calls import credentials as calls
from contracts.calls import submissions
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
)
from tests.services.review_stage import (
    ESCO,
    EVIDENCE,
    LEARNER,
    an_evaluator,
    changed,
    competency,
    judged,
    passed,
    reviewed,
    seen,
    submitted,
)

__all__ = ["platform"]


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
