"""The jobs service: the calls it answers and the events it hears, by noun."""

from libranet.service import Service
from services.jobs.courses.service import CourseCalls
from services.jobs.feeds.service import FeedCalls
from services.jobs.feeds.worker import FeedWorker
from services.jobs.matches.service import MatchCalls
from services.jobs.postings.service import PostingCalls
from services.jobs.skills.service import SkillCalls
from services.jobs.store import COLLECTIONS, JobsStore


class Jobs(MatchCalls, SkillCalls, FeedCalls, PostingCalls, CourseCalls, Service):
    name = "jobs"
    collections = COLLECTIONS
    store = JobsStore
    feed_worker = FeedWorker()
