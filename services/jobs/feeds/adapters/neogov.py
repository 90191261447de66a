"""NeoGov and GovernmentJobs: RSS with a `joblisting:` namespace, as most cities, counties and library systems publish.

`pubDate` is RFC 822 at some agencies and is not at others; pay may be `Not Displayed`, a closing date `Continuous`.
"""

from typing import Any

from services.jobs.feeds.adapters.elements import words
from services.jobs.feeds.adapters.shape import XML, Context, Format
from services.jobs.feeds.domain import markup, places
from services.jobs.feeds.domain.raw import RawPay, RawPosting
from services.jobs.feeds.domain.values import line, short, web_address
from services.jobs.postings.domain.posting import Place

NAMESPACE = "http://www.neogov.com/namespaces/JobListing"


def read(item: Any, context: Context) -> RawPosting:
    """The employer is the agency, which the channel names."""
    where = short(words(item, "location"))
    channel = item.getparent()
    return RawPosting(
        source_id=line(words(item, "jobId")) or line(words(item, "guid")) or line(words(item, "link")),
        title=line(words(item, "title")), description=_description(item),
        employer=short(words(channel, "title")) or short(words(item, "department")),
        requisition=short(words(item, "jobNumberSingle")),
        url=web_address(words(item, "link")) or web_address(words(item, "guid")),
        places=_places(where, short(words(item, "state")), context), remote=places.is_remote(where),
        posted=(words(item, "advertiseFromDateUTC"), words(item, "advertiseFromDate"), words(item, "pubDate")),
        closes=(words(item, "advertiseToDateTimeUTC"), words(item, "advertiseToDateTime")), pay=_pay(item),
        employment_type=short(words(item, "jobType")), language=short(words(channel, "language")))


def _places(where: str | None, state: str | None, context: Context) -> tuple[Place, ...]:
    if places.is_remote(where):
        return ()
    found = places.addressed(where, state, context.country) if state else places.place(where, context.country)
    return (found,) if found else ()


def _description(item: Any) -> str:
    return markup.paragraphs((
        (None, words(item, "description")), ("Department", words(item, "department")),
        ("Examples of duties", words(item, "examplesofduties")), ("Qualifications", words(item, "qualifications")),
        ("Supplemental information", words(item, "supplementalinformation"))))


def _pay(item: Any) -> RawPay:
    low, high = words(item, "minimumSalary"), words(item, "maximumSalary")
    return RawPay(None, low, high, words(item, "salaryCurrency"), words(item, "salaryInterval"))


NEOGOV = Format(
    "neogov", XML, "item", read, "RSS with NeoGov's joblisting: namespace")
