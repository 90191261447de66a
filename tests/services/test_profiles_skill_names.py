"""Skills in profiles follow the names that taxonomies have for them."""

from datetime import timedelta
from typing import Any

from libranet.clock import now
from libranet.ids import new_id
from libranet.testing import an_event
from services.profiles.adapters.renaming import BATCH, step
from services.profiles.patrons.domain.skill_names import SETTLED
from tests.services.profiles_desk import RIVERSIDE, Desk
from tests.services.profiles_desk import desk as desk

OURS, ESCO, ONET = "urn:libranet:skill:sheets", "http://data.europa.eu/esco/skill/1", "https://onet.example/1"
CLAIMED = {"label": "Excel", "uri": OURS, "known_as": "use spreadsheets"}
SHOWN = {"label": "use spreadsheets software", "uri": ESCO, "bases": ["claimed"]}


def joined(*others: str, uri: str = ESCO, label: str = "use spreadsheets software", sequence: int = 1) -> Any:
    return an_event("org.libranet.jobs.skill-joined.v1", {"uri": uri, "label": label, "others": list(others)}, uri, "",
                    sequence, number=len(others))


def taught(patron: str, uri: str) -> Any:
    return an_event("org.libranet.learning.course-completed.v1", {
        "completion": new_id(), "patron": patron, "course": new_id(), "course_title": "Sheets",
        "activity_iri": "https://courses.example.org/1", "completed_at": "2026-11-20T18:00:00.000Z",
        "statement": new_id(), "rule": "openedx-course-passed", "teaches": [{"label": "sheets", "uri": uri}]})


def registered(desk: Desk, *skills: dict[str, str]) -> str:
    return str(desk.call("register_patron", RIVERSIDE, {"skills": skills or [CLAIMED]}).body["id"])


def rename(desk: Desk, later: timedelta = timedelta(0)) -> int:
    """All that is due; how many steps that took."""
    steps = 0
    while True:
        def effect(work: Any) -> Any:
            return step(work, now() + later), work.events

        went, events = desk._database.transact(effect)
        desk.events += events
        if not went:
            return steps
        steps += 1


def shown(desk: Desk, patron: str) -> list[tuple[str, str]]:
    return [(each["label"], each["uri"]) for each in desk.call("get_patron", RIVERSIDE, patron=patron).body["skills"]]


def test_who_registered_before_holds_the_skill_by_its_name_of_now_and_that_is_told(desk: Desk) -> None:
    patron = registered(desk)
    desk.hear("skill_names", joined(OURS, ONET))
    assert shown(desk, patron) == [("Excel", OURS)]
    rename(desk)
    assert shown(desk, patron) == [("Excel", ESCO)]
    assert (desk.events[-1].short_type, desk.events[-1].sequence, desk.events[-1].data["skills"]) == (
        "skills-changed", 2, [SHOWN])
    told = len(desk.events)
    rename(desk, SETTLED)
    assert len(desk.events) == told


def test_who_comes_with_another_uri_later_is_known_by_the_name_of_now(desk: Desk) -> None:
    desk.hear("skill_names", joined(OURS, ONET))
    patron = registered(desk)
    assert shown(desk, patron) == [("Excel", ESCO)]
    desk.call("change_profile", RIVERSIDE, {"skills": []}, patron=patron)
    desk.call("change_profile", RIVERSIDE, {"skills": [CLAIMED]}, patron=patron)
    assert shown(desk, patron) == [("Excel", ESCO)]
    desk.hear("signals", taught(patron, ONET))
    assert desk.events[-1].data["skills"] == [{**SHOWN, "bases": ["claimed", "taught"]}]
    assert len(shown(desk, patron)) == 1


def test_two_skills_that_are_one_now_keep_both_reasons(desk: Desk) -> None:
    patron = registered(desk)
    desk.hear("signals", taught(patron, ESCO))
    assert len(shown(desk, patron)) == 2
    desk.hear("skill_names", joined(OURS))
    rename(desk)
    assert desk.events[-1].data["skills"] == [{**SHOWN, "bases": ["claimed", "taught"]}]
    assert shown(desk, patron) == [("Excel", ESCO)]


def test_an_older_or_repeated_state_changes_nothing_and_a_newer_one_does(desk: Desk) -> None:
    desk.hear("skill_names", joined(OURS, ONET, sequence=2), joined(OURS, sequence=1))
    desk.hear("skill_names", joined(OURS, ONET, sequence=2))
    assert shown(desk, registered(desk, {**CLAIMED, "uri": ONET})) == [("Excel", ESCO)]
    desk.hear("skill_names", joined(sequence=3))
    assert shown(desk, registered(desk)) == [("Excel", OURS)]


def test_a_name_that_was_told_of_another_skill_since_counts(desk: Desk) -> None:
    patron = registered(desk)
    desk.hear("skill_names", joined(ONET, uri=OURS, label="use spreadsheets"))
    desk.hear("skill_names", joined(OURS, ONET))
    rename(desk)
    assert shown(desk, patron) == [("Excel", ESCO)]
    assert shown(desk, registered(desk, {**CLAIMED, "uri": ONET})) == [("Excel", ESCO)]


def test_a_uri_that_the_patron_alone_gave_stays_theirs(desk: Desk) -> None:
    desk.hear("skill_names", joined(OURS))
    assert shown(desk, registered(desk, {"label": "my sheets", "uri": OURS})) == [("my sheets", OURS)]


def test_many_are_renamed_step_by_step_and_looked_for_once_more_when_all_has_settled(desk: Desk) -> None:
    many = [registered(desk) for _ in range(BATCH + 1)]
    desk.hear("skill_names", joined(OURS))
    assert rename(desk) == 3
    assert {shown(desk, each)[0] for each in many} == {("Excel", ESCO)}
    assert rename(desk) == 0
    assert rename(desk, SETTLED) == 1
    assert rename(desk, 2 * SETTLED) == 0


def test_a_guest_who_registers_brings_the_skill_by_its_name_of_now(desk: Desk) -> None:
    guest = desk.call("start_guest", RIVERSIDE, {"node": "demo.riverside", "skills": [CLAIMED]}).body["id"]
    desk.hear("skill_names", joined(OURS))
    patron = desk.call("register_guest", RIVERSIDE, {}, guest=guest).body["id"]
    assert shown(desk, patron) == [("Excel", ESCO)]
    assert desk.events[-1].data["skills"] == [SHOWN]
