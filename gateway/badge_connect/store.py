"""Apps and what patrons allowed them, in the gateway's database. Threads share it; every method raises PyMongoError
while the database does not answer.
"""

from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pymongo.database import Database

from gateway.badge_connect.apps import App
from gateway.badge_connect.collections import APPS, GRANTS
from gateway.badge_connect.grants import Grant
from libranet import audit
from libranet.collection import Collection, Document

COLLECTION_OF: dict[type[App | Grant], Collection] = {App: APPS, Grant: GRANTS}
UNUSED_LIFE = timedelta(days=7)
USED_LIFE = timedelta(days=365)
NOTE_USE_EVERY = timedelta(days=1)


Kept = TypeVar("Kept", App, Grant)


def to_row(kept: App | Grant, collection: Collection) -> Document:
    members = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(kept).items()}
    return {"_id": members.pop("id"), **members, "schema_version": collection.schema_version}


def of_row(kind: type[Kept], row: Document) -> Kept:
    """A newer release may have written members that this one does not know."""
    kept = COLLECTION_OF[kind].read(row)
    known = {each.name for each in fields(kind)}
    members: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()
                               if name in known}
    return kind(id=kept["_id"], **members)


class AppStore:
    """Apps by id."""

    def __init__(self, database: Database[Any]) -> None:
        self._apps = database[APPS.name]

    def add(self, app: App) -> None:
        self._apps.insert_one(to_row(app, APPS))

    def find(self, app_id: str) -> App | None:
        row = self._apps.find_one({"_id": app_id})
        return of_row(App, row) if row else None

    def note_use(self, app: App, at: datetime) -> None:
        """Keeps it for longer; written down once a day."""
        if app.kept_until < at + USED_LIFE - NOTE_USE_EVERY:
            self._apps.update_one({"_id": app.id}, {"$set": {"kept_until": at + USED_LIFE}})


class GrantStore:
    """Grants by what opens them, which is given as its hash."""

    def __init__(self, database: Database[Any]) -> None:
        self._grants, self._audit = database[GRANTS.name], database[audit.ENTRIES]
        self._patrons = database["patrons"]

    def add(self, grant: Grant, touch: Document) -> None:
        """`touch` is its entry for the audit, which is written first: there is none without."""
        self._audit.insert_one(audit.to_row(touch))
        self._grants.insert_one(to_row(grant, GRANTS))

    def find_by(self, member: str, value: str) -> Grant | None:
        """`member` is `code`, `access`, `refresh` or `spent`."""
        row = self._grants.find_one({member: value})
        return of_row(Grant, row) if row else None

    def replace(self, before: Grant, after: Grant) -> bool:
        """Puts one state in place of another; False where somebody else was faster, or it is gone."""
        found = self._grants.replace_one({"_id": before.id, "revision": before.revision}, to_row(after, GRANTS))
        return found.matched_count == 1

    def end(self, grant: Grant, touch: Document) -> None:
        """Its tokens open nothing from now on; ending it again does no harm, and is no other entry for the audit."""
        if self._grants.delete_one({"_id": grant.id}).deleted_count:
            self._audit.insert_one(audit.to_row(touch))

    def end_earlier(self, grant: Grant) -> None:
        """What the same patron allowed the same app before; a later yes is left alone."""
        self._grants.delete_many({"patron": grant.patron, "app": grant.app, "_id": {"$ne": grant.id},
                                  "granted_at": {"$lte": grant.granted_at}})

    def is_erased(self, patron: str) -> bool:
        """By the tombstone that the deliveries process keeps of whoever was erased lately."""
        row = self._patrons.find_one({"_id": patron})
        return bool(row and row["erased_at"])
