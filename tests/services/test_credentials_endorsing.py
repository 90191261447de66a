"""A college vouches for an achievement, an issuer, a credential: never against those who own it, never for good."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from libranet.testing import a_principal
from services.credentials.domain.endorsing import MOST_TURNS
from services.credentials.domain.vouchers import MOST_CARRIED
from tests.services.credentials_stage import (
    ISSUER,
    Platform,
    completed,
    consent,
    judged_by_others,
)
from tests.services.endorsement_desk import (
    COLLEGE,
    COMMENT,
    ELSEWHERE,
    EMPLOYER,
    LEARNER,
    LIBRARY,
    OTHER_LIBRARY,
    THE_COLLEGE,
    THE_LIBRARY,
    UNKNOWN,
    VouchingDesk,
    refused,
    signed,
)
from tests.services.endorsement_desk import forum as forum
from tests.services.recognition_desk import at_work


def status_of(forum: VouchingDesk, endorsement: dict[str, Any]) -> str:
    public_id = endorsement["public_url"].rpartition("/")[2]
    return str(forum.ask("get_public_endorsement", public_endorsement=public_id).headers["Libranet-Credential-Status"])


# agreeing

def test_what_a_college_offers_is_signed_once_the_library_accepts(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    answer = forum.offer(achievement["id"])
    offer = answer.body
    assert (answer.status, offer["state"], offer["comment"], offer["version"]) == (201, "offered", COMMENT, 1)
    assert "public_url" not in offer
    assert forum.mine(THE_LIBRARY) == forum.mine(THE_COLLEGE) == [offer]
    accepted = forum.decide(offer)
    assert accepted["state"] == "accepted"
    document = signed(forum, accepted)
    assert document["type"] == ["VerifiableCredential", "EndorsementCredential"]
    assert document["issuer"]["name"] == "Lakeside College"
    assert document["credentialSubject"]["id"] == f"urn:uuid:{achievement['id']}"
    assert document["credentialSubject"]["endorsementComment"] == COMMENT
    assert [each["cryptosuite"] for each in document["proof"]] == ["eddsa-rdfc-2022", "eddsa-jcs-2022"]
    checks = forum.verified(document)
    assert {checks[name] for name in ("signature", "dates", "status", "issuer", "schema")} == {"valid"}
    assert forum.told_of("endorsement") == [("offered", LIBRARY), ("accepted", COLLEGE)]


def test_a_library_asks_and_still_reads_what_is_said_before_it_stands(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    asked = forum.asks(achievement["id"]).body
    assert (asked["state"], asked["note"]) == ("asked", "Please.")
    assert refused(409, forum.decide, asked) == ""
    offer = forum.offer(achievement["id"]).body
    assert (offer["id"], offer["state"]) == (asked["id"], "offered")
    assert forum.decide(offer)["state"] == "accepted"
    assert forum.told_of("endorsement") == [("asked", COLLEGE), ("offered", LIBRARY), ("accepted", COLLEGE)]


def test_the_same_again_changes_nothing_and_tells_nobody(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    offer, again = (forum.offer(achievement["id"]) for _ in range(2))
    assert (again.status, again.body) == (200, offer.body)
    accepted = [forum.decide(offer.body) for _ in range(2)]
    assert accepted[0] == accepted[1] == forum.offer(achievement["id"]).body
    ended = [forum.taken_back(offer.body) for _ in range(2)]
    assert ended[0] == ended[1]
    assert [state for state, _ in forum.told_of("endorsement")] == ["offered", "accepted", "ended"]


def test_other_words_are_another_offer_so_nobody_accepts_what_they_did_not_read(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    read = forum.offer(achievement["id"]).body
    other = forum.offer(achievement["id"], comment="It is worth nothing.").body
    assert other["id"] != read["id"]
    assert refused(409, forum.decide, read) == ""
    forum.decide(other)
    assert refused(409, forum.offer, achievement["id"], comment="And again.") == "/comment"


def test_another_offer_never_takes_the_place_of_one_that_was_signed(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    forum.offer(achievement["id"], comment="First.")
    accepted = forum.endorsed(achievement["id"], comment="Second.")
    forum.taken_back(accepted)
    assert forum.offer(achievement["id"], comment="Third.").body["id"] != accepted["id"]
    assert status_of(forum, accepted) == "revoked"


def test_what_was_declined_is_offered_again_only_to_who_asks(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    offer = forum.offer(achievement["id"]).body
    assert forum.decide(offer, accepted=False)["state"] == "declined"
    assert refused(409, forum.offer, achievement["id"]) == ""
    assert refused(409, forum.offer, achievement["id"], comment="Please.") == ""
    assert forum.asks(achievement["id"]).body["state"] == "asked"
    other = forum.offer(achievement["id"], comment="In other words.").body
    assert other["state"] == "offered"
    assert forum.decide(other)["state"] == "accepted"


def test_who_declined_may_still_accept(forum: VouchingDesk) -> None:
    offer = forum.offer(forum.defined()["id"]).body
    forum.decide(offer, accepted=False)
    assert forum.decide(offer)["state"] == "accepted"


def test_an_offer_that_is_taken_back_cannot_be_accepted_and_asking_ends(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    offer = forum.offer(achievement["id"]).body
    assert forum.taken_back(offer)["reason"] == "We ended it."
    assert refused(409, forum.decide, offer) == ""
    asked = forum.asks(achievement["id"]).body
    assert asked["id"] != offer["id"]
    assert forum.decide(asked, accepted=False)["state"] == "declined"
    assert forum.asks(achievement["id"]).body["state"] == "asked"


def test_nobody_begins_without_end(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    for number in range(MOST_TURNS):
        forum.taken_back(forum.offer(achievement["id"], comment=f"Number {number}").body)
    assert refused(409, forum.offer, achievement["id"]) == ""


# who may

def test_only_who_is_endorsed_decides_and_only_who_endorses_takes_back(forum: VouchingDesk) -> None:
    offer = forum.offer(forum.defined()["id"]).body
    assert refused(403, forum.decide, offer, who=THE_COLLEGE) == ""
    assert refused(403, forum.taken_back, offer, who=THE_LIBRARY) == ""
    for who in (OTHER_LIBRARY, EMPLOYER, ELSEWHERE, LEARNER):
        assert refused(404, forum.decide, offer, who=who) == ""
        assert refused(404, forum.taken_back, offer, who=who) == ""
        assert refused(404, forum.by, who, "get_endorsement", endorsement=offer["id"]) == ""
        assert forum.mine(who) == []
    assert forum.mine(a_principal("demo")) == [offer]


def test_nobody_endorses_their_own_nor_what_they_do_not_see(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    for who in (THE_LIBRARY, a_principal("demo"), a_principal("demo.riverside.central")):
        assert refused(403, forum.offer, achievement["id"], who=who) == ""
    assert refused(422, forum.offer, achievement["id"], who=ELSEWHERE) == "/of"
    for of, kind in ((UNKNOWN, "achievement"), ("x", "achievement"), ("demo.nowhere", "issuer"),
                     ("other.college", "issuer"), (UNKNOWN, "credential")):
        assert refused(422, forum.offer, of, kind) == "/of"
    assert refused(403, forum.asks, achievement["id"], who=OTHER_LIBRARY) == ""
    for endorser in ("demo.nowhere", "other.college"):
        assert refused(422, forum.asks, achievement["id"], endorser=endorser) == "/endorser"
    assert refused(403, forum.asks, achievement["id"], endorser="demo") == ""


def test_words_that_no_credential_can_have_are_refused(forum: VouchingDesk) -> None:
    assert refused(422, forum.offer, forum.defined()["id"], comment="a\x07b") == "/comment"


def test_lists_come_by_state_and_in_pages(forum: VouchingDesk) -> None:
    offers = [forum.offer(forum.defined(course=None, name=f"Number {number}")["id"]).body for number in range(5)]
    forum.decide(offers[0])
    assert [each["id"] for each in forum.mine(THE_COLLEGE, state="accepted")] == [offers[0]["id"]]
    page = forum.by(THE_LIBRARY, "list_endorsements", query={"limit": 3}).body
    rest = forum.mine(THE_LIBRARY, limit=3, cursor=page["next"])
    assert {each["id"] for each in (*page["items"], *rest)} == {each["id"] for each in offers}


# where it shows

def test_it_is_in_the_achievement_and_in_what_is_issued_afterwards(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    before = forum.earned(1)
    endorsement = forum.endorsed(achievement["id"])
    after = forum.earned(2)
    [shown] = forum.call("get_achievement", achievement=achievement["id"]).body["endorsements"]
    assert (shown["endorser_name"], shown["public_url"]) == ("Lakeside College", endorsement["public_url"])
    assert forum.call("list_achievements").body["items"][0]["endorsements"] == [shown]
    assert "endorsement" not in before["credential"]["credentialSubject"]["achievement"]
    [inside] = after["credential"]["credentialSubject"]["achievement"]["endorsement"]
    whole = signed(forum, endorsement)
    assert inside == {**whole, "proof": whole["proof"][:1]}
    found = forum.verification(after["credential"])
    assert {each["verdict"] for each in found.values()} == {"valid"}
    assert found["endorsement"]["reason"] == "Endorsed by Lakeside College."
    assert forum.verification(before["credential"])["endorsement"]["verdict"] == "unknown"


def test_somebody_elses_verifier_accepts_what_carries_endorsements(tmp_path: Path) -> None:
    platform = at_work(Platform(tmp_path))
    achievement = platform.defined()
    body = {"kind": "achievement", "of": achievement["id"], "comment": COMMENT}
    offer = platform.by(THE_COLLEGE, "offer_endorsement", body).body
    platform.call("decide_endorsement", {"accepted": True}, endorsement=offer["id"])
    platform.hear("consents", consent())
    platform.hear("completions", completed())
    credential = platform.listed()["items"][0]["credential"]
    assert credential["credentialSubject"]["achievement"]["endorsement"]
    judged_by_others(platform, credential)


def test_taken_back_it_is_revoked_and_what_carries_it_says_so(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    endorsement, carrying = forum.endorsed(achievement["id"]), forum.earned(1)
    forum.taken_back(endorsement)
    assert status_of(forum, endorsement) == "revoked"
    found = forum.verification(carrying["credential"])
    assert found["endorsement"]["verdict"] == "invalid"
    assert "Lakeside College" in found["endorsement"]["reason"]
    assert {found[name]["verdict"] for name in ("signature", "dates", "status", "issuer", "schema")} == {"valid"}
    assert forum.verified(signed(forum, endorsement))["status"] == "invalid"
    assert "endorsement" not in forum.earned(2)["credential"]["credentialSubject"]["achievement"]
    assert "endorsements" not in forum.call("get_achievement", achievement=achievement["id"]).body


def test_signed_anew_a_credential_has_the_endorsements_of_today(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    endorsement, carrying = forum.endorsed(achievement["id"]), forum.earned(1)
    forum.taken_back(endorsement)
    renewed = forum.call("revalidate_credential", {"extend": False}, credential=carrying["id"]).body
    assert "endorsement" not in renewed["credential"]["credentialSubject"]["achievement"]
    assert forum.verified(renewed["credential"])["endorsement"] == "unknown"


def test_shown_no_more_by_its_owner_it_stays_signed(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    endorsement, carrying = forum.endorsed(achievement["id"]), forum.earned(1)
    assert forum.decide(endorsement, accepted=False)["state"] == "declined"
    assert forum.verified(carrying["credential"])["endorsement"] == "valid"
    assert "endorsement" not in forum.earned(2)["credential"]["credentialSubject"]["achievement"]
    again = forum.decide(endorsement)
    assert again["public_url"] == endorsement["public_url"]
    assert "endorsement" in forum.earned(3)["credential"]["credentialSubject"]["achievement"]


def test_a_later_version_has_to_be_endorsed_anew(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    forum.endorsed(achievement["id"])
    forum.replaced(achievement["id"], description="Something else altogether.")
    assert "endorsements" not in forum.call("get_achievement", achievement=achievement["id"]).body
    version = forum.call("get_achievement_version", achievement=achievement["id"], version="1").body
    assert len(version["endorsements"]) == 1
    assert "endorsement" not in forum.earned()["credential"]["credentialSubject"]["achievement"]
    assert forum.offer(achievement["id"]).body["version"] == 2


def test_an_issuer_is_endorsed_in_its_profile_and_in_credentials(
        forum: VouchingDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://libranet.example.org")
    forum.defined()
    endorsement = forum.endorsed(LIBRARY, "issuer", "We have known its evaluators for years.")
    profile = orjson.loads(forum.issuer(LIBRARY).body)
    credential = forum.earned()["credential"]
    whole = signed(forum, endorsement)
    inside = {**whole, "proof": whole["proof"][:1]}
    assert whole["credentialSubject"]["id"] == profile["id"] == ISSUER
    assert profile["endorsement"] == credential["issuer"]["endorsement"] == [inside]
    assert forum.verified(credential)["endorsement"] == "valid"
    forum.taken_back(endorsement)
    assert "endorsement" not in orjson.loads(forum.issuer(LIBRARY).body)


def test_an_issuer_under_another_name_is_not_who_was_endorsed(
        forum: VouchingDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://libranet.example.org")
    forum.defined()
    forum.endorsed(LIBRARY, "issuer")
    monkeypatch.setenv("PUBLIC_URL", "http://127.0.0.1:8000")
    assert "endorsement" not in forum.earned()["credential"]["issuer"]
    assert "endorsement" not in orjson.loads(forum.issuer(LIBRARY).body)


def test_a_credential_carries_only_as_many_as_are_read(forum: VouchingDesk) -> None:
    achievement = forum.defined()
    for number in range(MOST_CARRIED + 2):
        college = a_principal(f"demo.mill-{number}", kind="college")
        forum.endorsed(achievement["id"], who=college)
    forum.endorsed(LIBRARY, "issuer")
    credential = forum.earned()["credential"]
    assert len(credential["credentialSubject"]["achievement"]["endorsement"]) == MOST_CARRIED
    assert "endorsement" not in credential["issuer"]
    assert forum.verified(credential)["endorsement"] == "valid"
    shown = forum.call("get_achievement", achievement=achievement["id"]).body["endorsements"]
    assert len(shown) == MOST_CARRIED + 2
