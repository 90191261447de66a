"""A migration in a process of its own, which is killed at its tenth document, `before` or `after` that is committed:
`python -m tests.integration.migration WHEN`."""

import os
import signal
import sys

from pymongo import monitoring

from libranet.collection import Collection, Document, Retention
from libranet.operate import migrate_service

SERVICE, TENTH = "drill", 10


def counted(document: Document) -> Document:
    """Tells how often it was done; no upgrade of ours does, and none could."""
    return {**document, "upgrades": document.get("upgrades", 0) + 1}


KEPT = Collection("things", Retention.forever("as long as its test"), schema_version=2, upgrade=counted)


class Killer(monitoring.CommandListener):
    """Kills this process at a commit."""

    def __init__(self, when: str) -> None:
        self._when = when
        self._commits = {"before": 0, "after": 0}

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self._count("before", event.command_name)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        self._count("after", event.command_name)

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass

    def _count(self, when: str, command: str) -> None:
        self._commits[when] += command == "commitTransaction"
        if self._commits[when] == TENTH and when == self._when:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    monitoring.register(Killer(sys.argv[1]))
    migrate_service(SERVICE, (KEPT,))
