"""Dates as boards write them: every shape that was met, and what is no date."""

import pytest

from libranet.clock import rfc3339
from services.jobs.feeds.domain import dates

SHAPES = {
    "2026-07-29T08:50:01-04:00": "2026-07-29T12:50:01.000Z",
    "2026-07-29T08:50:01Z": "2026-07-29T08:50:01.000Z",
    "2012-12-29T00:09:56": "2012-12-29T00:09:56.000Z",
    "2026-10-01T09:30:00.1234567Z": "2026-10-01T09:30:00.123Z",
    "2013-04-12 15:52:34.19": "2013-04-12T15:52:34.190Z",
    "2026-07-10": "2026-07-10T00:00:00.000Z",
    "20260710": "2026-07-10T00:00:00.000Z",
    "2026-07-10T05:00+0530": "2026-07-09T23:30:00.000Z",
    "Wed, 19 Aug 2026 23:10:38 GMT": "2026-08-19T23:10:38.000Z",
    "Wed, 19 Aug 2026 23:10:38 -0500": "2026-08-20T04:10:38.000Z",
    "Wed, 19 Aug 2026 18:10:38 EST": "2026-08-19T23:10:38.000Z",
    "Sun, 20 Sep 2026 04:59:00:0": "2026-09-20T04:59:00.000Z",
    "Fri, 12 Apr 2013": "2013-04-12T00:00:00.000Z",
    "07/29/2026": "2026-07-29T00:00:00.000Z",
    "29.07.2026": "2026-07-29T00:00:00.000Z",
    "7/4/2026 5:30 PM": "2026-07-04T17:30:00.000Z",
    "12/31/2026 12:00 AM": "2026-12-31T00:00:00.000Z",
    "July 4, 2026": "2026-07-04T00:00:00.000Z",
    "4 July 2026": "2026-07-04T00:00:00.000Z",
    "04-Jul-2026": "2026-07-04T00:00:00.000Z",
    "1764205361939": "2025-11-27T01:02:41.939Z",
    1764205361939: "2025-11-27T01:02:41.939Z",
    1764205361: "2025-11-27T01:02:41.000Z",
    1764205361.5: "2025-11-27T01:02:41.500Z",
}


@pytest.mark.parametrize(("written", "meant"), SHAPES.items(), ids=str)
def test_a_date_is_read_in_every_shape_that_boards_use(written: object, meant: str) -> None:
    found = dates.moment(written)
    assert found is not None
    assert rfc3339(found) == meant


@pytest.mark.parametrize("written", [
    None, "", " ", "Continuous", "Open until filled", "Invalid Date", "Posted Yesterday", "0000-00-00", "2026-02-30",
    "31/31/2026", "2026-13-01", "99999999999999999999", "1e400", float("inf"), float("nan"), -1.5e300, True, [], {},
    "9" * 500, "2026-07-10T25:00:00", "13:00 PM", "7/4/2026 13:30 PM", "12 Foo 2026", "٢٠٢٦-٠٧-١٠", "1969-12-31",
    "3000-01-01", "07/29/26"])
def test_what_is_no_date_is_none(written: object) -> None:
    assert dates.moment(written) is None


def test_the_order_decides_what_can_be_read_two_ways_and_nothing_else() -> None:
    assert dates.moment("03/04/2026", dates.MDY) == dates.moment("2026-03-04")
    assert dates.moment("03/04/2026", dates.DMY) == dates.moment("2026-04-03")
    for order in dates.ORDERS:
        assert dates.moment("25/12/2026", order) == dates.moment("12/25/2026", order) == dates.moment("2026-12-25")


def test_a_closing_day_lasts_until_its_end() -> None:
    assert dates.moment("2026-07-10", end_of_day=True) == dates.moment("2026-07-10T23:59:59Z")
    assert dates.moment("2026-07-10T08:00:00Z", end_of_day=True) == dates.moment("2026-07-10T08:00:00Z")


def test_the_first_readable_of_several_dates_counts() -> None:
    assert dates.first((None, "Invalid Date", "2026-07-10", "2026-07-11")) == dates.moment("2026-07-10")
    assert dates.first((None, "soon")) is None
