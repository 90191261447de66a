"""Reads a feed's file item by item: memory stays flat, and what is not a feed is refused with the reason.

The file is local and can be sought. Reading happens in a thread of its own (it computes), so nothing here may touch
the network or the database. XML: no document type, no entities, no network. One item may be MOST_ITEM_BYTES long.
"""

import codecs
import re
from collections.abc import Callable, Iterator
from typing import IO, Any

import ijson
from lxml import etree

from services.jobs.feeds.adapters import jsonld
from services.jobs.feeds.adapters.greenhouse import GREENHOUSE
from services.jobs.feeds.adapters.job_page import JOB_PAGE
from services.jobs.feeds.adapters.lever import LEVER
from services.jobs.feeds.adapters.neogov import NEOGOV
from services.jobs.feeds.adapters.shape import JSON, XML, Context, FeedUnreadable, Format
from services.jobs.feeds.adapters.usajobs_hrxml import USAJOBS_HRXML
from services.jobs.feeds.domain.raw import Item, NotAPosting, Rejected

FORMATS = {each.name: each for each in (GREENHOUSE, LEVER, NEOGOV, USAJOBS_HRXML, JOB_PAGE)}
MOST_ITEM_BYTES = 4 * 2**20
MOST_PAGE_BYTES = 8 * 2**20
PIECE_BYTES = 2**16
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)


class Gauge:
    """A file that stops giving when one item takes too much of it: a file without end is cut there."""

    def __init__(self, file: IO[bytes], encoding: str | None = None) -> None:
        self._file = file
        self._recode = codecs.getincrementaldecoder(encoding)() if encoding else None
        self._since = 0

    def item_done(self) -> None:
        self._since = 0

    def read(self, size: int = PIECE_BYTES) -> bytes:
        if size == 0:  # ijson asks so for the kind of what it will get
            return b""
        piece = self._file.read(min(size, PIECE_BYTES) if size > 0 else PIECE_BYTES)
        self._since += len(piece)
        if self._since > MOST_ITEM_BYTES:
            raise FeedUnreadable(f"an item is longer than {MOST_ITEM_BYTES // 2**20} MiB, or is none")
        if self._recode is None:
            return piece
        while piece:
            try:
                recoded = self._recode.decode(piece)
            except UnicodeDecodeError as error:
                raise FeedUnreadable(_not_in(str(error.encoding))) from None
            if recoded:
                return recoded.encode()
            piece = self._file.read(PIECE_BYTES)
        return b""


def read(file: IO[bytes], form: Format, context: Context) -> Iterator[Item]:
    """(position, raw posting or why not), in the file's order. Raises FeedUnreadable when the file breaks off or is
    not what `form` says; what was read before that stands."""
    file.seek(0)
    found = {JSON: _json_items, XML: _xml_items}.get(form.kind, _page_items)(file, form)
    for position, item in enumerate(found, 1):
        try:
            yield position, form.read(item, context)
        except NotAPosting as reason:
            yield position, Rejected(position, str(reason))
        except (TypeError, ValueError, KeyError, AttributeError, RecursionError) as error:
            yield position, Rejected(position, f"it is not shaped as {form.name} says ({type(error).__name__})")


def _json_items(file: IO[bytes], form: Format) -> Iterator[Any]:
    gauge = Gauge(file, encoding_of(file))
    try:
        for item in ijson.items(gauge, form.items, use_float=True, buf_size=PIECE_BYTES):
            gauge.item_done()
            yield item
    except (ijson.JSONError, UnicodeDecodeError, ValueError, OverflowError) as error:
        raise FeedUnreadable(f"the file is not JSON in UTF-8 from some point on: {_words(error)}") from None


def _xml_items(file: IO[bytes], form: Format) -> Iterator[Any]:
    root_of(_head(file))
    gauge = Gauge(file)
    try:
        for _, element in etree.iterparse(
                gauge, events=("end",), tag=f"{{*}}{form.items}", resolve_entities=False, huge_tree=False,
                load_dtd=False, no_network=True, remove_comments=True, remove_pis=True):
            gauge.item_done()
            yield element
            _forget(element)
    except etree.XMLSyntaxError as error:
        raise FeedUnreadable(f"the file is not well-formed XML from some point on: {_words(error)}") from None
    except (LookupError, UnicodeError) as error:
        raise FeedUnreadable(f"the file's encoding cannot be read: {_words(error)}") from None


def _forget(element: Any) -> None:
    """Takes an item out of the tree, so that the tree does not grow; what stands before the items stays."""
    parent = element.getparent()
    element.clear()
    if parent is not None:
        parent.remove(element)


def root_of(head: bytes) -> Any:
    """The first element of XML's beginning; raises FeedUnreadable where a document type is declared."""
    parser = etree.XMLPullParser(events=("start",), resolve_entities=False, huge_tree=False, load_dtd=False,
                                 no_network=True)
    try:
        parser.feed(head)
        _, root = next(iter(parser.read_events()))
    except StopIteration:
        raise FeedUnreadable("no element begins within its first 64 KiB") from None
    except (etree.XMLSyntaxError, LookupError, UnicodeError, TypeError) as error:
        raise FeedUnreadable(f"the file is not well-formed XML: {_words(error)}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise FeedUnreadable("it declares a document type (DOCTYPE), which is not taken: entities can be bombs")
    return root


def _page_items(file: IO[bytes], _form: Format) -> Iterator[Any]:
    """The JobPostings of a page, and for each block that is no JSON the reason in its place."""
    page = file.read(MOST_PAGE_BYTES + 1)
    if len(page) > MOST_PAGE_BYTES:
        raise FeedUnreadable(f"a page is longer than {MOST_PAGE_BYTES // 2**20} MiB")
    text = _decoded(page)
    blocks = [text] if text.lstrip()[:1] in ("{", "[") else _blocks(text)
    for block in blocks:
        try:
            yield from jsonld.nodes(jsonld.read(block), "JobPosting")
        except jsonld.NotJson as error:
            if "JobPosting" in block:
                yield NotAPosting(f"its JSON-LD is broken: {error}")


def _blocks(page: str) -> list[str]:
    """The contents of `<script type=application/ld+json>`, however the attribute is written."""
    if not page.strip():
        return []
    tree = etree.fromstring(page.encode(), etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False))
    scripts = tree.iter("script") if tree is not None else ()
    return ["".join(each.itertext()) for each in scripts
            if (each.get("type") or "").split(";")[0].strip().lower() == "application/ld+json"]


def _decoded(page: bytes) -> str:
    """By its mark of byte order, by what its head declares, else UTF-8. Wrongly declared is refused, not guessed."""
    declared = META_CHARSET.search(page[:4096])
    encoding = _bom(page) or (declared[1].decode("ascii") if declared else "utf-8")
    try:
        return page.decode(encoding)
    except UnicodeDecodeError:
        raise FeedUnreadable(_not_in(encoding)) from None
    except LookupError:
        raise FeedUnreadable(f"it declares an encoding that does not exist: {encoding}") from None


def _bom(head: bytes) -> str | None:
    return next((name for mark, name in BOMS if head.startswith(mark)), None)


def encoding_of(file: IO[bytes]) -> str | None:
    found = _bom(file.read(4))
    file.seek(0)
    return found


def _head(file: IO[bytes]) -> bytes:
    file.seek(0)
    head = file.read(PIECE_BYTES)
    file.seek(0)
    return head


def _not_in(encoding: str) -> str:
    return f"its bytes are not in the encoding it has or declares ({encoding}); save it in UTF-8"


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


Reader = Callable[[IO[bytes], Format, Context], Iterator[Item]]
