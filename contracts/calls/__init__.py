"""Every call between gateway and services, by service."""

from contracts.call import Call
from contracts.calls import analytics, credentials, guests, jobs, learning, profiles

ALL: tuple[Call, ...] = (
    *profiles.CALLS, *guests.CALLS, *learning.CALLS, *credentials.CALLS, *analytics.CALLS, *jobs.CALLS)
