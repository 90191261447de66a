"""A service of the platform that answers two calls: one reads a document, one reads nothing."""

from libranet import runner  # patches the standard library first

# isort: split
from typing import Any

from bench.contenders.asked import COLLECTION, COURSE, NOTHING, SMALL_ANSWER
from libranet.calls import CallRequest, answers
from libranet.collection import Collection, Retention
from libranet.service import Service
from libranet.work import Work


class Store:
    """Reads one course."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def course(self, course: str) -> dict[str, Any]:
        found = self._work.get(COLLECTION, course)
        assert found
        return found


class Answers(Service):
    """Every call's principal is verified and its scope checked, as in every service."""

    name = "learning"
    collections = (Collection(COLLECTION, Retention.forever("a benchmark's own")),)
    store = Store

    @answers(NOTHING)
    def nothing(self, _request: CallRequest, _store: Store) -> dict[str, Any]:
        return SMALL_ANSWER

    @answers(COURSE)
    def course(self, request: CallRequest, store: Store) -> dict[str, Any]:
        return store.course(request.path["course"])


if __name__ == "__main__":
    runner.run(Answers)
