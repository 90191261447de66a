"""A completion that is withdrawn at its source is a question for people: nothing happens in silence, and once."""

import itertools
from typing import Any

import pytest

from contracts.calls import credentials, reconsiderations
from libranet.problems import Refusal
from tests.services.credentials_stage import (
    COURSE,
    PATRON,
    WITHDRAWN,
    Platform,
    changed,
    completed,
    consent,
    erased,
    issued_and_shared,
    platform,
    retold,
    status_list,
    withdrawn,
)

__all__ = ["platform"]
REASON = "We saw it done."


def queue(platform: Platform, state: str = "open", node: str = "demo.riverside") -> list[dict[str, Any]]:
    listed = platform.call("list_reconsiderations", node=node, query={"state": state}).body
    assert reconsiderations.ReconsiderationList().load(listed)
    return list(listed["items"])


def read(platform: Platform, question: str, node: str = "demo.riverside") -> dict[str, Any]:
    found = platform.call("get_reconsideration", node=node, reconsideration=question).body
    assert reconsiderations.Reconsideration().load(found)
    return dict(found)


def decided(platform: Platform, question: dict[str, Any], decision: str, reason: str = REASON,
            node: str = "demo.riverside") -> dict[str, Any]:
    body = {"decision": decision, "reason": reason}
    return dict(platform.call("decide_reconsideration", body, node, reconsideration=question["id"]).body)


def held(platform: Platform) -> dict[str, Any]:
    listed = platform.listed()
    assert credentials.IssuedCredentialList().load(listed)
    [only] = listed["items"]
    return dict(only)


def lived(platform: Platform) -> list[str]:
    return [each["what"] for each in held(platform)["life"]]


def told(platform: Platform) -> list[str]:
    return [each.short_type for each in platform.events]


def questioned(platform: Platform) -> dict[str, Any]:
    """A shared credential whose completion was withdrawn: the question about it."""
    issued_and_shared(platform)
    platform.hear("completions", withdrawn())
    [question] = queue(platform)
    return question


def test_a_withdrawn_completion_leaves_the_credential_and_asks_staff(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    platform.hear("completions", withdrawn())
    [question] = queue(platform)
    assert (question["credential"], question["why"]) == (shared["id"], "completion-withdrawn")
    assert question["because"] == "The learning platform voided the statement that the course was completed."
    after = held(platform)
    assert (after["status"], after["state"]) == ("issued", "shared")
    assert after["in_review"]["because"] == question["because"]
    assert after["life"][-1] == {"what": "in-review", "at": question["opened_at"], "reason": question["because"]}
    assert platform.verified(shared["credential"])["status"] == "valid"
    assert told(platform)[-1] == "reconsideration-opened"
    assert "credential-revoked" not in told(platform)


def test_staff_see_what_hangs_on_it(platform: Platform) -> None:
    issued_and_shared(platform)
    record = platform.call("make_record", {"name": "All of it"}, patron=PATRON).body
    platform.hear("completions", withdrawn())
    hanging = read(platform, queue(platform)[0]["id"])
    assert hanging["patron"] == PATRON
    assert hanging["is_shared"]
    assert [each["id"] for each in hanging["hangs_on_it"]["records"]] == [record["id"]]
    assert hanging["hangs_on_it"]["recognitions"] == []
    assert hanging["hangs_on_it"]["credentials"] == []


def test_a_stack_of_a_stack_hangs_on_it_too(platform: Platform) -> None:
    first, other = platform.defined(name="One"), platform.defined(name="Other", course=None)
    made = [first["id"]]
    for name in ("Stack", "Stack of it"):
        made.append(platform.defined(name=name, course=None, earned_by={
            "achievements": [made[-1], other["id"]], "at_least": 1})["id"])
    platform.hear("consents", consent())
    platform.hear("completions", completed())
    platform.hear("completions", withdrawn())
    hanging = read(platform, queue(platform)[0]["id"])["hangs_on_it"]["credentials"]
    assert [(each["achievement"], each["state"]) for each in hanging] == [(each, "issued") for each in made[1:]]


@pytest.mark.parametrize(("decision", "outcome", "state"), [
    ("keep", "kept", "shared"), ("revoke", "revoked", "revoked")])
def test_staff_keep_or_revoke_with_a_reason_that_the_learner_reads(
        platform: Platform, decision: str, outcome: str, state: str) -> None:
    question = questioned(platform)
    after = decided(platform, question, decision)
    assert (after["state"], after["outcome"], after["reason"]) == ("closed", outcome, REASON)
    assert (queue(platform), [each["id"] for each in queue(platform, "closed")]) == ([], [question["id"]])
    credential = held(platform)
    assert credential["state"] == state
    assert "in_review" not in credential
    assert (credential["life"][-1]["what"], credential["life"][-1]["reason"]) == ("reviewed", REASON)
    assert told(platform).count("reconsideration-closed") == 1
    assert told(platform).count("credential-revoked") == (decision == "revoke")


def test_a_suspended_one_stays_in_the_queue_until_it_is_kept(platform: Platform) -> None:
    question = questioned(platform)
    document = held(platform)["credential"]
    assert decided(platform, question, "suspend")["state"] == "open"
    assert held(platform)["state"] == "suspended"
    assert platform.verified(document)["status"] == "invalid"
    assert decided(platform, question, "keep")["outcome"] == "kept"
    assert (held(platform)["state"], lived(platform)[-4:]) == (
        "shared", ["in-review", "suspended", "reinstated", "reviewed"])
    assert status_list(platform, document).status == 200
    assert platform.verified(document)["status"] == "valid"


@pytest.mark.parametrize("decision", ["keep", "suspend", "revoke"])
def test_the_same_decision_again_changes_nothing(platform: Platform, decision: str) -> None:
    question = questioned(platform)
    first, before = decided(platform, question, decision), len(platform.events)
    assert decided(platform, question, decision) == first
    assert len(platform.events) == before


def test_another_decision_on_a_closed_one_is_refused(platform: Platform) -> None:
    question = questioned(platform)
    decided(platform, question, "keep")
    for decision, reason in (("revoke", REASON), ("keep", "Another reason."), ("suspend", REASON)):
        with pytest.raises(Refusal) as refused:
            decided(platform, question, decision, reason)
        assert refused.value.status == 409
    assert held(platform)["status"] == "issued"


@pytest.mark.parametrize("node", ["demo.hillside", "demo.riverside.central", "elsewhere"])
def test_another_place_neither_sees_nor_decides_it(platform: Platform, node: str) -> None:
    question = questioned(platform)
    assert queue(platform, node=node) == []
    with pytest.raises(Refusal) as unread:
        read(platform, question["id"], node)
    with pytest.raises(Refusal) as undecided:
        decided(platform, question, "revoke", node=node)
    assert (unread.value.status, undecided.value.status) == (404, 404)
    assert [each["id"] for each in queue(platform, node="demo")] == [question["id"]]


# told again

def test_a_completion_that_is_told_again_closes_it(platform: Platform) -> None:
    questioned(platform)
    platform.hear("completions", retold(sequence=3))
    assert queue(platform) == []
    [question] = queue(platform, "closed")
    assert question["outcome"] == "told-again"
    assert (len(platform.listed()["items"]), held(platform)["state"]) == (1, "shared")
    assert lived(platform)[-2:] == ["in-review", "reviewed"]


def test_what_was_suspended_on_it_is_reinstated_then_and_what_was_suspended_otherwise_is_not(
        platform: Platform) -> None:
    question = questioned(platform)
    decided(platform, question, "suspend")
    platform.hear("completions", retold(sequence=3))
    assert held(platform)["state"] == "shared"
    changed(platform, held(platform), "suspend")
    platform.hear("completions", withdrawn(sequence=4))
    platform.hear("completions", retold(sequence=5))
    assert held(platform)["state"] == "suspended"
    assert queue(platform) == []


def test_two_that_are_told_again_at_once_keep_all_that_became_of_each(platform: Platform) -> None:
    first = issued_and_shared(platform)
    platform.replaced(first["achievement"], description="All of it, with the new exercises.")
    platform.hear("completions", completed(6))
    platform.hear("completions", withdrawn(), withdrawn(6))
    question = next(each for each in queue(platform) if each["credential"] != first["id"])
    decided(platform, question, "suspend")
    platform.hear("completions", retold(6, sequence=3), retold(sequence=3))
    earlier = next(each for each in platform.listed()["items"] if each["id"] == first["id"])
    assert (earlier["status"], earlier["superseded_by"]) == ("superseded", question["credential"])
    assert [each["what"] for each in earlier["life"]] == [
        "issued", "shared", "superseded", "in-review", "restored", "superseded", "reviewed"]


def test_a_revoked_one_stays_revoked_and_is_not_asked_about_again(platform: Platform) -> None:
    decided(platform, questioned(platform), "revoke")
    platform.hear("completions", retold(sequence=3))
    platform.hear("completions", withdrawn(sequence=4))
    assert (held(platform)["state"], queue(platform)) == ("revoked", [])


def test_revoking_it_by_itself_closes_the_question(platform: Platform) -> None:
    questioned(platform)
    changed(platform, held(platform), "revoke")
    assert queue(platform) == []
    assert [each["outcome"] for each in queue(platform, "closed")] == ["revoked"]
    assert lived(platform)[-2:] == ["revoked", "reviewed"]


# once, in whatever order

def test_a_replay_asks_nobody_again(platform: Platform) -> None:
    events = [completed(), withdrawn()]
    decided(platform, questioned(platform), "keep")
    before = len(platform.events)
    for _ in range(2):
        platform.hear("completions", *events)
        for each in events:
            platform.hear("completions", each)
    assert (queue(platform), len(platform.events)) == ([], before)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_newest_that_was_told_counts_in_whatever_order_it_is_heard(
        platform: Platform, order: tuple[int, ...]) -> None:
    platform.defined()
    platform.hear("consents", consent())
    told = [completed(), withdrawn(), retold(sequence=3)]
    for each in order:
        platform.hear("completions", told[each])
    assert len(platform.listed()["items"]) == 1
    assert queue(platform) == []


def test_a_withdrawal_that_is_heard_first_keeps_the_completion_from_earning(platform: Platform) -> None:
    platform.defined()
    platform.hear("consents", consent())
    platform.hear("completions", withdrawn())
    platform.hear("completions", completed())
    assert (platform.listed()["items"], queue(platform)) == ([], [])


def test_what_waits_for_consent_is_not_issued_while_its_completion_is_withdrawn(platform: Platform) -> None:
    platform.defined()
    platform.hear("completions", completed())
    platform.hear("completions", withdrawn())
    [waiting] = platform.listed()["waiting"]
    assert waiting["reason"] == "The learning platform took the completion back."
    platform.hear("consents", consent())
    assert platform.listed()["items"] == []
    platform.hear("completions", retold(sequence=3))
    listed = platform.listed()
    assert (len(listed["items"]), listed["waiting"]) == (1, [])


def test_what_is_told_again_waits_again_without_consent(platform: Platform) -> None:
    platform.defined()
    for each in (completed(), withdrawn(), retold(sequence=3)):
        platform.hear("completions", each)
    [waiting] = platform.listed()["waiting"]
    assert "agreed" in waiting["reason"]
    platform.hear("consents", consent())
    assert len(platform.listed()["items"]) == 1


def test_what_waits_is_judged_by_the_version_that_it_was_earned_by(platform: Platform) -> None:
    made = platform.defined(course=None, earned_by={"course": COURSE, "minimum_score": 0.5})
    platform.hear("completions", completed(score=0.6))
    platform.replaced(made["id"], course=None, earned_by={"course": COURSE, "minimum_score": 0.8})
    platform.hear("completions", retold(attempts=({"score": 0.3}, {"score": 0.7})))
    listed = platform.listed()
    assert (len(listed["waiting"]), listed["not_earned"]) == (1, [])
    platform.hear("consents", consent())
    assert (held(platform)["because"]["achievement_version"], held(platform)["because"]["score"]) == (1, 0.7)


def test_what_waits_and_is_not_earned_any_more_by_its_own_version_waits_no_more(platform: Platform) -> None:
    made = platform.defined(course=None, earned_by={"course": COURSE, "minimum_score": 0.5})
    platform.hear("completions", completed(score=0.6))
    platform.replaced(made["id"], course=None, earned_by={"course": COURSE, "minimum_score": 0.8})
    platform.hear("completions", retold(attempts=({"score": 0.4},)))
    listed = platform.listed()
    assert (listed["waiting"], len(listed["not_earned"])) == ([], 1)


def test_other_circumstances_that_would_not_earn_it_are_asked_about_too(platform: Platform) -> None:
    platform.defined(course=None, earned_by={"course": COURSE, "proctored": True})
    platform.hear("consents", consent())
    platform.hear("completions", completed(proctored=True))
    platform.hear("completions", retold(attempts=({"proctored": False},)))
    [question] = queue(platform)
    assert question["why"] == "conditions-unmet"
    assert read(platform, question["id"])["lacks"][0]["condition"] == "proctored"
    platform.hear("completions", withdrawn(sequence=3, rule="failed"))
    [same] = queue(platform)
    assert (same["id"], same["why"]) == (question["id"], "completion-withdrawn")
    assert same["because"] == "The learning platform says that the course was failed after all."


def test_it_is_asked_by_the_version_that_the_credential_was_earned_by(platform: Platform) -> None:
    made = platform.defined()
    platform.hear("consents", consent())
    platform.hear("completions", completed())
    platform.replaced(made["id"], course=None, earned_by={"course": COURSE, "proctored": True})
    platform.hear("completions", retold(attempts=({"score": 0.4},)))
    assert queue(platform) == []


def test_an_erasure_takes_the_question_and_nothing_late_brings_it_back(platform: Platform) -> None:
    question = questioned(platform)
    platform.hear("patrons", erased())
    platform.hear("completions", withdrawn(sequence=4))
    assert (queue(platform), queue(platform, "closed")) == ([], [])
    with pytest.raises(Refusal) as refused:
        decided(platform, question, "keep")
    assert refused.value.status == 404


def test_a_withdrawn_consent_changes_nothing_of_the_question(platform: Platform) -> None:
    question = questioned(platform)
    platform.hear("consents", consent(WITHDRAWN, 2))
    assert decided(platform, question, "keep")["outcome"] == "kept"
