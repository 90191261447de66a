"""A library and a college issue together: the college agrees to a version, signs each credential, and either stops."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from jwt import PyJWK, get_unverified_header
from openbadgeslib.ob3.verifier import verify_endorsement_jwt

from services.credentials import endorsing
from services.credentials.domain import tokens
from tests.services.credentials_stage import PATRON, Platform, completed, consent, erased, judged_by_others
from tests.services.endorsement_desk import (
    COLLEGE,
    EMPLOYER,
    LEARNER,
    LIBRARY,
    OTHER_LIBRARY,
    THE_COLLEGE,
    THE_LIBRARY,
    VouchingDesk,
    places,
    refused,
)
from tests.services.endorsement_desk import forum as forum
from tests.services.recognition_desk import at_work

MEMBER = "endorsementJwt"


def proposed(forum: VouchingDesk, achievement: dict[str, Any], node: str = COLLEGE,
             who: Any = THE_LIBRARY) -> dict[str, Any]:
    return dict(forum.by(who, "propose_co_issuer", {"node": node}, achievement=achievement["id"]).body)


def agreed(forum: VouchingDesk, co_issuing: dict[str, Any], version: int = 1, who: Any = THE_COLLEGE) -> dict[str, Any]:
    return dict(forum.by(who, "agree_to_co_issue", {"version": version}, co_issuing=co_issuing["id"]).body)


def ended(forum: VouchingDesk, co_issuing: dict[str, Any], who: Any) -> dict[str, Any]:
    return dict(forum.by(who, "end_co_issuing", co_issuing=co_issuing["id"]).body)


def together(forum: VouchingDesk) -> tuple[dict[str, Any], dict[str, Any]]:
    """An achievement that both issue, and the co-issuing."""
    achievement = forum.defined()
    return achievement, agreed(forum, proposed(forum, achievement))


def statement(credential: dict[str, Any]) -> dict[str, Any]:
    """What the co-issuer signed about it."""
    [token] = credential["credential"][MEMBER]
    return tokens.read(token).credential


def test_what_both_agreed_to_is_signed_by_both(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    proposal = proposed(forum, achievement)
    assert (proposal["state"], proposal["definition"]["criteria"]) == ("proposed", "Every unit.")
    alone = forum.earned(1)["credential"]
    assert MEMBER not in alone
    assert agreed(forum, proposal)["state"] == "agreed"
    both = forum.earned(2)
    said = statement(both)
    assert said["issuer"]["name"] == "Lakeside College"
    assert said["credentialSubject"]["id"] == both["credential"]["id"]
    assert both["credential"]["issuer"]["name"] == "Riverside Public Library"
    assert {each["verdict"] for each in forum.verification(both["credential"]).values()} == {"valid"}
    [beside] = both["endorsements"]
    assert (beside["endorser"], beside["co_issued"]) == (COLLEGE, True)
    shown = forum.call("get_achievement", achievement=achievement["id"]).body
    assert shown["co_issuer"] == {"node": COLLEGE, "name": "Lakeside College"}
    assert forum.told_of("co-issuing") == [("proposed", COLLEGE), ("agreed", LIBRARY)]


def test_somebody_elses_verifier_accepts_it(tmp_path: Path) -> None:
    platform = at_work(Platform(tmp_path))
    platform.hear("nodes", *places())
    achievement = platform.defined()
    platform.call("propose_co_issuer", {"node": COLLEGE}, achievement=achievement["id"])
    [proposal] = platform.by(THE_COLLEGE, "list_co_issuings").body["items"]
    platform.by(THE_COLLEGE, "agree_to_co_issue", {"version": 1}, co_issuing=proposal["id"])
    platform.hear("consents", consent())
    platform.hear("completions", completed())
    credential = platform.listed()["items"][0]["credential"]
    [token] = credential[MEMBER]
    key = orjson.loads(platform.published(get_unverified_header(token)["kid"]))
    assert verify_endorsement_jwt(token, endorser_pubkey_pem=PyJWK(key).key)["endorses"] == credential["id"]
    judged_by_others(platform, credential)


@pytest.mark.parametrize(("who", "other"), [(THE_LIBRARY, COLLEGE), (THE_COLLEGE, LIBRARY)])
def test_either_side_stops_and_what_was_issued_stays(forum: VouchingDesk, who: Any, other: str) -> None:
    achievement, co_issuing = together(forum)
    both = forum.earned(1)
    assert [ended(forum, co_issuing, who)["state"] for _ in range(2)] == ["ended", "ended"]
    assert forum.told_of("co-issuing")[2:] == [("ended", other)]
    assert "co_issuer" not in forum.call("get_achievement", achievement=achievement["id"]).body
    assert forum.verified(both["credential"])["endorsement"] == "valid"
    assert MEMBER not in forum.earned(2)["credential"]
    assert refused(409, agreed, forum, co_issuing) == ""


def test_an_ended_one_may_be_proposed_again(forum: VouchingDesk) -> None:
    achievement, co_issuing = together(forum)
    ended(forum, co_issuing, THE_COLLEGE)
    assert MEMBER not in forum.earned(1)["credential"]
    assert proposed(forum, achievement)["state"] == "proposed"
    assert MEMBER not in forum.earned(2)["credential"]
    agreed(forum, co_issuing)
    assert MEMBER in forum.earned(3)["credential"]


def test_nobody_agrees_to_what_they_did_not_read(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    proposal = proposed(forum, achievement)
    forum.replaced(achievement["id"], criteria="Nothing at all.")
    assert refused(409, agreed, forum, proposal, version=1) == "/version"
    assert agreed(forum, proposal, version=2)["version"] == 2


def test_a_changed_achievement_is_issued_alone_until_agreed_to_again(forum: VouchingDesk) -> None:
    achievement, co_issuing = together(forum)
    before = forum.earned(1)
    forum.replaced(achievement["id"], criteria="Nothing at all.")
    assert MEMBER not in forum.earned(2)["credential"]
    [listed] = forum.by(THE_COLLEGE, "list_co_issuings").body["items"]
    assert "with version 2" in listed["next_step"]
    agreed(forum, co_issuing, version=2)
    assert MEMBER in forum.earned(3)["credential"]
    renewed = forum.call("revalidate_credential", {"extend": False}, credential=before["id"]).body["credential"]
    assert renewed[MEMBER] == before["credential"][MEMBER]


def test_what_was_issued_alone_is_signed_by_both_when_it_is_renewed(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    alone = forum.earned(1)
    public = forum.call("share_credential", credential=alone["id"]).body
    offer = forum.offer(public["public_id"], "credential").body
    agreed(forum, proposed(forum, achievement))
    for _ in range(2):
        renewed = forum.call("revalidate_credential", {"extend": False}, credential=alone["id"]).body
        assert statement(renewed)["credentialSubject"]["id"] == public["public_url"]
        assert forum.verified(renewed["credential"])["endorsement"] == "valid"
    offered, said = sorted(forum.mine(THE_COLLEGE), key=lambda each: each["co_issued"])
    assert (offered, said["co_issued"], said["version"]) == (offer, True, 1)


def test_the_college_takes_back_what_it_said_of_one_credential(forum: VouchingDesk) -> None:
    together(forum)
    both = forum.earned(1)
    assert forum.mine(THE_COLLEGE) == [], "it does not know whom it is of"
    public = forum.call("share_credential", credential=both["id"]).body
    [known] = forum.mine(THE_COLLEGE)
    assert (known["of"], known["co_issued"]) == (public["public_id"], True)
    assert PATRON not in str(known)
    forum.taken_back(known)
    found = forum.verification(both["credential"])
    assert (found["endorsement"]["verdict"], found["status"]["verdict"]) == ("invalid", "valid")
    renewed = forum.call("revalidate_credential", {"extend": False}, credential=both["id"]).body["credential"]
    assert MEMBER not in renewed


def test_what_a_college_may_not_know_of_it_cannot_name(forum: VouchingDesk) -> None:
    together(forum)
    said = statement(forum.earned(1))["id"].rpartition("/")[2]
    row = next(each for each in forum.rows("endorsements") if each["public_id"] == said)
    assert refused(404, forum.by, THE_COLLEGE, "get_endorsement", endorsement=row["_id"]) == ""
    assert refused(404, forum.taken_back, {"id": row["_id"]}) == ""
    forum.decided()
    assert forum.mine(THE_COLLEGE)


@pytest.mark.parametrize("most", [2000, 8], ids=["full pages", "pages that give up"])
def test_what_a_college_may_not_know_of_is_passed_over(
        forum: VouchingDesk, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    together(forum)
    for number in range(9):
        forum.earned(number)
    offered = {forum.offer(forum.defined(course=None, name=f"Number {number}")["id"]).body["id"]
               for number in range(5)}
    monkeypatch.setattr(endorsing, "LEAST_A_LOT", 2)
    monkeypatch.setattr(endorsing, "MOST_PASSED_OVER", most)
    pages, query = [], {"limit": 2}
    while query:
        page = forum.by(THE_COLLEGE, "list_endorsements", query=query).body
        pages.append([each["id"] for each in page["items"]])
        query = {"limit": 2, "cursor": page["next"]} if page["next"] else {}
    found = [each for page in pages for each in page]
    assert (len(found), set(found)) == (5, offered)
    assert most == 8 or [len(each) for each in pages] == [2, 2, 1]


def test_what_a_learner_decides_of_a_credential_that_is_not_shared_is_not_told(forum: VouchingDesk) -> None:
    together(forum)
    both = forum.earned(1)
    [said] = forum.by(LEARNER, "list_patron_endorsements", patron=PATRON).body["items"]

    def decided(accepted: bool) -> None:
        forum.by(LEARNER, "decide_patron_endorsement", {"accepted": accepted}, patron=PATRON, endorsement=said["id"])

    decided(False)
    decided(True)
    assert forum.told_of("endorsement") == []
    forum.call("share_credential", credential=both["id"])
    decided(False)
    assert forum.told_of("endorsement") == [("ended", COLLEGE)]


def test_who_may_propose_agree_and_see(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    for node in ("demo.nowhere", "other.college"):
        assert refused(422, proposed, forum, achievement, node) == "/node"
    for node in (LIBRARY, "demo"):
        assert refused(403, proposed, forum, achievement, node) == ""
    assert refused(404, proposed, forum, achievement, who=OTHER_LIBRARY) == ""
    proposal = proposed(forum, achievement)
    assert proposed(forum, achievement) == proposal
    assert refused(409, proposed, forum, achievement, "demo.mill") == "/node"
    assert refused(403, agreed, forum, proposal, who=THE_LIBRARY) == ""
    for who in (OTHER_LIBRARY, EMPLOYER):
        assert refused(404, agreed, forum, proposal, who=who) == ""
        assert refused(404, ended, forum, proposal, who) == ""
        assert forum.by(who, "list_co_issuings").body["items"] == []
    assert forum.by(THE_LIBRARY, "get_co_issuing", co_issuing=proposal["id"]).body == proposal
    assert [agreed(forum, proposal) for _ in range(2)][1]["state"] == "agreed"
    assert [state for state, _ in forum.told_of("co-issuing")] == ["proposed", "agreed"]


def test_an_erased_learner_leaves_nothing_of_what_the_co_issuer_said(forum: VouchingDesk) -> None:
    together(forum)
    public_id = statement(forum.earned(1))["id"].rpartition("/")[2]
    forum.hear("patrons", erased())
    assert forum.rows("endorsements") == []
    assert refused(410, forum.ask, "get_public_endorsement", public_endorsement=public_id) == ""


def test_the_same_completion_again_makes_no_second_endorsement(forum: VouchingDesk) -> None:
    together(forum)
    forum.hear("consents", consent())
    for _ in range(3):
        forum.hear("completions", completed())
    assert len(forum.rows("endorsements")) == len(forum.listed()["items"]) == 1
    assert orjson.loads(forum.rows("credentials")[0]["document"])[MEMBER]
