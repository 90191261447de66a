"""What the gateway reads and writes of subscriptions, in the database that it shares with the deliveries process.

Each write is one document, so no transaction is needed and a kill leaves nothing half done. Threads share one store;
every method raises PyMongoError while the database does not answer.
"""

from datetime import datetime
from typing import Any

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from contracts.principal import Principal
from gateway.deliveries.collections import COLLECTIONS, DELIVERIES, SUBSCRIPTIONS
from gateway.deliveries.domain.refusals import DeliveryUnknown, SubscriptionUnknown
from gateway.deliveries.domain.schedule import PENDING
from gateway.deliveries.partner_streams import stream_of
from libranet.collection import Document
from libranet.ids import new_id
from libranet.outside import addresses

VERSIONS = {each.name: each.schema_version for each in COLLECTIONS}


class SubscriptionStore:
    """Subscriptions, their deliveries, and the networks that the operator allows a partner."""

    def __init__(self, database: Database[Any]) -> None:
        self._subscriptions = database["subscriptions"]
        self._deliveries = database["deliveries"]
        self._arrivals = database["arrivals"]
        self._networks = database["partner_networks"]
        self._database = database

    # subscriptions

    def add(self, subscription: Document) -> Document:
        """Keeps it, unless one of its id is there; gives the one that is."""
        try:
            self._subscriptions.insert_one({**subscription, "schema_version": VERSIONS["subscriptions"]})
        except DuplicateKeyError:
            return self.find(subscription["_id"]) or subscription
        return subscription

    def find(self, subscription: str) -> Document | None:
        found: Document | None = self._subscriptions.find_one({"_id": subscription})
        return SUBSCRIPTIONS.read(found) if found else None

    def get(self, subscription: str, principal: Principal) -> Document:
        """Raises SubscriptionUnknown, also for what the principal may not see."""
        found = self.find(subscription)
        if found is None or not principal.sees(found["owner"]):
            raise SubscriptionUnknown
        return found

    def page(self, node: str, after: str, limit: int) -> list[Document]:
        """Those of the node and of nodes below it, by id, after the id `after`."""
        below = {"$gte": f"{node}.", "$lt": f"{node}/"}
        query = {"$or": [{"owner": node}, {"owner": below}], "_id": {"$gt": after}}
        return [SUBSCRIPTIONS.read(row) for row in self._subscriptions.find(query).sort("_id", 1).limit(limit)]

    def of_node(self, node: str) -> list[Document]:
        """All of exactly this node."""
        return [SUBSCRIPTIONS.read(row) for row in self._subscriptions.find({"owner": node})]

    def count(self, node: str) -> int:
        return self._subscriptions.count_documents({"owner": node})

    def delete(self, subscription: str) -> None:
        """Its deliveries go with their retention; the sender finds those that are due without a subscription."""
        self._subscriptions.delete_one({"_id": subscription})

    def change_secret(self, subscription: Document, members: Document) -> bool:
        """Writes the members of a rotation; False when another rotation came first."""
        self._bring_up_to_date(subscription)
        unchanged = {"_id": subscription["_id"], "secret": subscription["secret"]}
        return bool(self._subscriptions.update_one(unchanged, {"$set": members}).matched_count)

    def enable(self, subscription: Document, replay: Document) -> None:
        """Switches it on, with what it missed to be sent; does nothing when it is on."""
        self._bring_up_to_date(subscription)
        changed = self._subscriptions.update_one({"_id": subscription["_id"], "enabled": False}, {
            "$set": {"enabled": True, "failing": None, "replay": replay},
            "$unset": {"disabled_at": "", "disabled_reason": ""}})
        if changed.matched_count:
            self._announce([], subscription["_id"])

    def begin_replay(self, subscription: Document, replay: Document) -> bool:
        """False when another one was begun meanwhile."""
        self._bring_up_to_date(subscription)
        before = subscription["replay"]["id"] if subscription["replay"] else None
        unchanged = {"_id": subscription["_id"], "replay.id": before}
        if not self._subscriptions.update_one(unchanged, {"$set": {"replay": replay}}).matched_count:
            return False
        self._announce([], subscription["_id"])
        return True

    def set_types(self, subscription: str, types: list[str]) -> None:
        self._subscriptions.update_one({"_id": subscription}, {"$set": {"types": types}})

    def stream(self, node: str) -> Document:
        """Where the node's stream stands."""
        return stream_of(self._database, node)

    def _bring_up_to_date(self, subscription: Document) -> None:
        """A row of an older version is written in its present form before single members of it are changed."""
        old = {"_id": subscription["_id"], "schema_version": {"$lt": SUBSCRIPTIONS.schema_version}}
        self._subscriptions.replace_one(old, subscription)

    # deliveries

    def deliveries(self, subscription: str, before: str | None, limit: int) -> list[Document]:
        """The newest first, from before the position `before` on."""
        query: Document = {"subscription": subscription}
        if before is not None:
            query["position"] = {"$lt": before}
        return [DELIVERIES.read(row) for row in self._deliveries.find(query).sort("position", -1).limit(limit)]

    def redeliver(self, subscription: str, delivery: str, moment: datetime) -> Document:
        """Makes it due now, with a fresh schedule, and tells the sender. Raises DeliveryUnknown.

        A kill between the two writes leaves a caller without an answer, who asks again.
        """
        mine = {"_id": delivery, "subscription": subscription}
        self._deliveries.update_one(mine, {"$set": {"status": PENDING, "next_attempt_at": moment, "tries": 0}})
        found: Document | None = self._deliveries.find_one(mine)
        if found is None:
            raise DeliveryUnknown
        self._announce([delivery])
        return DELIVERIES.read(found)

    def _announce(self, deliveries: list[str], replay_of: str | None = None) -> None:
        """Tells the sender what wants to be planned: deliveries, or the replay of a subscription."""
        self._arrivals.insert_one({"_id": new_id(), "deliveries": deliveries, "replay_of": replay_of,
                                   "schema_version": VERSIONS["arrivals"]})

    # networks

    def allow_network(self, node: str, cidr: str) -> str:
        """Lets this partner's webhooks go to a network that is not public; gives its usual form. Raises ValueError."""
        network = str(addresses.network(cidr))
        self._networks.update_one({"_id": node}, {
            "$addToSet": {"networks": network},
            "$setOnInsert": {"schema_version": VERSIONS["partner_networks"]}}, upsert=True)
        return network

    def disallow_network(self, node: str, cidr: str) -> None:
        """Takes it back, from the next attempt on. Raises ValueError for what is no network."""
        self._networks.update_one({"_id": node}, {"$pull": {"networks": str(addresses.network(cidr))}})

    def networks_of(self, node: str) -> tuple[str, ...]:
        """What the operator allows this partner beyond the public internet."""
        found = self._networks.find_one({"_id": node})
        return tuple(found["networks"]) if found else ()
