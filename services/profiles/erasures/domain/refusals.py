"""Why an erasure is not found."""

from libranet.problems import NotFound, Refusal


class ErasureUnknown(NotFound):
    title = "No such erasure"


class ErasureUnfinished(Refusal):
    """A certificate says what was done, so it waits until all of it is."""

    status = 409
    title = "Not every service has answered yet"
