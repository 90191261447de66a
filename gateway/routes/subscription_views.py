"""Subscriptions and deliveries as their partner sees them."""

from typing import Any

from gateway.deliveries.domain import rotation
from libranet.clock import rfc3339
from libranet.collection import Document


def subscription_view(row: Document) -> dict[str, Any]:
    """Without secrets; what does not apply is left out."""
    shown = {"id": row["_id"], "owner": row["owner"], "delivery": row["delivery"], "types": row["types"],
             "enabled": row["enabled"], "created_at": rfc3339(row["created_at"]), "failing": None}
    if row.get("url"):
        shown["url"] = row["url"]
    if row["failing"]:
        shown["failing"] = {**row["failing"], "since": rfc3339(row["failing"]["since"])}
    if not row["enabled"]:
        shown |= {"disabled_at": rfc3339(row["disabled_at"]), "disabled_reason": row["disabled_reason"]}
    if until := rotation.former_until(row):
        shown["former_secrets_until"] = rfc3339(until)
    if row["replay"]:
        shown["replay"] = replay_view(row["replay"])
    return shown


def replay_view(replay: Document, as_begun: bool = False) -> dict[str, Any]:
    """How far it is; or, the same however often it is asked, what was begun."""
    shown = {"id": replay["id"], "since": rfc3339(replay["since"]), "types": replay["types"],
             "asked_at": rfc3339(replay["asked_at"]), "of": replay["count"]}
    if as_begun:
        return shown
    return shown | {"of": replay["last"] - replay["first"] + 1, "looked_at": replay["next"] - replay["first"],
                    "planned": replay["planned"], "state": replay["state"]}


def delivery_view(row: Document) -> dict[str, Any]:
    """With every attempt that is kept."""
    due = row["next_attempt_at"]
    return {
        "id": row["_id"], "webhook_id": row["message"], "type": row["event"]["type"],
        "status": row["status"], "created_at": rfc3339(row["created_at"]),
        "next_attempt_at": rfc3339(due) if due else None,
        "attempts": [{**each, "at": rfc3339(each["at"])} for each in row["attempts"]],
    }
