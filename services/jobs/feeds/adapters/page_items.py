"""The JobPostings of a page: found in its JSON-LD scripts by one pass over the text, no tree of the page is built."""

import re
from collections.abc import Iterator
from typing import IO, Any

from services.jobs.feeds.adapters import jsonld
from services.jobs.feeds.adapters.gauge import encoding_by_mark, not_in
from services.jobs.feeds.adapters.shape import FeedUnreadable
from services.jobs.feeds.domain.raw import NotAPosting

MOST_PAGE_BYTES = 8 * 2**20
META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
OPENING = re.compile(r"<!--|<script(?=[\s/>])", re.IGNORECASE)
REST_OF_TAG = re.compile(r"((?:=\s*+(?:\"[^\"]*+\"|'[^']*+')|[^>])*+)>")
CLOSING = re.compile(r"</script", re.IGNORECASE)
TYPE = re.compile(r"\stype\s*+=\s*+[\"']?\s*+application/ld\+json(?=[\s;\"'/]|$)", re.IGNORECASE)


def items(file: IO[bytes], kind: str) -> Iterator[Any]:
    """Nodes of the type; for a script that is no JSON and speaks of such nodes, why it could not be read."""
    page = file.read(MOST_PAGE_BYTES + 1)
    if len(page) > MOST_PAGE_BYTES:
        raise FeedUnreadable(f"a page is longer than {MOST_PAGE_BYTES // 2**20} MiB")
    text = _decoded(page)
    found = False
    for block in [text] if text.lstrip()[:1] in ("{", "[") else _blocks(text):
        try:
            for node in jsonld.nodes(jsonld.read(block), kind):
                found = True
                yield node
        except jsonld.NotJson as error:
            if kind in block:
                found = True
                yield NotAPosting(f"its JSON-LD is broken: {error}")
    if not found:
        raise FeedUnreadable(f"it has no schema.org {kind} in JSON-LD")


def _blocks(page: str) -> Iterator[str]:
    """The contents of `<script type=application/ld+json>`, outside comments, however the attribute is written."""
    at = 0
    while opening := OPENING.search(page, at):
        at = opening.end()
        if opening[0] == "<!--":
            at = page.find("-->", at)
            if at < 0:
                return
            continue
        rest = REST_OF_TAG.match(page, at)
        closing = CLOSING.search(page, rest.end()) if rest else None
        if rest is None or closing is None:
            return
        if TYPE.search(rest[1]):
            yield page[rest.end():closing.start()]
        at = closing.end()


def _decoded(page: bytes) -> str:
    """By its mark of byte order, by what its head declares, else UTF-8. Wrongly declared is refused, not guessed."""
    declared = META_CHARSET.search(page[:4096])
    encoding = encoding_by_mark(page) or (declared[1].decode("ascii") if declared else "utf-8")
    try:
        return page.decode(encoding)
    except UnicodeDecodeError:
        raise FeedUnreadable(not_in(encoding)) from None
    except LookupError:
        raise FeedUnreadable(f"it declares an encoding that does not exist: {encoding}") from None
