"""What the deliveries keep in `libranet_gateway`, for how long, and by what it is found again."""

from libranet.collection import Collection, Index, Retention

DELIVERY_DAYS = 30
HELD = {
    "consents": "Whom you allowed to be told of your credentials, as this part knows it.",
    "deliveries": "What was sent about you, to whom and when, or will be.",
    "patrons": "What may yet be sent, if you allowed it in time.",
    "sessions": "Where you are signed in.",
    "role_grants": "What you may do for whom, as the front door knows it.",
}
"""What a person is told of each collection that is about them."""
PATRON_DAYS = 36
"""Longer than a replay reaches back (35 days), so that no replayed fact brings an erased patron back."""

COLLECTIONS = (
    Collection("subscriptions", Retention.forever("until its partner deletes it"), (Index("owner"),)),
    Collection("partner_networks", Retention.forever("the operator's decision; until changed by `libranet partner`")),
    Collection(
        "deliveries", Retention.of_days(DELIVERY_DAYS, "created_at", "partners look into what they got"),
        (Index("subscription", "position"), Index("patron"), Index("status")), personal=True),
    Collection("arrivals", Retention.forever("until the sender has planned them, a moment later")),
    Collection("consents", Retention.forever("the newest state of each; erased with the patron"),
               (Index("patron"),), personal=True),
    Collection(
        "patrons",
        Retention.of_days(PATRON_DAYS, "touched_at", "events that came before the consent they need; tombstones"),
        personal=True),
)
