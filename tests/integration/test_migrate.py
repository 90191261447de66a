"""`libranet migrate` beside a service that goes on working."""

import pytest

from libranet.collection import Collection, Document, Retention
from libranet.local import Platform
from libranet.mongo import connect
from libranet.operate import migrate_service

pytestmark = pytest.mark.real



def test_what_a_service_changed_meanwhile_stays_changed_and_a_second_run_finds_nothing(parts: Platform) -> None:
    client = connect()
    things = client["libranet_drill"]["things"]
    things.insert_many([{"_id": str(number), "count": 1, "schema_version": 1} for number in range(30)])

    def upgrade(document: Document) -> Document:
        things.update_one({"_id": str(int(document["_id"]) + 1), "schema_version": 1}, {"$inc": {"count": 1}})
        return {**document, "counted": True}

    kept = Collection("things", Retention.forever("as long as this test"), schema_version=2, upgrade=upgrade)
    try:
        assert migrate_service("drill", (kept,)) == 30
        assert migrate_service("drill", (kept,)) == 0
        found = {int(row["_id"]): row for row in things.find({})}
        assert [found[number]["count"] for number in sorted(found)] == [1, *[2] * 29]
        assert all(row["counted"] and row["schema_version"] == 2 for row in found.values())
    finally:
        client.drop_database("libranet_drill")
        client.close()
