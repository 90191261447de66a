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
        "matched": [{"uri": each.uri, "label": each.label, "bases": list(each.bases), "required": each.required}
                    for each in matched],
        "missing": [{"uri": each.uri, "label": each.label, "required": each.required,
                     "courses": [{"course": course.id, "title": course.title} for course in each.courses]}
                    for each in missing],
        "why": why}
