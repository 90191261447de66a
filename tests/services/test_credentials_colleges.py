"""A college's own credentials: it defines, its recognition awards, the patron agrees, and it decides what becomes of
them without knowing whose they are."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from contracts.calls import credentials as calls
from contracts.calls import recognition as recognitions
from contracts.calls.achievements import AWARDS, READS
from contracts.calls.claims import MakeOffer
from contracts.calls.records import MakeRecord
from libranet.cloudevent import Event
from libranet.testing import a_principal
from services.credentials.adapters.status_places import Places
from services.credentials.store import CredentialStore
from tests.services.credentials_stage import (
    COURSE,
    EVERYTHING_VALID,
    PATRON,
    WITHDRAWN,
    consent,
    definition,
    erased,
    judged_by_others,
)
from tests.services.endorsement_desk import COLLEGE, EMPLOYER, LEARNER, LIBRARY, VouchingDesk, opened, refused
from tests.services.recognition_desk import CREDIT
from tests.services.review_stage import RUBRIC

SCOPES = ("achievements:write", "recognitions:write", "recognitions:read")
LAKESIDE = a_principal(COLLEGE, *SCOPES, kind="college", actor="k_lakeside")
MILL = a_principal("demo.mill", *SCOPES, kind="college", actor="k_mill")
HILL, RIVERSIDE = a_principal("demo.hill", AWARDS, READS), a_principal(LIBRARY, AWARDS, READS)
CONSORTIUM = a_principal("demo", AWARDS, READS)
NOWHERE = "0190b3a0-9999-7999-8999-999999999999"


class CollegeDesk(VouchingDesk):
    """A library with a patron, and a college that recognises what the library issues."""

    def __init__(self, folder: Path, work_factory: Any) -> None:
        """The first places are taken outside of any other transaction, as databases in memory know no two at once."""
        super().__init__(folder, work_factory)
        self.service.places = Places(self.database.transact)
        for node in (LIBRARY, COLLEGE):
            self.service.places.take(node, did(node))

    def own(self, who: Any = LAKESIDE, **changes: Any) -> dict[str, Any]:
        """An achievement that a college defines."""
        body = definition(**{"name": "Ready for business", "course": None, **changes})
        return dict(self.by(who, "define_achievement", body).body)

    def awarding(self, achievement: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """A recognition that awards this, and the id by which the college knows the patron who reached it."""
        stated = self.stated(self.defined(), who=LAKESIDE, gives={**CREDIT, "awards": achievement["id"]})
        self.decided()
        self.earn()
        [seen] = self.reached(stated, who=LAKESIDE)
        return stated, str(seen["id"])

    def agreed(self, given: bool = True, sequence: int = 1, recipient: str = COLLEGE,
               purpose: str = "award-credentials") -> list[Event]:
        kind = {} if given else {"kind": WITHDRAWN}
        return self.hear("consents", consent(sequence=sequence, purpose=purpose, recipient=recipient, **kind))

    def granted(self) -> dict[str, Any]:
        """The college's credential of the patron's."""
        self.agreed()
        stated, reach = self.awarding(self.own())
        self.answered(stated, reach, who=LAKESIDE)
        return self.of_college()

    def of_college(self) -> dict[str, Any]:
        [found] = [each for each in self.listed()["items"] if each["issuer"] == COLLEGE]
        return dict(found)

    def issued(self, achievement: str, who: Any = LAKESIDE, **query: Any) -> list[dict[str, Any]]:
        return list(self.by(who, "list_issued_credentials", query=query, achievement=achievement).body["items"])

    def decide_about(self, credential: dict[str, Any], what: str, who: Any = LAKESIDE) -> dict[str, Any]:
        body = {"reinstate": None, "revalidate": {"extend": True}}.get(what, {"reason": "We look into it."})
        return dict(self.by(who, f"{what}_credential", body, credential=credential["id"]).body)

    def counts(self) -> dict[str, int]:
        told = [each for each in self.events if each.short_type == "credential-issued"]
        return {issuer: sum(each.data["issuer"] == issuer for each in told) for issuer in (LIBRARY, COLLEGE)}


def did(node: str) -> str:
    return f"did:web:libranet.example.org:issuers:{node}"


@pytest.fixture
def college(tmp_path: Path, work_factory: Any) -> CollegeDesk:
    desk = CollegeDesk(tmp_path, work_factory)
    opened(desk)
    return desk


# what a college defines

def test_a_college_defines_replaces_and_reads_its_own(college: CollegeDesk) -> None:
    own = college.own()
    assert (own["owner"], own["version"], own["kind"]) == (COLLEGE, 1, "engagement")
    anew = definition(name="Ready for business", course=None, criteria="Hold two of ours.")
    assert college.by(LAKESIDE, "replace_achievement", anew, achievement=own["id"]).body["version"] == 2
    assert college.by(LAKESIDE, "get_achievement", achievement=own["id"]).body["criteria"] == "Hold two of ours."
    first = college.by(LAKESIDE, "get_achievement_version", achievement=own["id"], version="1").body
    assert first["criteria"] == "Every unit."
    assert [each["id"] for each in college.by(LAKESIDE, "list_achievements").body["items"]] == [own["id"]]


def test_what_a_college_defined_is_nothing_to_another_college_or_library(college: CollegeDesk) -> None:
    own = college.own()
    theirs = college.defined()
    for who in (MILL, HILL, RIVERSIDE):
        for call, body in (("get_achievement", None), ("replace_achievement", definition(course=None)),
                           ("set_achievement_image", {"image": b""}), ("propose_co_issuer", {"node": "demo.mill"}),
                           ("list_issued_credentials", None)):
            refused(404, college.by, who, call, body, achievement=own["id"])
        assert own["id"] not in str(college.by(who, "list_achievements").body)
    for call in ("get_achievement", "list_issued_credentials"):
        refused(404, college.by, LAKESIDE, call, achievement=theirs["id"])
    refused(404, college.by, LAKESIDE, "replace_achievement", definition(course=None), achievement=theirs["id"])


def test_a_college_reads_what_its_consortium_defined_and_changes_nothing_of_it(college: CollegeDesk) -> None:
    shared = college.defined("demo", course=None)
    assert college.by(LAKESIDE, "get_achievement", achievement=shared["id"]).body["owner"] == "demo"
    refused(403, college.by, LAKESIDE, "replace_achievement", definition(course=None), achievement=shared["id"])
    refused(403, college.by, LAKESIDE, "propose_co_issuer", {"node": "demo.mill"}, achievement=shared["id"])


def test_a_colleges_achievement_is_earned_by_its_recognitions_alone(college: CollegeDesk) -> None:
    assert refused(422, college.own, course=COURSE) == "/course"
    assert refused(422, college.own, earned_by={"course": COURSE}) == "/earned_by"
    own = college.own()
    assert refused(422, college.by, LAKESIDE, "replace_achievement", definition(), achievement=own["id"]) == "/course"


# what a recognition awards

def test_a_recognition_awards_what_is_the_colleges_own(college: CollegeDesk) -> None:
    own, taken = college.own(), college.defined()
    gives = {**CREDIT, "awards": own["id"]}
    stated = college.stated(taken, who=LAKESIDE, gives=gives)
    assert stated["gives"] == gives
    assert recognitions.Recognition().dump(recognitions.Recognition().load(stated))["gives"] == gives
    for foreign in (taken["id"], college.own(MILL)["id"], college.defined("demo", course=None)["id"], NOWHERE):
        awards = {"gives": {**CREDIT, "awards": foreign}}
        assert refused(422, college.stated, taken, who=LAKESIDE, **awards) == "/gives/awards"
        body = recognitions.StateRecognition().load({"title": "Anew", "takes": stated["takes"], **awards})
        assert refused(422, college.by, LAKESIDE, "replace_recognition", body,
                       recognition=stated["id"]) == "/gives/awards"


def test_a_competency_is_awarded_by_no_recognition(college: CollegeDesk) -> None:
    able = college.own(kind="competency", rubric=RUBRIC)
    gives = {**CREDIT, "awards": able["id"]}
    assert refused(422, college.stated, college.defined(), who=LAKESIDE, gives=gives) == "/gives/awards"


def test_what_is_granted_is_issued_once_and_signed_by_the_college(college: CollegeDesk) -> None:
    own = college.own()
    college.agreed()
    stated, reach = college.awarding(own)
    for _ in range(2):
        college.answered(stated, reach, who=LAKESIDE)
    credential = college.of_college()
    assert college.counts() == {LIBRARY: 1, COLLEGE: 1}
    document = credential["credential"]
    assert document["issuer"]["id"] == orjson.loads(college.issuer(COLLEGE).body)["id"]
    assert document["issuer"]["name"] == "Lakeside College"
    assert college.verified(document) == EVERYTHING_VALID
    judged_by_others(college, document)
    [counted] = [each["id"] for each in college.listed()["items"] if each["issuer"] == LIBRARY]
    because = credential["because"]
    assert (because["rule"], because["recognition"], because["recognition_version"], because["reached"]) == (
        "recognised", stated["id"], 1, reach)
    assert because["counted"] == [counted]
    calls.IssuedCredential().load(credential)


def test_a_grant_by_the_next_version_issues_no_second_one(college: CollegeDesk) -> None:
    credential = college.granted()
    before = college.by(LAKESIDE, "get_recognition", recognition=credential["because"]["recognition"]).body
    body = recognitions.StateRecognition().load(
        {"title": "Credit, spelt rightly", "takes": before["takes"], "gives": before["gives"]})
    college.by(LAKESIDE, "replace_recognition", body, recognition=before["id"])
    college.earn(6)
    fresh = [each for each in college.reached(before, who=LAKESIDE) if each["id"] != credential["because"]["reached"]]
    for each in fresh:
        college.answered(before, each["id"], who=LAKESIDE)
    assert len(fresh) == 1
    assert college.of_college()["id"] == credential["id"]


@pytest.mark.parametrize("who", [
    a_principal(COLLEGE, *SCOPES[1:], kind="college"), a_principal("demo", *SCOPES, kind="college")])
def test_who_recognises_and_defines_nothing_there_awards_nothing(college: CollegeDesk, who: Any) -> None:
    stated, reach = college.awarding(college.own())
    body = recognitions.StateRecognition().load(
        {"title": "Anew", "takes": stated["takes"], "gives": stated["gives"]})
    refused(403, college.by, who, "replace_recognition", body, recognition=stated["id"])
    refused(403, college.answered, stated, reach, who=who)
    assert [each["state"] for each in college.reached(stated, who=LAKESIDE)] == ["reached"]


def test_what_waits_is_issued_while_what_it_was_earned_by_holds(college: CollegeDesk) -> None:
    stated, reach = college.awarding(college.own())
    [counted] = college.listed()["items"]
    college.answered(stated, reach, who=LAKESIDE)
    college.decide_about(counted, "suspend", RIVERSIDE)
    college.agreed()
    assert college.counts()[COLLEGE] == 0
    college.decide_about(counted, "reinstate", RIVERSIDE)
    assert college.counts()[COLLEGE] == 1
    assert college.listed()["waiting"] == []


def test_what_a_colleges_credential_rests_on_is_in_use(college: CollegeDesk) -> None:
    credential = college.granted()
    found = college.database.transact(lambda work: CredentialStore(work).stacked_of([PATRON]))
    assert found == set(credential["because"]["counted"])


def test_the_event_belongs_to_the_patrons_library_and_names_the_college(college: CollegeDesk) -> None:
    credential = college.granted()
    issued = [each for each in college.events if each.data.get("credential") == credential["id"]]
    assert [(each.short_type, each.owner, each.data["issuer"]) for each in issued] == [
        ("credential-issued", LIBRARY, COLLEGE)]
    assert [each["owner"] for each in college.rows("reaches")] == [LIBRARY]


def test_a_refusal_and_a_recognition_that_awards_nothing_issue_nothing(college: CollegeDesk) -> None:
    college.agreed()
    stated, reach = college.awarding(college.own())
    college.answered(stated, reach, "refused", who=LAKESIDE, reason="Too long ago.")
    plain = college.stated(college.defined(), who=LAKESIDE)
    college.earn(6)
    [seen] = college.reached(plain, who=LAKESIDE)
    college.answered(plain, seen["id"], who=LAKESIDE)
    assert college.counts()[COLLEGE] == 0
    assert college.listed()["waiting"] == []


def test_without_the_patrons_consent_to_this_college_it_waits_for_it(college: CollegeDesk) -> None:
    stated, reach = college.awarding(college.own())
    college.agreed(recipient="demo.mill")
    college.answered(stated, reach, who=LAKESIDE)
    [waiting] = college.listed()["waiting"]
    path = f"PUT /v1/patrons/{PATRON}/consents/award-credentials/{COLLEGE} with granted true"
    assert path in waiting["next_step"]
    [mine] = [each for each in college.near() if each["recognition"] == stated["id"]]
    assert path in mine["next_step"]
    college.agreed(recipient=COLLEGE, purpose="issue-credentials")
    assert college.counts()[COLLEGE] == 0
    college.agreed()
    college.agreed()
    college.answered(stated, reach, who=LAKESIDE)
    assert college.counts()[COLLEGE] == 1
    assert college.listed()["waiting"] == []
    [mine] = [each for each in college.near() if each["recognition"] == stated["id"]]
    assert "ask there" in mine["next_step"]


def test_a_consent_that_was_withdrawn_is_none(college: CollegeDesk) -> None:
    college.agreed()
    college.agreed(given=False, sequence=2)
    stated, reach = college.awarding(college.own())
    college.answered(stated, reach, who=LAKESIDE)
    assert len(college.listed()["waiting"]) == 1
    college.agreed(sequence=1)
    assert college.counts()[COLLEGE] == 0


def test_it_is_issued_under_the_version_that_was_current_when_it_was_granted(college: CollegeDesk) -> None:
    own = college.own()
    stated, reach = college.awarding(own)
    anew = definition(name="Ready for business", course=None, criteria="Another way.")
    college.by(LAKESIDE, "replace_achievement", anew, achievement=own["id"])
    college.answered(stated, reach, who=LAKESIDE)
    college.by(LAKESIDE, "replace_achievement", definition(name="Later", course=None), achievement=own["id"])
    college.agreed()
    credential = college.of_college()
    assert (credential["because"]["achievement_version"], credential["achievement_name"]) == (2, "Ready for business")


# what becomes of it

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
