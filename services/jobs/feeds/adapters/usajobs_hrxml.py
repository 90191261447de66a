"""USAJOBS' bulk file in HR-XML 3.1: `PositionOpening`s in two namespaces (HR-XML 3, OAGIS 9)."""

from typing import Any

from services.jobs.feeds.adapters.elements import child, children, words
from services.jobs.feeds.adapters.shape import XML, Context, Format
from services.jobs.feeds.domain import markup, places
from services.jobs.feeds.domain.raw import NotAPosting, RawPay, RawPosting
from services.jobs.feeds.domain.values import line, short

PERIODS = {"PA": "year", "PM": "month", "PW": "week", "PD": "day", "PH": "hour"}
"""Of the rate codes those that are a period; pay for a fortnight, a fee or a piece is stated without one."""
TEXTS = (
    (None, ("Overview", "JobSummary")), ("Duties", ("Duties", "MajorDuties")),
    ("Qualifications", ("QualificationsAndEvaluation", "Qualifications")),
    ("Education", ("QualificationsAndEvaluation", "Education")),
    ("Requirements", ("QualificationsAndEvaluation", "Requirements")))


def read(item: Any, context: Context) -> RawPosting:
    status = line(words(item, "PositionOpeningStatusCode"))
    if status and status.casefold() != "active":
        raise NotAPosting(f"its status is {status[:40]}")
    profile = child(item, "PositionProfile")
    number = line(words(item, "DocumentID"))
    names = [name for each in children(profile, "PositionLocation") if (name := short(words(each, "LocationName")))]
    found = (places.place(name, context.country or "US") for name in names)
    return RawPosting(
        source_id=number, title=line(words(profile, "PositionTitle")), description=_description(profile),
        employer=short(words(profile, "PositionOrganization", "OrganizationIdentifiers", "OrganizationName")),
        requisition=short(words(profile, "PositionID")), url=_address(number),
        places=places.kept(found), remote=any(map(places.is_remote, names)),
        posted=words(profile, "PositionPeriod", "StartDate", "FormattedDateTime"),
        closes=words(profile, "PositionPeriod", "EndDate", "FormattedDateTime"), pay=_pay(profile),
        employment_type=_named(words(profile, "PositionScheduleTypeCode")))


def _address(number: str | None) -> str | None:
    """The file holds none; this is where USAJOBS shows the announcement of a control number."""
    return f"https://www.usajobs.gov/job/{number}" if number and number.isdecimal() else None


def _description(profile: Any) -> str:
    body = child(profile, "UserArea", "GOVT_XMLJobBody")
    requirements = "".join(f"<li>{each}</li>" for element in children(body, "Overview", "KeyRequirement")
                           if (each := markup.with_marks(words(element) or "")))
    parts = [(heading, words(body, *path)) for heading, path in TEXTS]
    return markup.paragraphs([*parts, ("Key requirements", f"<ul>{requirements}</ul>" if requirements else None)])


def _pay(profile: Any) -> RawPay | None:
    stated = child(profile, "OfferedRemunerationPackage", "RemunerationRange")
    if stated is None:
        return None
    least = child(stated, "RemunerationMinimumAmount")
    code = words(stated, "RemunerationRateIntervalCode") or ""
    currency = least.get("currencyID") if least is not None else None
    return RawPay(None, words(least) if least is not None else None, words(stated, "RemunerationMaximumAmount"),
                  currency, PERIODS.get(code))


def _named(code: str | None) -> str | None:
    """`Full-Time` of `1-Full-Time`."""
    number, _, name = (short(code) or "").partition("-")
    return (name if number.isdecimal() else short(code)) or None


USAJOBS_HRXML = Format(
    "usajobs-hrxml", XML, "PositionOpening", read, "HR-XML that begins with <ShowPositionOpening>")
