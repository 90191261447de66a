"""Why profiles says no."""

from libranet.problems import NotAllowed, NotFound, Refusal


class PatronUnknown(NotFound):
    """Never registered, erased, or a patron of a library that the caller does not see."""

    title = "No such patron"


class ErasureUnknown(NotFound):
    title = "No such erasure"


class NodeUnknown(NotFound):
    title = "No such node"


class RegisteringNodeUnknown(NotAllowed):
    """The caller acts for a place that the org tree does not have."""

    title = "This place is not in the org tree"


class OnlyLibrariesRegister(NotAllowed):
    """People belong to a library or one of its branches, never to a consortium or a partner."""

    title = "Only libraries and branches register patrons"


class PurposeUnknown(NotFound):
    title = "No such purpose of a consent"


class RecipientUnsuitable(Refusal):
    """The node exists, but this purpose does not concern it."""

    title = "This recipient does not fit the purpose"


class ConsentEndsBeforeItBegins(Refusal):
    title = "A consent must end in the future"


class WithdrawalHasNoEnd(Refusal):
    title = "A withdrawal does not expire"


class NodeTaken(Refusal):
    status = 409
    title = "Another node has this id"


class NodeMisplaced(Refusal):
    title = "A node of this kind does not belong there"


class NodeOutOfReach(NotAllowed):
    """Somebody who is no operator builds only below their own node."""

    title = "This node is not below yours"
