"""What analytics keeps, for how long. Everything is found by `_id` alone."""

from libranet.collection import Collection, Retention

COLLECTIONS = (
    Collection("totals", Retention.forever("counts a node by what happened there; they name nobody")),
    Collection("participants", Retention.forever("while the patron is registered; erased with the patron"),
               personal=True),
    Collection("erased", Retention.of_days(36, "erased_at", "longer than a replay of the archive reaches back")),
)
