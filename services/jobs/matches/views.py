"""What callers are shown of matches, as contracts/calls/matching.py describes it."""

from typing import Any

import orjson

from services.jobs.matches.domain.why import Matched, Missing


def card(shown: str) -> dict[str, Any]:
    """What a list shows of a job; kept as JSON."""
    read: dict[str, Any] = orjson.loads(shown)
    return read


def match(job: str, score: float, matched: list[Matched], missing: list[Missing], why: list[str]) -> dict[str, Any]:
    return {
        "job": card(job), "score": round(score, 4),
        "matched": [{"uri": uri, "label": label, "bases": list(bases), "required": required}
                    for uri, label, bases, required in matched],
        "missing": [{"uri": uri, "label": label, "required": required,
                     "courses": [{"course": each.id, "title": each.title} for each in courses] if courses else []}
                    for uri, label, required, courses in missing],
        "why": why}
