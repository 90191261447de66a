"""What jobs keeps, for how long. Everything is found by `_id`; skills are paged by it too."""

from libranet.collection import Collection, Retention

COLLECTIONS = (
    Collection("courses", Retention.forever("the newest state of what learning offers")),
    Collection("skills", Retention.forever("as long as a course on offer teaches it")),
)
