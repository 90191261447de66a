"""Rows stay in the stand-in while a bench runs.

Once a minute it looks for rows that have expired: it reads each collection that has an index for that from end to end,
its store locked, and leaves its cursors on the last pages until the next time (decision 33). MongoDB follows the index.
"""

import pymongo

from libranet.local import Platform

STAND_IN = "secantus"
"""What its replica set is called."""


def end(platform: Platform) -> None:
    """Makes each index by which rows expire a plain one; the services take it for a retention that has changed. Leaves
    every other database as it is."""
    with pymongo.MongoClient[dict[str, object]](platform.environment()["MONGO_URI"]) as client:
        if client.admin.command("hello").get("setName") != STAND_IN:
            return
        for name in client.list_database_names():
            for kept in client[name].list_collection_names():
                for index in list(client[name][kept].list_indexes()):
                    if "expireAfterSeconds" in index:
                        client[name][kept].drop_index(index["name"])
                        client[name][kept].create_index(list(index["key"].items()))
