"""People's first visit, through the door: what they say, what they keep, who sees it, and what a consortium decides."""

import time
from datetime import timedelta
from typing import Any

import pytest

from libranet.clock import now, parse_rfc3339
from libranet.local import Platform
from tests.journeys.insides import documents_with
from tests.journeys.stage import ISSUE, LIBRARY, OTHER_COLLEGE, OTHER_LIBRARY, Keys, Stage, complaint, libranet
from tests.patience import until

pytestmark = pytest.mark.real
FIRST_VISIT = {"name": "Amina", "skills": [{"label": "Use spreadsheets"}, {"label": "customer service"}],
               "goal": {"label": "office clerk"}, "languages": ["so", "en"], "age_band": "25-39"}


def skills(stage: Stage, patron: str) -> dict[str, list[str]]:
    shown = stage.library.ask("GET", f"/v1/patrons/{patron}")
    return {each["label"]: each["bases"] for each in shown["skills"]}


def test_what_a_course_taught_joins_what_the_patron_said(stage: Stage) -> None:
    patron = stage.library.ask("POST", "/v1/patrons", FIRST_VISIT)
    assert {each["label"]: each["bases"] for each in patron["skills"]} == {
        "Use spreadsheets": ["claimed"], "customer service": ["claimed"]}
    assert patron["matches_url"] == f"/v1/patrons/{patron['id']}/matches"
    assert "matches" in patron
    stage.consent(patron["id"], ISSUE)
    stage.completed(patron["id"], stage.course(teaches=[{"label": "use  SPREADSHEETS"}, {"label": "book-keeping"}]))
    until(lambda: skills(stage, patron["id"]).get("book-keeping") == ["taught"], what="the skill that was taught")
    assert skills(stage, patron["id"])["Use spreadsheets"] == ["claimed", "taught"]
    left = stage.library.ask("PATCH", f"/v1/patrons/{patron['id']}", {"skills": []})
    assert {each["label"]: each["bases"] for each in left["skills"]} == {
        "Use spreadsheets": ["taught"], "book-keeping": ["taught"]}
    assert left["name"] == "Amina"


def test_one_key_makes_one_patron_with_skills(stage: Stage) -> None:
    key = {"Idempotency-Key": f"visit-{time.monotonic_ns()}"}
    first, again = (stage.library.ask("POST", "/v1/patrons", FIRST_VISIT, key) for _ in range(2))
    assert first["id"] == again["id"]


def test_a_guest_comes_back_with_a_code_and_nothing_personal_is_kept(stage: Stage) -> None:
    refused = stage.stranger.raw("POST", "/v1/guests", {"node": LIBRARY, "email": "amina@example.org"})
    assert refused.status == 422
    guest = stage.guest(skills=[{"label": "welding"}], goal={"label": "welder"}, languages=["es"])
    here = stage.as_person(guest["session"]["token"])
    here.ask("PUT", f"/v1/guests/{guest['id']}", {"skills": [{"label": "welding"}, {"label": "first aid"}]})
    code = guest["resume_code"]
    assert documents_with(stage.mongo, code, code.replace("-", ""), guest["session"]["token"]) == {}
    later = stage.stranger.ask("POST", "/v1/guests/resume", {"code": code.lower().replace("-", " ")})
    assert later["id"] == guest["id"]
    assert [each["label"] for each in later["skills"]] == ["welding", "first aid"]
    elsewhere = stage.as_person(later["session"]["token"])
    assert elsewhere.ask("GET", f"/v1/guests/{guest['id']}/matches")["matches_url"] == guest["matches_url"]
    wrong = code[:-1] + ("7" if code[-1] != "7" else "8")
    assert stage.stranger.raw("POST", "/v1/guests/resume", {"code": wrong}).status == 404
    elsewhere.ask("DELETE", f"/v1/guests/{guest['id']}")
    assert here.raw("GET", f"/v1/guests/{guest['id']}").status == 401
    assert stage.stranger.raw("POST", "/v1/guests/resume", {"code": code}).status == 404


def test_a_guest_who_registers_is_a_patron_of_the_library_and_goes_on_as_one(stage: Stage) -> None:
    guest = stage.guest(skills=[{"label": "welding"}], goal={"label": "welder"})
    as_guest = stage.as_person(guest["session"]["token"])
    patron = as_guest.ask("POST", f"/v1/guests/{guest['id']}/registration", {"name": "Amina"})
    assert as_guest.raw("GET", "/v1/me").status == 401
    as_patron = stage.as_person(patron["session"]["token"])
    assert as_patron.ask("GET", f"/v1/patrons/{patron['id']}")["goal"] == {"label": "welder"}
    assert skills(stage, patron["id"]) == {"welding": ["claimed"]}
    as_patron.ask("PUT", f"/v1/patrons/{patron['id']}/consents/{ISSUE}/{LIBRARY}", {"granted": True})
    stage.completed(patron["id"], stage.course())
    assert len(as_patron.ask("GET", f"/v1/patrons/{patron['id']}/credentials")["items"]) == 1


def test_a_person_sees_nobody_else_with_their_session(stage: Stage, platform: Platform, keys: Keys) -> None:
    guest, other, patron = stage.guest(), stage.guest(), stage.patron()
    me = stage.as_person(guest["session"]["token"])
    assert me.ask("GET", "/v1/me")["kind"] == "guest"
    unknown = [("GET", f"/v1/guests/{other['id']}"), ("PUT", f"/v1/guests/{other['id']}"),
               ("DELETE", f"/v1/guests/{other['id']}"), ("GET", f"/v1/patrons/{patron}"),
               ("PATCH", f"/v1/patrons/{patron}"), ("DELETE", f"/v1/patrons/{patron}"),
               ("GET", f"/v1/patrons/{patron}/matches"), ("GET", f"/v1/patrons/{patron}/credentials"),
               ("GET", f"/v1/patrons/{guest['id']}")]
    assert {(each, me.raw(*each, {}).status) for each in unknown} == {(each, 404) for each in unknown}
    for method, path in (("POST", "/v1/patrons"), ("GET", "/v1/measures"), ("GET", "/v1/nodes")):
        assert me.raw(method, path, {}).status == 403
    with Stage(platform, keys, OTHER_LIBRARY, OTHER_COLLEGE) as hillside:
        assert hillside.library.raw("GET", f"/v1/guests/{guest['id']}").status == 404


def test_an_erased_patron_is_signed_out(stage: Stage) -> None:
    guest = stage.guest()
    patron = stage.as_person(guest["session"]["token"]).ask("POST", f"/v1/guests/{guest['id']}/registration", {})
    me = stage.as_person(patron["session"]["token"])
    me.ask("DELETE", f"/v1/patrons/{patron['id']}")
    until(lambda: me.raw("GET", "/v1/me").status == 401, what="the end of the session")


def setting(stage: Stage, name: str) -> dict[str, Any]:
    shown = stage.library.ask("GET", f"/v1/nodes/{stage.library_node}/settings")["settings"]
    return next(each for each in shown if each["name"] == name)


def test_a_setting_that_the_consortium_locks_counts_at_its_libraries_and_cannot_be_changed_there(
        stage: Stage, platform: Platform) -> None:
    libranet(platform, "org", "set", LIBRARY, "guest_days", "7")
    assert setting(stage, "guest_days")["set_at"] == LIBRARY
    libranet(platform, "org", "set", "test", "guest_days", "3", "--lock")
    locked = setting(stage, "guest_days")
    assert (locked["value"], locked["locked_by"]) == (3, "test")
    assert "test has locked guest_days" in complaint(platform, "org", "set", LIBRARY, "guest_days", "7")
    guest = stage.guest()
    assert parse_rfc3339(guest["expires_at"]) - parse_rfc3339(guest["started_at"]) == timedelta(days=3)
    libranet(platform, "org", "unset", "test", "guest_days")
    assert setting(stage, "guest_days")["value"] == 7
    assert "guest_days = 7" in libranet(platform, "org", "settings", LIBRARY)
    libranet(platform, "org", "unset", LIBRARY, "guest_days")


def test_a_role_opens_what_it_says_until_it_ends(stage: Stage, platform: Platform, keys: Keys) -> None:
    client = keys[stage.college_node]["key"].split(".")[0]
    assert stage.college.raw("GET", "/v1/measures").status == 403
    last_day = (now() + timedelta(days=30)).date().isoformat()
    libranet(platform, "org", "grant", "test", "analyst", client, "--until", last_day)
    until(lambda: stage.college.raw("GET", "/v1/measures").status == 200, what="what the role opens")
    assert f"analyst@{'test'}" in stage.college.ask("GET", "/v1/me")["roles"]
    assert f"analyst: {client}" in libranet(platform, "org", "show", "test")
    libranet(platform, "org", "end", "test", "analyst", client)
    until(lambda: stage.college.raw("GET", "/v1/measures").status == 403, what="the end of the role")
    assert "in the future" in complaint(platform, "org", "grant", "test", "analyst", client, "--until", "2020-01-01")


def test_a_patron_who_is_a_librarian_acts_as_one_when_they_say_so(stage: Stage, platform: Platform) -> None:
    guest, other = stage.guest(), stage.patron()
    patron = stage.as_person(guest["session"]["token"]).ask("POST", f"/v1/guests/{guest['id']}/registration", {})
    me, role = stage.as_person(patron["session"]["token"]), {"Libranet-Acting-As": f"librarian@{LIBRARY}"}
    assert me.raw("GET", "/v1/me", headers=role).status == 403
    last_day = (now() + timedelta(days=30)).date().isoformat()
    libranet(platform, "org", "grant", LIBRARY, "librarian", patron["id"], "--until", last_day)
    until(lambda: me.raw("GET", "/v1/me", headers=role).status == 200, what="the role")
    assert me.raw("GET", f"/v1/patrons/{other}").status == 404
    assert me.ask("GET", f"/v1/patrons/{other}", headers=role)["id"] == other
    assert me.ask("GET", f"/v1/nodes/{LIBRARY}/settings", headers=role)["settings"]
    touch = stage.library.ask("GET", f"/v1/patrons/{other}/audit")["items"][0]
    assert (touch["by"], touch["node"]) == ("staff", LIBRARY)
    assert me.raw("GET", f"/v1/nodes/{OTHER_LIBRARY}/settings", headers=role).status == 404
    libranet(platform, "org", "end", LIBRARY, "librarian", patron["id"])
    until(lambda: me.raw("GET", f"/v1/patrons/{other}", headers=role).status == 403, what="the end of the role")


def test_a_role_that_runs_out_counts_no_more_without_anybody_ending_it(stage: Stage, keys: Keys) -> None:
    client = keys[stage.college_node]["key"].split(".")[0]
    operator = stage.as_person(keys["test"]["key"])
    path = f"/v1/nodes/{stage.college_node}/roles/analyst/{client}"

    def opens_something(seconds: int) -> bool:
        """Whether a role that lasts so long is seen to count before it ends."""
        ends_at = now() + timedelta(seconds=seconds)
        assert operator.ask("PUT", path, {"ends_at": ends_at.isoformat()})["holds"] is True
        seen = False
        while not seen and now() < ends_at:
            seen = stage.college.raw("GET", "/v1/measures").status == 200
        return seen

    assert any(opens_something(seconds) for seconds in (8, 30, 120)), "the longer ones are for a busy machine"
    until(lambda: stage.college.raw("GET", "/v1/measures").status == 403, what="the end of the role")
    listed = operator.ask("GET", f"/v1/nodes/{stage.college_node}/roles")["items"]
    assert [each["holds"] for each in listed if each["holder"] == client] == [False]
