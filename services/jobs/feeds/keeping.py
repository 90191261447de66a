"""What feeds need between imports: postings that closed, feeds that were removed, and the demand for skills to tell.

Each is done in small transactions that bear being done twice.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from libranet.cloudevent import Cause
from libranet.ids import new_id
from libranet.work import Work
from services.jobs.feeds.domain import facts
from services.jobs.feeds.store import FeedStore
from services.jobs.postings.store import PostingStore

ACTOR = "jobs"
"""Who acts when nobody asked: the service itself."""
AT_ONCE = 100
MOST_A_PASS = 1000


def own_cause() -> Cause:
    """Of what the service does by its own clock."""
    cause = new_id()
    return Cause(ACTOR, cause, cause)


def expire(database: Any, ids: Iterable[str], owners: Iterable[str]) -> None:
    """These postings are over; their owners' demand is to be told anew."""
    told, left = sorted(set(owners)), list(ids)
    for start in range(0, len(left), AT_ONCE):
        some = left[start:start + AT_ONCE]

        def end(unit: Work, some: list[str] = some) -> None:
            PostingStore(unit).expire(some)
            PostingStore(unit).tell(some)
            for owner in told:
                PostingStore(unit).demand_changed(owner)

        database.transact(end)


def close(database: Any, at: datetime) -> int:
    """Lets postings expire whose closing time has passed: at most MOST_A_PASS, the caller comes back."""
    closed = PostingStore(database.reading()).closed_by(at, MOST_A_PASS)
    expire(database, closed, closed.values())
    return len(closed)


def remove(database: Any, feed: str, owner: str) -> bool:
    """Lets postings of a removed feed expire, at most MOST_A_PASS, and at last forgets the feed; says whether that is
    done."""
    left = PostingStore(database.reading()).open_ids_of(feed, MOST_A_PASS)
    if left:
        expire(database, left, [owner])
    else:
        database.transact(lambda unit: FeedStore(unit).forget(feed))
    return not left


def tell_demand(database: Any, owner: str, change: str | None) -> None:
    """The fact of what the node's open postings ask for, this change among it."""
    skills = PostingStore(database.reading()).demand_of(owner)

    def tell(unit: Work) -> None:
        fact = facts.skill_demand_changed(owner, skills, PostingStore(unit).demand_told(owner, change))
        FeedStore(unit).save_facts([fact], own_cause())

    database.transact(tell)
