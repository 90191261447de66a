"""Pay as boards write it: a small grammar of amounts, ranges, currencies and periods.

What has no amount in it (`Not Displayed`, `competitive`) is no stated pay.
"""

import math
import re

from services.jobs.feeds.domain.raw import RawPay
from services.jobs.feeds.domain.values import line
from services.jobs.postings.domain.posting import Pay

SIGNS = {"$": "USD", "us$": "USD", "c$": "CAD", "ca$": "CAD", "a$": "AUD", "au$": "AUD", "€": "EUR", "£": "GBP",
         "¥": "JPY", "₹": "INR"}
CODE = re.compile(r"\b(USD|CAD|AUD|NZD|EUR|GBP|CHF|JPY|INR|SEK|NOK|DKK|PLN|MXN|BRL|SGD|HKD|ZAR)\b", re.IGNORECASE)
SIGN = re.compile(r"(?:US|CA|AU|C|A)?\$|[€£¥₹]", re.IGNORECASE)
AMOUNT = re.compile(
    r"(?<![\w.,])(?:(?:US|CA|AU|C|A)?\$|[€£¥₹])?\s?(?P<digits>\d[\d.,' ]*\d|\d)\s?(?P<thousand>[kK]\b)?"
    r"(?P<percent>\s?%)?", re.IGNORECASE)
GROUPED = re.compile(r"\d{1,3}(?:[.,' ]\d{3})+(?:[.,]\d{1,2})?")
PERIODS = (
    ("hour", r"hours?|hrs?|hourly|h|ph"), ("day", r"days?|daily|pd"), ("week", r"weeks?|weekly|wk|pw"),
    ("month", r"months?|monthly|mo|pm"), ("year", r"years?|yearly|yr|annum|annually|annual|p\.?a\.?|pa"))
PERIOD_WORDS = tuple((name, re.compile(rf"(?<![a-z])(?:{words})(?![a-z])", re.IGNORECASE)) for name, words in PERIODS)
NO_PERIOD = re.compile(r"bi-?weekly|semi-?monthly|fortnight|\bbw\b", re.IGNORECASE)
UPWARDS = re.compile(r"\b(from|starting|starts|at least|minimum|min)\b|\+\s*(?:$|/|per)", re.IGNORECASE)
UP_TO = re.compile(r"\b(up to|maximum|max|to a maximum of)\b", re.IGNORECASE)
RANGE = re.compile(r"\s*(?:/\s*\w+|per \w+|an? \w+|[A-Z]{3})?\s*(?:-|–|—|to|and|until|\.\.)\s*", re.IGNORECASE)
MAX_TEXT = 200
MOST = 100_000_000


def pay_of(raw: RawPay | None) -> Pay | None:
    """Stated pay, or None when no amount is stated."""
    if raw is None:
        return None
    if raw.minimum is None and raw.maximum is None:
        return _read(raw.text or "", raw)
    low, high = _amount_of(raw.minimum), _amount_of(raw.maximum)
    if low is None and high is None:
        return _read(raw.text or _stated(raw.minimum) or _stated(raw.maximum), raw)
    words = raw.text or _worded(low, high, raw)
    currency = currency_of(raw.currency) or currency_of(_stated(raw.minimum))
    return _made(words, low, high, currency, period_of(raw.period))


def period_of(text: str | None) -> str | None:
    """hour, day, week, month or year: of a word, of schema.org's `YEAR` or USAJOBS' `PA`."""
    if not text or NO_PERIOD.search(text):
        return None
    return next((name for name, words in PERIOD_WORDS if words.search(text)), None)


def currency_of(text: str | None) -> str | None:
    """ISO 4217: of a code, or of a sign (a bare $ is the US dollar)."""
    if not text:
        return None
    if code := CODE.search(text):
        return code[0].upper()
    sign = SIGN.search(text)
    return SIGNS[sign[0].lower()] if sign else None


def number_of(text: str) -> float | None:
    """`100,000`, `100.000`, `18.50`, `1 234,56`: three digits after a sign are thousands, one or two are cents."""
    text = text.strip(" '.,")
    if GROUPED.fullmatch(text):
        tail = re.search(r"[.,](\d{1,2})$", text)
        whole = text[:tail.start()] if tail else text
        plain = re.sub(r"\D", "", whole) + (f".{tail[1]}" if tail else "")
    else:
        plain = text.replace(" ", "").replace(",", ".")
    try:
        found = float(plain)
    except ValueError:
        return None
    return found if 0 < found <= MOST else None


def _read(text: str, raw: RawPay) -> Pay | None:
    amounts = [found for found in AMOUNT.finditer(text[:MAX_TEXT]) if not found["percent"]]
    numbers = [(found, number) for found in amounts if (number := _in_full(found)) is not None]
    if not numbers:
        return None
    (first, low), *others = numbers
    high: float | None = None
    for second, number in others[:1]:
        if RANGE.fullmatch(text[first.end():second.start()]):
            low, high = _same_scale(first, low, second, number), number
    currency = currency_of(raw.currency) or currency_of(text)
    period = period_of(raw.period) or period_of(AMOUNT.sub(" ", text))
    if high is None and UP_TO.search(text[:first.start()]):
        return _made(text, None, low, currency, period)
    if high is None and not UPWARDS.search(text):
        high = low
    return _made(text, low, high, currency, period)


def _same_scale(first: re.Match[str], low: float, second: re.Match[str], high: float) -> float:
    """`$80-95k` means eighty thousand."""
    return low * 1000 if second["thousand"] and not first["thousand"] and low < 1000 <= high else low


def _in_full(found: re.Match[str]) -> float | None:
    number = number_of(found["digits"])
    return number * 1000 if number is not None and found["thousand"] else number


def _made(text: str, low: float | None, high: float | None, currency: str | None, period: str | None) -> Pay:
    if low is not None and high is not None and low > high:
        low, high = high, low
    return Pay((line(text) or "")[:MAX_TEXT], low, high, currency, period)


def _amount_of(value: object) -> float | None:
    """Numbers, and texts that are a single amount."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) and 0 < value <= MOST else None
    if isinstance(value, str) and (found := AMOUNT.fullmatch(value.strip())) and not found["percent"]:
        return _in_full(found)
    return None


def _stated(value: object) -> str:
    return value if isinstance(value, str) else ""


def _worded(low: float | None, high: float | None, raw: RawPay) -> str:
    """What the board would have written."""
    numbers = " - ".join(f"{each:,.2f}".removesuffix(".00") for each in dict.fromkeys((low, high)) if each is not None)
    words = [*([raw.currency] if raw.currency else []), numbers, *([f"per {raw.period}"] if raw.period else [])]
    return " ".join(words)
