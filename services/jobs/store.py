"""Jobs' state in MongoDB: one small store for each noun, all on one unit of work."""

from libranet import blobs
from libranet.work import Work
from services.jobs.courses import store as courses
from services.jobs.courses.store import CourseStore
from services.jobs.feeds import store as feeds
from services.jobs.feeds.store import FeedStore
from services.jobs.postings import store as postings
from services.jobs.postings.store import PostingStore
from services.jobs.skills import store as skills
from services.jobs.skills.store import SkillStore

COLLECTIONS = (*courses.COLLECTIONS, *postings.COLLECTIONS, *skills.COLLECTIONS, *feeds.COLLECTIONS, *blobs.COLLECTIONS)


class JobsStore:
    """One unit of work's view of the state."""

    def __init__(self, work: Work) -> None:
        self.courses = CourseStore(work)
        self.postings = PostingStore(work)
        self.feeds = FeedStore(work)
        self.skills = SkillStore(work)
