"""An event as one partner sees it: ids of its own instead of ours, and only the members listed here.

The list is closed: a member that a contract gains later is not told to partners until somebody decides so here.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson

from libranet.clock import rfc3339
from libranet.cloudevent import Event
from libranet.ids import keyed_id

CONTENT_TYPE = "application/cloudevents+json"
KEEP = "keep"
PAIRWISE = "pairwise"

CREDENTIAL = {
    "patron": PAIRWISE, "achievement": PAIRWISE, "achievement_name": KEEP, "kind": KEEP, "issuer": KEEP,
    "public_id": KEEP, "public_url": KEEP, "issued_at": KEEP,
}
REACH = {"reached": KEEP, "patron": PAIRWISE, "college": KEEP, "recognition": KEEP, "version": KEEP}
ENDORSEMENT = dict.fromkeys(("endorsement", "endorser", "kind", "of", "endorsed", "to", "version"), KEEP)
CO_ISSUING = dict.fromkeys(("co_issuing", "achievement", "owner", "node", "to"), KEEP)
MAPPING = dict.fromkeys(("mapping", "college", "achievement", "owner", "to", "version"), KEEP)
MEMBERS: dict[str, dict[str, str]] = {
    "org.libranet.credentials.credential-issued.v1": CREDENTIAL,
    "org.libranet.credentials.credential-shared.v1": {**CREDENTIAL, "shared_at": KEEP},
    "org.libranet.credentials.credential-claimed.v1": {**CREDENTIAL, "claimed_at": KEEP},
    "org.libranet.credentials.credential-revoked.v1": {**CREDENTIAL, "revoked_at": KEEP},
    "org.libranet.credentials.credential-suspended.v1": {**CREDENTIAL, "suspended_at": KEEP},
    "org.libranet.credentials.credential-reinstated.v1": {**CREDENTIAL, "reinstated_at": KEEP},
    "org.libranet.credentials.credential-superseded.v1": {**CREDENTIAL, "superseded_at": KEEP},
    "org.libranet.credentials.credential-restored.v1": {**CREDENTIAL, "restored_at": KEEP},
    "org.libranet.credentials.credential-revalidated.v1": {**CREDENTIAL, "revalidated_at": KEEP, "valid_until": KEEP},
    "org.libranet.credentials.credential-expiring.v1": {**CREDENTIAL, "valid_until": KEEP},
    "org.libranet.credentials.credential-expired.v1": {**CREDENTIAL, "valid_until": KEEP},
    "org.libranet.credentials.recognition-reached.v1": {
        **REACH, "title": KEEP, "gives": KEEP, "credentials": KEEP, "reached_at": KEEP},
    "org.libranet.credentials.recognition-lost.v1": {**REACH, "lost_at": KEEP},
    "org.libranet.credentials.endorsement-asked.v1": {**ENDORSEMENT, "asked_at": KEEP},
    "org.libranet.credentials.endorsement-offered.v1": {**ENDORSEMENT, "offered_at": KEEP},
    "org.libranet.credentials.endorsement-accepted.v1": {**ENDORSEMENT, "public_url": KEEP, "accepted_at": KEEP},
    "org.libranet.credentials.endorsement-ended.v1": {**ENDORSEMENT, "state": KEEP, "ended_at": KEEP},
    "org.libranet.credentials.co-issuing-proposed.v1": {**CO_ISSUING, "proposed_at": KEEP},
    "org.libranet.credentials.co-issuing-agreed.v1": {**CO_ISSUING, "version": KEEP, "agreed_at": KEEP},
    "org.libranet.credentials.co-issuing-ended.v1": {**CO_ISSUING, "ended_at": KEEP},
    "org.libranet.credentials.achievement-mapped.v1": {**MAPPING, "mapped_at": KEEP},
    "org.libranet.credentials.mapping-accepted.v1": {**MAPPING, "accepted_at": KEEP},
    "org.libranet.credentials.mapping-ended.v1": {**MAPPING, "state": KEEP, "ended_at": KEEP},
    "org.libranet.learning.course-offered.v1": {
        "course": PAIRWISE, "title": KEEP, "provider": KEEP, "url": KEEP, "activity_iri": KEEP, "teaches": KEEP,
        "language": KEEP, "level": KEEP,
    },
    "org.libranet.jobs.feed-imported.v1": {
        "feed": PAIRWISE, "import": PAIRWISE, "read": KEEP, "added": KEEP, "updated": KEEP, "unchanged": KEEP,
        "expired": KEEP, "rejected": KEEP,
    },
    "org.libranet.deliveries.endpoint-disabled.v1": {
        "subscription": KEEP, "delivery": KEEP, "url_host": KEEP, "reason": KEEP, "since": KEEP, "attempts": KEEP,
        "disabled_at": KEEP,
    },
}
SUBJECT: dict[str, Callable[[dict[str, Any]], str]] = {
    **{name: lambda shown: str(shown["co_issuing"]) for name, members in MEMBERS.items() if "co_issuing" in members},
    **{name: lambda shown: str(shown["mapping"]) for name, members in MEMBERS.items() if "mapping" in members},
    **{name: lambda shown: str(shown["public_id"]) for name, members in MEMBERS.items() if "public_id" in members},
    **{name: lambda shown: str(shown["reached"]) for name, members in MEMBERS.items() if "reached" in members},
    **{name: lambda shown: str(shown["endorsement"]) for name, members in MEMBERS.items() if "endorsement" in members},
    "org.libranet.learning.course-offered.v1": lambda shown: str(shown["course"]),
    "org.libranet.jobs.feed-imported.v1": lambda shown: str(shown["import"]),
    "org.libranet.deliveries.endpoint-disabled.v1": lambda shown: str(shown["subscription"]),
}


def pairwise(node: str, internal_id: str) -> str:
    """The id that this one partner knows it by: the same each time, of no use to any other partner."""
    return keyed_id("pairwise", node, internal_id)


def kept(event: Event) -> dict[str, Any]:
    """What is stored of an event until it is sent: ids and what it says, no body."""
    return {"type": event.type, "source": event.source, "time": event.time, "owner": event.owner,
            "sequence": event.sequence, "data": event.data}


def event_of(message: str, event: dict[str, Any], node: str) -> dict[str, Any]:
    """The CloudEvent of a stored event for the partner at `node`, who knows it by the id `message`."""
    members = MEMBERS[event["type"]]
    shown = {name: pairwise(node, event["data"][name]) if how == PAIRWISE else event["data"][name]
             for name, how in members.items() if name in event["data"]}
    time: datetime = event["time"]
    return {
        "specversion": "1.0", "id": message, "source": f"/libranet/{event['source']}", "type": event["type"],
        "subject": SUBJECT[event["type"]](shown), "time": rfc3339(time), "datacontenttype": "application/json",
        "owner": event["owner"], "sequence": str(event["sequence"]), "data": shown,
    }


def body(message: str, event: dict[str, Any], node: str) -> bytes:
    """The same in structured JSON."""
    return orjson.dumps(event_of(message, event, node))
