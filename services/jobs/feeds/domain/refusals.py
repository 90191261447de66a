"""Why something about feeds is not done. Each says what to do next."""

from libranet.problems import Conflict, NotFound, Refusal


class FeedUnknown(NotFound):
    title = "No such job feed"

    def __init__(self) -> None:
        super().__init__("There is no job feed of that id. GET /v1/job-feeds lists yours.")


class ImportUnknown(NotFound):
    title = "No such import"

    def __init__(self) -> None:
        super().__init__("There is no import of that id; imports are kept for 90 days.")


class FileEmpty(Refusal):
    """An import needs a file."""

    status = 400
    title = "There is no file"

    def __init__(self) -> None:
        super().__init__("Send the file as the body of the request.")


class FeedsFull(Conflict):
    """A node has as many feeds as it may have."""

    title = "Too many job feeds"
