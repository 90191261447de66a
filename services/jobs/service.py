"""The jobs service: the calls it answers and the events it hears, by noun."""

from libranet.service import Service
from services.jobs.courses.service import CourseCalls
from services.jobs.postings.service import PostingCalls
from services.jobs.store import COLLECTIONS, JobsStore


class Jobs(PostingCalls, CourseCalls, Service):
    name = "jobs"
    collections = COLLECTIONS
    store = JobsStore
