"""Reads a feed's file item by item: memory stays flat, and what is not a feed is refused with the reason.

The file is local and can be sought. Reading computes, so it happens in a thread of its own: nothing here may touch
the network or the database.
"""

from collections.abc import Iterator
from typing import IO, Any

from services.jobs.feeds.adapters import json_items, page_items, xml_items
from services.jobs.feeds.adapters.greenhouse import GREENHOUSE
from services.jobs.feeds.adapters.job_page import JOB_PAGE
from services.jobs.feeds.adapters.lever import LEVER
from services.jobs.feeds.adapters.neogov import NEOGOV
from services.jobs.feeds.adapters.shape import JSON, XML, Context, Format
from services.jobs.feeds.adapters.usajobs_hrxml import USAJOBS_HRXML
from services.jobs.feeds.domain.raw import Item, NotAPosting, Rejected

FORMATS = {each.name: each for each in (GREENHOUSE, LEVER, NEOGOV, USAJOBS_HRXML, JOB_PAGE)}


def read(file: IO[bytes], form: Format, context: Context) -> Iterator[Item]:
    """(position, raw posting or why not), in the file's order. Raises FeedUnreadable when the file breaks off or is
    not what `form` says; what was read before that stands."""
    for position, item in enumerate(_items(file, form), 1):
        try:
            yield position, form.read(item, context)
        except NotAPosting as reason:
            yield position, Rejected(position, str(reason))
        except (TypeError, ValueError, KeyError, AttributeError, RecursionError, ArithmeticError) as error:
            yield position, Rejected(position, f"it is not shaped as {form.name} says ({type(error).__name__})")


def _items(file: IO[bytes], form: Format) -> Iterator[Any]:
    file.seek(0)
    if form.kind == JSON:
        return json_items.items(file, form.items)
    return xml_items.items(file, str(form.items)) if form.kind == XML else page_items.items(file, str(form.items))
