"""Jobs as events and callers meet it: which skills are taught where."""

from typing import Any

import pytest

from libranet.ids import new_id
from libranet.problems import RequestInvalid
from libranet.testing import a_principal, a_request, an_event
from services.jobs.service import Jobs
from services.jobs.store import COLLECTIONS, JobsStore

SHEETS = {"label": "Use spreadsheets", "uri": "http://data.europa.eu/esco/skill/1"}
WRITING = {"label": "Technical writing"}


class Catalogue:
    """Jobs on one state; each batch and each call is a work of its own."""

    def __init__(self, work_factory: Any) -> None:
        self._database = work_factory(COLLECTIONS, "jobs")

    def hear(self, *events: Any) -> None:
        self._database.transact(lambda work: Jobs().courses(list(events), JobsStore(work)))

    def page(self, node: str = "demo.riverside", limit: int = 50, cursor: str | None = None) -> Any:
        query = {"limit": limit} | ({"cursor": cursor} if cursor is not None else {})
        request = a_request(principal=a_principal(node), query=query)
        return self._database.transact(lambda work: Jobs().list_taught_skills(request, JobsStore(work)))

    def skills(self, node: str = "demo.riverside") -> dict[str, list[str]]:
        return {each["label"]: sorted(course["title"] for course in each["courses"])
                for each in self.page(node)["items"]}


def offered(title: str, *teaches: dict[str, str], course: str | None = None, owner: str = "demo.riverside",
            sequence: int = 1) -> Any:
    identity = course or new_id()
    return an_event("org.libranet.learning.course-offered.v1", {
        "course": identity, "title": title, "activity_iri": f"urn:{identity}", "teaches": list(teaches)},
        subject=identity, owner=owner, sequence=sequence)


@pytest.fixture
def catalogue(work_factory: Any) -> Catalogue:
    return Catalogue(work_factory)


def test_a_skill_lists_the_courses_that_teach_it(catalogue: Catalogue) -> None:
    catalogue.hear(offered("Sheets", SHEETS), offered("Office", SHEETS, WRITING))
    assert catalogue.skills() == {"Technical writing": ["Office"], "Use spreadsheets": ["Office", "Sheets"]}
    assert catalogue.page()["items"][1]["uri"] == SHEETS["uri"]
    assert "uri" not in catalogue.page()["items"][0]


def test_labels_that_differ_in_case_and_blanks_are_one_skill(catalogue: Catalogue) -> None:
    catalogue.hear(offered("One", WRITING), offered("Two", {"label": "technical  Writing"}))
    assert catalogue.skills() == {"Technical writing": ["One", "Two"]}


def test_the_newest_state_of_a_course_counts_in_whatever_order_it_comes(catalogue: Catalogue) -> None:
    course = new_id()
    catalogue.hear(offered("New", SHEETS, course=course, sequence=2), offered("Old", WRITING, course=course))
    catalogue.hear(offered("Old", WRITING, course=course))
    assert catalogue.skills() == {"Use spreadsheets": ["New"]}
    catalogue.hear(offered("Newest", WRITING, course=course, sequence=3))
    assert catalogue.skills() == {"Technical writing": ["Newest"]}


def test_courses_are_shared_upwards_and_downwards_but_not_between_libraries(catalogue: Catalogue) -> None:
    catalogue.hear(offered("Ours", SHEETS), offered("Everybody's", SHEETS, owner="demo"),
                   offered("Theirs", SHEETS, owner="demo.hill"), offered("Hidden", WRITING, owner="demo.hill"))
    assert catalogue.skills() == {"Use spreadsheets": ["Everybody's", "Ours"]}
    assert catalogue.skills("demo") == {
        "Technical writing": ["Hidden"], "Use spreadsheets": ["Everybody's", "Ours", "Theirs"]}


def test_pages_follow_each_other_without_gap_or_double_and_skip_what_is_not_shared(catalogue: Catalogue) -> None:
    catalogue.hear(*(offered(f"Course {number}", {"label": f"Skill {number:02}"},
                             owner="demo.hill" if number % 3 else "demo.riverside") for number in range(20)))
    labels, cursor = [], None
    while True:
        page = catalogue.page(limit=2, cursor=cursor)
        labels += [each["label"] for each in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert labels == [f"Skill {number:02}" for number in range(0, 20, 3)]


def test_a_cursor_of_any_alphabet_fits_and_nonsense_is_refused(catalogue: Catalogue) -> None:
    catalogue.hear(offered("Long", {"label": "字" * 300}, {"label": "字" * 300 + "2"}))
    cursor = catalogue.page(limit=1)["next"]
    assert len(cursor) <= 500
    assert len(catalogue.page(cursor=cursor)["items"]) == 1
    for nonsense in ("%", "/w", "a"):
        with pytest.raises(RequestInvalid):
            catalogue.page(cursor=nonsense)
