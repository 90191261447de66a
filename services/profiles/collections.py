"""What profiles keeps, for how long, and by what it finds it again."""

from libranet.collection import Collection, Index, Retention

COLLECTIONS = (
    Collection("nodes", Retention.forever("a place in the org tree stays as long as records belong to it"),
               (Index("consortium"),)),
    Collection("patrons", Retention.forever("while registered; erased with the patron"), personal=True),
    Collection("consents", Retention.forever("while the patron is registered; erased with the patron"),
               (Index("patron"),), personal=True),
    Collection("erasures", Retention.of_days(3 * 365, "requested_at", "the proof that an erasure was done; ids only")),
)
