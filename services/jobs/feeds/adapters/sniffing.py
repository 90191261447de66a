"""Tells a file's format from its first bytes, where nobody said it."""

import re
from typing import IO

from lxml import etree

from services.jobs.feeds.adapters import neogov
from services.jobs.feeds.adapters.gauge import head_of
from services.jobs.feeds.adapters.json_items import events
from services.jobs.feeds.adapters.reading import FORMATS
from services.jobs.feeds.adapters.shape import FeedUnreadable, Format
from services.jobs.feeds.adapters.xml_items import root_of

PAGE_BEGINNING = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|script|meta)\b",
                            re.IGNORECASE | re.DOTALL)
KNOWN = "greenhouse, lever, neogov, usajobs-hrxml and job-page"
UNKNOWN = f"its format is not known; taken are {KNOWN}"
PACKED = ((b"\x1f\x8b", "gzip"), (b"PK\x03\x04", "zip"), (b"BZh", "bzip2"), (b"\xfd7zXZ", "xz"))
"""First bytes of files that have to be unpacked first."""


def format_of(file: IO[bytes]) -> Format:
    """Raises FeedUnreadable for what is none of ours."""
    head = head_of(file)
    packed = next((name for mark, name in PACKED if head.startswith(mark)), None)
    if packed:
        raise FeedUnreadable(f"it is packed ({packed}); send it unpacked")
    plain = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if not plain:
        raise FeedUnreadable("it is empty")
    if plain[:1] == b"<":
        return FORMATS["job-page"] if PAGE_BEGINNING.match(plain) else _xml_format(head)
    if plain[:1] in (b"{", b"["):
        return _json_format(file)
    raise FeedUnreadable(UNKNOWN)


def _xml_format(head: bytes) -> Format:
    root = root_of(head)
    name = etree.QName(root).localname
    if name == "ShowPositionOpening":
        return FORMATS["usajobs-hrxml"]
    if name == "rss" and (neogov.NAMESPACE in root.nsmap.values() or neogov.NAMESPACE.encode() in head):
        return FORMATS["neogov"]
    if name == "rss":
        raise FeedUnreadable(f"it is RSS without NeoGov's joblisting: namespace; taken are {KNOWN}")
    raise FeedUnreadable(UNKNOWN)


def _json_format(file: IO[bytes]) -> Format:
    """By the members of the document and of its first item; reads no further."""
    names, first = _beginning(file)
    if "@context" in names or "@graph" in names or "@type" in names:
        return FORMATS["job-page"]
    if "jobs" in names and (not first or {"absolute_url", "internal_job_id"} & first):
        return FORMATS["greenhouse"]
    if not names and (not first or {"hostedUrl", "categories", "descriptionPlain"} & first):
        return FORMATS["lever"]
    raise FeedUnreadable(UNKNOWN)


def _beginning(file: IO[bytes]) -> tuple[set[str], set[str]]:
    """Names of members of the object at the top, and of the first item: of a list at the top, or of its `jobs`.
    JSON-LD's own names in a list's first item count as the top's."""
    names: set[str] = set()
    first: set[str] = set()
    member, listed = "", False
    for depth, event, value, _ in events(file):
        listed = listed or (depth == 0 and event == "start_array")
        if event == "map_key" and depth == 1 and not listed:
            member = str(value)
            names.add(member)
        elif event == "map_key" and depth == (2 if listed else 3) and (listed or member == "jobs"):
            (names if listed and str(value).startswith("@") else first).add(str(value))
        elif event == "end_map" and depth == (1 if listed else 2) and (listed or member == "jobs"):
            break
    file.seek(0)
    return names, first
