"""Items of an XML file one by one: no document type, no entities, no network, and the tree does not grow."""

from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

from lxml import etree

from services.jobs.feeds.adapters.gauge import Gauge, head_of, words_of
from services.jobs.feeds.adapters.shape import FeedUnreadable

ELEMENT = 100
MOST_LEFT = 200 * ELEMENT
"""Characters beside an item that are kept, an element counting as ELEMENT: a channel has a dozen short ones."""


def items(file: IO[bytes], tag: str) -> Iterator[Any]:
    """Each element of this local name, whatever its namespace. It is gone when the next one is asked for."""
    root_of(head_of(file))
    gauge = Gauge(file)
    try:
        for _, element in etree.iterparse(
                gauge, events=("end",), tag=f"{{*}}{tag}", resolve_entities=False, huge_tree=False, load_dtd=False,
                no_network=True, remove_comments=True, remove_pis=True):
            gauge.item_done()
            _forget_before(element)
            yield element
            element.clear(keep_tail=True)
    except etree.XMLSyntaxError as error:
        raise FeedUnreadable(f"it is not well-formed XML from some point on: {words_of(error)}") from None
    except (LookupError, UnicodeError) as error:
        raise FeedUnreadable(f"its encoding cannot be read: {words_of(error)}") from None


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
        raise FeedUnreadable(f"it is not well-formed XML: {words_of(error)}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise FeedUnreadable("it declares a document type (DOCTYPE), which is not taken: entities can be bombs")
    return root


def _forget_before(item: Any) -> None:
    """Takes out what was read before an item: former items, all that stands elsewhere, and what is too much right
    beside it. What follows is left alone, as the parser is at work there."""
    left, parent = MOST_LEFT, item.getparent()
    for each in [*item.itersiblings(preceding=True)][::-1]:
        size = _size(each)
        if each.tag == item.tag or size > left:
            parent.remove(each)
        else:
            left -= size
    for above in item.iterancestors():
        while (before := above.getprevious()) is not None:
            above.getparent().remove(before)


def _size(element: Any) -> int:
    """In characters, its tail's too; not counted further than MOST_LEFT is exceeded by elements alone."""
    return sum(ELEMENT + len(each.text or "") + len(each.tail or "")
               for each in islice(element.iter(), MOST_LEFT // ELEMENT + 1))
