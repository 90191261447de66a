"""Why an erasure is not found."""

from libranet.problems import Conflict, NotFound


class ErasureUnknown(NotFound):
    title = "No such erasure"


class ErasureUnfinished(Conflict):
    """A certificate says what was done, so it waits until all of it is."""

    title = "Not every service has answered yet"
