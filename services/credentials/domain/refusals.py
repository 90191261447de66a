"""Why the credentials service does not do something. Each says what to do next."""

from libranet.problems import Conflict, NotAllowed, NotFound, Refusal


class AchievementUnknown(NotFound):
    title = "No such achievement"


class CredentialUnknown(NotFound):
    title = "No such credential"


class CredentialErased(Refusal):
    """Its learner asked for erasure; nothing of it is kept but that it was there."""

    status = 410
    title = "This credential was erased"


class AwardedOtherwise(Refusal):
    """Whoever has no patrons has nobody who completes or collects for it."""

    title = "Your achievements are awarded by recognitions"


class CourseUnknown(Refusal):
    """What cannot be completed earns nothing."""

    title = "No such course"


class ComponentUnknown(Refusal):
    title = "No such achievement to be earned by"


class PatronUnknown(NotFound):
    title = "No such patron"


class IssuerUnknown(NotFound):
    title = "No such issuer"


class CompetencyWithoutAssessment(Refusal):
    """Taking part shows no competency: that takes evidence, an evaluator and a result."""

    title = "A competency needs evidence, an evaluator and a result"


class KindUnfit(Refusal):
    """Taking part and being able are never mixed."""

    title = "This does not fit the kind of the achievement"


class AlignmentUnfit(Refusal):
    title = "This alignment cannot be part of the achievement"


class RubricUnsound(Refusal):
    title = "This rubric cannot be judged by"


class AchievementNotOpen(Refusal):
    """Evidence is submitted for a competency of one's own library, or of a node above it."""

    title = "No evidence is taken for this"


class SubmissionUnknown(NotFound):
    title = "No such submission"


class SubmissionOpen(Conflict):
    title = "Evidence for this is on its way already"


class SubmissionSettled(Conflict):
    title = "This submission is not open to that"


class EvidenceUnfit(Refusal):
    title = "This evidence cannot be taken"


class EvidenceGone(NotFound):
    title = "No such file"


class TooManyFiles(Conflict):
    title = "Too many files wait to be submitted"


class EvaluatorNeeded(NotAllowed):
    title = "Only its evaluators may do this"


class OwnWork(NotAllowed):
    title = "Nobody judges their own work"


class AlreadyClaimed(Conflict):
    title = "Another evaluator has it"


class AlreadyRead(Conflict):
    title = "You have judged this"


class NotClaimed(Conflict):
    title = "You have not claimed this"


class JudgementIncomplete(Refusal):
    title = "The judgement does not fit the rubric"


class TextUnsuitable(Refusal):
    title = "This text cannot be part of a credential"


class DocumentUnsound(Refusal):
    """The credential would not be read alike by all verifiers; nothing is signed."""

    title = "This credential cannot be signed"


class StatusFinal(Refusal):
    status = 409
    title = "This credential was revoked for good"


class AssessmentNeeded(Refusal):
    """A competency that would be said to be there for longer although nobody has seen it again."""

    status = 409
    title = "This competency has to be shown again"


class ListUnknown(NotFound):
    title = "No such status list"


class BatchUnknown(NotFound):
    title = "No such list of awards"


class ListUnreadable(Refusal):
    """Nothing of it is awarded."""

    title = "This list cannot be read"


class NothingToUndo(Conflict):
    title = "There is nothing to undo"


class CredentialNotTaken(Refusal):
    """What is kept of elsewhere was verified first."""

    title = "This credential is not kept"


class IdentityUnmatched(Refusal):
    title = "This credential is not shown to be the patron's"


class ImportUnknown(NotFound):
    title = "No such credential from elsewhere"


class ImportOutdated(Conflict):
    title = "A later one of this credential is kept"


class ImportOfAnother(Conflict):
    title = "Somebody else signed the one of this id that is kept"


class ImportsFull(Conflict):
    title = "There are too many credentials from elsewhere"


class ImageUnsuitable(Refusal):
    """A picture that is no PNG or SVG which every program shows alike, or that could do more than be looked at."""

    title = "This image cannot be used"


class TooManyPictures(Refusal):
    status = 409
    title = "This achievement was given too many pictures"


class PictureUnknown(NotFound):
    title = "No such picture"


class NotClaimable(Refusal):
    """Others are not to accept it, so no wallet gets it."""

    status = 409
    title = "This credential cannot be claimed"


class OfferUnknown(NotFound):
    title = "No such offer"


class RecordUnknown(NotFound):
    title = "No such record"


class RecordWithdrawn(Refusal):
    """Its learner took it back, or asked for erasure."""

    status = 410
    title = "This record was taken back"


class RecordEmpty(Refusal):
    title = "There is nothing to show"


class RecordTooLarge(Refusal):
    title = "This record is too large"


class TooManyRecords(Conflict):
    title = "There are too many records"


class CredentialUnfit(Refusal):
    """What was revoked or suspended, or is not the learner's, is no part of a record."""

    title = "This credential cannot be part of a record"


class ConsentMissing(Conflict):
    title = "The patron has not agreed to credentials"


class NothingToVerify(Refusal):
    title = "There is no credential in this"


class ReconsiderationUnknown(NotFound):
    title = "No such reconsideration"


class ReconsiderationClosed(Conflict):
    title = "It was decided"


class KnownIssuerUnknown(NotFound):
    title = "No such issuer on the list"
