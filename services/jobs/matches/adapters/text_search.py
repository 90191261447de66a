"""Full text of the open postings in this replica's memory (tantivy): which of them have these words.

Ranks by what never shifts: postings with all words in their title first, then the newest first, so that a page's cursor
stays good while postings come and go. Thread-safe as tantivy is; one writer at a time.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tantivy import Document, FieldType, Index, Occur, Query, SchemaBuilder, TextAnalyzerBuilder, Tokenizer
from tantivy import Filter as TokenFilter

WRITER_BYTES = 50 * 2**20
ANALYZER = "english"
NEWEST = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Text:
    """What is searched of a posting; `owner`, `place` and `skills` are conditions."""

    id: str
    title: str
    text: str
    owner: str
    place: int
    skills: Sequence[str]
    posted_at: datetime | None

    @property
    def order(self) -> int:
        """The newest highest; the id tells those of one second apart."""
        seconds = max(int(self.posted_at.timestamp()), 0) if self.posted_at else 0
        return seconds << 32 | zlib.crc32(self.id.encode())


@dataclass(frozen=True, slots=True)
class Conditions:
    """All hold together; None asks for nothing. `skill` is one skill by all of its URIs."""

    owners: Sequence[str]
    words: str | None = None
    skill: Sequence[str] | None = None
    places: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: 1 while all words stood in the title, else 0; and the order there."""

    in_title: int = 1
    order: int = NEWEST


class TextSearch:
    def __init__(self) -> None:
        schema = (SchemaBuilder()
                  .add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
                  .add_text_field("owner", tokenizer_name="raw", index_option="basic")
                  .add_text_field("skill", tokenizer_name="raw", index_option="basic")
                  .add_text_field("title", tokenizer_name=ANALYZER, index_option="basic")
                  .add_text_field("text", tokenizer_name=ANALYZER, index_option="basic")
                  .add_unsigned_field("place", indexed=True)
                  .add_unsigned_field("order", indexed=True, fast=True)
                  .build())
        self._schema = schema
        self._index = Index(schema)
        self._analyzer = (TextAnalyzerBuilder(Tokenizer.simple()).filter(TokenFilter.lowercase())
                          .filter(TokenFilter.ascii_fold()).filter(TokenFilter.stemmer("english")).build())
        self._index.register_tokenizer(ANALYZER, self._analyzer)
        self._writer = self._index.writer(WRITER_BYTES, 1)

    def put(self, texts: Iterable[Text]) -> None:
        """Adds them, or puts them in place of their former state; seen after `commit`."""
        for each in texts:
            self._writer.delete_documents_by_term("id", each.id)
            self._add(each)

    def add(self, texts: Iterable[Text]) -> None:
        """Those that are not there yet."""
        for each in texts:
            self._add(each)

    def _add(self, each: Text) -> None:
        document = Document(id=each.id, owner=each.owner, title=each.title, text=each.text)
        for uri in each.skills:
            document.add_text("skill", uri)
        document.add_unsigned("place", each.place)
        document.add_unsigned("order", each.order)
        self._writer.add_document(document)

    def remove(self, ids: Iterable[str]) -> None:
        for each in ids:
            self._writer.delete_documents_by_term("id", each)

    def commit(self) -> None:
        """Makes it seen. Takes tens of milliseconds, most of them outside Python."""
        self._writer.commit()
        self._index.reload()

    def page(self, conditions: Conditions, after: Place, limit: int) -> list[tuple[str, Place]]:
        """At most `limit` ids behind `after`, each with its own place."""
        words = self._analyzer.analyze(conditions.words) if conditions.words else []
        if not words and conditions.words:
            return []
        found: list[tuple[str, Place]] = []
        for rank in (1, 0) if words else (1,):
            if rank <= after.in_title and len(found) < limit:
                behind = after if rank == after.in_title else Place(rank)
                found += self._ranked(conditions, words, behind, limit - len(found))
        return found

    def _ranked(self, conditions: Conditions, words: Sequence[str], after: Place,
                limit: int) -> list[tuple[str, Place]]:
        in_title = [(Occur.Must, self._term("title", word)) for word in words]
        parts = [(Occur.Must, each) for each in self._filters(conditions, after)]
        if words and after.in_title:
            parts += in_title
        elif words:
            parts += [(Occur.Must, Query.boolean_query([
                (Occur.Should, self._term(field, word)) for field in ("title", "text")])) for word in words]
            parts.append((Occur.MustNot, Query.boolean_query(in_title)))
        searcher = self._index.searcher()
        hits = searcher.search(Query.boolean_query(parts), limit, count=False, order_by_field="order").hits
        return [(searcher.doc(address)["id"][0], Place(after.in_title, int(order))) for order, address in hits]

    def _filters(self, conditions: Conditions, after: Place) -> Iterable[Query]:
        yield Query.term_set_query(self._schema, "owner", list(conditions.owners))
        if conditions.skill is not None:
            yield Query.term_set_query(self._schema, "skill", list(conditions.skill))
        if conditions.places is not None:
            yield Query.term_set_query(self._schema, "place", list(conditions.places))
        yield Query.range_query(self._schema, "order", FieldType.Unsigned, 0, after.order, True, False)

    def _term(self, field: str, value: str) -> Query:
        return Query.term_query(self._schema, field, value, "basic")
