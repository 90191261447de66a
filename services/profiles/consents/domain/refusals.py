"""Why a consent cannot be decided so."""

from libranet.problems import NotAllowed, NotFound, Refusal


class PurposeUnknown(NotFound):
    title = "No such purpose of a consent"


class RecipientUnsuitable(Refusal):
    """The node exists, but this purpose does not concern it."""

    title = "This recipient does not fit the purpose"


class ConsentEndsBeforeItBegins(Refusal):
    title = "A consent must end in the future"


class WithdrawalHasNoEnd(Refusal):
    title = "A withdrawal does not expire"


class ConsentLastsTooLong(Refusal):
    title = "A consent to this purpose must end earlier"


class NothingEnds(Refusal):
    """The library does it on its own responsibility: there is an objection, and no consent that could end."""

    title = "This purpose has no end to set"


class DataClassUnsuitable(Refusal):
    title = "This purpose does not concern such data"


class GuardianNeeded(Refusal):
    """The patron's age band is below the age at which the library asks for a guardian."""

    title = "A guardian has to agree"


class GuardianNotConfirmed(Refusal):
    title = "This is not yet a guardian's word"


class GuardianNotYours(Refusal):
    """Nobody vouches for their own guardian."""

    title = "A guardian is stated by the library"


class AgeBandNotYours(NotAllowed):
    """Nobody grows out of needing a guardian by saying so themselves."""

    title = "The library has to say so"


class ConsentUnknown(NotFound):
    """Nothing was decided there, so there is nothing to give a receipt for."""

    title = "No such consent"
