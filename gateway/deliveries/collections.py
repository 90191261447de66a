"""What the deliveries keep in `libranet_gateway`, for how long, and by what it is found again."""

from gateway.deliveries.domain.stream import FIRST_ERA, KEPT_DAYS
from libranet.collection import Collection, Document, Index, Retention

HELD = {
    "consents": "Whom you allowed to be told of your credentials, as this part knows it.",
    "deliveries": "What was sent about you, to whom and when, or will be.",
    "partner_events": "What partners whom you allowed it may read about you.",
    "patrons": "What may yet be sent, if you allowed it in time.",
    "sessions": "Where you are signed in.",
    "app_grants": "Which apps you let see or change something of yours, and until when.",
    "role_grants": "What you may do for whom, as the front door knows it.",
}
"""What a person is told of each collection that is about them."""
PATRON_DAYS = 36
"""Longer than a replay reaches back (35 days), so that no replayed fact brings an erased patron back."""


def _subscription_from_1(row: Document) -> Document:
    """Version 1 knew webhooks only, and `secrets` without an end, which stay for those who read them."""
    newest = next(iter(row.get("secrets", ())), None)
    return {"delivery": "webhook", "secret": newest, "former_secrets": [], "failing": None, "times_disabled": 0,
            "replay": None, **row}


def _delivery_from_1(row: Document) -> Document:
    """Version 1 named its message after itself."""
    return {"message": f"msg_{row['_id']}", **row}


def _stream_from_1(row: Document) -> Document:
    """Version 1 knew nothing of restores."""
    return {"era": FIRST_ERA, "ended": {}, **row}


SUBSCRIPTIONS = Collection(
    "subscriptions", Retention.forever("until its partner deletes it"), (Index("owner"),), schema_version=2,
    upgrade=_subscription_from_1)
DELIVERIES = Collection(
    "deliveries", Retention.of_days(KEPT_DAYS, "created_at", "partners look into what they got"),
    (Index("subscription", "position"), Index("patron"), Index("status")), schema_version=2,
    upgrade=_delivery_from_1, personal=True)
STREAMS = Collection(
    "partner_streams", Retention.forever("one small row per partner: its newest number"), schema_version=2,
    upgrade=_stream_from_1)
COLLECTIONS = (
    SUBSCRIPTIONS,
    DELIVERIES,
    Collection("partner_networks", Retention.forever("the operator's decision; until changed by `libranet partner`")),
    Collection(
        "partner_events", Retention.of_days(KEPT_DAYS, "kept_at", "partners pull them, and ask for them once more"),
        (Index("patron"),), personal=True),
    STREAMS,
    Collection("arrivals", Retention.forever("until the sender has planned them, a moment later")),
    Collection("consents", Retention.forever("the newest state of each; erased with the patron"),
               (Index("patron"),), personal=True),
    Collection(
        "patrons",
        Retention.of_days(PATRON_DAYS, "touched_at", "events that came before the consent they need; tombstones"),
        personal=True),
)
