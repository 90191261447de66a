"""Patrons as callers meet them."""

from typing import Any

import pytest

from contracts.calls.badge_connect import READ_PROFILE, UPDATE_PROFILE
from contracts.calls.cards import GATEWAY
from contracts.event_types import all_types
from contracts.principal import Principal
from libranet.ids import keyed_id, new_id
from libranet.testing import a_principal, an_event
from services.profiles.patrons.domain.refusals import OnlyLibrariesRegister, PatronUnknown, ProfileOfAnother
from services.profiles.store import COLLECTIONS
from tests.services.profiles_desk import COLLEGE, CONSORTIUM, HILL, RIVERSIDE, Desk
from tests.services.profiles_desk import desk as desk


def test_a_registered_patron_belongs_to_the_library_and_is_asked_what_there_is_to_decide(desk: Desk) -> None:
    answer = desk.call("register_patron", RIVERSIDE, {"name": "Ana"})
    patron = answer.body["id"]
    assert (answer.status, answer.headers, answer.about) == (201, {"Location": f"/v1/patrons/{patron}"}, patron)
    assert (answer.body["owner"], answer.body["name"]) == ("demo.riverside", "Ana")
    assert [(each["purpose"], each["recipient"], each["granted"]) for each in answer.body["consents"]] == [
        ("analytics", "demo.riverside", True), ("issue-credentials", "demo.riverside", False),
        ("share-credentials", "demo.lakeside-college", False)]
    assert answer.body["consents"][1]["href"] == f"/v1/patrons/{patron}/consents/issue-credentials/demo.riverside"
    assert desk.call("get_patron", RIVERSIDE, patron=patron).body == answer.body


def test_no_name_leaves_with_the_fact_of_a_registration(desk: Desk) -> None:
    patron = desk.register(name="Ana")
    (event,) = desk.events
    assert (event.type, event.subject, event.owner) == (
        "org.libranet.profiles.patron-registered.v1", patron, "demo.riverside")
    assert "Ana" not in repr(event)


def test_a_patron_without_a_name_has_none(desk: Desk) -> None:
    assert "name" not in desk.call("get_patron", RIVERSIDE, patron=desk.register()).body


def test_a_consortium_and_a_partner_register_nobody(desk: Desk) -> None:
    for who in (CONSORTIUM, COLLEGE):
        with pytest.raises(OnlyLibrariesRegister):
            desk.register(who)


def test_the_patron_of_another_library_is_as_unknown_as_nobody(desk: Desk) -> None:
    patron = desk.register()
    for who, asked in ((HILL, patron), (COLLEGE, patron), (a_principal("demo.river"), patron), (RIVERSIDE, new_id())):
        for method in ("get_patron", "erase_patron"):
            with pytest.raises(PatronUnknown):
                desk.call(method, who, patron=asked)
        with pytest.raises(PatronUnknown):
            desk.decide(asked, True, who)
    assert desk.call("get_patron", CONSORTIUM, patron=patron).body["id"] == patron


COOKING = {"uri": "http://data.europa.eu/esco/skill/1", "known_as": "cook food"}
FIRST_VISIT = {"name": "Ana", "skills": [{"label": "Welding"}, {"label": "my cooking", **COOKING}],
               "goal": {"label": "welder"}, "languages": ["es", "en"], "interests": ["chess"], "age_band": "25-39"}


def skills_of(body: dict[str, Any]) -> dict[str, list[str]]:
    return {each["label"]: each["bases"] for each in body["skills"]}


def completed(patron: str, *labels: str, number: int = 1) -> Any:
    example = all_types()["org.libranet.learning.course-completed.v1"].schema["examples"][0]
    return an_event("org.libranet.learning.course-completed.v1", {
        **example, "patron": patron, "course": new_id(), "teaches": [{"label": each} for each in labels]},
        number=number)


def issued(patron: str, kind: str, **more: Any) -> Any:
    example = all_types()["org.libranet.credentials.credential-issued.v1"].schema["examples"][0]
    return an_event("org.libranet.credentials.credential-issued.v1", {
        **example, "patron": patron, "kind": kind, "credential": new_id(), **more})


def test_a_first_visit_is_kept_whole_and_told_without_name_interests_and_age(desk: Desk) -> None:
    body = desk.call("register_patron", RIVERSIDE, FIRST_VISIT).body
    assert skills_of(body) == {"Welding": ["claimed"], "my cooking": ["claimed"]}
    assert {name: body[name] for name in ("name", "goal", "languages", "interests", "age_band")} == {
        name: FIRST_VISIT[name] for name in ("name", "goal", "languages", "interests", "age_band")}
    assert body["matches_url"] == f"/v1/patrons/{body['id']}/matches"
    assert desk.call("get_patron", RIVERSIDE, patron=body["id"]).body == body
    assert desk.told() == ["patron-registered", "skills-changed", "goal-set"]
    assert not any(word in repr(desk.events) for word in ("Ana", "chess", "25-39", "Welding", "my cooking", "welder"))
    assert desk.events[1].data["skills"] == [{"label": "cook food", "uri": COOKING["uri"], "bases": ["claimed"]}]


def test_changing_changes_what_is_sent_and_replacing_everything(desk: Desk) -> None:
    patron = desk.call("register_patron", RIVERSIDE, FIRST_VISIT).body["id"]
    changed = desk.call("change_profile", RIVERSIDE, {"age_band": "40-64"}, patron=patron).body
    assert (changed["age_band"], changed["name"], len(changed["skills"])) == ("40-64", "Ana", 2)
    assert desk.told()[3:] == []
    replaced = desk.call("replace_profile", RIVERSIDE, {"name": "Ana", "skills": [{"label": "welding"}]}, patron=patron)
    assert skills_of(replaced.body) == {"welding": ["claimed"]}
    assert not {"goal", "age_band"} & set(replaced.body)
    assert desk.told()[3:] == ["skills-changed", "goal-set"]
    assert [each.sequence for each in desk.events[3:]] == [3, 3]


def test_a_completed_course_teaches_and_a_competency_demonstrates(desk: Desk) -> None:
    patron = desk.call("register_patron", RIVERSIDE, FIRST_VISIT).body["id"]
    desk.hear("signals", completed(patron, "welding", "soldering"), issued(patron, "competency", skills=[
        {"label": "soldering", "uri": "http://data.europa.eu/esco/skill/2"}]))
    shown = desk.call("get_patron", RIVERSIDE, patron=patron).body
    assert skills_of(shown) == {"Welding": ["claimed", "taught"], "my cooking": ["claimed"],
                                "soldering": ["taught", "demonstrated"]}
    assert shown["skills"][2]["uri"] == "http://data.europa.eu/esco/skill/2"
    assert [(each.short_type, each.sequence) for each in desk.events[3:]] == [
        ("skills-changed", 2), ("skills-changed", 3)]
    assert desk.events[-1].data["skills"][0] == {"label": "welding", "bases": ["claimed", "taught"]}


def test_taking_part_shows_nothing_beyond_what_the_course_taught(desk: Desk) -> None:
    patron = desk.register()
    desk.hear("signals", issued(patron, "engagement"), issued(patron, "engagement", skills=[{"label": "welding"}]))
    assert desk.call("get_patron", RIVERSIDE, patron=patron).body["skills"] == []
    desk.hear("signals", issued(patron, "competency", achievement_name="Forklift driving"))
    assert skills_of(desk.call("get_patron", RIVERSIDE, patron=patron).body) == {"Forklift driving": ["demonstrated"]}


def revoked(credential: Any) -> Any:
    name = "org.libranet.credentials.credential-revoked.v1"
    about = {key: value for key, value in credential.data.items() if key not in ("completion", "skills")}
    return an_event(name, {**about, "revoked_at": "2026-12-01T08:00:00.000Z"})


def judged(credential: Any, what: str, sequence: int) -> Any:
    """The credential is suspended, reinstated or has expired."""
    name = f"org.libranet.credentials.credential-{what}.v1"
    when = "valid_until" if what == "expired" else f"{what}_at"
    about = {key: value for key, value in credential.data.items() if key not in ("completion", "skills")}
    return an_event(name, {**about, when: "2026-12-01T08:00:00.000Z"}, credential.data["credential"],
                    sequence=sequence)


def test_a_course_taught_nothing_while_its_completion_is_withdrawn_in_whatever_order_that_is_heard(desk: Desk) -> None:
    def of_completion(what: str, sequence: int) -> Any:
        name = f"org.libranet.learning.course-completion-{what}.v1"
        example = all_types()[name].schema["examples"][0]
        about = {"patron": patron, "course": taught.data["course"], "completion": taught.data["completion"]}
        return an_event(name, {**example, **about}, taught.data["completion"], sequence=sequence)

    def shown() -> dict[str, list[str]]:
        return skills_of(desk.call("get_patron", RIVERSIDE, patron=patron).body)

    patron = desk.call("register_patron", RIVERSIDE, FIRST_VISIT).body["id"]
    taught = completed(patron, "welding", "soldering")
    desk.hear("signals", of_completion("withdrawn", 2), taught)
    assert shown() == {"Welding": ["claimed"], "my cooking": ["claimed"]}
    desk.hear("signals", of_completion("retold", 3))
    desk.hear("signals", of_completion("withdrawn", 2))
    assert shown() == {"Welding": ["claimed", "taught"], "my cooking": ["claimed"], "soldering": ["taught"]}


def test_a_competency_shows_nothing_while_it_is_suspended_or_once_it_has_expired(desk: Desk) -> None:
    patron = desk.call("register_patron", RIVERSIDE, FIRST_VISIT).body["id"]
    credential = issued(patron, "competency", skills=[{"label": "welding"}, {"label": "soldering"}])

    def shown() -> dict[str, list[str]]:
        return skills_of(desk.call("get_patron", RIVERSIDE, patron=patron).body)

    desk.hear("signals", credential)
    whole = shown()
    assert whole == {"Welding": ["claimed", "demonstrated"], "my cooking": ["claimed"], "soldering": ["demonstrated"]}
    desk.hear("signals", judged(credential, "suspended", 3))
    assert shown() == {"Welding": ["claimed"], "my cooking": ["claimed"]}
    assert [each["label"] for each in desk.events[-1].data["skills"]] == ["welding", "cook food"]
    desk.hear("signals", judged(credential, "reinstated", 4), judged(credential, "suspended", 3))
    assert shown() == whole
    desk.hear("signals", judged(credential, "expired", 5))
    assert shown() == {"Welding": ["claimed"], "my cooking": ["claimed"]}
    told = len(desk.events)
    desk.hear("signals", judged(credential, "expired", 5), judged(issued(patron, "engagement"), "expired", 2))
    assert (shown(), len(desk.events)) == ({"Welding": ["claimed"], "my cooking": ["claimed"]}, told)


def test_a_revoked_competency_shows_nothing_any_more_and_what_else_is_known_stays(desk: Desk) -> None:
    patron = desk.call("register_patron", RIVERSIDE, FIRST_VISIT).body["id"]
    shown = [{"label": "welding"}, {"label": "soldering"}]
    one, other = issued(patron, "competency", skills=shown), issued(patron, "competency", skills=shown[:1])
    desk.hear("signals", one, other, completed(patron, "welding"))
    desk.hear("signals", revoked(one))
    skills = skills_of(desk.call("get_patron", RIVERSIDE, patron=patron).body)
    assert skills == {"Welding": ["claimed", "taught", "demonstrated"], "my cooking": ["claimed"]}
    assert desk.events[-1].short_type == "skills-changed"
    desk.hear("signals", revoked(other))
    skills = skills_of(desk.call("get_patron", RIVERSIDE, patron=patron).body)
    assert skills["Welding"] == ["claimed", "taught"]


def test_a_credential_that_is_heard_of_after_its_revocation_shows_nothing(desk: Desk) -> None:
    patron = desk.register()
    late = issued(patron, "competency")
    desk.hear("signals", revoked(late), late)
    told = len(desk.events)
    desk.hear("signals", revoked(late), late)
    assert desk.call("get_patron", RIVERSIDE, patron=patron).body["skills"] == []
    assert len(desk.events) == told


def test_the_revocation_of_taking_part_takes_no_skill(desk: Desk) -> None:
    patron = desk.register()
    desk.hear("signals", completed(patron, "welding"))
    desk.hear("signals", revoked(issued(patron, "engagement")))
    assert skills_of(desk.call("get_patron", RIVERSIDE, patron=patron).body) == {"welding": ["taught"]}


def test_the_same_signal_again_and_one_about_nobody_change_nothing(desk: Desk) -> None:
    patron = desk.register()
    signal = completed(patron, "welding")
    desk.hear("signals", signal)
    told = len(desk.events)
    desk.hear("signals", signal, completed(new_id(), "welding"))
    assert len(desk.events) == told


def test_a_claim_is_taken_back_and_what_a_course_taught_stays(desk: Desk) -> None:
    patron = desk.call("register_patron", RIVERSIDE, FIRST_VISIT).body["id"]
    desk.hear("signals", completed(patron, "welding"))
    left = desk.call("change_profile", RIVERSIDE, {"skills": []}, patron=patron).body
    assert skills_of(left) == {"Welding": ["taught"]}


def test_an_erasure_follows_on_the_states_of_the_profile(desk: Desk) -> None:
    patron = desk.call("register_patron", RIVERSIDE, FIRST_VISIT).body["id"]
    desk.call("change_profile", RIVERSIDE, {"skills": []}, patron=patron)
    desk.call("erase_patron", RIVERSIDE, patron=patron)
    assert (desk.events[-1].short_type, desk.events[-1].sequence) == ("patron-erased", 3)
    desk.hear("signals", completed(patron, "welding"))
    assert desk.told()[-1] == "patron-erased"


def test_a_patron_reads_and_changes_themselves_and_nobody_else(desk: Desk) -> None:
    mine, other = desk.register(), desk.register()
    me = Principal(actor=mine, kind="patron", node="demo.riverside")
    assert desk.call("change_profile", me, {"name": "Ana"}, patron=mine).body["name"] == "Ana"
    for method, body in (("get_patron", None), ("change_profile", {}), ("replace_profile", {}), ("erase_patron", None)):
        with pytest.raises(PatronUnknown):
            desk.call(method, me, body, patron=other)


def test_a_profile_of_the_version_before_is_read_as_one_that_says_nothing() -> None:
    [collection] = [each for each in COLLECTIONS if each.name == "patrons"]
    row = collection.read({"_id": "p1", "owner": "demo.riverside", "schema_version": 1, "name": None})
    assert (row["skills"], row["sequence"], row["schema_version"]) == ([], 1, collection.schema_version)


def test_an_app_reads_and_replaces_the_profile_of_whom_it_acts_for(desk: Desk) -> None:
    patron = desk.register(name="Ana")
    app = Principal(actor=patron, kind="patron", node="demo.riverside", scopes=(READ_PROFILE, UPDATE_PROFILE))
    profile = desk.call("get_profile", app).body
    assert (profile["name"], profile["type"]) == ("Ana", ["Profile"])
    assert profile["id"] == f"urn:uuid:{keyed_id('subject', 'demo.riverside', patron)}"
    assert desk.call("put_profile", app, {**profile, "name": "Anna"}).body["name"] == "Anna"
    assert "name" not in desk.call("put_profile", app, {"id": profile["id"], "type": ["Profile"]}).body
    assert "name" not in desk.call("get_patron", RIVERSIDE, patron=patron).body
    with pytest.raises(ProfileOfAnother):
        desk.call("put_profile", app, {**profile, "id": "urn:uuid:0190b3a0-1111-7111-8111-222222222222"})
    with pytest.raises(PatronUnknown):
        desk.call("get_profile", Principal(actor=new_id(), kind="patron", node="demo.riverside"))


def test_whoever_is_too_young_to_decide_alone_lets_no_app_in(desk: Desk) -> None:
    for band, is_needed in (("under-13", True), ("25-39", False)):
        patron = desk.register(name="Ana")
        desk.call("change_profile", RIVERSIDE, {"age_band": band}, patron=patron)
        who = Principal(actor=patron, kind="patron", node="demo.riverside", scopes=(GATEWAY,))
        assert desk.call("who_lets_in", who).body == {"name": "Ana", "needs_guardian": is_needed}
