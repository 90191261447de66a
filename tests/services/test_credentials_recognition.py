"""What colleges take for credit, waivers, certificates and places: stated, read, changed, ended."""

from datetime import timedelta
from typing import Any

import pytest
from marshmallow import ValidationError

from contracts.calls import recognition as calls
from libranet.clock import now, rfc3339
from libranet.testing import a_principal
from services.credentials.domain.recognition import MOST_PER_COLLEGE
from tests.services.credentials_stage import UNKNOWN, refused
from tests.services.recognition_desk import (
    COLLEGE,
    CREDIT,
    ELSEWHERE,
    LEARNER,
    OTHER_COLLEGE,
    THE_COLLEGE,
    Desk,
    campus,
    reached,
    statement,
)
from tests.services.review_stage import competency

__all__ = ["campus"]



def test_a_college_states_what_it_takes_and_everybody_in_the_consortium_reads_it(campus: Desk) -> None:
    achievement = campus.defined()
    stated = campus.stated(achievement, address="https://college.example.org/credit")
    assert (stated["college"], stated["version"], stated["gives"]) == (COLLEGE, 1, CREDIT)
    assert stated["takes"] == {"of": [{"achievement": achievement["id"]}]}
    for who in (THE_COLLEGE, OTHER_COLLEGE, LEARNER, a_principal("demo.hill")):
        assert campus.by(who, "list_recognitions").body["items"] == [stated]
        assert campus.by(who, "get_recognition", recognition=stated["id"]).body == stated
    assert calls.Recognition().dump(calls.Recognition().load(stated))["id"] == stated["id"]


def test_another_consortium_sees_nothing_of_it(campus: Desk) -> None:
    stated = campus.stated(campus.defined())
    assert campus.by(ELSEWHERE, "list_recognitions").body["items"] == []
    for call in ("get_recognition", "end_recognition", "list_reached"):
        assert refused(404, campus.by, ELSEWHERE, call, recognition=stated["id"]) == ""
    assert refused(404, campus.by, ELSEWHERE, "get_recognition_version", recognition=stated["id"], version="1") == ""
    assert campus.by(ELSEWHERE, "list_recognisable_achievements").body["items"] == []


def test_the_list_comes_in_pages_and_by_college(campus: Desk) -> None:
    achievement = campus.defined()
    mine = [campus.stated(achievement, title=f"Number {number}")["id"] for number in range(3)]
    other = campus.stated(achievement, who=OTHER_COLLEGE)["id"]
    first = campus.by(LEARNER, "list_recognitions", query={"limit": 2}).body
    rest = campus.by(LEARNER, "list_recognitions", query={"limit": 2, "cursor": first["next"]}).body
    assert [each["id"] for each in first["items"] + rest["items"]] == sorted([*mine, other])
    assert rest["next"] is None
    by_college = campus.by(LEARNER, "list_recognitions", query={"college": COLLEGE}).body["items"]
    assert [each["id"] for each in by_college] == sorted(mine)


def test_a_college_finds_the_achievements_of_all_libraries_of_the_consortium(campus: Desk) -> None:
    ids = {campus.defined(node, course=None)["id"] for node in ("demo", "demo.riverside", "demo.hill")}
    campus.defined("other.library", course=None)
    found = campus.by(THE_COLLEGE, "list_recognisable_achievements").body["items"]
    assert {each["id"] for each in found} == ids
    assert found[0]["name"] == "Spreadsheets: completed"


@pytest.mark.parametrize(("members", "field"), [
    ({"title": " "}, "title"), ({"title": "a\x00b"}, "title"), ({"gives": {"kind": "money"}}, "gives"),
    ({"gives": {"kind": "credit"}}, "gives"), ({"gives": {"kind": "waiver", "amount": 3}}, "gives"),
    ({"gives": {"kind": "credit", "amount": 0}}, "gives"), ({"gives": {"kind": "credit", "amount": True}}, "gives"),
    ({"gives": {"kind": "credit", "amount": "3"}}, "gives"), ({"takes": {"of": []}}, "takes"),
    ({"takes": {"of": [{"achievement": "x"}]}}, "takes"), ({"address": "javascript:alert(1)"}, "address"),
    ({"takes": {"of": [{"achievement": UNKNOWN, "within_days": 0}]}}, "takes"),
    ({"takes": {"of": [{"achievement": UNKNOWN}], "at_least": 2}}, "takes"), ({"applies_from": "soon"}, "applies_from"),
    ({"applies_until": "2026-11-21T00:00:00"}, "applies_until"), ({"colour": "red"}, "colour")])
def test_a_misshapen_statement_is_refused_with_the_place(members: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as no:
        statement({"id": UNKNOWN}, **members)
    assert list(no.value.normalized_messages()) == [field]


def test_what_cannot_be_taken_is_refused_with_the_place(campus: Desk) -> None:
    own, foreign = campus.defined(), campus.defined("other.library", course=None)
    assert refused(422, campus.stated, own, {"id": UNKNOWN}) == "/takes/of/1/achievement"
    assert refused(422, campus.stated, foreign) == "/takes/of/0/achievement"
    assert refused(422, campus.stated, own, own) == "/takes/of/1/achievement"
    level = {"achievement": own["id"], "levels": [{"criterion": "Formulas", "level": "proficient"}]}
    assert refused(422, campus.stated, level) == "/takes/of/0/levels/0/criterion"
    level["achievement"] = competency(campus)["id"]
    level["levels"] = [{"criterion": "Formulas", "level": "perfect"}]
    assert refused(422, campus.stated, level) == "/takes/of/0/levels/0/level"
    assert refused(422, campus.stated, own, applies_until=rfc3339(now() - timedelta(days=1))) == "/applies_until"
    assert refused(422, campus.stated, own, applies_from="2099-01-02T00:00:00Z",
                   applies_until="2099-01-01T00:00:00Z") == "/applies_until"
    assert campus.rows("recognitions") == campus.rows("recognition_walks") == []


def test_a_college_has_room_for_so_many(campus: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.credentials.domain.recognition.MOST_PER_COLLEGE", 1)
    assert MOST_PER_COLLEGE > 1
    achievement = campus.defined()
    stated = campus.stated(achievement)
    assert refused(422, campus.stated, achievement) == ""
    campus.by(THE_COLLEGE, "end_recognition", recognition=stated["id"])
    assert campus.stated(achievement)["version"] == 1


def test_a_change_is_a_new_version_and_the_one_before_stays_readable(campus: Desk) -> None:
    achievement = campus.defined()
    stated = campus.stated(achievement, applies_until="2099-01-01T00:00:00.123456+02:00")
    assert campus.stated_anew(stated, achievement, applies_until="2098-12-31T22:00:00.123Z") == stated
    changed = campus.stated_anew(stated, achievement, title="More credit")
    assert (changed["id"], changed["version"], changed["title"]) == (stated["id"], 2, "More credit")
    assert "applies_until" not in changed
    for version, shown in (("1", stated), ("2", changed)):
        found = campus.by(LEARNER, "get_recognition_version", recognition=stated["id"], version=version).body
        assert found == shown
    assert refused(404, campus.by, LEARNER, "get_recognition_version", recognition=stated["id"], version="3") == ""


def test_an_ended_one_is_not_listed_stays_readable_and_is_not_changed(campus: Desk) -> None:
    achievement = campus.defined()
    stated = campus.stated(achievement)
    ended = campus.by(THE_COLLEGE, "end_recognition", recognition=stated["id"]).body
    assert campus.by(THE_COLLEGE, "end_recognition", recognition=stated["id"]).body == ended
    assert campus.by(LEARNER, "get_recognition", recognition=stated["id"]).body == ended
    assert campus.by(LEARNER, "list_recognitions").body["items"] == []
    refused(409, campus.stated_anew, stated, achievement)


def test_another_college_changes_and_reads_nothing_of_it(campus: Desk) -> None:
    stated, seen = reached(campus)
    body = statement(campus.defined())
    assert refused(403, campus.by, OTHER_COLLEGE, "replace_recognition", body, recognition=stated["id"]) == ""
    for call in ("end_recognition", "list_reached"):
        refused(403, campus.by, OTHER_COLLEGE, call, recognition=stated["id"])
    refused(403, campus.answered, stated, seen["id"], who=OTHER_COLLEGE)
    refused(404, campus.answered, stated, seen["id"], who=ELSEWHERE)
    other = campus.stated(campus.defined(), who=OTHER_COLLEGE)
    assert refused(404, campus.answered, other, seen["id"], who=OTHER_COLLEGE) == "/reached"
