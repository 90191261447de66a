"""Answers what a posting says."""

from typing import Any, Protocol

from contracts.calls import job_postings as calls
from libranet.calls import CallRequest, answers
from libranet.problems import NotFound
from services.jobs.postings import views
from services.jobs.postings.store import PostingStore


class Stores(Protocol):
    """What these calls need of jobs' store."""

    postings: PostingStore


class PostingCalls:
    @answers(calls.GET_JOB)
    def get_job(self, request: CallRequest, store: Stores) -> dict[str, Any]:
        """A posting of the caller's node, of a node above or below it; also when it has expired."""
        found = store.postings.get(request.path["job"])
        if found is None or not request.principal.shares(found.owner):
            raise NotFound("There is no such job, or it was removed after it expired.")
        return views.posting(found)
