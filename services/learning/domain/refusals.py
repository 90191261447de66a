"""Why learning says no."""

from libranet.problems import Conflict, NotFound, Refusal


class CourseUnknown(NotFound):
    """Never offered, or offered by a library that the caller does not see."""

    title = "No such course"


class CourseAlreadyOffered(Conflict):
    title = "This activity is offered as a course already"


class PatronUnknown(Refusal):
    """Never registered, erased, or a patron of a library that the caller does not see."""

    title = "No such patron"


class AccountTaken(Conflict):
    """In one library an account stands for one person."""

    title = "This account belongs to another patron"


class VersionMissing(Refusal):
    """xAPI, Communication 3.3: every request names the version it speaks."""

    status = 400
    title = "X-Experience-API-Version is missing or unknown"


class StatementsInvalid(Refusal):
    """Nothing of the request was stored; `errors` names each place."""

    status = 400
    title = "The statements are not valid xAPI"


class StatementTooLarge(Refusal):
    """xAPI, Communication 3.2: nothing of the request was stored; `errors` names each place."""

    status = 413
    title = "A statement is too large"


class StatementConflict(Conflict):
    """xAPI, Data 2.3.1: a statement does not change once it has its id."""

    title = "Another statement has this id"


class StatementUnknown(NotFound):
    title = "No such statement"


class StatementQueryInvalid(Refusal):
    status = 400
    title = "The query for statements cannot be answered"
