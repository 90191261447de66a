"""A college vouches for a learner's credential: once the learner agrees, and never for what was revoked."""

from typing import Any

from contracts.calls import endorsements as calls
from contracts.principal import Principal
from libranet.testing import a_principal
from services.credentials.domain import tokens
from tests.services.credentials_stage import (
    PATRON,
    erased,
)
from tests.services.endorsement_desk import (
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

SOMEBODY = Principal(actor="0190b3a0-1111-7111-8111-111111111119", kind="patron", node=LIBRARY)


def patrons(forum: VouchingDesk, who: Principal = LEARNER) -> list[dict[str, Any]]:
    return list(forum.by(who, "list_patron_endorsements", patron=PATRON).body["items"])


def decided(forum: VouchingDesk, endorsement: dict[str, Any], accepted: bool = True,
            who: Principal = LEARNER) -> dict[str, Any]:
    return dict(forum.by(who, "decide_patron_endorsement", {"accepted": accepted}, patron=PATRON,
                        endorsement=endorsement["id"]).body)


def shared(forum: VouchingDesk) -> dict[str, Any]:
    forum.defined()
    return dict(forum.call("share_credential", credential=forum.earned()["id"]).body)


def test_a_shared_credential_is_endorsed_once_its_learner_agrees(forum: VouchingDesk) -> None:
    credential = shared(forum)
    offer = forum.offer(credential["public_id"], "credential", "We hired for it.", EMPLOYER).body
    assert PATRON not in str(offer)
    assert refused(403, forum.decide, offer, who=EMPLOYER) == ""
    assert refused(404, forum.decide, offer, who=THE_LIBRARY) == ""
    [seen] = patrons(forum)
    assert f"/v1/patrons/{PATRON}/endorsements/{offer['id']}" in seen["next_step"]
    accepted = decided(forum, offer)
    assert signed(forum, accepted)["credentialSubject"]["id"] == credential["public_url"]
    [beside] = forum.listed()["items"][0]["endorsements"]
    assert beside["comment"] == "We hired for it."
    renewed = forum.call("revalidate_credential", {"extend": False}, credential=credential["id"]).body["credential"]
    assert tokens.read(renewed["endorsementJwt"][0]).credential["id"] == accepted["public_url"]
    assert forum.verified(renewed)["endorsement"] == "valid"
    assert [to for _, to in forum.told_of("endorsement")] == [LIBRARY, "demo.mill"]


def test_one_that_is_not_shared_is_endorsed_by_whom_its_learner_lets_know(forum: VouchingDesk) -> None:
    forum.defined()
    credential = forum.earned()
    assert refused(422, forum.offer, credential["public_id"], "credential") == "/of"
    forum.decided()
    assert refused(422, forum.offer, credential["public_id"], "credential", who=EMPLOYER) == "/of"
    assert forum.offer(credential["public_id"], "credential").body["state"] == "offered"
    forum.decided(given=False, sequence=2)
    assert decided(forum, forum.mine(THE_COLLEGE)[0])["state"] == "accepted"


def test_what_was_revoked_is_not_endorsed(forum: VouchingDesk) -> None:
    credential = shared(forum)
    forum.call("revoke_credential", {"reason": "Wrong."}, credential=credential["id"])
    assert refused(422, forum.offer, credential["public_id"], "credential") == "/of"


def test_what_a_newer_one_supersedes_still_holds_and_is_endorsed(forum: VouchingDesk) -> None:
    credential = shared(forum)
    forum.replaced(credential["achievement"], description="All of it, with the new exercises.")
    forum.earned(6)
    assert {each["id"]: each["status"] for each in forum.listed()["items"]}[credential["id"]] == "superseded"
    assert forum.offer(credential["public_id"], "credential").body["state"] == "offered"


def test_somebody_elses_learner_decides_nothing(forum: VouchingDesk) -> None:
    credential = shared(forum)
    offer = forum.offer(credential["public_id"], "credential").body
    assert refused(404, decided, forum, offer, who=SOMEBODY) == ""
    assert refused(404, decided, forum, offer, who=OTHER_LIBRARY) == ""
    assert refused(404, decided, forum, {"id": UNKNOWN}) == ""
    other = forum.offer(LIBRARY, "issuer").body
    assert refused(404, decided, forum, other) == ""
    assert decided(forum, offer, accepted=False, who=THE_LIBRARY)["state"] == "declined"


def test_an_erased_learner_leaves_no_endorsement(forum: VouchingDesk) -> None:
    credential = shared(forum)
    accepted = decided(forum, forum.offer(credential["public_id"], "credential").body)
    kept = forum.endorsed(LIBRARY, "issuer")
    forum.hear("patrons", erased())
    assert refused(410, signed, forum, accepted) == ""
    assert [each["id"] for each in forum.mine(THE_COLLEGE)] == [kept["id"]]
    assert refused(404, forum.taken_back, accepted) == ""
    assert refused(404, decided, forum, accepted) == ""


def test_a_stranger_reads_an_endorsement_as_jws_too(forum: VouchingDesk) -> None:
    accepted = forum.endorsed(forum.defined()["id"])
    public_id = accepted["public_url"].rpartition("/")[2]
    for form in ("jws", "jwt_vc_json"):
        query = {"form": form}
        answer = forum.by(a_principal(""), "get_public_endorsement", query=query, public_endorsement=public_id)
        assert answer.body.count(b".") == 2
    assert refused(404, forum.ask, "get_public_endorsement", public_endorsement="nothing") == ""


def test_answers_are_as_described(forum: VouchingDesk) -> None:
    accepted = forum.endorsed(forum.defined()["id"])
    assert calls.Endorsement().dump(calls.Endorsement().load(accepted))["id"] == accepted["id"]
