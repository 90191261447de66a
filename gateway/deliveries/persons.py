"""What the gateway's web process reads of persons, kept up to date by what the deliveries process hears: who holds
which role, and whose sessions and apps end because they were erased.
"""

from collections.abc import Iterable
from typing import Any

from gateway.badge_connect.collections import GRANTS
from gateway.roles import ROLE_GRANTS
from gateway.sessions import SESSIONS
from libranet.clock import now, parse_rfc3339
from libranet.cloudevent import Event
from libranet.ids import is_uuid


def hear_roles(events: Iterable[Event], work: Any) -> None:
    """Keeps the newest state of each grant; an ended one ends when it was ended."""
    newest: dict[str, Event] = {}
    for event in events:
        known = newest.get(event.subject)
        if known is None or event.sequence > known.sequence:
            newest[event.subject] = event
    kept = work.get_many(ROLE_GRANTS.name, newest)
    patrons = work.get_many("patrons", [each.data["holder"] for each in newest.values()])
    for key, event in newest.items():
        data, patron = event.data, patrons.get(event.data["holder"])
        if (patron and patron["erased_at"]) or (key in kept and kept[key]["sequence"] >= event.sequence):
            continue
        if is_uuid(data["holder"]):
            _touch(data["holder"], work)
        work.replace(ROLE_GRANTS.name, {
            "_id": key, "owner": event.owner, "holder": data["holder"], "role": data["role"], "node": data["node"],
            "ends_at": parse_rfc3339(data.get("ended_at") or data["ends_at"]), "sequence": event.sequence})


def _touch(patron: str, work: Any) -> None:
    """An erasure that is heard at the same moment conflicts with this, and one of the two runs again."""
    work.update("patrons", {"_id": patron}, {
        "$set": {"touched_at": now()}, "$setOnInsert": {"early": [], "erased_at": None}}, upsert=True)


def forget(patron: str, work: Any) -> int:
    """Signs an erased patron out, takes their roles, and shuts out the apps that they let in; gives the number of
    documents that went."""
    theirs = (
        (SESSIONS.name, {"actor": patron}), (ROLE_GRANTS.name, {"holder": patron}), (GRANTS.name, {"patron": patron}))
    gone = sum(work.count(name, query) for name, query in theirs)
    for name, query in theirs:
        work.delete(name, query)
    return int(gone)
