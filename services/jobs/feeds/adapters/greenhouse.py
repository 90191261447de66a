"""Greenhouse's job board API: `jobs[]`, asked with `content=true`."""

from typing import Any

from services.jobs.feeds.adapters.shape import JSON, Context, Format
from services.jobs.feeds.domain import places
from services.jobs.feeds.domain.raw import NotAPosting, RawPay, RawPosting
from services.jobs.feeds.domain.values import MAX_LINE, at, line, many, short, text, web_address

CENTS = 100


def read(item: Any, context: Context) -> RawPosting:
    """`content` is HTML that was escaped; no `internal_job_id` means a post for prospects, not a vacancy."""
    if isinstance(item, dict) and "internal_job_id" in item and item["internal_job_id"] is None:
        raise NotAPosting("it is a post for prospects, not a vacancy (no internal_job_id)")
    names = _names(item)
    found = (places.place(name, context.country) for name in names)
    return RawPosting(
        source_id=line(at(item, "id")), title=line(at(item, "title")), description=text(at(item, "content")) or "",
        escaped=True, employer=short(at(item, "company_name")), requisition=short(at(item, "requisition_id")),
        url=web_address(at(item, "absolute_url")), places=places.kept(found),
        remote=any(map(places.is_remote, names)), posted=(at(item, "first_published"), at(item, "updated_at")),
        closes=at(item, "application_deadline"), pay=_pay(item), employment_type=_metadata(item, "employment type"),
        language=short(at(item, "language")))


def _names(item: Any) -> list[str]:
    """Several places stand in one line, between semicolons; the offices are asked where that line is empty."""
    given = line(at(item, "location", "name"))
    if given:
        return [each.strip()[:MAX_LINE] for each in given.replace("|", ";").split(";") if each.strip()]
    offices = (short(at(each, "location") or at(each, "name")) for each in many(at(item, "offices")))
    return [each for each in offices if each]


def _pay(item: Any) -> RawPay | None:
    stated = at(item, "pay_input_ranges", 0)
    low, high = at(stated, "min_cents"), at(stated, "max_cents")
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return None
    return RawPay(None, low / CENTS, high / CENTS, short(at(stated, "currency_type")), short(at(stated, "title")))


def _metadata(item: Any, name: str) -> str | None:
    fields = (each for each in many(at(item, "metadata")) if (line(at(each, "name")) or "").casefold() == name)
    return next((short(at(each, "value")) for each in fields), None)


GREENHOUSE = Format(
    "greenhouse", JSON, "jobs", read,
    "a JSON object whose `jobs` lists postings with `absolute_url`, `content` or `internal_job_id`")
