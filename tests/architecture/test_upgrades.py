"""What `Collection.upgrade` does to documents while processes of the release before still read and write them."""

from datetime import UTC, datetime
from importlib.metadata import entry_points
from typing import Any

import pytest

from libranet.collection import CORE_COLLECTIONS, Collection, Document

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
COLLECTIONS = {f"{service.name}.{each.name}": each for service in entry_points(group="libranet.services")
               for each in service.load().collections} | {f"core.{each.name}": each for each in CORE_COLLECTIONS}
UPGRADED = {name: each for name, each in COLLECTIONS.items() if each.upgrade is not None}
BEFORE: dict[str, Document] = {
    "core.audit": {"at": AT, "actor": "librarian", "node": "demo.riverside", "action": "get_patron", "subject": "p",
                   "request": "r"},
    "profiles.patrons": {"owner": "demo.riverside", "registered_at": AT, "name": "Ana", "touched": 0},
    "profiles.consents": {"patron": "p", "owner": "demo.riverside", "purpose": "share-credentials", "recipient": "n",
                          "granted": True, "decided_at": AT, "sequence": 1, "expires_at": None},
    "profiles.erasures": {"patron": "p", "owner": "demo.riverside", "requested_at": AT,
                          "answers": {"learning": AT, "analytics": None}},
    "credentials.achievements": {"owner": "demo.riverside", "name": "Welding", "course": "c", "defined_at": AT},
    "credentials.credentials": {"patron": "p", "owner": "demo.riverside", "achievement": "a", "status": "valid",
                                "issued_at": AT, "shared_at": AT},
    "credentials.waiting": {"patron": "p", "completion": {"course": "c", "at": AT}},
    "analytics.participations": {"owner": "demo.riverside", "days": ["2026-03-01", "2026-03-02"]},
    "deliveries.subscriptions": {"owner": "demo.lakeside", "url": "https://lakeside.example.org/", "types": [],
                                 "enabled": True, "created_at": AT, "secrets": [b"sealed"]},
    "deliveries.deliveries": {"subscription": "s", "position": "1", "status": "pending", "created_at": AT},
    "deliveries.partner_streams": {"last": 7},
}
"""A document of the version before, of each collection that has an upgrade."""
OTHER_FORM = {
    ("core.audit", "subject"): "a person's keyed id",
    ("profiles.erasures", "answers"): {"learning": {"at": AT, "documents": 3}, "analytics": None},
    ("analytics.participations", "days"): {"2026-03-01": 4},
}
"""Members that got another form, by what the present release writes there. They are of the time before the first
release, beside which nothing older runs: what needs another form now becomes a member of another name."""


def before(collection: Collection, document: Document) -> Document:
    """The document as the release before labels it."""
    return {"_id": "own id", **document, "schema_version": collection.schema_version - 1}


def worked_on(name: str, collection: Collection) -> Document:
    """A document that was upgraded and then changed by the present release in all that is new."""
    old = before(collection, BEFORE[name])
    new: dict[str, Any] = {member: f"another {member}" for member in collection.read(old).keys() - old.keys()}
    return {**old, **new, **{member: value for (where, member), value in OTHER_FORM.items() if where == name}}


def test_there_is_a_document_of_the_version_before_for_each_upgrade_and_for_nothing_else() -> None:
    assert BEFORE.keys() == UPGRADED.keys()
    assert UPGRADED.keys() == {name for name, each in COLLECTIONS.items() if each.schema_version > 1}


@pytest.mark.parametrize("name", sorted(UPGRADED))
def test_what_the_release_before_reads_is_still_there_after_an_upgrade(name: str) -> None:
    old = before(UPGRADED[name], BEFORE[name])
    upgraded = UPGRADED[name].read(old)
    assert upgraded["schema_version"] == UPGRADED[name].schema_version
    changed = {member for member, value in old.items() if upgraded.get(member) != value} - {"schema_version"}
    assert {(name, member) for member in changed} == {each for each in OTHER_FORM if each[0] == name}


@pytest.mark.parametrize("name", sorted(UPGRADED))
def test_an_upgrade_of_what_was_upgraded_and_worked_on_loses_nothing(name: str) -> None:
    """The release before has put the document in its place, so that it says that version again."""
    there = worked_on(name, UPGRADED[name])
    assert UPGRADED[name].read(there) == {**there, "schema_version": UPGRADED[name].schema_version}


@pytest.mark.parametrize("name", sorted(UPGRADED))
def test_an_upgrade_of_what_was_upgraded_changes_nothing(name: str) -> None:
    upgraded = UPGRADED[name].read(before(UPGRADED[name], BEFORE[name]))
    again = {**upgraded, "schema_version": UPGRADED[name].schema_version - 1}
    assert UPGRADED[name].read(again) == upgraded


@pytest.mark.parametrize("name", sorted(UPGRADED))
def test_a_document_of_the_version_before_can_be_read_in_part(name: str) -> None:
    """As `Work.find` does that is told which members are wanted."""
    for member in BEFORE[name]:
        UPGRADED[name].read(before(UPGRADED[name], {member: BEFORE[name][member]}))
    UPGRADED[name].read(before(UPGRADED[name], {}))
