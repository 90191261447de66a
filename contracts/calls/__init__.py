"""Every call between gateway and services, by service."""

from contracts.call import Call
from contracts.calls import (
    analytics,
    cards,
    consents,
    credentials,
    guests,
    job_feeds,
    job_postings,
    jobs,
    learning,
    matching,
    profiles,
    recognition,
    reviews,
    submissions,
)

ALL: tuple[Call, ...] = (
    *profiles.CALLS, *consents.CALLS, *guests.CALLS, *cards.CALLS, *learning.CALLS, *credentials.CALLS,
    *submissions.CALLS, *reviews.CALLS, *recognition.CALLS, *analytics.CALLS, *jobs.CALLS, *job_postings.CALLS,
    *job_feeds.CALLS, *matching.CALLS)
"""What the gateway publishes."""
INTERNAL: tuple[Call, ...] = cards.INTERNAL
"""What services answer to the gateway itself and to operators' commands, and to nobody else."""
