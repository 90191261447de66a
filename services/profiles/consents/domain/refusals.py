"""Why a consent cannot be decided so."""

from libranet.problems import NotFound, Refusal


class PurposeUnknown(NotFound):
    title = "No such purpose of a consent"


class RecipientUnsuitable(Refusal):
    """The node exists, but this purpose does not concern it."""

    title = "This recipient does not fit the purpose"


class ConsentEndsBeforeItBegins(Refusal):
    title = "A consent must end in the future"


class WithdrawalHasNoEnd(Refusal):
    title = "A withdrawal does not expire"
