"""SVG images: read without entities and without anything from elsewhere, cleaned, and with a credential in them.

An SVG is a program as much as a picture. What is kept for others to see holds only elements that draw; what could run,
move or fetch is refused and not mended in silence, as the picture would be another one then.
"""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder  # what is built; what is read is read by defusedxml
from xml.sax.saxutils import escape, quoteattr

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, XMLParser

from services.credentials.domain.refusals import ImageUnsuitable

SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}"
XML = "{http://www.w3.org/XML/1998/namespace}"
PREFIXES = {XLINK: "xlink:", XML: "xml:"}
MOST_ELEMENTS = 5_000
DEEPEST = 50
DRAWING = frozenset(
    "svg g defs title desc path rect circle ellipse line polyline polygon text tspan linearGradient radialGradient "
    "stop clipPath style".split())
"""The elements that stay. What draws others again (use, pattern, mask) can be nested until nobody can draw it."""
DROPPED = frozenset({"metadata"})
OUTSIDE = re.compile(r"url\(\s*(?!['\"]?#)", re.IGNORECASE)
STYLED = re.compile(r"url\(|[@\\<]", re.IGNORECASE)
"""In a style: what refers, imports or moves, or hides that it does."""
INSIDE = re.compile(r"#\S+")
"""All that `href` may name."""


class _Builder(TreeBuilder):
    """Gives up before a document that is too large or too deep is held in memory."""

    def __init__(self) -> None:
        super().__init__()
        self._elements = self._depth = 0

    def start(self, tag: Any, attrs: Any, /) -> Any:
        self._elements += 1
        self._depth += 1
        if self._elements > MOST_ELEMENTS or self._depth > DEEPEST:
            raise ImageUnsuitable(f"The SVG has more than {MOST_ELEMENTS} elements, or more than {DEEPEST} levels.")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Any:
        self._depth -= 1
        return super().end(tag)


def read(image: bytes) -> Element:
    """The root of the document. Raises ImageUnsuitable, for one that defines entities too."""
    parser = XMLParser(target=_Builder())
    try:
        parser.feed(image)
        root: Element = parser.close()
    except DefusedXmlException:
        raise ImageUnsuitable("The SVG defines entities, which are not read. Save it as a plain SVG.") from None
    except (ParseError, ValueError, LookupError):
        raise ImageUnsuitable("The SVG is not well-formed XML. Save it again in a drawing program.") from None
    if root.tag != f"{SVG}svg":
        raise ImageUnsuitable("This is XML, but no SVG.")
    return root


def cleaned(image: bytes) -> bytes:
    """The drawing alone. Raises ImageUnsuitable for what could run, move or reach outside of it."""
    root = read(image)
    for element in root.iter():
        for child in [each for each in element if _is_beside(each)]:
            element.remove(child)
    for element in root.iter():
        _check_element(element)
        element.attrib = {name: value for name, value in element.attrib.items() if _is_known(name)}
    if not len(root):
        raise ImageUnsuitable("The SVG draws nothing.")
    return write(root)


def without(image: bytes, tag: str) -> Element:
    """The document but for children of its root of this tag. Raises ImageUnsuitable."""
    root = read(image)
    for child in root.findall(tag):
        root.remove(child)
    return root


def write(root: Element, first: str = "") -> bytes:
    """The document; `first` is XML that comes right after the opening of the root."""
    return "".join(_written(root, f' xmlns="{SVG[1:-1]}" xmlns:xlink="{XLINK[1:-1]}"', first)).encode()


def _is_beside(element: Element) -> bool:
    """Whether it is a drawing program's own note: in another namespace, or metadata."""
    return not element.tag.startswith(SVG) or element.tag.removeprefix(SVG) in DROPPED


def _is_known(name: str) -> bool:
    return not name.startswith("{") or name.startswith((XLINK, XML))


def _check_element(element: Element) -> None:
    name = element.tag.removeprefix(SVG)
    if name not in DRAWING:
        raise ImageUnsuitable(f"Take <{name[:40]}> out of the SVG: what could run, move or be fetched is not kept.")
    for attribute, value in element.attrib.items():
        own_name = attribute.rpartition("}")[2].lower()
        if own_name.startswith("on"):
            raise ImageUnsuitable(f"Take the attribute {own_name[:40]!r} out of the SVG: nothing in it may run.")
        if (own_name == "href" and not INSIDE.fullmatch(value.strip())) or OUTSIDE.search(value):
            raise ImageUnsuitable("The SVG refers to something outside of itself. Draw that into it.")
    if STYLED.search(element.get("style", "")) or (name == "style" and STYLED.search("".join(element.itertext()))):
        raise ImageUnsuitable("A style in the SVG refers to something, imports or moves. Give that element attributes.")
    if name == "clipPath" and any("url(" in value.lower() for each in element.iter() for value in each.attrib.values()):
        raise ImageUnsuitable("A clipping path in the SVG is clipped itself. Join the two into one.")


def _written(element: Element, namespaces: str = "", first: str = "") -> Iterator[str]:
    name = element.tag.removeprefix(SVG)
    attributes = "".join(f" {_prefixed(key)}={quoteattr(value)}" for key, value in element.attrib.items())
    yield f"<{name}{namespaces}{attributes}>{first}{escape(element.text or '')}"
    for child in element:
        yield from _written(child)
        yield escape(child.tail or "")
    yield f"</{name}>"


def _prefixed(name: str) -> str:
    namespace, _, own = name.rpartition("}")
    return PREFIXES[f"{namespace}}}"] + own if namespace else own
