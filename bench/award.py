"""A competency as the service issues it: rules, consents, ids, both proofs, the record stored, its fact in the outbox.

A hundred in a transaction, as when a queue holds as many. No peer does the same; those that sign alone are in `issue`.
"""

from typing import Any

from bench.parts import Parts
from bench.processes import Contender
from bench.table import Row, medians

TITLE = "libranet, competency of 5 kB, stored"
WARM_UP = 100


def run(parts: Parts, credentials: int, rounds: int) -> list[Row]:
    """Rounds in databases of their own; the first transaction of each is not counted."""
    return medians("award", {TITLE: [_once(parts, credentials) for _ in range(rounds)]}, TITLE)


def _once(parts: Parts, credentials: int) -> dict[str, Any]:
    parts.drop("credentials")
    environment = {**parts.environment("credentials"), "PUBLIC_URL": "https://libranet.example.org"}
    with Contender.running("awards_competencies", environment, WARM_UP + credentials, WARM_UP) as contender:
        return contender.measure(parts.pids("database"))
