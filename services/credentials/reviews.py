"""Calls of evaluators: the queue of what was submitted, and what they find."""

from typing import Any

from contracts.calls import reviews as calls
from libranet.blobs import Blobs
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now
from services.credentials import views
from services.credentials.domain import evaluators, facts, submissions
from services.credentials.domain.refusals import SubmissionUnknown
from services.credentials.domain.submissions import Submission
from services.credentials.store import CredentialStore
from services.credentials.submissions import file_answer, version_judged


class ReviewCalls:
    """For evaluators alone. Whose submission it is, they are not told."""

    files: Blobs

    @answers(calls.LIST_REVIEWS)
    def list_reviews(self, request: CallRequest, store: CredentialStore) -> dict[str, Any]:
        limit, who = request.query["limit"], request.principal
        found = store.submissions.to_judge(request.query.get("cursor", ""), limit + 1, who)
        return views.page([views.queued_review(each, who.actor) for each in found], limit)

    @answers(calls.GET_REVIEW)
    def get_review(self, request: CallRequest, store: CredentialStore) -> Answer:
        return _shown(_to_judge(request, store), request, store)

    @answers(calls.GET_REVIEW_FILE)
    def get_review_file(self, request: CallRequest, store: CredentialStore) -> Answer:
        return file_answer(_to_judge(request, store), request, self.files)

    @answers(calls.CLAIM)
    def claim_review(self, request: CallRequest, store: CredentialStore) -> Answer:
        found, who = _to_judge(request, store), request.principal
        return _saved(submissions.claim(found, who.actor, evaluators.place_of(who, found), now()), request, store)

    @answers(calls.GIVE_BACK)
    def give_back_review(self, request: CallRequest, store: CredentialStore) -> Answer:
        found = _to_judge(request, store)
        return _saved(submissions.give_back(found, request.principal.actor, now()), request, store)

    @answers(calls.JUDGE)
    def judge_review(self, request: CallRequest, store: CredentialStore) -> Answer:
        found = _to_judge(request, store)
        achievement = version_judged(found, store)
        judged = submissions.judge(found, achievement, request.principal.actor, request.body, now())
        store.touch([judged["patron"]])
        store.submissions.save(judged, facts.submission_judged(judged, achievement), request.cause)
        return _shown(judged, request, store)

    @answers(calls.ASK_FOR_MORE)
    def ask_for_more(self, request: CallRequest, store: CredentialStore) -> Answer:
        found = _to_judge(request, store)
        asked = submissions.ask_for_more(found, request.principal.actor, request.body["comment"], now())
        return _saved(asked, request, store)


def _to_judge(request: CallRequest, store: CredentialStore) -> Submission:
    """The submission in the path. Raises SubmissionUnknown, or says why the principal may not judge it."""
    found = store.submissions.find(request.path["submission"], request.principal)
    if found is None:
        raise SubmissionUnknown("There is no such submission here. GET /v1/reviews lists what you may judge.")
    refusal = evaluators.why_not(request.principal, found)
    if refusal is not None:
        raise refusal
    return found


def _saved(changed: Submission, request: CallRequest, store: CredentialStore) -> Answer:
    store.touch([changed["patron"]])
    store.submissions.save(changed, [], request.cause)
    return _shown(changed, request, store)


def _shown(submission: Submission, request: CallRequest, store: CredentialStore) -> Answer:
    achievement = version_judged(submission, store)
    return Answer(views.review(submission, achievement, request.principal.actor), about=submission["patron"])
