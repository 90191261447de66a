"""Pay as boards write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.jobs.feeds.domain.pays import number_of, pay_of
from services.jobs.feeds.domain.raw import RawPay

TEXTS = {
    "$18.50 - $22/hr": (18.5, 22, "USD", "hour"),
    "$18.50-$22.00 per hour": (18.5, 22, "USD", "hour"),
    "$100,000": (100_000, 100_000, "USD", None),
    "$100k-$120k": (100_000, 120_000, "USD", None),
    "$80-95K a year": (80_000, 95_000, "USD", "year"),
    "£30,000 – £35,000 per annum": (30_000, 35_000, "GBP", "year"),
    "EUR 30.000 bis": (30_000, 30_000, "EUR", None),
    "1.234,56 € monthly": (1234.56, 1234.56, "EUR", "month"),
    "CA$60,000 to CA$70,000 annually": (60_000, 70_000, "CAD", "year"),
    "18.5 to 22 an hour": (18.5, 22, None, "hour"),
    "Up to $50,000": (None, 50_000, "USD", None),
    "From $20/hr": (20, None, "USD", "hour"),
    "$20+ per hour": (20, None, "USD", "hour"),
    "USD 1,200 bi-weekly": (1200, 1200, "USD", None),
    "$22 - $18 hourly": (18, 22, "USD", "hour"),
    "$25/hour plus 10% bonus": (25, 25, "USD", "hour"),
    "$4,000.00 - $5,000.00 Monthly": (4000, 5000, "USD", "month"),
}


@pytest.mark.parametrize(("written", "meant"), TEXTS.items(), ids=str)
def test_pay_is_read_from_words(written: str, meant: tuple[object, ...]) -> None:
    pay = pay_of(RawPay(written))
    assert pay is not None
    assert (pay.minimum, pay.maximum, pay.currency, pay.period) == meant
    assert pay.text == written


@pytest.mark.parametrize("written", [
    "Not Displayed", "", "competitive", "DOE", "see posting", "$", "10%", "0", "$0.00"])
def test_words_without_an_amount_are_no_pay(written: str) -> None:
    assert pay_of(RawPay(written)) is None
    assert pay_of(RawPay(None, written, None, "USD", "Hour")) is None


def test_amounts_may_be_numbers_or_texts() -> None:
    pay = pay_of(RawPay(None, "135000", 175000.0, "USD", "Year"))
    assert pay is not None
    assert (pay.minimum, pay.maximum, pay.currency, pay.period) == (135_000, 175_000, "USD", "year")
    assert pay.text == "USD 135,000 - 175,000 per Year"


@pytest.mark.parametrize("odd", [True, float("nan"), float("inf"), -5, 10**30, [], {}, "a", None])
def test_an_odd_amount_is_none(odd: object) -> None:
    assert pay_of(RawPay(None, odd, odd, "USD", "year")) is None


@pytest.mark.parametrize(("unit", "period"), [
    ("YEAR", "year"), ("HOUR", "hour"), ("PA", "year"), ("per-hour-wage", "hour"), ("per-year-salary", "year"),
    ("Biweekly", None), ("fee", None)])
def test_units_of_standards_are_periods(unit: str, period: str | None) -> None:
    pay = pay_of(RawPay(None, 10, 20, "USD", unit))
    assert pay is not None
    assert pay.period == period


@given(st.text(alphabet="$€£0123456789.,kK -–/hryearto+%\x00'", max_size=60))
def test_whatever_is_written_the_amounts_are_sane(written: str) -> None:
    pay = pay_of(RawPay(written))
    if pay is not None and pay.minimum is not None and pay.maximum is not None:
        assert 0 < pay.minimum <= pay.maximum


@pytest.mark.parametrize(("written", "meant"), [
    ("100,000", 100_000), ("1 234,56", 1234.56), ("1'000", 1000), ("18.50", 18.5), ("30.000", 30_000), ("18,5", 18.5),
    ("1.2.3", None)])
def test_signs_between_digits(written: str, meant: float | None) -> None:
    assert number_of(written) == meant
