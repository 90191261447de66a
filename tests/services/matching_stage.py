"""Jobs with its index on one state, for tests of matches, searches and skills."""

from datetime import UTC, datetime, timedelta
from typing import Any

from libranet.ids import new_id
from libranet.testing import a_principal, a_request
from services.jobs.matches.adapters.index import Index
from services.jobs.postings.domain.posting import Place, Posting
from services.jobs.postings.store import PostingStore
from services.jobs.service import Jobs
from services.jobs.skills.adapters.everyday import everyday
from services.jobs.skills.adapters.keeper import everyday_lexicon
from services.jobs.skills.domain import taxonomy
from services.jobs.skills.domain.corrections import Corrections
from services.jobs.skills.domain.lexicon import Lexicon, lexicon_of
from services.jobs.store import COLLECTIONS, JobsStore

LANSING = Place("Lansing, MI", "US", "MI", "Lansing")
DAY = datetime(2026, 3, 1, tzinfo=UTC)


class Board:
    """Jobs on one state, with an index that is told of every posting."""

    def __init__(self, work_factory: Any) -> None:
        self.database = work_factory(COLLECTIONS, "jobs")
        self.jobs = Jobs()
        self.jobs.known = everyday_lexicon()
        self.jobs.jobs = self.index = Index(self.jobs.known)
        self.index.searchable = True
        self.told: list[Any] = []

    def ask(self, method: str, node: str = "demo.riverside", **request: Any) -> Any:
        asked = a_request(principal=a_principal(node), **request)
        return self.database.transact(lambda work: getattr(self.jobs, method)(asked, JobsStore(work)))

    def post(self, title: str, text: str = "", owner: str = "demo", days: int = 0, place: Place = LANSING,
             state: str = "open", key: str | None = None, **members: Any) -> str:
        identity = key or new_id()
        posting = Posting(
            identity, owner, "feed", identity, title, text=text, places=(place,), posted_at=DAY + timedelta(days=days),
            skills=self.jobs.known.extract(title, text, owner, identity), state=state, **members)

        def effect(work: Any) -> Any:
            store = PostingStore(work)
            store.replace([posting])
            store.tell([identity])
            return store.open_with_text([identity])

        kept = self.database.transact(effect)
        if state == "open":
            self.index.build(lambda: list(kept.values()))
            self.index.write(kept.values())
        else:
            self.index.remove([identity])
        self.index.board.settle()
        self.index.texts.commit()
        return identity

    def matches(self, *labels: str, node: str = "demo.riverside", **members: Any) -> tuple[list[str], list[str]]:
        body = {"skills": [{"label": label, "bases": ["claimed"]} for label in labels], "limit": 20, **members}
        answer = self.ask("match_jobs", node, body=body)
        return ([each["job"]["title"] for each in answer["ready"]], [each["job"]["title"] for each in answer["near"]])

    def titles(self, node: str = "demo.riverside", limit: int = 50, **query: Any) -> list[str]:
        """Over all pages."""
        found: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.ask("search_jobs", node, query={"limit": limit, **query, **cursor})
            assert len(page["items"]) <= limit
            found += [each["title"] for each in page["items"]]
            if page["next"] is None:
                return found
            cursor = {"cursor": page["next"]}


def with_esco(stamp: str, *skills: taxonomy.Skill) -> Lexicon:
    return lexicon_of([everyday(), taxonomy.Source("esco", "1", skills)], Corrections(()), stamp, stamp)
