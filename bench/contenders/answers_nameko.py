"""Stock nameko RPC: the same two answers, without a principal, a scope or a contract."""

import eventlet

eventlet.monkey_patch()

import os  # noqa: E402
from typing import Any  # noqa: E402

import pymongo  # noqa: E402
from nameko.rpc import rpc  # noqa: E402

from bench.contenders import nameko_process  # noqa: E402
from bench.contenders.asked import COLLECTION, SMALL_ANSWER  # noqa: E402

DATABASE = pymongo.MongoClient[dict[str, Any]](os.environ["MONGO_URI"])["libranet_learning"]


class Peer:
    """Asked by `ClusterRpcProxy`."""

    name = "peer"

    @rpc
    def nothing(self) -> dict[str, Any]:
        return SMALL_ANSWER

    @rpc
    def course(self, course: str) -> dict[str, Any] | None:
        return DATABASE[COLLECTION].find_one({"_id": course})


if __name__ == "__main__":
    nameko_process.run(Peer)
