"""What callers are shown of a posting, as contracts/calls/job_postings.py describes it."""

from dataclasses import asdict
from typing import Any

from libranet.clock import rfc3339
from services.jobs.postings.domain.posting import Posting

HIDDEN = ("fingerprint", "sequence")


def posting(found: Posting) -> dict[str, Any]:
    """Members that nothing is known of are left out."""
    shown = {**asdict(found), "posted_at": found.posted_at and rfc3339(found.posted_at),
             "closes_at": found.closes_at and rfc3339(found.closes_at),
             "places": [_known(asdict(place)) for place in found.places],
             "skills": [asdict(skill) for skill in found.skills],
             "pay": _known(asdict(found.pay)) if found.pay else None}
    return {name: value for name, value in _known(shown).items() if name not in HIDDEN}


def _known(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
