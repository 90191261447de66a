"""Files of job postings in Greenhouse's shape, with the report that importing them has to give.

Every 33rd item is bad in one of four ways (3 %), every 50th repeats the id of the item 25 before it with another
title. A second edition of the same board changes every 7th posting, leaves every 40th out and brings new ones.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SEED = 1923
WORDS = (
    "library", "customer", "service", "spreadsheets", "inventory", "scheduling", "welding", "forklift", "nursing",
    "records", "teaching", "cooking", "driving", "budget", "reports", "safety", "training", "repair", "community")
NEW_SHARE = 20


@dataclass
class Expected:
    """What the report of the import has to say."""

    read: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    expired: int = 0
    rejected: int = 0
    good: dict[int, str] = field(default_factory=dict)
    """Title by id of what is open afterwards."""


def write(path: Path, count: int, edition: int = 1) -> Expected:
    """Writes the file item by item; says what comes of it after the edition before."""
    expected = Expected()
    told: dict[int, str] = {}
    before = _titles(count, edition - 1) if edition > 1 else {}
    with path.open("w", encoding="utf-8") as file:
        file.write('{"jobs":[')
        for position, item in enumerate(items(count, edition)):
            file.write((",\n" if position else "\n") + json.dumps(item))
            expected.read += 1
            if not _is_good(item):
                expected.rejected += 1
            else:
                expected.rejected += item["id"] in told
                told[item["id"]] = item["title"]
        file.write(f'\n],"meta":{{"total":{expected.read}}}}}')
    expected.good = told
    expected.added = len(told.keys() - before.keys())
    expected.updated = sum(before[each] != told[each] for each in told.keys() & before.keys())
    expected.unchanged = len(told.keys() & before.keys()) - expected.updated
    expected.expired = len(before.keys() - told.keys())
    return expected


def items(count: int, edition: int = 1) -> Iterator[Any]:
    """One after the other; the same ones each time."""
    dice = random.Random(SEED)
    for number in range(count + (count // NEW_SHARE if edition > 1 else 0)):
        item = _item(number, edition, dice)
        if edition > 1 and number < count and number % 40 == 39:
            continue
        yield _spoilt(item, number) if number % 33 == 32 else item


def _item(number: int, edition: int, dice: random.Random) -> dict[str, Any]:
    repeats = number % 50 == 49
    identity = number - 25 if repeats else number
    marks = [*(["again"] if repeats else []), *([f"edition {edition}"] if edition > 1 and identity % 7 == 0 else [])]
    lines = "".join(f"<li>{' '.join(dice.choices(WORDS, k=12))}</li>" for _ in range(24))
    body = f"<h2>What you do</h2><ul>{lines}</ul><p>Apply with your library card.</p>"
    return {
        "id": 1_000_000 + identity, "internal_job_id": 7_000_000 + identity,
        "title": " ".join([f"Clerk {identity}", *marks]), "company_name": f"Employer {identity % 400}",
        "absolute_url": f"https://jobs.example.org/{identity}", "requisition_id": f"R-{identity}",
        "location": {"name": ("Springfield, IL", "Riverside, CA", "Remote", "Lansing, Michigan")[identity % 4]},
        "updated_at": "2026-10-01T08:00:00-04:00", "first_published": "2026-10-01T08:00:00-04:00",
        "content": body.replace("<", "&lt;").replace(">", "&gt;")}


def _spoilt(item: dict[str, Any], number: int) -> Any:
    """No title, a post for prospects, no id, or no object at all."""
    return ({**item, "title": " "}, {**item, "internal_job_id": None}, {**item, "id": None}, "oops")[number // 33 % 4]


def _is_good(item: Any) -> bool:
    return isinstance(item, dict) and bool(item["id"] and item["title"].strip() and item["internal_job_id"])


def _titles(count: int, edition: int) -> dict[int, str]:
    return {each["id"]: each["title"] for each in items(count, edition) if _is_good(each)}
