"""Tables of daily measures and of skills: what they show, to whom, in which form; and who is not in them."""

import csv
import io
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from marshmallow import ValidationError

from contracts.calls.analytics import BY, MeasuresQuery
from libranet.ids import new_id
from services.analytics.store import COLLECTIONS
from tests.services.analytics_stage import LIBRARY, Counter

BRANCH, HILL = f"{LIBRARY}.east", "demo.hill"


@pytest.fixture
def counter(work_factory: Any) -> Counter:
    return Counter(work_factory)


def at(day: str, hour: int = 9) -> str:
    return f"{day}T{hour:02}:00:00.000+00:00"


def people(number: int) -> list[str]:
    return [new_id() for _ in range(number)]


def enrol(counter: Counter, patrons: list[str], day: str, owner: str = LIBRARY) -> None:
    counter.hear(*(counter.enrolled(patron, owner, at(day)) for patron in patrons))


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.analytics.service.now", lambda: datetime(2026, 11, 21, 12, tzinfo=UTC))


def test_a_day_and_every_period_that_holds_it_count_each_person_once(counter: Counter) -> None:
    patrons = people(12)
    enrol(counter, [*patrons, *patrons[:3]], "2026-11-20")
    for by, period in (("day", "2026-11-20"), ("week", "2026-W47"), ("month", "2026-11")):
        assert counter.table("period", "measure", "events", "people", "suppressed", by=by) == [
            (period, "enrolled", 15, 12, False)]
    for days in ({}, {"since": "2026-11-19"}, {"since": "2026-11-01", "to": "2026-11-20"}, {"to": "2026-11-21"}):
        assert counter.table("measure", "events", "people", by="measure", **days) == [("enrolled", 15, 12)]
    assert counter.table("measure", by="measure", to="2026-11-19") == []


def test_people_of_two_days_are_no_sum(counter: Counter) -> None:
    patrons = people(40)
    enrol(counter, patrons[:30], "2026-11-19")
    enrol(counter, patrons[10:], "2026-11-20")
    assert counter.table("period", "events", "people", by="day") == [
        ("2026-11-19", 30, 30), ("2026-11-20", 30, 30)]
    assert counter.table("measure", "events", "people", by="measure") == [("enrolled", 60, 40)]
    assert counter.table("period", "people", by="month") == [("2026-11", 40)]


def test_a_day_of_few_hides_the_days_that_it_could_be_subtracted_from(counter: Counter) -> None:
    enrol(counter, people(20), "2026-11-19")
    enrol(counter, people(3), "2026-11-20")
    shown = counter.table("period", "events", "people", "suppressed", by="day", since="2026-11-15")
    assert shown == [(f"2026-11-{day}", None, None, True) for day in range(15, 22)]
    assert counter.table("period", "people", by="month", since="2026-11-01") == [("2026-11", 23)]
    assert counter.table("people", since="2026-11-20") == [(None,)]


def test_a_period_moved_by_a_day_tells_nothing_new(counter: Counter) -> None:
    patrons = people(30)
    for day in ("2026-11-15", "2026-11-18"):
        enrol(counter, patrons, day)
    enrol(counter, [*patrons, *people(1)], "2026-11-20")
    assert counter.table("people", since="2026-11-15") == [(31,)], "all of the month"
    assert counter.table("people", since="2026-11-16") == [(None,)]
    assert counter.table("people", since="2026-11-01", to="2026-11-19") == [(None,)]


def test_places_are_told_apart_and_few_are_hidden_with_what_would_tell_them(counter: Counter) -> None:
    enrol(counter, people(20), "2026-11-20")
    enrol(counter, people(4), "2026-11-20", BRANCH)
    enrol(counter, people(15), "2026-11-20", HILL)
    assert counter.table("node", "measure", "events", "people", caller="demo", by="node") == [
        ("demo", "enrolled", 39, 39), (HILL, "enrolled", 15, 15),
        (LIBRARY, "enrolled", 24, 24), (BRANCH, "enrolled", None, None)]
    assert counter.table("node", "people", caller=BRANCH, by="node", since="2026-11-20") == [(BRANCH, None)]


def test_measures_that_never_happened_have_no_rows_and_others_are_named(counter: Counter) -> None:
    counter.hear(*(counter.registered(patron) for patron in people(11)), counter.offered())
    assert counter.table("measure", "events", "people", by="measure") == [("registered", 11, 11)]


def test_a_claim_counts_on_the_day_on_which_a_wallet_took_it(counter: Counter) -> None:
    counter.hear(*(counter.claimed(patron, at("2026-11-19")) for patron in people(12)))
    assert counter.table("period", "measure", "events", "people", by="day") == [("2026-11-19", "claimed", 12, 12)]


def test_without_by_the_totals_are_the_tables_of_everything(counter: Counter) -> None:
    enrol(counter, people(3), "2026-11-20")
    assert counter.ask() == {"node": LIBRARY, "next": None, "items": [
        {"measure": "enrolled", "events": None, "people": None, "suppressed": True}]}
    enrol(counter, people(9), "2026-11-20")
    assert counter.ask()["items"] == [{"measure": "enrolled", "events": 12, "people": 12, "suppressed": False}]
    assert counter.table("events", "people", by="measure") == [(12, 12)]


def test_events_are_told_where_every_part_of_the_period_is_or_at_the_top(counter: Counter) -> None:
    many = people(20)
    enrol(counter, [*many, many[0]], "2026-11-19")
    enrol(counter, people(3), "2026-11-20")
    for caller, events in ((LIBRARY, None), ("demo", 24)):
        for query in ({}, {"by": "measure"}, {"by": "month"}, {"since": "2026-11-01"}):
            assert counter.table("events", "people", "suppressed", caller=caller, **query) == [(events, 23, False)]
    enrol(counter, people(9), "2026-11-20")
    assert counter.table("period", "events", "people", by="day") == [("2026-11-19", 21, 20), ("2026-11-20", 12, 12)]
    for query in ({}, {"by": "measure"}, {"by": "month"}, {"by": "node", "since": "2026-11-01"}):
        assert counter.table("events", "people", **query) == [(33, 32)]


def test_who_is_not_counted_leaves_no_events_to_subtract(counter: Counter) -> None:
    many, gone = people(12), people(2)
    for place in (LIBRARY, HILL):
        enrol(counter, many, "2026-11-19", place)
    enrol(counter, gone, "2026-11-20", HILL)
    counter.hear(counter.erased(gone[0]), counter.consent(gone[1], False, 1, at("2026-11-21")))
    assert counter.table("node", "events", "people", by="node", caller="demo") == [
        ("demo", 24, 24), (HILL, 12, 12), (LIBRARY, 12, 12)]
    assert counter.table("period", "events", by="day", caller="demo") == [("2026-11-19", 24)]


def test_what_is_not_said_is_filled_in_and_told(counter: Counter) -> None:
    told = {by: (answer["by"], answer["from"], answer["to"]) for by in ("day", "week", "month", "measure", "node")
            for answer in [counter.ask(by=by)]}
    assert told == {
        "day": ("day", "2026-10-23", "2026-11-21"), "week": ("week", "2026-08-30", "2026-11-21"),
        "month": ("month", "2025-11-22", "2026-11-21"), "measure": ("measure", None, "2026-11-21"),
        "node": ("node", None, "2026-11-21")}
    only_to = counter.ask(to="2026-11-05")
    assert (only_to["by"], only_to["from"], only_to["to"]) == ("measure", "2025-10-02", "2026-11-05")


@pytest.mark.parametrize(("query", "field"), [
    ({"by": "hour"}, "by"), ({"from": "2026-11-02", "to": "2026-11-01"}, "to"),
    ({"from": "2025-01-01", "to": "2026-02-05"}, "to"), ({"from": "yesterday"}, "from"), ({"format": "pdf"}, "format"),
    ({"since": "2026-11-02"}, "since"),
])
def test_what_cannot_be_asked_is_refused_by_name(query: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        MeasuresQuery().load(query)
    assert list(refused.value.messages) == [field]


@pytest.mark.parametrize("query", [
    {"since": "0001-01-01", "to": "0001-02-01"}, {"since": "9999-12-01", "to": "9999-12-31"}, {"to": "0001-01-01"},
    {"since": "2024-01-01", "to": "2024-12-31"}, {"since": "2031-01-01"},
])
def test_any_days_may_be_asked_for(counter: Counter, query: dict[str, Any]) -> None:
    enrol(counter, people(12), "2026-11-20")
    for by in ("measure", "day", "week", "month", "node"):
        assert not any(each[0] for each in counter.table("people", by=by, **query))


def test_a_table_comes_as_csv_where_that_is_asked_or_preferred(counter: Counter) -> None:
    enrol(counter, people(12), "2026-11-20")
    enrol(counter, people(3), "2026-11-20", BRANCH)
    by_format, by_header = counter.ask(by="node", format="csv"), counter.ask(by="node", accept="text/csv")
    assert by_format.media_type == by_header.media_type == "text/csv; charset=utf-8"
    assert by_format.body == by_header.body == (
        b"node,measure,events,people,suppressed\r\n"
        b"demo.riverside,enrolled,15,15,false\r\ndemo.riverside.east,enrolled,,,true\r\n")
    assert counter.ask(format="csv").body.startswith(b"measure,events,people,suppressed\r\nenrolled,15,15,false")
    assert isinstance(counter.ask(by="node", accept="text/html, */*"), dict)
    assert isinstance(counter.ask(by="node", accept="text/csv", format="json"), dict)


@pytest.mark.parametrize("query", [{}, *({"by": by} for by in BY), {"since": "2026-11-01"}])
def test_a_csv_has_the_cells_of_the_json(counter: Counter, query: dict[str, Any]) -> None:
    counter.hear(*a_busy_month())
    for caller in ("demo", LIBRARY, HILL):
        items = counter.ask(caller, **query)["items"]
        cells = csv.DictReader(io.StringIO(counter.ask(caller, format="csv", **query).body.decode(), newline=""))
        assert list(cells) == [{name: "" if value is None else str(value).lower() if isinstance(value, bool) else
                                str(value) for name, value in each.items()} for each in items]
        assert all(each["events"] is None and each["people"] is None for each in items
                   if "events" in each and each["suppressed"])


def test_no_cell_of_a_csv_is_a_formula(counter: Counter) -> None:
    names = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "plain, \"quoted\""]
    counter.hear(counter.demanded("demo", **dict.fromkeys(names, 3)))
    cells = [row["label"] for row in csv.DictReader(io.StringIO(
        counter.ask(by="skill", format="csv").body.decode(), newline=""))]
    assert sorted(cells) == sorted(each if each.startswith("plain") else f"'{each}" for each in names)


def test_skills_wanted_are_beside_skills_held(counter: Counter) -> None:
    patrons = people(12)
    counter.hear(*(counter.skilled(patron, "urn:welding", "Knitting") for patron in patrons),
                 *(counter.skilled(patron, "urn:driving") for patron in people(11)),
                 counter.skilled(new_id(), "urn:rare"),
                 counter.demanded(LIBRARY, welding=5, rare=30), counter.demanded("demo", welding=2),
                 counter.demanded(HILL, welding=100))
    assert counter.table("uri", "label", "wanted", "held", "gap", "suppressed", by="skill") == [
        ("urn:rare", "rare", 30, None, None, True), ("urn:welding", "welding", 7, 12, -5, False),
        ("urn:driving", "driving", 0, 11, -11, False)]
    assert counter.table("label", "wanted", by="skill", node=HILL, caller="demo")[0] == ("welding", 102)


def test_the_newest_state_of_skills_counts_whatever_comes_last(counter: Counter) -> None:
    patrons = people(10)
    counter.hear(counter.demanded(LIBRARY, 2, welding=4), counter.demanded(LIBRARY, 1, welding=9, driving=9))
    counter.hear(*(counter.skilled(patron, "urn:welding", sequence=2) for patron in patrons))
    counter.hear(*(counter.skilled(patron, "urn:driving", sequence=1) for patron in patrons))
    assert counter.table("label", "wanted", "held", by="skill") == [("welding", 4, 10)]
    counter.hear(*(counter.skilled(patron, sequence=3) for patron in patrons))
    assert counter.table("label", "wanted", "held", by="skill") == [("welding", 4, None)]


def test_what_people_call_their_skills_is_not_kept(counter: Counter) -> None:
    counter.hear(counter.skilled(new_id(), "Making Ada Lovelace's cakes"))
    assert "lovelace" not in repr([counter.rows(each.name) for each in COLLECTIONS]).casefold()


def test_who_objects_is_in_no_count_any_more_until_they_consent(counter: Counter) -> None:
    patrons = people(20)
    enrol(counter, patrons, "2026-11-18")
    counter.hear(*(counter.skilled(patron, "urn:welding") for patron in patrons), counter.demanded(LIBRARY, welding=1))
    counter.hear(*(counter.consent(patron, False, 1, at("2026-11-19")) for patron in patrons[:10]))
    assert counter.table("events", "people", by="day") == [(10, 10)]
    assert counter.measures()["enrolled"] == (10, 10, False)
    assert counter.table("held", by="skill") == [(10,)]
    assert (len(counter.rows("participations")), len(counter.rows("holders"))) == (30 - 10, 10)
    enrol(counter, patrons, "2026-11-20")
    assert counter.table("people", by="measure") == [(10,)]
    counter.hear(*(counter.consent(patron, True, 2, at("2026-11-20", 12)) for patron in patrons[:10]))
    assert counter.table("people", by="measure") == [(10,)], "what they did before stays uncounted"
    enrol(counter, patrons, "2026-11-21")
    assert counter.table("people", by="measure") == [(20,)]


def test_what_waits_for_a_consent_is_in_no_count_and_goes_with_the_person(counter: Counter) -> None:
    patrons = people(10)
    counter.hear(*(counter.consent(patron, False, 1, at("2026-11-18")) for patron in patrons))
    enrol(counter, patrons, "2026-11-18")
    assert counter.rows("waiting") == []
    enrol(counter, patrons, "2026-11-20")
    assert (len(counter.rows("waiting")), counter.measures()) == (10, {})
    (answer,) = counter.hear(counter.erased(patrons[0]))
    assert (answer.data["deleted"], len(counter.rows("waiting"))) == (1, 9)
    assert patrons[1] not in repr(counter.rows("waiting"))
    counter.hear(*(counter.consent(patron, True, 2, at("2026-11-19")) for patron in patrons))
    assert {row["measure"] for row in counter.rows("waiting")} == {"consent-given"}, "of the day of the consent itself"
    assert counter.rows("totals")[0]["measures"]["enrolled"] == {"events": 9, "people": 9}


@pytest.mark.parametrize(("members", "days"), [
    ({"days": ["2026-11-18", "2026-11-20"]}, {"2026-11-18": 1, "2026-11-20": 1}), ({}, {"2025-01-01": 1})])
def test_rows_of_the_first_version_are_read(members: Any, days: Any) -> None:
    [rows] = [each for each in COLLECTIONS if each.name == "participations"]
    assert rows.read({"_id": "n1|enrolled", "owner": LIBRARY, **members})["days"] == days


def test_other_consents_change_no_count(counter: Counter) -> None:
    patrons = people(10)
    enrol(counter, patrons, "2026-11-18")
    counter.hear(*(counter.consent(patron, False, 1, purpose="share-credentials") for patron in patrons))
    assert counter.table("people", by="measure") == [(10,)]
    assert counter.rows("uncounted") == []


def test_erasing_leaves_nothing_of_a_person_in_any_period(counter: Counter) -> None:
    patrons = people(21)
    for day in ("2025-03-01", "2026-11-19", "2026-11-20"):
        enrol(counter, patrons, day)
    counter.hear(counter.skilled(patrons[0], "urn:welding"))
    (answer,) = counter.hear(counter.erased(patrons[0]))
    assert answer.data["deleted"] == 3, "two measures and the skills"
    assert counter.table("people", by="day") == [(20,), (20,)]
    for patron in patrons[1:]:
        counter.hear(counter.erased(patron))
    assert not any(number for row in (*counter.rows("totals"), *counter.rows("months"))
                   for periods in row.get("people", {}).values() for number in periods.values())
    assert counter.rows("participations") == counter.rows("holders") == []
    assert set(counter.rows("uncounted")[0]) - {"schema_version"} == {"_id", "erased_at"}


def test_the_same_facts_in_any_order_and_any_batches_give_the_same_figures(work_factory: Any) -> None:
    facts = a_busy_month()
    figures = set()
    for seed in range(6):
        other, chance = Counter(work_factory), Random(seed)
        waiting = list(facts)
        if seed:
            chance.shuffle(waiting)
        while waiting:
            batch = [waiting.pop() for _ in range(min(len(waiting), chance.randint(1, 40)))]
            other.hear(*batch)
        figures.add(other.figures())
    assert len(figures) == 1
    assert '"people": 3' in figures.pop(), "some of them shown"


def a_busy_month() -> list[Any]:
    """Enrolments of two libraries, objections, erasures, changing skills: what an archive holds."""
    facts, source = [], Counter.without_state()
    patrons = people(44)
    for number, patron in enumerate(patrons):
        owner = HILL if number % 4 == 0 else LIBRARY
        for day in ("2026-11-03", "2026-11-12", "2026-11-20")[:1 + number % 3]:
            facts.append(source.enrolled(patron, owner, at(day)))
        facts += [source.skilled(patron, "urn:welding", sequence=1, owner=owner),
                  source.skilled(patron, "urn:driving", sequence=2, owner=owner)]
    facts += [source.erased(patron) for patron in patrons[:2]]
    facts += [source.consent(patron, False, 1, at("2026-11-13")) for patron in patrons[2:16]]
    facts += [source.consent(patron, True, 2, at("2026-11-16")) for patron in patrons[4:16]]
    facts += [source.consent(patron, False, 3, at("2026-11-18")) for patron in patrons[14:16]]
    return [*facts, source.demanded(LIBRARY, 1, welding=4), source.demanded(LIBRARY, 2, welding=3, driving=8)]
