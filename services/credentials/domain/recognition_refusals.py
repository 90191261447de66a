"""Why something about a recognition is not done. Each says what to do next."""

from libranet.problems import Conflict, NotFound, Refusal


class RecognitionUnknown(NotFound):
    title = "No such recognition"


class ReachUnknown(NotFound):
    """Never reached, or the patron lets the college know nothing (any more): it cannot tell which."""

    title = "Nobody who reached this is known to you by this id"


class AchievementNotRecognisable(Refusal):
    title = "This achievement cannot be taken"


class NotAwardable(Refusal):
    title = "This achievement cannot be awarded by a recognition"


class LevelUnknown(Refusal):
    title = "This is no level of the achievement's rubric"


class RecognitionTimesUnfit(Refusal):
    title = "It would apply at no time"


class RecognitionsFull(Refusal):
    title = "As many recognitions as a college may have"


class RecognitionEnded(Conflict):
    title = "This recognition was ended"


class RecognitionLost(Conflict):
    """A credential that counted was revoked or suspended before the answer."""

    title = "This patron does not meet it any more"


class AnswerFinal(Conflict):
    title = "This was answered already"
