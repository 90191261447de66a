"""Items of an XML file one by one: no document type, no entities, no network, and the tree does not grow."""

from collections.abc import Iterator
from typing import IO, Any

from lxml import etree

from services.jobs.feeds.adapters.gauge import Gauge, head_of, words_of
from services.jobs.feeds.adapters.shape import FeedUnreadable

MOST_LEFT = 200
"""Elements beside the items that are kept: a channel has a dozen."""


def items(file: IO[bytes], tag: str) -> Iterator[Any]:
    """Each element of this local name, whatever its namespace. It is gone when the next one is asked for."""
    root_of(head_of(file))
    gauge = Gauge(file)
    try:
        for _, element in etree.iterparse(
                gauge, events=("end",), tag=f"{{*}}{tag}", resolve_entities=False, huge_tree=False, load_dtd=False,
                no_network=True, remove_comments=True, remove_pis=True):
            gauge.item_done()
            yield element
            _forget(element)
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


def _forget(element: Any) -> None:
    """Takes an item out of the tree; of what stands beside the items only a little is kept."""
    parent = element.getparent()
    element.clear()
    if parent is not None:
        parent.remove(element)
        if len(parent) > MOST_LEFT:
            del parent[MOST_LEFT:]
