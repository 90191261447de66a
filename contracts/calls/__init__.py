"""Every call between gateway and services, by service."""

from contracts.call import Call
from contracts.calls import analytics, credentials, jobs, learning, profiles

ALL: tuple[Call, ...] = (*profiles.CALLS, *learning.CALLS, *credentials.CALLS, *analytics.CALLS, *jobs.CALLS)
