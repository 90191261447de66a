"""Why a card opens nothing. None of these tells whether a card exists before its PIN was right."""

from libranet.problems import Conflict, NotAllowed, NotFound, Refusal, ServiceAway, TooManyRequests


class CardUnreadable(Refusal):
    """Refused before anything is sent: this cannot be a card number or a PIN."""

    title = "This cannot be a card number or a PIN"


class CardNotAccepted(NotAllowed):
    """The same for an unknown card, a wrong PIN, and a card of another library."""

    title = "This card and PIN are not accepted"

    def __init__(self) -> None:
        super().__init__("Check the card number and the PIN, or ask at your library's desk.")


class CardExpired(NotAllowed):
    """Told only to whoever knows the PIN."""

    title = "This card has expired"


class CardBarred(NotAllowed):
    """Barred by a rule that the library chose; told only to whoever knows the PIN."""

    title = "This card is barred"


class TooManyAttempts(TooManyRequests):
    """Counted for each card, whether it exists or not."""

    title = "Too many attempts"


class CardsNotConnected(NotFound):
    """The node is unknown, or its library has not connected its system."""

    title = "This library does not take cards here"


class CardOfAnother(Conflict):
    title = "This card belongs to another patron"


class LibrarySystemAway(ServiceAway):
    """The library's own system does not answer, or its answer cannot be trusted. Nobody is let in."""

    title = "The library's system does not answer"

    def __init__(self, retry_after_seconds: int = 30) -> None:
        super().__init__("Your library's system, which checks cards, does not answer as it should. Try again in a "
                         "moment; what needs no card goes on working.", retry_after_seconds)


class ConnectionUnusable(Refusal):
    """The settings contradict each other or name what may not be reached."""

    title = "This connection cannot work"


class NoPlaceForCards(Refusal):
    title = "Cards belong to a library or to one of its branches"
