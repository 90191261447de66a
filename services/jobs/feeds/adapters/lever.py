"""Lever's postings API: a list at the top. It names no closing date, so a posting ends when it is gone."""

import html
from typing import Any
from urllib.parse import urlsplit

from services.jobs.feeds.adapters.shape import JSON, Context, Format
from services.jobs.feeds.domain import markup, places
from services.jobs.feeds.domain.raw import RawPay, RawPosting
from services.jobs.feeds.domain.values import at, line, many, short, text, web_address


def read(item: Any, context: Context) -> RawPosting:
    """The text is in three parts: `description`, `lists` and `additional`."""
    url = web_address(at(item, "hostedUrl"))
    country = places.country_of(short(at(item, "country"))) or context.country
    names = [name for each in _places(item) if (name := short(each))]
    found = (places.place(name, country) for name in names)
    return RawPosting(
        source_id=line(at(item, "id")), title=line(at(item, "text")), description=_description(item),
        employer=_site(url), requisition=short(at(item, "reqCode")), url=url,
        places=places.kept(found),
        remote=at(item, "workplaceType") == "remote" or any(map(places.is_remote, names)),
        posted=at(item, "createdAt"), pay=_pay(item), employment_type=short(at(item, "categories", "commitment")))


def _places(item: Any) -> list[Any]:
    return many(at(item, "categories", "allLocations")) or many(at(item, "categories", "location"))


def _description(item: Any) -> str:
    lists = [(line(at(each, "text")), _listed(text(at(each, "content")))) for each in many(at(item, "lists"))]
    first = text(at(item, "description")) or text(at(item, "descriptionPlain"))
    last = text(at(item, "additional")) or text(at(item, "additionalPlain"))
    return markup.paragraphs([(None, first), *lists, (None, last)])


def _listed(content: str | None) -> str | None:
    """Items of a list come without the list."""
    return f"<ul>{content}</ul>" if content and "<li" in content and "<ul" not in content else content


def _site(url: str | None) -> str | None:
    """Lever names no employer; its site is in the address."""
    site = urlsplit(url).path.strip("/").split("/")[0] if url else ""
    return html.unescape(site) or None


def _pay(item: Any) -> RawPay | None:
    stated = at(item, "salaryRange")
    if not isinstance(stated, dict):
        return None
    return RawPay(None, at(stated, "min"), at(stated, "max"), short(at(stated, "currency")),
                  short(at(stated, "interval")))


LEVER = Format(
    "lever", JSON, None, read, "a JSON list of postings with `hostedUrl`, `categories` or `descriptionPlain`")
