"""Why a patron is not registered, or not found."""

from libranet.problems import NotAllowed, NotFound, Refusal


class PatronUnknown(NotFound):
    """Never registered, erased, or a patron of a library that the caller does not see."""

    title = "No such patron"


class RegisteringNodeUnknown(NotAllowed):
    """The caller acts for a place that the org tree does not have."""

    title = "This place is not in the org tree"


class OnlyLibrariesRegister(NotAllowed):
    """People belong to a library or one of its branches, never to a consortium or a partner."""

    title = "Only libraries and branches register patrons"


class TooManySkills(Refusal):
    title = "More skills than a profile holds"


class ProfileOfAnother(Refusal):
    title = "This is not your profile"
