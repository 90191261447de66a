"""Every call between gateway and services, by service."""

from contracts.call import Call
from contracts.calls import analytics, credentials, job_feeds, job_postings, jobs, learning, matching, profiles

ALL: tuple[Call, ...] = (
    *profiles.CALLS, *learning.CALLS, *credentials.CALLS, *analytics.CALLS, *jobs.CALLS, *job_postings.CALLS,
    *job_feeds.CALLS, *matching.CALLS)
