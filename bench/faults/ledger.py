"""What there must be, and what there is: at every place of the line, missing and doubled."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pymongo

from bench.faults.partner import Partner
from libranet import outbox

Mongo = pymongo.MongoClient[dict[str, Any]]
COMPLETED, ISSUED = "course-completed", "credential-issued"


@dataclass(frozen=True)
class Counted:
    """At one place: so many are missing, so many are there more than once."""

    place: str
    lost: int
    doubled: int


def totals(mongo: Mongo) -> Counter[str]:
    """What analytics counted so far, by measure: a sum that only grows right when each event counts once."""
    found: Counter[str] = Counter()
    for month in mongo["libranet_analytics"].months.find({}):
        for measure, days in month.get("events", {}).items():
            found[measure] += sum(days.values())
    return found


def credentials(mongo: Mongo, achievement: str) -> list[dict[str, Any]]:
    return list(mongo["libranet_credentials"].credentials.find(
        {"achievement": achievement}, {"patron": 1, "public_id": 1}))


def waiting(mongo: Mongo) -> int:
    """Facts that the broker has not confirmed."""
    return sum(mongo[f"libranet_{name}"].outbox.count_documents({}) for name in ("learning", "credentials"))


def counted(mongo: Mongo, course: Mapping[str, str], expected: int, before: Mapping[str, int],
            partner: Partner) -> list[Counted]:
    """Of one scenario, in which so many patrons completed a course of its own."""
    issued = credentials(mongo, course["achievement"])
    public = {each["public_id"] for each in issued}
    moved = totals(mongo)
    moved.subtract(before)
    completed = _told(mongo, "learning", COMPLETED, "course", {course["id"]}, "patron")
    return [
        _compared("statements", _kept(mongo, course["activity_iri"]), expected),
        _compared("completions told", completed, expected),
        _compared("credentials", Counter(each["patron"] for each in issued), expected),
        _compared("credentials told", _told(mongo, "credentials", ISSUED, "public_id", public, "public_id"), expected),
        *(Counted(f"total of {measure}", max(expected - moved[measure], 0), max(moved[measure] - expected, 0))
          for measure in (COMPLETED, ISSUED)),
        _compared("webhooks", Counter({each: len(partner.webhooks.get(each, ())) for each in public}), expected),
    ]


def _compared(place: str, found: Counter[str], expected: int) -> Counted:
    there = sum(1 for number in found.values() if number)
    return Counted(place, max(expected - there, 0), sum(number - 1 for number in found.values() if number > 1))


def _kept(mongo: Mongo, activity: str) -> Counter[str]:
    return Counter(str(row["actor"]) for row in mongo["libranet_learning"].statements.find(
        {"activity": activity}, {"actor": 1}))


def _told(mongo: Mongo, service: str, kind: str, member: str, values: set[str], by: str) -> Counter[str]:
    """How many different events told of each; a copy of one event is no second one."""
    database, told = mongo[f"libranet_{service}"], {}
    for collection in (database.archive, database.outbox):
        for row in collection.find({"types": {"$regex": f"\\.{kind}\\."}}):
            for event in outbox.events_of(row):
                if event.short_type == kind and event.data.get(member) in values:
                    told[event.id] = event.data[by]
    return Counter(told.values())
