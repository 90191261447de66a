"""Calls about evidence for a competency: of its learner, and of whoever helps them."""

from collections.abc import Iterable, Sequence
from typing import Any

from contracts.calls import submissions as calls
from contracts.calls.achievements import COMPETENCY
from libranet.blobs import BlobGone, Blobs
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now, rfc3339
from libranet.ids import new_id
from libranet.problems import MediaTypeUnsupported
from services.credentials import views
from services.credentials.award import Awarding, Earned
from services.credentials.changing import supersede
from services.credentials.domain import earning, evidence, issuing, renewing, submissions
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.earning import Assessed
from services.credentials.domain.evidence import Evidence
from services.credentials.domain.refusals import (
    AchievementNotOpen,
    EvidenceGone,
    EvidenceUnfit,
    SubmissionOpen,
    SubmissionUnknown,
    TooManyFiles,
)
from services.credentials.domain.submissions import Submission
from services.credentials.issuers import issuer_of, platform_address
from services.credentials.patrons import library_of
from services.credentials.store import CredentialStore
from services.credentials.store.submission_store import EVIDENCE_DAYS
from services.credentials.vouching import vouchers_of

MOST_FILES = 20


class SubmissionCalls(Awarding):
    """What a learner shows, until it is a credential or taken back."""

    files: Blobs

    @answers(calls.ADD_EVIDENCE_FILE)
    def add_evidence_file(self, request: CallRequest, store: CredentialStore) -> Answer:
        patron = request.path["patron"]
        owner = library_of(patron, request.principal, store)
        media_type = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if media_type not in calls.FILE_TYPES:
            raise MediaTypeUnsupported(f"Send {', '.join(calls.FILE_TYPES)}.")
        store.touch([patron])
        if len(store.submissions.files_of(patron, request.principal)) >= MOST_FILES:
            raise TooManyFiles(f"{MOST_FILES} files wait to be submitted. Submit them, or send fewer.")
        assert request.blob is not None
        file = {"id": new_id(), "blob": request.blob.id, "name": request.query["name"], "media_type": media_type,
                "bytes": request.blob.bytes, "sha256": request.blob.sha256}
        store.submissions.add_file(patron, owner, file, now())
        return Answer(views.evidence_file(file), 201, about=patron)

    @answers(calls.SUBMIT)
    def submit_evidence(self, request: CallRequest, store: CredentialStore) -> Answer:
        patron, achievement_id = request.path["patron"], str(request.body["achievement"])
        library = library_of(patron, request.principal, store)
        achievement = store.achievements([achievement_id]).get(achievement_id)
        _check_open(achievement, library)
        store.touch([patron])
        if store.submissions.has_open(patron, achievement_id, request.principal):
            raise SubmissionOpen("GET …/submissions lists it. Add to it when more is asked for, or take it back.")
        shown = self._received([], request, store)
        made = submissions.submit(new_id(), patron, library, achievement, shown, now())
        store.submissions.save(made, [], request.cause)
        return Answer(views.submission(made, achievement), 201, about=patron)

    @answers(calls.LIST_SUBMISSIONS)
    def list_submissions(self, request: CallRequest, store: CredentialStore) -> Answer:
        patron, limit = request.path["patron"], request.query["limit"]
        library_of(patron, request.principal, store)
        found = store.submissions.list_submissions(
            patron, request.query.get("cursor", ""), limit + 1, request.principal)
        return Answer(views.page(submissions_shown(found, store), limit), about=patron)

    @answers(calls.GET_SUBMISSION)
    def get_submission(self, request: CallRequest, store: CredentialStore) -> Answer:
        return self._shown(_own_submission(request, store), request, store)

    @answers(calls.RESUBMIT)
    def resubmit_evidence(self, request: CallRequest, store: CredentialStore) -> Answer:
        found = _own_submission(request, store)
        shown = self._received(found["evidence"], request, store)
        changed = submissions.resubmit(found, shown, now())
        store.touch([changed["patron"]])
        store.submissions.save(changed, [], request.cause)
        self._delete(set(submissions.blobs(found)) - set(submissions.blobs(changed)))
        return self._shown(changed, request, store)

    @answers(calls.WITHDRAW)
    def withdraw_submission(self, request: CallRequest, store: CredentialStore) -> Answer:
        found = _own_submission(request, store)
        submissions.check_withdrawable(found)
        store.touch([found["patron"]])
        store.submissions.delete(found)
        self._delete(submissions.blobs(found))
        return Answer(None, 204, about=found["patron"])

    @answers(calls.GET_FILE)
    def get_evidence_file(self, request: CallRequest, store: CredentialStore) -> Answer:
        found = _own_submission(request, store)
        return file_answer({**found, "evidence": []} if found["secret_evidence"] else found, request, self.files)

    @answers(calls.ACCEPT)
    def accept_submission(self, request: CallRequest, store: CredentialStore) -> Answer:
        found = _own_submission(request, store)
        accepted = submissions.accept(found, now())
        if accepted is not found:
            achievement = version_judged(found, store)
            store.touch([accepted["patron"]])
            store.submissions.save(accepted, [], request.cause)
            self._issue_or_renew(accepted, achievement, request, store)
        return self._shown(accepted, request, store)

    def _shown(self, submission: Submission, request: CallRequest, store: CredentialStore) -> Answer:
        """As its learner sees it; with what it would become, once it has passed."""
        achievement = version_judged(submission, store)
        shown = views.submission(submission, achievement)
        if submission["state"] == submissions.PASSED:
            issuer = issuer_of(submission["owner"], store, self.keys)
            assessed = self._assessed(submission, request.id, store)
            shown["preview"] = issuing.preview(
                assessed, achievement, issuer, platform_address(), vouchers_of(achievement, issuer.node, store))
            held = store.assessed_of(submission["patron"], achievement.id, request.principal)
            shown["preview"] |= renewing.of_same(held) if held else {}
        return Answer(shown, about=submission["patron"])

    def _issue_or_renew(self, accepted: Submission, achievement: Achievement, request: CallRequest,
                        store: CredentialStore) -> None:
        """Who has the credential already, expired or not, has it signed anew; what it showed first stays with it."""
        earned = self._assessed(accepted, request.id, store)
        held = store.assessed_of(accepted["patron"], achievement.id, request.principal)
        if held is None or not self.is_agreed(earned, store):
            self.award([Earned(earned, achievement, request.cause)], store)
            return
        moment = now()
        document = issuing.unsigned(earned, achievement, issuer_of(held["owner"], store, self.keys), platform_address())
        renewed = self.renewed(held, document, achievement, moment, achievement.end_after(moment), store)
        shown = renewing.shown_again(renewed, earned, achievement)
        store.save_revalidated(shown, held, request.cause)
        supersede([(shown, request.cause)], store, moment)
        self.follow_change(held, shown, request.cause, store)

    def _assessed(self, submission: Submission, event: str, store: CredentialStore) -> Assessed:
        last = submission["readings"][-1]
        snapshot = evidence.withheld if submission["secret_evidence"] else evidence.without_blobs
        return Assessed(
            id=submission["_id"], patron=submission["patron"], owner=submission["owner"],
            completed_at=rfc3339(last["at"]), event=event, evaluated_at=last["node"],
            evaluators=issuer_of(last["node"], store, self.keys).name, levels=submission["levels"],
            evidence=snapshot(submission["evidence"]), is_secret=submission["secret_evidence"])

    def _received(self, before: Sequence[Evidence], request: CallRequest, store: CredentialStore) -> list[Evidence]:
        """The evidence in the body, with its files, which are kept for as long as it is. Files may be of `before` or
        wait to be submitted. Raises EvidenceUnfit."""
        waiting = store.submissions.files_of(request.path["patron"], request.principal)
        known = {**waiting, **{each["file"]["id"]: each["file"] for each in before if "file" in each}}
        shown = [_with_file(each, known, place) for place, each in enumerate(request.body["evidence"])]
        evidence.check(shown, platform_address())
        taken = [each["file"]["id"] for each in shown if "file" in each and each["file"]["id"] in waiting]
        store.submissions.take_files(taken)
        for place, each in enumerate(shown):
            if "file" in each:
                self._keep(each["file"]["blob"], place)
        return shown

    def _keep(self, blob: str, place: int) -> None:
        try:
            self.files.keep(blob, EVIDENCE_DAYS)
        except BlobGone:
            raise EvidenceUnfit("This file is gone; send it again.", f"/evidence/{place}/file") from None

    def _delete(self, blobs: Iterable[str]) -> None:
        for blob in blobs:
            self.files.delete(blob)


def version_judged(submission: Submission, store: CredentialStore) -> Achievement:
    """The version of the achievement that was current when it was submitted."""
    wanted = (submission["achievement"], submission["achievement_version"])
    return store.versions([wanted])[wanted]


def submissions_shown(found: Sequence[Submission], store: CredentialStore) -> list[dict[str, Any]]:
    """As their learner sees them."""
    versions = store.versions((each["achievement"], each["achievement_version"]) for each in found)
    return [views.submission(each, versions[each["achievement"], each["achievement_version"]]) for each in found]


def file_answer(submission: Submission, request: CallRequest, files: Blobs) -> Answer:
    """The file in the path, to be saved and not to be shown. Raises EvidenceGone."""
    gone = EvidenceGone("There is no such file here.")
    named = [each["file"] for each in submission["evidence"]
             if "file" in each and each["file"]["id"] == request.path["file"]]
    if not named:
        raise gone
    try:
        with files.open(named[0]["blob"]) as source:
            content = source.read()
    except BlobGone:
        raise gone from None
    return Answer(content, 200, views.saved_as(named[0]["name"]), about=submission["patron"],
                  media_type=named[0]["media_type"])


def _own_submission(request: CallRequest, store: CredentialStore) -> Submission:
    """The submission in the path, if it is the patron's in the path. Raises SubmissionUnknown."""
    library_of(request.path["patron"], request.principal, store)
    found = store.submissions.find(request.path["submission"], request.principal)
    if found is None or found["patron"] != request.path["patron"]:
        raise SubmissionUnknown("There is no such submission here. GET …/submissions lists them.")
    return found


def _check_open(achievement: Achievement | None, library: str) -> None:
    if achievement is None or not earning.is_for(achievement, library):
        raise AchievementNotOpen("Name a competency that GET /v1/achievements lists.", "/achievement")
    if achievement.kind != COMPETENCY or not achievement.rubric:
        raise AchievementNotOpen("Only a competency that is judged by a rubric takes evidence.", "/achievement")


def _with_file(piece: dict[str, Any], known: dict[str, Any], place: int) -> Evidence:
    if "file" not in piece:
        return piece
    file = known.get(str(piece["file"]))
    if file is None:
        raise EvidenceUnfit("Send the file first, and name it by the id that it gets.", f"/evidence/{place}/file")
    return {**piece, "file": file}
