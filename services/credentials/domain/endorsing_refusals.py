"""Why something about an endorsement, a co-issuing or a mapping is not done. Each says what to do next."""

from libranet.problems import Conflict, NotAllowed, NotFound, Refusal


class EndorsementUnknown(NotFound):
    title = "No such endorsement"


class EndorsementTakenBack(Refusal):
    """Its endorser took it back before it was signed, or whose credential it was of asked for erasure."""

    status = 410
    title = "This endorsement is gone"


class NothingToEndorse(Refusal):
    """There is none of this name, or the caller may not know of it: it cannot tell which."""

    title = "There is nothing of this name to be endorsed"


class EndorserUnknown(Refusal):
    title = "No such node to be asked"


class OwnPraise(NotAllowed):
    """A node, those above it and those below it are one when it comes to praise."""

    title = "Nobody endorses what is their own"


class NotYours(NotAllowed):
    title = "This is for somebody else to decide"


class NothingOffered(Conflict):
    title = "There is nothing to accept yet"


class EndorsementFinal(Conflict):
    title = "This endorsement was taken back for good"


class EndorsedAlready(Conflict):
    title = "You endorse this in other words"


class NotWanted(Conflict):
    title = "This was declined"


class OfferedTooOften(Conflict):
    title = "This was offered and taken back too often"


class CoIssuingUnknown(NotFound):
    title = "No such co-issuing"


class AnotherCoIssuer(Conflict):
    title = "Another node issues this already, or is asked to"


class CoIssuingEnded(Conflict):
    title = "This co-issuing was ended"


class VersionChanged(Conflict):
    title = "The achievement was changed"


class MappingUnknown(NotFound):
    title = "No such mapping"


class MappingUnfit(Refusal):
    title = "This cannot be mapped"


class MappingFinal(Conflict):
    title = "This mapping was ended"


class MappingsFull(Conflict):
    title = "As many mappings as a version may have"
