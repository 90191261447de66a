"""What one item may be: a feed's posting out of all measure is cut or rejected, and ends no import."""

import html
import io
import json
from typing import Any

import pytest

from services.jobs.feeds.adapters import xml_items
from services.jobs.feeds.adapters.reading import FORMATS, read
from services.jobs.feeds.adapters.shape import Context
from services.jobs.feeds.domain.places import MOST_PLACES
from services.jobs.feeds.domain.raw import NotAPosting, RawPosting
from services.jobs.feeds.domain.values import MAX_CLEANED, MAX_LINE, short
from services.jobs.postings.domain.posting import Place


def read_one(document: object, form: str) -> RawPosting:
    """What is read of a file with this one item."""
    (_, item), = read(io.BytesIO(json.dumps(document).encode()), FORMATS[form], Context())
    assert isinstance(item, RawPosting), item
    return item


def test_degrees_of_hundreds_of_digits_are_none() -> None:
    place = {"geo": {"latitude": 10 ** 400, "longitude": -10 ** 400}, "address": {"addressLocality": "Gary"}}
    found = read_one({"@type": "JobPosting", "title": "x", "jobLocation": place}, "job-page").places[0]
    assert (found.locality, found.latitude, found.longitude) == ("Gary", None, None)


def test_an_amount_of_hundreds_of_digits_costs_its_own_item_only() -> None:
    jobs = [{"id": 1, "title": "x", "pay_input_ranges": [{"min_cents": int("9" * 400), "max_cents": 1}]},
            {"id": 2, "title": "y"}]
    found = read(io.BytesIO(json.dumps({"jobs": jobs}).encode()), FORMATS["greenhouse"], Context())
    assert [isinstance(item, RawPosting) for _, item in found] == [False, True]


MANY = [f"Town {n}" for n in range(5000)]


@pytest.mark.parametrize(("document", "form"), [
    ([{"id": 1, "text": "x", "categories": {"allLocations": MANY}}], "lever"),
    ({"jobs": [{"id": 1, "title": "x", "location": {"name": "; ".join(MANY)}}]}, "greenhouse"),
    ({"jobs": [{"id": 1, "title": "x", "offices": [{"name": each} for each in MANY]}]}, "greenhouse"),
    ({"@type": "JobPosting", "title": "x", "jobLocation": MANY}, "job-page"),
    ({"@type": "JobPosting", "title": "x", "applicantLocationRequirements": MANY}, "job-page")])
def test_of_thousands_of_places_the_first_are_kept(document: object, form: str) -> None:
    assert [each.label for each in read_one(document, form).places] == MANY[:MOST_PLACES]


def test_a_place_and_a_kind_of_employment_are_cut_where_they_are_out_of_all_measure() -> None:
    place = read_one({"jobs": [{"id": 1, "title": "x", "location": {"name": "x" * 9000}}]}, "greenhouse").places[0]
    assert len(place.label) == MAX_LINE
    kinds = read_one({"@type": "JobPosting", "title": "x", "employmentType": ["FULL_TIME"] * 9000}, "job-page")
    assert len(kinds.employment_type or "") == MAX_LINE


@pytest.mark.parametrize("more", [
    {"places": (Place("Gary"),) * (MOST_PLACES + 1)}, {"employment_type": "x" * (MAX_LINE + 1)}])
def test_no_adapter_can_make_a_posting_out_of_all_measure(more: dict[str, Any]) -> None:
    with pytest.raises(NotAPosting):
        RawPosting("1", "x", **more)


RSS = '<rss version="2.0" xmlns:joblisting="http://www.neogov.com/namespaces/JobListing">{}</rss>'
ITEM = "<item><joblisting:jobId>1</joblisting:jobId><title>x</title></item>"


def neogov(content: str) -> list[RawPosting]:
    found = [item for _, item in read(io.BytesIO(RSS.format(content).encode()), FORMATS["neogov"], Context())]
    assert all(isinstance(each, RawPosting) for each in found)
    return found  # type: ignore[return-value]


@pytest.mark.parametrize("beside", [
    "<channel>{item}</channel><b>{many}</b>", "<channel><b>{many}</b>{item}</channel>",
    "<channel>{many}{item}</channel>", "<channel>{item}<b><c/>{many}</b><b>{item}</b></channel>",
    "<channel><b>{many}<c>{item}</c></b></channel>"])
def test_an_xml_file_leaves_little_in_the_tree_wherever_it_stands(beside: str) -> None:
    """What the parser has read ahead, a piece of 32 KiB, is there as well."""
    content = RSS.format(beside.format(item=ITEM, many="<a/>" * 20_000) * 10 + f"<channel>{ITEM}</channel>")
    left = [sum(1 for _ in item.getroottree().iter()) for item in xml_items.items(io.BytesIO(content.encode()), "item")]
    assert len(left) >= 11
    assert max(left) < 10_000


def test_what_is_long_beside_the_items_is_not_read_again_for_each() -> None:
    title = f"<title>{'&amp;amp;' * 100_000}</title><language>en</language>"
    content = f"<channel>{title}{ITEM * 20}</channel>"
    for item in xml_items.items(io.BytesIO(RSS.format(content).encode()), "item"):
        assert len("".join(item.getparent().itertext())) < 2 * xml_items.MOST_LEFT
    found = neogov(content)
    assert {(each.employer, each.language) for each in found} == {(None, "en")}


def test_each_of_many_items_is_told_its_own_channels_employer() -> None:
    channels = "".join(f"<channel><title>City {n}</title>{'<x/>' * 20}{ITEM * 1000}</channel>" for n in range(3))
    assert [each.employer for each in neogov(channels)] == [f"City {n}" for n in range(3) for _ in range(1000)]


def test_a_short_line_is_made_of_no_more_than_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    cleaned: list[int] = []
    unescape = html.unescape
    monkeypatch.setattr(html, "unescape", lambda text: (cleaned.append(len(text)), unescape(text))[1])
    assert short("&amp;" * 100_000) == "&" * MAX_LINE
    assert sum(cleaned) <= MAX_CLEANED
