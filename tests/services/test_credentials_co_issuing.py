"""A library and a college issue together: the college agrees to a version, signs each credential, and either stops."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from jwt import PyJWK, get_unverified_header
from openbadgeslib.ob3.verifier import verify_endorsement_jwt

from libranet.testing import a_principal
from services.credentials.domain import tokens
from tests.services.credentials_stage import PATRON, Platform, completed, consent, erased, judged_by_others, platform
from tests.services.endorsement_desk import (
    COLLEGE,
    LIBRARY,
    THE_COLLEGE,
    THE_LIBRARY,
    VouchingDesk,
    opened,
    places,
    refused,
)

__all__ = ["platform"]
OTHER_LIBRARY = a_principal("demo.hill")
MEMBER = "endorsementJwt"
EMPLOYER = a_principal("demo.mill", kind="college")


@pytest.fixture
def desk(tmp_path: Path, work_factory: Any) -> VouchingDesk:
    return opened(VouchingDesk(tmp_path, work_factory))


def proposed(desk: VouchingDesk, achievement: dict[str, Any], node: str = COLLEGE,
             who: Any = THE_LIBRARY) -> dict[str, Any]:
    return dict(desk.by(who, "propose_co_issuer", {"node": node}, achievement=achievement["id"]).body)


def agreed(desk: VouchingDesk, co_issuing: dict[str, Any], version: int = 1, who: Any = THE_COLLEGE) -> dict[str, Any]:
    return dict(desk.by(who, "agree_to_co_issue", {"version": version}, co_issuing=co_issuing["id"]).body)


def ended(desk: VouchingDesk, co_issuing: dict[str, Any], who: Any) -> dict[str, Any]:
    return dict(desk.by(who, "end_co_issuing", co_issuing=co_issuing["id"]).body)


def together(desk: VouchingDesk) -> tuple[dict[str, Any], dict[str, Any]]:
    """An achievement that both issue, and the co-issuing."""
    achievement = desk.defined()
    return achievement, agreed(desk, proposed(desk, achievement))


def statement(credential: dict[str, Any]) -> dict[str, Any]:
    """What the co-issuer signed about it."""
    [token] = credential["credential"][MEMBER]
    return tokens.read(token).credential


def test_what_both_agreed_to_is_signed_by_both(desk: VouchingDesk) -> None:
    achievement = desk.defined()
    proposal = proposed(desk, achievement)
    assert (proposal["state"], proposal["definition"]["criteria"]) == ("proposed", "Every unit.")
    alone = desk.earned(1)["credential"]
    assert MEMBER not in alone
    assert agreed(desk, proposal)["state"] == "agreed"
    both = desk.earned(2)
    said = statement(both)
    assert said["issuer"]["name"] == "Lakeside College"
    assert said["credentialSubject"]["id"] == both["credential"]["id"]
    assert both["credential"]["issuer"]["name"] == "Riverside Public Library"
    assert {each["verdict"] for each in desk.verification(both["credential"]).values()} == {"valid"}
    [beside] = both["endorsements"]
    assert (beside["endorser"], beside["co_issued"]) == (COLLEGE, True)
    shown = desk.call("get_achievement", achievement=achievement["id"]).body
    assert shown["co_issuer"] == {"node": COLLEGE, "name": "Lakeside College"}
    assert desk.told_of("co-issuing") == [("proposed", COLLEGE), ("agreed", LIBRARY)]


def test_somebody_elses_verifier_accepts_it(platform: Platform) -> None:
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
def test_either_side_stops_and_what_was_issued_stays(desk: VouchingDesk, who: Any, other: str) -> None:
    achievement, co_issuing = together(desk)
    both = desk.earned(1)
    assert [ended(desk, co_issuing, who)["state"] for _ in range(2)] == ["ended", "ended"]
    assert desk.told_of("co-issuing")[2:] == [("ended", other)]
    assert "co_issuer" not in desk.call("get_achievement", achievement=achievement["id"]).body
    assert desk.verified(both["credential"])["endorsement"] == "valid"
    assert MEMBER not in desk.earned(2)["credential"]
    assert refused(409, agreed, desk, co_issuing) == ""


def test_an_ended_one_may_be_proposed_again(desk: VouchingDesk) -> None:
    achievement, co_issuing = together(desk)
    ended(desk, co_issuing, THE_COLLEGE)
    assert MEMBER not in desk.earned(1)["credential"]
    assert proposed(desk, achievement)["state"] == "proposed"
    assert MEMBER not in desk.earned(2)["credential"]
    agreed(desk, co_issuing)
    assert MEMBER in desk.earned(3)["credential"]


def test_nobody_agrees_to_what_they_did_not_read(desk: VouchingDesk) -> None:
    achievement = desk.defined()
    proposal = proposed(desk, achievement)
    desk.replaced(achievement["id"], criteria="Nothing at all.")
    assert refused(409, agreed, desk, proposal, version=1) == "/version"
    assert agreed(desk, proposal, version=2)["version"] == 2


def test_a_changed_achievement_is_issued_alone_until_agreed_to_again(desk: VouchingDesk) -> None:
    achievement, co_issuing = together(desk)
    before = desk.earned(1)
    desk.replaced(achievement["id"], criteria="Nothing at all.")
    assert MEMBER not in desk.earned(2)["credential"]
    [listed] = desk.by(THE_COLLEGE, "list_co_issuings").body["items"]
    assert "with version 2" in listed["next_step"]
    agreed(desk, co_issuing, version=2)
    assert MEMBER in desk.earned(3)["credential"]
    renewed = desk.call("revalidate_credential", {"extend": False}, credential=before["id"]).body["credential"]
    assert renewed[MEMBER] == before["credential"][MEMBER]


def test_the_college_takes_back_what_it_said_of_one_credential(desk: VouchingDesk) -> None:
    together(desk)
    both = desk.earned(1)
    assert desk.mine(THE_COLLEGE) == [], "it does not know whom it is of"
    public = desk.call("share_credential", credential=both["id"]).body
    [known] = desk.mine(THE_COLLEGE)
    assert (known["of"], known["co_issued"]) == (public["public_id"], True)
    assert PATRON not in str(known)
    desk.taken_back(known)
    found = desk.verification(both["credential"])
    assert (found["endorsement"]["verdict"], found["status"]["verdict"]) == ("invalid", "valid")
    renewed = desk.call("revalidate_credential", {"extend": False}, credential=both["id"]).body["credential"]
    assert MEMBER not in renewed


def test_what_a_college_may_not_know_of_it_cannot_name(desk: VouchingDesk) -> None:
    together(desk)
    said = statement(desk.earned(1))["id"].rpartition("/")[2]
    row = next(each for each in desk.rows("endorsements") if each["public_id"] == said)
    assert refused(404, desk.by, THE_COLLEGE, "get_endorsement", endorsement=row["_id"]) == ""
    assert refused(404, desk.taken_back, {"id": row["_id"]}) == ""
    desk.decided()
    assert desk.mine(THE_COLLEGE)


def test_who_may_propose_agree_and_see(desk: VouchingDesk) -> None:
    achievement = desk.defined()
    for node in ("demo.nowhere", "other.college"):
        assert refused(422, proposed, desk, achievement, node) == "/node"
    for node in (LIBRARY, "demo"):
        assert refused(403, proposed, desk, achievement, node) == ""
    assert refused(404, proposed, desk, achievement, who=OTHER_LIBRARY) == ""
    proposal = proposed(desk, achievement)
    assert proposed(desk, achievement) == proposal
    assert refused(409, proposed, desk, achievement, "demo.mill") == "/node"
    assert refused(403, agreed, desk, proposal, who=THE_LIBRARY) == ""
    for who in (OTHER_LIBRARY, EMPLOYER):
        assert refused(404, agreed, desk, proposal, who=who) == ""
        assert refused(404, ended, desk, proposal, who) == ""
        assert desk.by(who, "list_co_issuings").body["items"] == []
    assert desk.by(THE_LIBRARY, "get_co_issuing", co_issuing=proposal["id"]).body == proposal
    assert [agreed(desk, proposal) for _ in range(2)][1]["state"] == "agreed"
    assert [state for state, _ in desk.told_of("co-issuing")] == ["proposed", "agreed"]


def test_an_erased_learner_leaves_nothing_of_what_the_co_issuer_said(desk: VouchingDesk) -> None:
    together(desk)
    public_id = statement(desk.earned(1))["id"].rpartition("/")[2]
    desk.hear("patrons", erased())
    assert desk.rows("endorsements") == []
    assert refused(410, desk.ask, "get_public_endorsement", public_endorsement=public_id) == ""


def test_the_same_completion_again_makes_no_second_endorsement(desk: VouchingDesk) -> None:
    together(desk)
    desk.hear("consents", consent())
    for _ in range(3):
        desk.hear("completions", completed())
    assert len(desk.rows("endorsements")) == len(desk.listed()["items"]) == 1
    assert orjson.loads(desk.rows("credentials")[0]["document"])[MEMBER]
