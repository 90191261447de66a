"""Jobs' state in MongoDB: one small store for each noun, all on one unit of work."""

from libranet.work import Work
from services.jobs.courses import store as courses
from services.jobs.courses.store import CourseStore
from services.jobs.postings import store as postings
from services.jobs.postings.store import PostingStore

COLLECTIONS = (*courses.COLLECTIONS, *postings.COLLECTIONS)


class JobsStore:
    """One unit of work's view of the state."""

    def __init__(self, work: Work) -> None:
        self.courses = CourseStore(work)
        self.postings = PostingStore(work)
