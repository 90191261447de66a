"""Tells from a file's beginning what it is, so that no file is read as what it is not."""

import re
from typing import IO

from lxml import etree

from services.jobs.feeds.adapters import boards, neogov
from services.jobs.feeds.adapters.boards import TOP, Seen
from services.jobs.feeds.adapters.gauge import head_of
from services.jobs.feeds.adapters.json_items import CLOSING, events
from services.jobs.feeds.adapters.reading import FORMATS
from services.jobs.feeds.adapters.shape import FeedUnreadable, Format
from services.jobs.feeds.adapters.xml_items import root_of

PAGE_BEGINNING = re.compile(
    rb"(?:<\?xml[^>]{0,200}\?>)?\s*(?:<!--.*?-->\s*)*+"
    rb"<(?:!doctype\s+html|html|head|body|script|meta|title|link|style|base|div|p|main|article|section|header|h1|h2)\b",
    re.IGNORECASE | re.DOTALL)
LOOKED_AT_BYTES = 2**20
"""So far JSON is searched for names that tell whose it is; at real boards the first posting does."""
PACKED = ((b"\x1f\x8b", "gzip"), (b"PK\x03\x04", "zip"), (b"BZh", "bzip2"), (b"\xfd7zXZ", "xz"))
"""First bytes of files that have to be unpacked first."""


def format_of(file: IO[bytes], wanted: Format | None = None) -> Format:
    """The file's format; raises FeedUnreadable for one that is none of ours, or another than is wanted."""
    expected = f"expected is {told(wanted)}" if wanted else f"taken are {', '.join(FORMATS)}"
    try:
        found = _look(file)
    except FeedUnreadable as reason:
        raise FeedUnreadable(f"{reason}; {expected}") from None
    if isinstance(found, str):
        raise FeedUnreadable(f"{'' if wanted else 'its format is not known here: '}it looks like {found}; {expected}")
    if wanted not in (None, found):
        raise FeedUnreadable(f"it looks like {told(found)}; {expected}")
    return found


def told(form: Format) -> str:
    return f"{form.name} ({form.described})"


def _look(file: IO[bytes]) -> Format | str:
    """A format of ours, or words for what else it is."""
    head = head_of(file)
    packed = next((name for mark, name in PACKED if head.startswith(mark)), None)
    if packed:
        raise FeedUnreadable(f"it is packed ({packed}); send it unpacked")
    plain = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if not plain:
        raise FeedUnreadable("it is empty")
    if plain[:1] == b"<":
        return FORMATS["job-page"] if PAGE_BEGINNING.match(plain) else _look_at_xml(head)
    return _look_at_json(file) if plain[:1] in (b"{", b"[") else "neither JSON nor XML nor a web page"


def _look_at_xml(head: bytes) -> Format | str:
    root = root_of(head)
    name = etree.QName(root).localname
    if name == "ShowPositionOpening":
        return FORMATS["usajobs-hrxml"]
    if name == "rss" and (neogov.NAMESPACE in root.nsmap.values() or neogov.NAMESPACE.encode() in head):
        return FORMATS["neogov"]
    return boards.XML.get(name, f"XML that begins with <{name[:boards.LONGEST_NAME]}>")


def _look_at_json(file: IO[bytes]) -> Format | str:
    seen = Seen()
    found = _board_of(file, seen)
    file.seek(0)
    return FORMATS.get(found or "", found or seen.words())


def _board_of(file: IO[bytes], seen: Seen) -> str | None:
    """The name of the board, as soon as something tells it; `seen` is filled on the way."""
    level, member, listing = 1, TOP, False
    for depth, event, value, _ in events(file):
        if event == "start_array" and depth in (0, level):
            level, listing = depth, True
            seen.lists[member] = 0
        elif event == "end_array" and depth == level:
            listing = False
        elif event == "map_key" and depth == 1 == level:
            member = str(value)
            seen.names.add(member)
        elif event == "map_key" and listing and depth == level + 2:
            seen.names_of_items.add(str(value))
        elif listing and depth == level + 1 and event not in CLOSING:
            seen.lists[member] += 1
        if depth == level + listing and (found := seen.board()):
            return found
        if file.tell() > LOOKED_AT_BYTES:
            return None
    return seen.empty_board()
