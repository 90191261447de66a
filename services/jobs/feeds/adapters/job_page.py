"""A page with schema.org JobPostings in JSON-LD, as search engines read it; or such JSON-LD itself."""

import hashlib
from typing import Any
from urllib.parse import urljoin

from services.jobs.feeds.adapters.shape import PAGE, Context, Format
from services.jobs.feeds.domain import places
from services.jobs.feeds.domain.raw import NotAPosting, RawPay, RawPosting
from services.jobs.feeds.domain.values import at, line, many, short, text, web_address
from services.jobs.postings.domain.posting import Place


def read(item: Any, context: Context) -> RawPosting:
    """`description` is HTML, which some pages escape once or twice more. Pay in `estimatedSalary` is a guess of the
    board's and is left out."""
    if isinstance(item, NotAPosting):
        raise item
    kept = (places.kept(map(_place, many(at(item, "jobLocation"))))
            or places.kept(map(_country, many(at(item, "applicantLocationRequirements")))))
    title, employer = line(_value(at(item, "title"))), _name(at(item, "hiringOrganization"))
    number, url = _identifier(item), _address(item, context)
    return RawPosting(
        source_id=number or url or _derived(title, employer, kept), title=title,
        description=text(_value(at(item, "description"))) or "", employer=employer, requisition=number, url=url,
        places=kept, remote="TELECOMMUTE" in {line(each) for each in many(at(item, "jobLocationType"))},
        posted=_value(at(item, "datePosted")), closes=_value(at(item, "validThrough")), pay=_pay(item),
        employment_type=short(", ".join(filter(None, map(short, many(at(item, "employmentType")))))),
        language=short(_value(at(item, "inLanguage"))))


def _value(given: Any) -> Any:
    """The first of several, the `@value` of a typed one."""
    first = many(given)[0] if many(given) else None
    return at(first, "@value") if isinstance(first, dict) and "@value" in first else first


def _name(given: Any) -> str | None:
    first = _value(given)
    return short(at(first, "name")) if isinstance(first, dict) else short(first)


def _identifier(item: Any) -> str | None:
    """A text, or a PropertyValue."""
    given = _value(at(item, "identifier"))
    return line(at(given, "value")) if isinstance(given, dict) else line(given)


def _address(item: Any, context: Context) -> str | None:
    given = line(_value(at(item, "url"))) or line(at(item, "@id"))
    if given and context.url:
        given = urljoin(context.url, given)
    return web_address(given) or web_address(context.url)


def _derived(title: str | None, employer: str | None, found: tuple[Place, ...]) -> str | None:
    """Of a page that names neither id nor address: the same title, employer and places are the same posting."""
    told = repr((title, employer, [place.label for place in found]))
    return f"derived:{hashlib.sha256(told.encode()).hexdigest()[:24]}" if title else None


def _place(given: Any) -> Place | None:
    address = at(given, "address") if isinstance(given, dict) and "address" in given else given
    address = _value(address)
    if not isinstance(address, dict):
        return places.place(short(address))
    latitude, longitude = _degrees(given, "latitude", 90), _degrees(given, "longitude", 180)
    return places.addressed(
        short(_value(at(address, "addressLocality"))), _name(at(address, "addressRegion")),
        _name(at(address, "addressCountry")), short(_value(at(address, "postalCode"))), latitude, longitude)


def _country(given: Any) -> Place | None:
    name = _name(given)
    return places.addressed(None, None, name) if name else None


def _degrees(given: Any, name: str, most: float) -> float | None:
    try:
        number = float(at(given, "geo", name) or at(given, name))
    except (TypeError, ValueError, ArithmeticError):
        return None
    return number if abs(number) <= most else None


def _pay(item: Any) -> RawPay | None:
    """A MonetaryAmount with a number, a text or a QuantitativeValue; or any of these bare."""
    stated = _value(at(item, "baseSalary"))
    currency = short(at(stated, "currency")) or short(at(item, "salaryCurrency"))
    value = _value(at(stated, "value")) if isinstance(stated, dict) and "value" in stated else stated
    period = short(at(value, "unitText")) or short(at(stated, "unitText"))
    if isinstance(value, dict):
        exact = at(value, "value")
        low, high = at(value, "minValue"), at(value, "maxValue")
        if low is None and high is None:
            low = high = exact
        return RawPay(text(exact), low, high, currency, period)
    if isinstance(value, str):
        return RawPay(value, None, None, currency, period)
    return RawPay(None, value, value, currency, period) if value is not None else None


JOB_PAGE = Format(
    "job-page", PAGE, "JobPosting", read, "a web page with schema.org JobPostings in JSON-LD, or such JSON-LD")
