"""Learning as a whole: calls and events in, answers, facts and state out."""

import json
from hashlib import sha1
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from contracts.principal import Principal
from libranet.calls import Answer
from libranet.problems import BodyUnreadable, MediaTypeUnsupported, NotYet
from libranet.testing import MemoryWork, a_principal, a_request, an_event
from services.learning.adapters.figures import LATE
from services.learning.domain.refusals import (
    AccountTaken,
    CourseAlreadyOffered,
    CourseUnknown,
    PatronUnknown,
    StatementConflict,
    StatementsInvalid,
    StatementUnknown,
    VersionMissing,
)
from services.learning.service import PATRON_ERASED, PATRON_REGISTERED, Learning
from services.learning.store import COLLECTIONS, LearningStore

FIXTURES = Path(__file__).parents[1] / "fixtures" / "xapi"
RIVERSIDE = a_principal("demo.riverside")
LAKESIDE = a_principal("demo.lakeside", actor="client-2")
CONSORTIUM = a_principal("demo", actor="client-3")
ACCOUNT = {"homePage": "https://courses.example.org", "name": "5b0c2d34-6a1f-4c57-9d8e-0f3a7be21c90"}
MOODLE = {"homePage": "https://moodle.lakeside.example", "name": "207"}
SPREADSHEETS = "https://courses.example.org/course/course-v1:Riverside+SPR101+2026"
FOOD_SAFETY = "https://moodle.lakeside.example/course/view.php?id=14"
PATRON, OTHER = str(uuid4()), str(uuid4())


def sample(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


class Desk:
    """The service with its state, spoken to as the gateway and the broker do."""

    def __init__(self) -> None:
        self.work = MemoryWork(COLLECTIONS, "learning")
        self.service = Learning()

    @property
    def state(self) -> dict[str, dict[str, Any]]:
        return self.work.state

    @property
    def told(self) -> list[str]:
        return [event.short_type for event in self.work.events]

    def completions(self) -> list[dict[str, Any]]:
        return [event.data for event in self.work.events if event.short_type == "course-completed"]

    def call(self, method: str, who: Principal = RIVERSIDE, **kwargs: Any) -> Answer:
        try:
            return getattr(self.service, method)(a_request(principal=who, **kwargs), LearningStore(self.work))
        except NotYet as reason:  # the core would ask again for a moment, then refuse
            raise reason.refusal from None

    def hear(self, *events: Any) -> None:
        self.service.patrons(list(events), LearningStore(self.work))

    def register(self, patron: str = PATRON, owner: str = "demo.riverside") -> None:
        data = {"patron": patron, "registered_at": "2026-11-21T09:00:00.000Z"}
        self.hear(an_event(PATRON_REGISTERED, data, subject=patron, owner=owner))

    def erase(self, patron: str = PATRON, owner: str = "demo.riverside") -> None:
        data = {"patron": patron, "erasure": str(uuid4()), "requested_at": "2026-11-21T10:00:00.000Z"}
        self.hear(an_event(PATRON_ERASED, data, subject=patron, owner=owner))

    def offer(self, iri: str = SPREADSHEETS, who: Principal = RIVERSIDE) -> str:
        body = {"title": "Spreadsheets", "activity_iri": iri, "teaches": [{"label": "use spreadsheets"}]}
        return str(self.call("offer_course", who, body=body).body["id"])

    def enrol(self, course: str, patron: str = PATRON, who: Principal = RIVERSIDE, **identifier: Any) -> Answer:
        body = {"patron": UUID(patron), **(identifier or {"account": ACCOUNT})}
        return self.call("enrol", who, body=body, path={"course": course})

    def post(self, body: Any, who: Principal = RIVERSIDE, version: str = "1.0.3") -> Answer:
        return self.call("store_statements", who, raw=orjson.dumps(body), headers={"X-Experience-API-Version": version})

    def read(self, who: Principal = RIVERSIDE, **query: str) -> Answer:
        return self.call("get_statements", who, query=query, headers={"X-Experience-API-Version": "1.0.3"})


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def enrolled(desk: Desk) -> Desk:
    desk.register()
    desk.enrol(desk.offer())
    return desk


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


class TestStatements:
    def test_one_invalid_statement_keeps_the_whole_array_out(self, enrolled: Desk) -> None:
        with pytest.raises(StatementsInvalid) as refused:
            enrolled.post([sample("openedx_course_passed"), {"actor": {}}])
        assert refused.value.headers == {"X-Experience-API-Version": "1.0.3"}
        assert enrolled.state["statements"] == {}

    def test_other_content_under_a_kept_id_is_a_conflict(self, desk: Desk) -> None:
        desk.post(sample("openedx_course_passed"))
        with pytest.raises(StatementConflict):
            desk.post({**sample("openedx_course_failed"), "id": sample("openedx_course_passed")["id"]})

    def test_two_libraries_may_use_the_same_id_and_do_not_see_each_other(self, desk: Desk) -> None:
        desk.post(sample("openedx_course_passed"))
        desk.post({**sample("openedx_course_failed"), "id": sample("openedx_course_passed")["id"]}, LAKESIDE)
        assert len(desk.state["statements"]) == 2

    @pytest.mark.parametrize("headers", [{}, {"X-Experience-API-Version": "0.95"}])
    @pytest.mark.parametrize("method", ["store_statements", "get_statements"])
    def test_the_version_is_asked_for(self, desk: Desk, method: str, headers: dict[str, str]) -> None:
        with pytest.raises(VersionMissing):
            desk.call(method, raw=b"[]", headers=headers)

    @pytest.mark.parametrize("name", ["X-Experience-Api-Version", "x-experience-api-version"])
    def test_the_name_of_the_version_header_may_be_written_in_any_case(self, desk: Desk, name: str) -> None:
        assert desk.call("store_statements", raw=b"[]", headers={name: "1.0.3"}).body == []

    def test_the_version_is_answered(self, desk: Desk) -> None:
        assert desk.post([], version="1.0").headers == {"X-Experience-API-Version": "1.0.3"}
        assert desk.post([], version="2.0.0").headers == {"X-Experience-API-Version": "2.0.0"}

    def test_a_body_that_is_not_json_is_refused(self, desk: Desk) -> None:
        with pytest.raises(BodyUnreadable):
            desk.call("store_statements", raw=b"{", headers={"X-Experience-API-Version": "1.0.3"})

    def test_files_beside_statements_are_refused_with_the_reason(self, desk: Desk) -> None:
        headers = {"X-Experience-API-Version": "1.0.3", "Content-Type": "multipart/mixed; boundary=x"}
        with pytest.raises(MediaTypeUnsupported, match="fileUrl"):
            desk.call("store_statements", raw=b"--x--", headers=headers)

    def test_a_statement_is_read_back_as_it_was_sent(self, desk: Desk) -> None:
        sent = sample("openedx_course_passed")
        desk.post(sent)
        answer = desk.read(statementId=sent["id"])
        kept = orjson.loads(answer.body)
        assert {name: kept[name] for name in sent} == sent
        assert kept["authority"]["account"]["name"] == "client-1"
        assert "X-Experience-API-Consistent-Through" in answer.headers

    def test_a_node_above_reads_it_and_another_library_does_not(self, desk: Desk) -> None:
        desk.post(sample("openedx_course_passed"))
        assert desk.read(CONSORTIUM, statementId=sample("openedx_course_passed")["id"])
        assert orjson.loads(desk.read(LAKESIDE).body) == {"statements": [], "more": ""}
        with pytest.raises(StatementUnknown):
            desk.read(LAKESIDE, statementId=sample("openedx_course_passed")["id"])

    def test_filters_choose(self, desk: Desk) -> None:
        desk.post([sample("openedx_course_passed"), sample("moodle_course_completed")[0]])
        for query in ({"verb": "http://adlnet.gov/expapi/verbs/passed"}, {"activity": SPREADSHEETS},
                      {"agent": json.dumps({"account": ACCOUNT})}):
            [found] = orjson.loads(desk.read(**query).body)["statements"]
            assert found["object"]["id"] == SPREADSHEETS
        assert orjson.loads(desk.read(since="2030-01-01T00:00:00Z").body)["statements"] == []

    @pytest.mark.parametrize("ascending", ["true", "false"])
    def test_more_leads_through_everything_in_order(self, desk: Desk, ascending: str) -> None:
        sent = [{**sample("openedx_course_passed"), "id": str(uuid4())} for _ in range(5)]
        desk.post(sent)
        seen, query = [], {"limit": "2", "ascending": ascending}
        while True:
            page = orjson.loads(desk.read(**query).body)
            seen += [each["id"] for each in page["statements"]]
            if not page["more"]:
                break
            query["cursor"] = page["more"].rsplit("cursor=")[1].replace("%3A", ":").replace("%7C", "|")
        expected = [each["id"] for each in sent]
        assert seen == (expected if ascending == "true" else expected[::-1])


class TestErasure:
    def test_nothing_of_an_erased_patron_is_left(self, enrolled: Desk) -> None:
        enrolled.post(sample("openedx_course_passed"))
        enrolled.state["idempotency"]["x"] = {"_id": "x", "about": PATRON}
        enrolled.erase()
        left = {name: rows for name, rows in enrolled.state.items() if name not in ("erased", "courses")}
        assert PATRON not in repr(left)
        assert ACCOUNT["name"] not in repr(left)
        assert not any(enrolled.state[name] for name in ("patrons", "accounts", "enrolments", "awaited", "statements"))

    def test_the_erasure_is_answered_with_the_number_of_documents(self, enrolled: Desk) -> None:
        enrolled.post(sample("openedx_course_passed"))
        enrolled.erase()
        assert enrolled.told[-1] == "patron-data-erased"
        assert enrolled.work.events[-1].data["deleted"] == 4

    def test_a_patron_of_whom_nothing_is_kept_is_answered_too(self, desk: Desk) -> None:
        desk.erase()
        assert desk.work.events[-1].data["deleted"] == 0

    def test_a_late_registration_does_not_bring_an_erased_patron_back(self, enrolled: Desk) -> None:
        enrolled.erase()
        enrolled.register()
        assert enrolled.state["patrons"] == {}

    def test_a_registration_and_an_erasure_in_one_batch_end_erased(self, desk: Desk) -> None:
        registered = {"patron": PATRON, "registered_at": "2026-11-21T09:00:00.000Z"}
        erased = {"patron": PATRON, "erasure": str(uuid4()), "requested_at": "2026-11-21T10:00:00.000Z"}
        desk.hear(an_event(PATRON_REGISTERED, registered), an_event(PATRON_ERASED, erased))
        assert desk.state["patrons"] == {}

    def test_an_account_that_is_also_another_librarys_patron_keeps_that_completion(self, enrolled: Desk) -> None:
        enrolled.register(OTHER, "demo.lakeside")
        enrolled.enrol(enrolled.offer(who=LAKESIDE), OTHER, LAKESIDE)
        enrolled.post(sample("openedx_course_passed"), CONSORTIUM)
        enrolled.erase()
        [enrolment] = enrolled.state["enrolments"].values()
        assert (enrolment["patron"], len(enrolled.state["statements"])) == (OTHER, 1)
        [awaited] = enrolled.state["awaited"].values()
        assert awaited["enrolments"] == [enrolment["_id"]]

    def test_a_late_statement_of_an_erased_patron_is_answered_and_not_kept(self, enrolled: Desk) -> None:
        enrolled.erase()
        sent = sample("openedx_course_passed")
        assert [enrolled.post(sent).body for _ in range(2)] == [[sent["id"]]] * 2
        with pytest.raises(StatementUnknown):
            enrolled.read(statementId=sent["id"])
        assert ACCOUNT["name"] not in repr(enrolled.state)
        assert (enrolled.state["statements"], enrolled.state["awaited"], enrolled.completions()) == ({}, {}, [])

    def test_a_late_statement_in_an_array_leaves_the_others_where_they_are(self, enrolled: Desk) -> None:
        enrolled.erase()
        of_others = [{**sample("openedx_course_passed"), "id": str(uuid4()), "actor": {"account": MOODLE}}
                     for _ in range(2)]
        late = sample("openedx_course_passed")
        answer = enrolled.post([of_others[0], late, of_others[1]])
        assert answer.body == [of_others[0]["id"], late["id"], of_others[1]["id"]]
        kept = orjson.loads(enrolled.read(ascending="true").body)["statements"]
        assert [each["id"] for each in kept] == [each["id"] for each in of_others]

    def test_late_statements_are_counted_once_they_are_answered(self, enrolled: Desk) -> None:
        enrolled.erase()
        before = LATE._value.get()
        enrolled.post([sample("openedx_course_passed"), sample("moodle_course_completed")[0]])
        for call in enrolled.work.after_commit:
            call()
        assert LATE._value.get() == before + 1

    def test_an_address_that_was_enrolled_hashed_is_known_late_too(self, desk: Desk) -> None:
        address = "mailto:r.patron@example.org"
        desk.register()
        desk.enrol(desk.offer(), mbox_sha1sum=sha1(address.encode(), usedforsecurity=False).hexdigest())
        desk.erase()
        desk.post({**sample("openedx_course_passed"), "actor": {"mbox": address}})
        assert desk.state["statements"] == {}

    def test_of_an_erased_patrons_account_only_keyed_numbers_stay(self, enrolled: Desk) -> None:
        enrolled.erase()
        [row] = enrolled.state["erased_accounts"].values()
        assert row.keys() >= {"_id", "owner", "actor", "erased_at"}
        assert not any(word in repr(row) for word in (PATRON, *ACCOUNT.values()))

    def test_whoever_enrols_anew_with_the_account_is_heard_again(self, enrolled: Desk) -> None:
        enrolled.erase()
        enrolled.register(OTHER)
        enrolled.enrol(enrolled.offer("https://example.org/other"), OTHER)
        assert enrolled.state["erased_accounts"] == {}
        enrolled.post(sample("openedx_course_passed"))
        assert len(enrolled.state["statements"]) == 1

    def test_an_erased_account_means_nothing_to_other_libraries(self, enrolled: Desk) -> None:
        enrolled.erase()
        enrolled.post(sample("openedx_course_passed"), LAKESIDE)
        assert len(enrolled.state["statements"]) == 1

    @pytest.mark.parametrize("node", ["demo", "demo.riverside.central"])
    def test_platforms_above_and_below_the_library_are_too_late_as_well(self, enrolled: Desk, node: str) -> None:
        enrolled.erase()
        enrolled.post(sample("openedx_course_passed"), a_principal(node))
        assert enrolled.state["statements"] == {}

    def test_a_late_statement_counts_for_another_librarys_patron_with_the_account(self, enrolled: Desk) -> None:
        enrolled.register(OTHER, "demo.lakeside")
        enrolled.enrol(enrolled.offer(who=LAKESIDE), OTHER, LAKESIDE)
        enrolled.erase()
        enrolled.post(sample("openedx_course_passed"), RIVERSIDE)
        assert enrolled.state["statements"] == {}
        enrolled.post(sample("openedx_course_passed"), CONSORTIUM)
        assert [data["patron"] for data in enrolled.completions()] == [OTHER]

    def test_an_erased_teacher_is_taken_out_of_late_statements_of_others(self, desk: Desk) -> None:
        desk.register()
        desk.enrol(desk.offer(FOOD_SAFETY), account={**MOODLE, "name": "2"})
        desk.erase()
        desk.post(sample("moodle_badge_awarded"))
        [row] = desk.state["statements"].values()
        assert "A. Teacher" not in row["content"]
        assert "R. Patron" in row["content"]
        assert desk.post(sample("moodle_badge_awarded")).body == [row["_id"].partition("|")[0]]

    def test_a_teacher_is_taken_out_of_the_statements_of_others(self, desk: Desk) -> None:
        desk.register()
        desk.enrol(desk.offer(FOOD_SAFETY), account={**MOODLE, "name": "2"})
        desk.post(sample("moodle_badge_awarded"))
        desk.erase()
        [row] = desk.state["statements"].values()
        assert "A. Teacher" not in row["content"]
        assert "R. Patron" in row["content"]
