"""Tells a file's format from its first bytes, where nobody said it."""

import re
from typing import IO, Any

import ijson
from lxml import etree

from services.jobs.feeds.adapters import neogov
from services.jobs.feeds.adapters.reading import FORMATS, PIECE_BYTES, Gauge, encoding_of, root_of
from services.jobs.feeds.adapters.shape import FeedUnreadable, Format

PAGE_BEGINNING = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|script|meta)\b",
                            re.IGNORECASE | re.DOTALL)
KNOWN = "greenhouse, lever, neogov, usajobs-hrxml and job-page"
UNKNOWN = f"its format is not known; taken are {KNOWN}"
PACKED = ((b"\x1f\x8b", "gzip"), (b"PK\x03\x04", "zip"), (b"BZh", "bzip2"), (b"\xfd7zXZ", "xz"))
"""First bytes of files that have to be unpacked first."""


def format_of(file: IO[bytes]) -> Format:
    """Raises FeedUnreadable for what is none of ours."""
    file.seek(0)
    head = file.read(PIECE_BYTES)
    file.seek(0)
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
    """Names of members at the top (of a list's first item too, where they are JSON-LD's), and of the first item."""
    names: set[str] = set()
    first: set[str] = set()
    for prefix, event, value in _events(file):
        if event == "map_key" and (prefix == "" or (prefix == "item" and str(value).startswith("@"))):
            names.add(str(value))
        elif event == "map_key" and prefix in ("item", "jobs.item"):
            first.add(str(value))
        elif event == "end_map" and prefix in ("item", "jobs.item"):
            break
    file.seek(0)
    return names, first


def _events(file: IO[bytes]) -> Any:
    gauge = Gauge(file, encoding_of(file))
    try:
        yield from ijson.parse(gauge, use_float=True)
    except (ijson.JSONError, ValueError, OverflowError) as error:
        raise FeedUnreadable(f"it is not JSON in UTF-8: {' '.join(str(error).split())[:200]}") from None
