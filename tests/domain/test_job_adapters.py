"""Five boards, one shape: what is read of small files like theirs, with all their known traps."""

from pathlib import Path

import pytest

from libranet.clock import now, rfc3339
from services.jobs.feeds.adapters.reading import FORMATS, read
from services.jobs.feeds.adapters.shape import Context
from services.jobs.feeds.adapters.sniffing import format_of
from services.jobs.feeds.domain.raw import Rejected
from services.jobs.feeds.domain.shaping import Origin, shape
from services.jobs.postings.domain.posting import Posting

FILES = Path(__file__).parents[1] / "fixtures" / "job_feeds"


def items(name: str, url: str | None = None) -> dict[int, Posting | str]:
    """By position a posting, or why there is none; the format is told from the file."""
    with (FILES / name).open("rb") as file:
        found = read(file, format_of(file), Context(url=url))
        return {position: item.reason if isinstance(item, Rejected)
                else shape(item, Origin("feed", "test"), "id", lambda *_: (), now()) for position, item in found}


def postings(name: str, url: str | None = None) -> dict[int, Posting]:
    return {position: each for position, each in items(name, url).items() if isinstance(each, Posting)}


@pytest.mark.parametrize(("name", "form"), [
    ("greenhouse.json", "greenhouse"), ("lever.json", "lever"), ("neogov.rss", "neogov"),
    ("usajobs_hrxml.xml", "usajobs-hrxml"), ("job_page.html", "job-page")])
def test_a_format_is_told_from_the_file(name: str, form: str) -> None:
    with (FILES / name).open("rb") as file:
        assert format_of(file) is FORMATS[form]


def test_greenhouse() -> None:
    first = postings("greenhouse.json")[1]
    assert (first.source_id, first.title, first.employer, first.requisition) == (
        "501", "Library Technician", "Example Labs", "R-1")
    assert first.description_html == "<h2>You</h2><p>Know <b>MARC</b> &amp; Dublin Core.</p>"
    assert first.text == "You\nKnow MARC & Dublin Core."
    assert [(place.locality, place.region) for place in first.places] == [("Chicago", "IL")]
    assert first.remote
    assert first.posted_at is not None
    assert rfc3339(first.posted_at) == "2026-10-01T13:30:00.000Z"
    assert first.closes_at is not None
    assert rfc3339(first.closes_at) == "2099-12-31T23:59:59.000Z"
    assert first.pay is not None
    assert (first.pay.minimum, first.pay.maximum, first.pay.currency) == (45_000, 60_000, "USD")
    assert first.pay.period == "year"
    assert (first.employment_type, first.language, first.state) == ("Full time", "en", "open")


def test_greenhouse_keeps_the_place_of_each_bad_item_and_reads_on() -> None:
    found = items("greenhouse.json")
    assert {position: each for position, each in found.items() if isinstance(each, str)} == {
        2: "it is a post for prospects, not a vacancy (no internal_job_id)", 3: "it has no title", 5: "it has no id"}
    assert {position: each.title for position, each in postings("greenhouse.json").items()} == {
        1: "Library Technician", 4: "Bookmobile Driver", 6: "Archivist"}
    assert postings("greenhouse.json")[4].url is None
    assert [place.label for place in postings("greenhouse.json")[6].places] == ["Lansing, Michigan"]


def test_lever() -> None:
    first, second = postings("lever.json").values()
    assert (first.source_id, first.title, first.employer) == ("a1", "Welder", "examplesteel")
    assert first.text == "Join steel.\nYou bring\nMIG welding\nBlueprints\nEqual opportunity."
    assert [place.locality for place in first.places] == ["Gary", "Hammond"]
    assert first.posted_at is not None
    assert rfc3339(first.posted_at) == "2026-01-01T00:00:00.000Z"
    assert first.closes_at is None
    assert first.pay is not None
    assert (first.pay.minimum, first.pay.maximum, first.pay.period) == (24.5, 31, "hour")
    assert not first.remote
    assert second.remote
    assert second.text == "Plan.\nThen plan again."
    assert second.posted_at == first.posted_at
    assert second.places == ()


def test_neogov() -> None:
    first, second = postings("neogov.rss").values()
    assert (first.source_id, first.title, first.employer) == ("1", "Librarian I & Storyteller", "City of Example")
    assert first.text == "Read aloud.\nDepartment\nLibrary\nQualifications\nMLIS"
    assert [(place.locality, place.region, place.country) for place in first.places] == [("Riverside", "CA", "US")]
    assert first.posted_at is not None
    assert rfc3339(first.posted_at) == "2026-09-12T15:52:34.190Z"
    assert first.closes_at is not None
    assert rfc3339(first.closes_at) == "2099-09-20T04:59:00.000Z"
    assert first.pay is not None
    assert (first.pay.minimum, first.pay.maximum, first.pay.period) == (28.37, 38.87, "hour")
    assert second.source_id == second.url == "https://www.governmentjobs.com/careers/example/jobs/2"
    assert second.posted_at is not None
    assert rfc3339(second.posted_at) == "2026-08-19T23:10:38.000Z"
    assert (second.closes_at, second.pay, second.places, second.remote) == (None, None, (), True)
    assert items("neogov.rss")[3] == "it has no title"


def test_usajobs_hrxml() -> None:
    first = postings("usajobs_hrxml.xml")[1]
    assert (first.source_id, first.title, first.employer) == ("7001", "Nurse", "Example Health")
    assert first.requisition == "EX-1"
    assert first.text == ("Care for veterans.\nDuties\nFirst line.\nSecond line.\nQualifications\nA licence.\n"
                          "Key requirements\nCitizenship\nNight shifts & weekends")
    assert [(place.locality, place.region) for place in first.places] == [("Odessa", "TX"), ("Arlington", "VA")]
    assert first.pay is not None
    assert (first.pay.minimum, first.pay.maximum, first.pay.currency, first.pay.period) == (17.01, 23.29, "USD", "hour")
    assert first.employment_type == "Part-Time"
    assert first.url == "https://www.usajobs.gov/job/7001"
    assert items("usajobs_hrxml.xml")[2] == "its status is Cancelled"


def test_a_job_page_with_comments_control_characters_a_graph_and_an_unquoted_type() -> None:
    found = items("job_page.html", url="https://foods.example.org/careers")
    cook, clerk, broken = found.values()
    assert isinstance(cook, Posting)
    assert (cook.source_id, cook.title, cook.employer) == ("LC-7", "Line Cook & Baker", "Example Foods")
    assert cook.description_html == "<p>Cook with\tcare.</p>"
    assert cook.url == "https://foods.example.org/jobs/lc-7"
    place, = cook.places
    assert (place.country, place.region, place.locality, place.postal_code, place.latitude) == (
        "US", "IL", "Springfield", "62701", 39.8)
    assert cook.pay is not None
    assert (cook.pay.minimum, cook.pay.maximum, cook.pay.currency, cook.pay.period) == (18.5, 22, "USD", "hour")
    assert cook.employment_type == "FULL_TIME, PART_TIME"
    assert cook.closes_at is not None
    assert isinstance(clerk, Posting)
    assert (clerk.remote, clerk.pay, clerk.source_id) == (True, None, "https://foods.example.org/careers")
    assert [each.country for each in clerk.places] == ["US"]
    assert isinstance(broken, str)
    assert broken.startswith("its JSON-LD is broken")


def test_a_page_that_names_neither_id_nor_address_has_the_same_id_each_time() -> None:
    first, again = (postings("job_page.html")[2].source_id for _ in range(2))
    assert first == again
    assert first.startswith("derived:")
