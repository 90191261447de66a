"""What learning keeps, for how long, and by what it finds it again.

The hot path (a statement comes in) reads by `_id` only: a statement by its own id and owner, the enrolments that
wait for it through `awaited`, whose id follows from the actor's key and the activity.
"""

from libranet.collection import Collection, Index, Retention

COLLECTIONS = (
    Collection("courses", Retention.forever("an offer stands until its owner withdraws it"),
               (Index("owner", "position"), Index("reach", "position"))),
    Collection("patrons", Retention.forever("while registered; erased with the patron"), personal=True),
    Collection("erased", Retention.of_days(36, "erased_at", "longer than a replay of the archive reaches back")),
    Collection("accounts", Retention.forever("while the patron is registered; erased with the patron"), personal=True),
    Collection("enrolments", Retention.forever("while the patron is registered; erased with the patron"),
               (Index("patron"),), personal=True),
    Collection("awaited", Retention.forever("as long as the enrolments it leads to; erased with the patron"),
               personal=True),
    Collection("statements", Retention.of_days(5 * 365, "recorded_at", "the evidence behind a credential; those of a "
                                               "patron are erased with them"),
               (Index("recorded_at"), Index("people"), Index("reach", "position")), personal=True),
)
