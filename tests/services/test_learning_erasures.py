"""An erased patron leaves nothing behind in learning, and nothing comes back."""

from hashlib import sha1
from uuid import uuid4

import orjson
import pytest

from libranet.testing import a_principal, an_event
from services.learning.adapters.figures import LATE
from services.learning.domain.refusals import (
    StatementUnknown,
)
from services.learning.service import PATRON_ERASED, PATRON_REGISTERED
from tests.services.learning_desk import (
    ACCOUNT,
    CONSORTIUM,
    FOOD_SAFETY,
    LAKESIDE,
    MOODLE,
    OTHER,
    PATRON,
    RIVERSIDE,
    Desk,
    desk,
    enrolled,
    sample,
)

__all__ = ["desk", "enrolled"]


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
