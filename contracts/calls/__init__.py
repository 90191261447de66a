"""Every call between gateway and services, by service."""

from contracts.call import Call
from contracts.calls import (
    analytics,
    bulk_issues,
    cards,
    claims,
    co_issuing,
    consents,
    credential_imports,
    credentials,
    endorsements,
    guests,
    job_feeds,
    job_postings,
    jobs,
    learning,
    mappings,
    matching,
    profiles,
    recognition,
    reconsiderations,
    records,
    reviews,
    submissions,
)

ALL: tuple[Call, ...] = (
    *profiles.CALLS, *consents.CALLS, *guests.CALLS, *cards.CALLS, *learning.CALLS, *credentials.CALLS, *claims.CALLS,
    *submissions.CALLS, *reviews.CALLS, *records.CALLS, *recognition.CALLS, *endorsements.CALLS, *co_issuing.CALLS,
    *mappings.CALLS, *reconsiderations.CALLS, *bulk_issues.CALLS, *credential_imports.CALLS, *analytics.CALLS,
    *jobs.CALLS, *job_postings.CALLS, *job_feeds.CALLS, *matching.CALLS)
"""What the gateway publishes."""
WALLET: tuple[Call, ...] = claims.WALLET
"""What it publishes besides: a standard of its own describes it."""
INTERNAL: tuple[Call, ...] = cards.INTERNAL
"""What services answer to the gateway itself and to operators' commands, and to nobody else."""
