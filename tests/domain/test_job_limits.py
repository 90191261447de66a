"""What one item may be: a feed's posting out of all measure is cut or rejected, and ends no import."""

import io
import json
from typing import Any

import pytest

from services.jobs.feeds.adapters.reading import FORMATS, read
from services.jobs.feeds.adapters.shape import Context
from services.jobs.feeds.domain.places import MOST_PLACES
from services.jobs.feeds.domain.raw import NotAPosting, RawPosting
from services.jobs.feeds.domain.values import MAX_LINE
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
