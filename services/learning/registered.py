"""Who is registered: asked outside any transaction, and patiently, because the event of a patron who was registered
a moment ago may still be on its way."""

import time

from nameko.extensions import DependencyProvider

from libranet.mongo import Database

PATIENCE_SECONDS = 2.0
"""An event crosses in some 50 ms; longer than this means that the patron is not there."""
PAUSE_SECONDS = 0.05


class Registered(DependencyProvider):  # type: ignore[misc]
    """nameko dependency: `owner_of(patron)`."""

    database = Database()

    def get_dependency(self, worker_ctx: object) -> "Registered":
        return self

    def owner_of(self, patron: str) -> str | None:
        """The library of a patron; None when PATIENCE_SECONDS have not brought news of them.

        A transaction reads what was there when it began, so this one asks anew each time, outside it.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            row = self.database.reading().get("patrons", patron)
            if row is not None or time.monotonic() > deadline:
                return str(row["owner"]) if row else None
            time.sleep(PAUSE_SECONDS)
