"""Why a guest is not let in, or not found."""

from libranet.problems import NotAllowed, NotFound


class GuestUnknown(NotFound):
    """Never there, gone by now, or the guest of a library that the caller does not see."""

    title = "No such guest"


class ResumeCodeUnknown(NotFound):
    """Mistyped, run out or guessed: the caller cannot tell which."""

    title = "This code opens nothing"


class GuestsNotWelcome(NotAllowed):
    """The library has decided so (the setting `guests_welcome`)."""

    title = "This library has no guests"
