"""Why an erasure is not found."""

from libranet.problems import NotFound


class ErasureUnknown(NotFound):
    title = "No such erasure"
