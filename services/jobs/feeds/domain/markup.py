"""HTML of boards made harmless, and the plain text of it."""

import html
import re
from collections.abc import Iterable

import nh3

TAGS = {"p", "br", "ul", "ol", "li", "strong", "b", "em", "i", "u", "h2", "h3", "h4", "h5", "h6", "blockquote", "a",
        "table", "thead", "tbody", "tr", "td", "th", "dl", "dt", "dd", "pre"}
HEADING_ONE = re.compile(r"<(/?)h1\b", re.IGNORECASE)
MARKS = re.compile(r"</?[a-zA-Z]")
ESCAPED_MARKS = re.compile(r"&(?:amp;)*lt;/?[a-zA-Z]")
BLOCKS = re.compile(r"</?(?:p|ul|ol|li|h[2-6]|table|tr|blockquote|pre|dl|dt|dd|br)\b(?:[^>\"]|\"[^\"]*\")*>")
ANY_MARK = re.compile(r"<(?:[^>\"]|\"[^\"]*\")*>")
LINES = re.compile(r"\s*\n\s*")
INNER_BLANKS = re.compile(r"[^\S\n]+")
LOOSE_MARK = re.compile(r"<[^<>]*>?")
MOST_ESCAPINGS = 3
MOST_MARKS = 10_000
"""What has more loses them all: a list in a list in a list costs the cleaner the square of their number."""


def unescaped(text: str, escaped: bool = False) -> str:
    """The HTML itself, however often a board escaped it on its way. Cleaning comes after this, always."""
    if escaped:
        text = html.unescape(text)
    for _ in range(MOST_ESCAPINGS):
        if MARKS.search(text) or not ESCAPED_MARKS.search(text):
            break
        text = html.unescape(text)
    return text


def with_marks(text: str) -> str:
    """Plain text as HTML, its line breaks kept; HTML as it is, escaped HTML too."""
    if MARKS.search(text) or ESCAPED_MARKS.search(text):
        return text
    return "<br>".join(html.escape(html.unescape(each), quote=False) for each in text.strip().splitlines())


def paragraphs(parts: Iterable[tuple[str | None, str | None]]) -> str:
    """Headings with their texts, one below the other, as HTML; a part without text goes."""
    found = [(heading, with_marks(body)) for heading, body in parts if body]
    return "\n".join(f"<h3>{html.escape(heading)}</h3>\n{body}" if heading else body for heading, body in found)


def clean(text: str) -> str:
    """HTML of plain paragraphs, lists, tables and links: no script, no style, no image, nothing that loads or runs. A
    link without a scheme goes: on our pages it would lead into our own site."""
    marked = with_marks(text)
    if marked.count("<") > MOST_MARKS:
        marked = LOOSE_MARK.sub(" ", marked)
    return nh3.clean(
        HEADING_ONE.sub(r"<\1h2", marked), tags=TAGS, attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"}, url_relative="deny", link_rel="nofollow noopener noreferrer",
        strip_comments=True).strip()


def plain(cleaned: str) -> str:
    """The text of cleaned HTML: a line for each block."""
    text = ANY_MARK.sub("", BLOCKS.sub("\n", cleaned))
    text = html.unescape(text).replace("\u00a0", " ")
    return LINES.sub("\n", INNER_BLANKS.sub(" ", text)).strip()
