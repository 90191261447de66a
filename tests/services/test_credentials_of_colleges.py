"""What becomes of the credentials that a college issued: it decides without knowing whose they are."""

import pytest

from contracts.calls import credentials as calls
from contracts.calls.claims import MakeOffer
from contracts.calls.records import MakeRecord
from libranet.testing import a_principal
from tests.services.college_desk import (
    CONSORTIUM,
    HILL,
    LAKESIDE,
    MILL,
    RIVERSIDE,
    SCOPES,
    CollegeDesk,
)
from tests.services.college_desk import college as college
from tests.services.credentials_stage import (
    EVERYTHING_VALID,
    PATRON,
    definition,
    erased,
)
from tests.services.endorsement_desk import COLLEGE, EMPLOYER, LEARNER, LIBRARY, refused
from tests.services.recognition_desk import CREDIT


def test_the_college_sees_what_it_issued_and_not_whose_it_is(college: CollegeDesk) -> None:
    credential = college.granted()
    college.call("share_credential", credential=credential["id"])
    [seen] = college.issued(credential["achievement"])
    assert (seen["id"], seen["status"], seen["issuer"]) == (credential["id"], "issued", COLLEGE)
    assert seen["because"]["reached"] == credential["because"]["reached"]
    library = [each["id"] for each in college.listed()["items"] if each["issuer"] == LIBRARY]
    for hidden in (PATRON, LIBRARY, "shared", "life", credential["public_id"], *library):
        assert hidden not in str(seen)
    calls.IssuersCredential().load(seen)


def test_the_list_of_what_was_issued_comes_in_pages_to_who_issued_it(college: CollegeDesk) -> None:
    shared = college.defined("demo")
    for number in range(3):
        college.earn(number)
    ids = sorted(each["id"] for each in college.listed()["items"])
    assert [each["id"] for each in college.issued(shared["id"], RIVERSIDE)] == ids
    assert [each["id"] for each in college.issued(shared["id"], CONSORTIUM)] == ids
    first = college.by(RIVERSIDE, "list_issued_credentials", query={"limit": 2}, achievement=shared["id"]).body
    rest = college.issued(shared["id"], RIVERSIDE, cursor=first["next"])
    assert [each["id"] for each in first["items"] + rest] == ids
    assert college.issued(shared["id"], HILL) == college.issued(shared["id"]) == []


@pytest.mark.parametrize(("what", "status"), [("suspend", "suspended"), ("revoke", "revoked")])
def test_the_college_takes_it_back_with_a_reason(college: CollegeDesk, what: str, status: str) -> None:
    credential = college.granted()
    decided = college.decide_about(credential, what)
    assert (decided["status"], decided["status_reason"]) == (status, "We look into it.")
    assert PATRON not in str(decided)
    assert college.of_college()["status_reason"] == "We look into it."
    assert college.verified(credential["credential"])["status"] == "invalid"
    if what == "suspend":
        assert college.decide_about(credential, "reinstate")["status"] == "issued"
        assert college.verified(credential["credential"])["status"] == "valid"
    else:
        refused(409, college.decide_about, credential, "reinstate")


def test_the_college_signs_it_anew(college: CollegeDesk) -> None:
    credential = college.granted()
    assert "revalidated_at" in college.decide_about(credential, "revalidate")
    renewed = college.of_college()["credential"]
    assert renewed["issuer"]["id"] == credential["credential"]["issuer"]["id"]
    assert renewed["credentialSubject"]["id"] == credential["credential"]["credentialSubject"]["id"]
    assert college.verified(renewed) == EVERYTHING_VALID


def test_the_college_signs_nothing_anew_about_who_agrees_no_more(college: CollegeDesk) -> None:
    credential = college.granted()
    college.agreed(given=False, sequence=2)
    refused(409, college.decide_about, credential, "revalidate")
    assert college.decide_about(credential, "revoke")["status"] == "revoked"


@pytest.mark.parametrize("what", ["suspend", "reinstate", "revoke", "revalidate"])
def test_nobody_else_decides_what_becomes_of_it(college: CollegeDesk, what: str) -> None:
    credential = college.granted()
    refused(403, college.decide_about, credential, what, RIVERSIDE)
    refused(404, college.decide_about, credential, what, HILL)
    refused(404, college.decide_about, credential, what, MILL)
    [of_library] = [each for each in college.listed()["items"] if each["issuer"] == LIBRARY]
    refused(404, college.decide_about, of_library, what, LAKESIDE)
    assert {each["status"] for each in college.listed()["items"]} == {"issued"}


@pytest.mark.parametrize("node", ["demo", LIBRARY])
def test_by_achievements_write_nothing_of_a_librarys_opens_wherever_it_stands(
        college: CollegeDesk, node: str) -> None:
    credential, above = college.granted(), a_principal(node, *SCOPES, kind="college", actor="k_above")
    [of_library] = [each for each in college.listed()["items"] if each["issuer"] == LIBRARY]
    for what in ("suspend", "revoke"):
        refused(403, college.decide_about, of_library, what, above)
    theirs = college.defined(node="demo.riverside")
    if node != LIBRARY:
        refused(403, college.by, above, "replace_achievement", definition(course=None), achievement=theirs["id"])
        refused(403, college.by, above, "propose_co_issuer", {"node": COLLEGE}, achievement=theirs["id"])
        refused(403, college.decide_about, credential, "revoke", above)
    assert college.issued(of_library["achievement"], above) == []


def test_the_patron_has_it_like_every_other_one(college: CollegeDesk) -> None:
    credential = college.granted()
    shared = college.by(LEARNER, "share_credential", credential=credential["id"]).body
    assert shared["shared"]
    public = college.ask("get_public_credential", public_id=credential["public_id"])
    assert public.headers["Libranet-Credential-Status"] == "issued"
    record = college.by(LEARNER, "make_record", MakeRecord().load({}), patron=PATRON).body
    document = college.by(LEARNER, "get_record", patron=PATRON, record=record["id"]).body["credential"]
    inside = document["credentialSubject"]["verifiableCredential"]
    assert credential["credential"] in inside
    assert "association" not in document["credentialSubject"], "what counted is no part of what was given for it"
    for form in ("jws", "jwt_vc_json", "png"):
        college.by(LEARNER, "get_credential_file", query={"form": form}, patron=PATRON, credential=credential["id"])
    offer = college.by(LEARNER, "make_offer", MakeOffer().load({}), patron=PATRON, credential=credential["id"]).body
    assert f"/issuers/{COLLEGE}/offers/" in offer["credential_offer_uri"]


def test_the_college_endorses_no_credential_of_its_own(college: CollegeDesk) -> None:
    credential = college.granted()
    refused(403, college.offer, credential["public_id"], "credential", who=LAKESIDE)


def test_the_college_hears_of_no_offer_to_endorse_it(college: CollegeDesk) -> None:
    credential = college.granted()
    college.call("share_credential", credential=credential["id"])
    college.offer(credential["public_id"], "credential", who=EMPLOYER)
    [told] = [each for each in college.events if each.short_type == "endorsement-offered"]
    assert (told.owner, told.data["to"]) == (LIBRARY, LIBRARY)


def test_a_library_issues_the_colleges_achievement_together_with_it(college: CollegeDesk) -> None:
    own = college.own()
    proposed = college.by(LAKESIDE, "propose_co_issuer", {"node": LIBRARY}, achievement=own["id"]).body
    college.by(RIVERSIDE, "agree_to_co_issue", {"version": 1}, co_issuing=proposed["id"])
    college.agreed()
    stated, reach = college.awarding(own)
    college.answered(stated, reach, who=LAKESIDE)
    document = college.of_college()["credential"]
    assert len(document["endorsementJwt"]) == 1
    assert college.verified(document) == EVERYTHING_VALID | {"endorsement": "valid"}


def test_a_credential_of_a_college_counts_in_a_stack_of_the_consortium(college: CollegeDesk) -> None:
    own, taken = college.own(), college.defined()
    college.defined("demo", name="Both", course=None, earned_by={"achievements": [own["id"], taken["id"]]})
    college.agreed()
    stated = college.stated(taken, who=LAKESIDE, gives={**CREDIT, "awards": own["id"]})
    college.decided()
    college.earn()
    [seen] = college.reached(stated, who=LAKESIDE)
    college.answered(stated, seen["id"], who=LAKESIDE)
    assert {each["achievement_name"]: each["issuer"] for each in college.listed()["items"]} == {
        "Both": LIBRARY, "Ready for business": COLLEGE, "Spreadsheets: completed": LIBRARY}


def test_an_erased_patron_takes_it_along_and_the_list_stays(college: CollegeDesk) -> None:
    credential = college.granted()
    college.call("share_credential", credential=credential["id"])
    college.hear("patrons", erased())
    assert college.issued(credential["achievement"]) == []
    refused(404, college.decide_about, credential, "revoke")
    refused(410, college.ask, "get_public_credential", public_id=credential["public_id"])
    assert PATRON not in str(college.rows("credentials") + college.rows("waiting") + college.rows("reaches"))
    assert college.published(credential["credential"]["credentialStatus"]["statusListCredential"])


def test_what_is_agreed_to_after_an_erasure_issues_nothing(college: CollegeDesk) -> None:
    stated, reach = college.awarding(college.own())
    college.answered(stated, reach, who=LAKESIDE)
    college.hear("patrons", erased())
    college.agreed()
    assert college.counts()[COLLEGE] == 0
    assert college.rows("waiting") == college.rows("credentials") == []
    refused(404, college.answered, stated, reach, who=LAKESIDE)


def test_a_credential_of_before_names_its_owner_as_issuer(college: CollegeDesk) -> None:
    achievement = college.defined()
    college.earn()
    [credential] = college.listed()["items"]
    college.database.transact(lambda work: work.update(
        "credentials", {"_id": credential["id"]}, {"$unset": {"issuer": ""}}))
    assert college.listed()["items"] == [credential]
    assert [each["id"] for each in college.issued(achievement["id"], RIVERSIDE)] == [credential["id"]]
    assert college.decide_about(credential, "revoke", RIVERSIDE)["status"] == "revoked"
