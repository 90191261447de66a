"""What is kept of apps; how, stands elsewhere: the deliveries process lists and ends connections without any OAuth."""

from libranet.collection import Collection, Index, Retention

APPS = Collection("apps", Retention.of_days(0, "kept_until", "a week after it registered, a year after a patron let "
                                            "it in or it asked for a token"))
GRANTS = Collection(
    "app_grants", Retention.of_days(0, "expires_at", "a moment after the app may do nothing by it any more; erased "
                                    "with the patron"),
    (Index("patron"), Index("code"), Index("access"), Index("refresh"), Index("spent")), personal=True)
COLLECTIONS = (APPS, GRANTS)
