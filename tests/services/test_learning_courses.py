"""Courses are offered and told, and patrons enrol in them."""

from uuid import UUID, uuid4

import pytest

from libranet.problems import NotYet
from libranet.testing import a_principal, a_request
from services.learning.domain.refusals import (
    AccountTaken,
    CourseAlreadyOffered,
    CourseUnknown,
    PatronUnknown,
)
from services.learning.store import LearningStore
from tests.services.learning_desk import (
    ACCOUNT,
    CONSORTIUM,
    FOOD_SAFETY,
    LAKESIDE,
    MOODLE,
    OTHER,
    PATRON,
    RIVERSIDE,
    SPREADSHEETS,
    Desk,
    desk,
    enrolled,
    sample,
)

__all__ = ["desk", "enrolled"]


class TestCourses:
    def test_an_offered_course_is_told_and_can_be_read(self, desk: Desk) -> None:
        course = desk.offer()
        assert desk.told == ["course-offered"]
        assert desk.call("get_course", path={"course": course}).body["activity_iri"] == SPREADSHEETS

    def test_an_activity_is_offered_once_by_one_owner(self, desk: Desk) -> None:
        course = desk.offer()
        with pytest.raises(CourseAlreadyOffered) as refused:
            desk.offer()
        assert refused.value.errors[0]["field"] == "/activity_iri"
        assert course in refused.value.detail
        assert desk.offer(who=LAKESIDE) != course

    def test_a_course_of_another_library_is_unknown_and_one_of_the_consortium_is_not(self, desk: Desk) -> None:
        theirs, shared = desk.offer(who=LAKESIDE), desk.offer(who=CONSORTIUM)
        assert desk.call("get_course", path={"course": shared}).body["owner"] == "demo"
        for unknown in (theirs, "no-such-course"):
            with pytest.raises(CourseUnknown):
                desk.call("get_course", path={"course": unknown})

    def test_a_list_goes_on_where_it_stopped_and_shows_what_is_visible(self, desk: Desk) -> None:
        mine = [desk.offer(f"https://example.org/{number}") for number in range(4)]
        shared = desk.offer("https://example.org/shared", CONSORTIUM)
        branch = desk.offer("https://example.org/branch", a_principal("demo.riverside.central"))
        desk.offer("https://example.org/theirs", LAKESIDE)
        seen, query = [], {"limit": 2}
        while True:
            page = desk.call("list_courses", query=query).body
            seen += [item["id"] for item in page["items"]]
            if page["next"] is None:
                break
            query = {"limit": 2, "cursor": page["next"]}
        assert seen == [*mine, shared, branch]


class TestEnrolments:
    def test_an_enrolment_is_told_and_made_once(self, desk: Desk) -> None:
        desk.register()
        course = desk.offer()
        first, again = desk.enrol(course), desk.enrol(course)
        assert (first.status, again.status) == (201, 200)
        assert first.body == again.body
        assert first.about == again.about == PATRON
        assert desk.told == ["course-offered", "enrolled"]

    def test_an_unknown_patron_and_one_of_another_library_are_refused_alike(self, desk: Desk) -> None:
        desk.register(OTHER, "demo.lakeside")
        course = desk.offer()
        refusals = []
        for patron in (PATRON, OTHER):
            with pytest.raises(PatronUnknown) as refused:
                desk.enrol(course, patron)
            refusals.append(refused.value.problem())
        assert refusals[0] == refusals[1]
        assert refusals[0]["errors"][0]["field"] == "/patron"

    def test_an_account_belongs_to_one_patron_of_a_library(self, enrolled: Desk) -> None:
        enrolled.register(OTHER)
        with pytest.raises(AccountTaken):
            enrolled.enrol(enrolled.offer("https://example.org/other"), OTHER)

    def test_the_same_account_may_be_a_patron_of_another_library(self, enrolled: Desk) -> None:
        enrolled.register(OTHER, "demo.lakeside")
        assert enrolled.enrol(enrolled.offer(who=LAKESIDE), OTHER, LAKESIDE).status == 201

    def test_a_course_that_the_patrons_library_does_not_see_is_unknown(self, desk: Desk) -> None:
        desk.register()
        with pytest.raises(CourseUnknown):
            desk.enrol(desk.offer(who=LAKESIDE), who=CONSORTIUM)

    def test_news_that_may_be_on_its_way_asks_for_patience(self, desk: Desk) -> None:
        course = desk.offer()
        with pytest.raises(NotYet):
            desk.service.enrol(a_request({"patron": UUID(PATRON), "account": ACCOUNT}, RIVERSIDE, {"course": course}),
                               LearningStore(desk.work))

    def test_a_finishing_statement_completes_the_enrolment(self, enrolled: Desk) -> None:
        answer = enrolled.post(sample("openedx_course_passed"))
        assert answer.body == ["0c6ef1a2-4d0f-5a3a-8f51-6f8d9ce2a001"]
        [data] = enrolled.completions()
        assert (data["patron"], data["rule"]) == (PATRON, "course-passed")
        assert data["completed_at"] == "2026-10-04T09:12:33.481Z"
        assert data["teaches"] == [{"label": "use spreadsheets"}]

    def test_a_statement_that_comes_again_changes_nothing(self, enrolled: Desk) -> None:
        first, again = (enrolled.post(sample("openedx_course_passed")) for _ in range(2))
        assert first.body == again.body
        assert len(enrolled.completions()) == len(enrolled.state["statements"]) == 1

    def test_two_statements_about_one_end_complete_it_once(self, enrolled: Desk) -> None:
        other = {**sample("openedx_course_passed"), "id": str(uuid4()), "timestamp": "2026-10-05T00:00:00Z"}
        enrolled.post(sample("openedx_course_passed"))
        enrolled.post([other])
        assert len(enrolled.completions()) == 1
        [enrolment] = enrolled.state["enrolments"].values()
        assert len(enrolment["completion"]["sources"]) == 2

    def test_two_in_one_array_complete_it_once_by_the_earlier_act(self, enrolled: Desk) -> None:
        later = {**sample("openedx_course_passed"), "id": str(uuid4()), "timestamp": "2026-10-05T00:00:00Z"}
        enrolled.post([later, sample("openedx_course_passed")])
        assert [data["statement"] for data in enrolled.completions()] == ["0c6ef1a2-4d0f-5a3a-8f51-6f8d9ce2a001"]

    @pytest.mark.parametrize("name", ["openedx_course_failed", "openedx_block_completion", "openedx_video_completed"])
    def test_a_look_alike_is_kept_and_completes_nothing(self, enrolled: Desk, name: str) -> None:
        enrolled.post(sample(name))
        assert enrolled.completions() == []
        [row] = enrolled.state["statements"].values()
        assert row["rule"] in ("failed", "progress", "part-of-a-course")

    def test_a_statement_that_came_before_its_enrolment_completes_it_then(self, desk: Desk) -> None:
        desk.register()
        desk.post(sample("moodle_course_completed"))
        answer = desk.enrol(desk.offer(FOOD_SAFETY), account=MOODLE)
        assert answer.body["completed"] is True
        assert desk.told == ["course-offered", "enrolled", "course-completed"]

    def test_a_new_account_finds_what_it_did_in_courses_enrolled_before(self, desk: Desk) -> None:
        desk.register()
        desk.enrol(desk.offer(FOOD_SAFETY))
        desk.post(sample("moodle_course_completed"))
        assert desk.completions() == []
        desk.enrol(desk.offer(), account=MOODLE)
        assert [data["activity_iri"] for data in desk.completions()] == [FOOD_SAFETY]

    def test_an_account_counts_in_courses_that_were_enrolled_with_another(self, desk: Desk) -> None:
        desk.register()
        desk.enrol(desk.offer(), account=MOODLE)
        desk.enrol(desk.offer(FOOD_SAFETY))
        desk.post(sample("moodle_course_completed"))
        assert len(desk.completions()) == 1

    def test_a_consortium_platform_completes_for_its_libraries(self, enrolled: Desk) -> None:
        enrolled.post(sample("openedx_course_passed"), CONSORTIUM)
        assert len(enrolled.completions()) == 1

    def test_another_librarys_platform_completes_nothing_here(self, enrolled: Desk) -> None:
        enrolled.post(sample("openedx_course_passed"), LAKESIDE)
        assert enrolled.completions() == []

    def test_another_librarys_earlier_statement_completes_nothing_here(self, desk: Desk) -> None:
        desk.register()
        desk.post(sample("openedx_course_passed"), LAKESIDE)
        assert desk.enrol(desk.offer()).body["completed"] is False

    def test_a_hashed_address_finds_the_address(self, desk: Desk) -> None:
        desk.register()
        course = desk.offer("https://enterprise.example.org/xapi/activities/course/Riverside+SPR101")
        desk.enrol(course, mbox_sha1sum="179b51e04b188a50636b3ce1d5693424f5dc7508")
        desk.post(sample("edx_enterprise_completed_failed"))
        assert desk.completions() == []
        desk.post(sample("edx_enterprise_completed_passed"))
        [data] = desk.completions()
        assert data["score"] == 0.91
