"""What one replica knows of open postings and of courses that teach: the board, the texts, the teaching.

The board is read by calls on the hub, so once calls know an index, its board is changed there only; the texts may be
changed in any one thread.
"""

from collections.abc import Iterable, Iterator

from libranet.work import Lot
from services.jobs.courses.domain.taught import Course as TaughtCourse
from services.jobs.matches.adapters.gazetteer import gazetteer
from services.jobs.matches.adapters.listings import Listings, text_of
from services.jobs.matches.adapters.text_search import Text, TextSearch
from services.jobs.matches.domain.board import Board, Listing
from services.jobs.matches.domain.teaching import Course, Teaching
from services.jobs.postings.domain.wording import Prose, Wording
from services.jobs.skills.domain.lexicon import Lexicon


class Index:
    """What matching and searching ask. `lexicon` is the one whose URIs the board and the courses use."""

    def __init__(self, lexicon: Lexicon, texts: TextSearch | None = None) -> None:
        self.lexicon = lexicon
        self.board = Board()
        self.texts = texts or TextSearch()
        self.searchable = texts is not None
        self.teaching = Teaching()
        self.listings = Listings(gazetteer(), lexicon)
        self._taught: dict[str, TaughtCourse] = {}

    def label_of(self, uri: str) -> str:
        """What the lexicon calls the skill; a URI that it does not know stands for itself."""
        skill = self.lexicon.taxonomy.skills.get(uri)
        return skill.label if skill else uri

    def prepared(self, wordings: Iterable[Wording]) -> list[Listing]:
        return [self.listings.listing(each) for each in wordings]

    def write(self, wordings: Iterable[Wording]) -> None:
        """The texts of listed postings; searches see them after `texts.commit`."""
        self.texts.put(self._texts(each.prose for each in wordings))

    def _texts(self, proses: Iterable[Prose]) -> Iterator[Text]:
        found = ((each, self.board.filed(each.id)) for each in proses)
        return (text_of(each, filed) for each, filed in found if filed)

    def remove(self, ids: Iterable[str]) -> None:
        gone = list(ids)
        self.board.remove(gone)
        self.texts.remove(gone)

    def build(self, lot: Lot[Wording]) -> None:
        """Before calls know the index; without texts."""
        self.board.put(self.prepared(lot()))

    def read(self, lot: Lot[Prose]) -> set[str]:
        """Texts of listed postings that have none here yet; gives the ids of all, listed or not."""
        proses = lot()
        self.texts.add(self._texts(proses))
        return {each.id for each in proses}

    def teach(self, courses: Iterable[TaughtCourse]) -> None:
        for each in courses:
            self._taught[each.id] = each
            known = (self.lexicon.taxonomy.known(skill.uri, skill.label) for skill in each.teaches)
            self.teaching.put(Course(each.id, each.owner, each.title), [skill.uri for skill in known if skill])

    def renewed(self, lexicon: Lexicon) -> "Index":
        """The same with another lexicon's URIs, or without the rows of what is gone."""
        fresh = Index(lexicon, self.texts)
        fresh.board = self.board.renewed(lexicon.taxonomy.canonical)
        fresh.teach(self._taught.values())
        return fresh
