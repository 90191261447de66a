"""A JSON-LD document as the quads that a signature covers, and their canonical bytes (RDFC-1.0).

PyLD has no safe mode: it drops undefined terms, relative IRIs and more in silence, and a signature then covers less
than the reader sees. Here that is an error. Contexts come from contracts/standards only; nothing is ever
fetched.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from math import factorial
from typing import Any

from pyld import jsonld
from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    serialize,
)

from contracts.standards import contexts
from services.credentials.domain.guard import VALUE_OBJECT

UNDEFINED = "urn:libranet:undefined:"
WHITE_SPACE = re.compile(r"\s")
RELATIVE = "https://relative.invalid/"
CATCH_ALL = "urn:libranet:catch-all"
"""A last context that gives every undefined term an address of ours, so that it shows in the expansion."""
MOST_CONTEXTS = 8
MOST_PERMUTATIONS = 720
"""Blank nodes that look alike cost RDFC-1.0 a factorial: six in a ring of their own take 30 ms, eight take
5 s."""


class NotCovered(ValueError):
    """A signature over the document would not cover what stands there."""


class ContextUnknown(ValueError):
    """The document names a context that is not kept here."""


class TooAmbiguous(ValueError):
    """Too many nodes without an id look alike; putting them in order could take hours."""


def definitions() -> Iterator[tuple[str, Any]]:
    """Every member in the kept contexts: the terms, with what they are defined as."""
    waiting: list[Any] = list(contexts().values())
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            yield from node.items()
            waiting += node.values()


TERMS = frozenset(term for term, _ in definitions())


def quads(document: dict[str, Any]) -> list[Quad]:
    """Every quad of the document. Raises NotCovered or ContextUnknown."""
    dataset = jsonld.to_rdf(_expand(document), {"documentLoader": _load})
    return [_quad(triple, graph) for graph, triples in dataset.items() for triple in triples]


def canonical(statements: Iterable[Quad]) -> bytes:
    """The canonical N-Quads of RDFC-1.0."""
    dataset = Dataset(statements)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    text = serialize(dataset, format=RdfFormat.N_QUADS) or b""
    return b"".join(sorted(text.splitlines(keepends=True)))


def digest(document: dict[str, Any]) -> bytes:
    """SHA-256 of the canonical form, by the way that needs no preparation. Raises TooAmbiguous besides."""
    statements = quads(document)
    if permutations(statements) > MOST_PERMUTATIONS:
        raise TooAmbiguous("too many of its nodes without an id look alike to be put in order in reasonable time")
    return sha256(canonical(statements)).digest()


def is_address(text: str) -> bool:
    """Whether the text is an absolute address (IRI, RFC 3987), white space of all scripts left out.

    PyLD drops a node whose address holds white space, in silence; who added such a node would go unnoticed.
    """
    try:
        NamedNode(text)
    except ValueError:
        return False
    return not WHITE_SPACE.search(text)


def permutations(statements: Iterable[Quad]) -> int:
    """An upper bound of the orders that RDFC-1.0 may try: nodes without an id that look alike at first
    sight, and have others beside them."""
    sights: dict[str, list[str]] = {}
    related: set[str] = set()
    for quad in statements:
        parts = (quad.subject, quad.predicate, quad.object, quad.graph_name)
        blanks = {part.value for part in parts if isinstance(part, BlankNode)}
        related |= blanks if len(blanks) > 1 else set()
        for own in blanks:
            seen = " ".join(_sight(part, own) for part in parts)
            sights.setdefault(own, []).append(seen)
    alike = Counter(tuple(sorted(seen)) for own, seen in sights.items() if own in related)
    bound = 1
    for number in alike.values():
        bound *= factorial(min(number, 20))
    return bound


def _sight(part: Any, own: str) -> str:
    if isinstance(part, BlankNode):
        return "_:a" if part.value == own else "_:z"
    return str(part)


def kept_contexts(document: dict[str, Any]) -> list[str]:
    """The contexts that the document names. Raises ContextUnknown unless all are kept here."""
    named = document.get("@context")
    listed: list[Any] = named if isinstance(named, list) else [named]
    if len(listed) > MOST_CONTEXTS:
        raise ContextUnknown(f"it names more than {MOST_CONTEXTS} contexts")
    for context in listed:
        if not isinstance(context, str):
            raise ContextUnknown("a context that is written into the document itself is not read")
        if context not in contexts():
            raise ContextUnknown(f"the context {context[:200]} is not kept here, and contexts are never fetched")
    return listed


def _expand(document: dict[str, Any]) -> list[Any]:
    _check_left_out(document)
    caught = {**document, "@context": [*kept_contexts(document), CATCH_ALL]}
    try:
        expanded: list[Any] = jsonld.expand(caught, {"documentLoader": _load, "base": RELATIVE})
    except jsonld.JsonLdError as error:
        raise NotCovered(f"it is no valid JSON-LD: {error.code or error.type}") from error
    for role, value in _addresses(expanded):
        check_address(role, value)
    return expanded


def _load(url: str, options: object = None) -> dict[str, Any]:
    kept = {"@context": {"@vocab": UNDEFINED}} if url == CATCH_ALL else contexts().get(url)
    if kept is None:
        raise ContextUnknown(f"the context {url[:200]} is not kept here, and contexts are never fetched")
    return {"contextUrl": None, "documentUrl": url, "document": kept, "tag": "static"}


def _check_left_out(document: dict[str, Any]) -> None:
    """Raises NotCovered for what JSON-LD leaves out in silence, with the words in it: a value that has a language or a
    direction and no value, and what holds nothing under a name that no context defines."""
    waiting: list[Any] = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            if not VALUE_OBJECT.isdisjoint(node) and node.get("@value") is None:
                raise NotCovered("it has a value object without a value")
            for name, value in node.items():
                if not _holds_something(value) and name not in TERMS:
                    raise NotCovered(f"no context defines the member {name[:100]!r}")
            waiting += [value for name, value in node.items() if name != "@context"]


def _holds_something(value: Any) -> bool:
    """Not so nulls and lists of them. Whether nothing is nested deeper than that shows when its holder is looked at."""
    return any(map(_holds_something, value)) if isinstance(value, list) else value is not None


def _addresses(expanded: list[Any]) -> Iterator[tuple[str, str]]:
    """Every property, `@id`, `@type` and datatype of an expanded document; but not that of a value of JSON, whose
    keyword stands for an address (JSON-LD 1.1, 10.2)."""
    waiting: list[Any] = list(expanded)
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            for key, value in node.items():
                if not key.startswith("@"):
                    yield "member", key
                elif key in ("@id", "@type") and not ("@value" in node and value == "@json"):
                    yield from ((key, each) for each in (value if isinstance(value, list) else [value]))
            waiting += [value for key, value in node.items() if key != "@value"]


def check_address(role: str, value: object) -> None:
    """Raises NotCovered or TooAmbiguous for an `@id`, `@type` or member of an expanded document that RDF would drop."""
    text = str(value)
    if text.startswith(UNDEFINED):
        term = text.removeprefix(UNDEFINED)[:100]
        raise NotCovered(f"no context defines {'the type' if role == '@type' else 'the member'} {term!r}")
    if text.startswith("_:"):
        raise TooAmbiguous("it gives its own ids (_:) to nodes, and those are not put in order here")
    if text.startswith(RELATIVE) or not is_address(text):
        raise NotCovered(f"{text.removeprefix(RELATIVE)[:100]!r} is not an absolute address (IRI)")


def _quad(triple: dict[str, Any], graph: str) -> Quad:
    graph_name = DefaultGraph() if graph == "@default" else _node(graph)
    return Quad(_term(triple["subject"]), _term(triple["predicate"]), _term(triple["object"]), graph_name)


def _term(term: dict[str, str]) -> Any:
    if term["type"] != "literal":
        return _node(term["value"])
    if term.get("language"):
        return Literal(term["value"], language=term["language"])
    return Literal(term["value"], datatype=NamedNode(term["datatype"]))


def _node(text: str) -> Any:
    return BlankNode(text[2:]) if text.startswith("_:") else NamedNode(text)
