"""Every call between gateway and services, by service."""

from contracts.call import Call
from contracts.calls import (
    analytics,
    badge_connect,
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
    verification,
)

ALL: tuple[Call, ...] = (
    *profiles.CALLS, *consents.CALLS, *guests.CALLS, *cards.CALLS, *learning.CALLS, *credentials.CALLS,
    *verification.CALLS, *claims.CALLS,
    *submissions.CALLS, *reviews.CALLS, *records.CALLS, *recognition.CALLS, *endorsements.CALLS, *co_issuing.CALLS,
    *mappings.CALLS, *reconsiderations.CALLS, *bulk_issues.CALLS, *credential_imports.CALLS, *analytics.CALLS,
    *jobs.CALLS, *job_postings.CALLS, *job_feeds.CALLS, *matching.CALLS)
"""What the gateway publishes."""
WALLET: tuple[Call, ...] = claims.WALLET
"""What it publishes besides: a standard of its own describes it."""
BADGE_CONNECT: tuple[Call, ...] = badge_connect.CALLS
"""What it publishes besides: for apps, and about them."""
INTERNAL: tuple[Call, ...] = (*cards.INTERNAL, badge_connect.WHO_LETS_IN)
"""What services answer to the gateway itself and to operators' commands, and to nobody else."""
