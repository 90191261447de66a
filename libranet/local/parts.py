"""The parts of the platform: their names, who listens, and in which groups they stop.

A part's name is also the name of its process, its log file and its port. `epmd` comes with the broker: it is
Erlang's register of node names.
"""

from collections.abc import Iterable

SERVICES = ("profiles", "jobs", "learning", "credentials", "analytics")
RUNNERS = (*SERVICES, "deliveries")  # nameko processes, each a user of the broker
GATEWAY = "gateway"
OPERATOR = "operator"  # who may do everything on the private broker and database: commands and tests
STORES = ("epmd", "broker", "database")
EXTERNAL = {"broker": "AMQP_URI", "database": "MONGO_URI"}  # where set, somebody else runs this part
PARTS = ("broker", "database", *RUNNERS, GATEWAY)

# Stopped from the last to the first, the members of one group at the same time.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("names", STORES[:1]),
    ("stores", STORES[1:]),
    ("services", RUNNERS),
    ("entrance", (GATEWAY,)),
)

PORTS = ("epmd", "distribution", *PARTS)


def processes_of(parts: Iterable[str]) -> tuple[str, ...]:
    """The processes that `parts` need, in the order of their groups; raises ValueError for an unknown part."""
    chosen = set(parts)
    if unknown := chosen - set(PARTS):
        raise ValueError(
            f"There is no part named {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}."
        )
    if "broker" in chosen:
        chosen.add("epmd")
    return tuple(name for _, members in GROUPS for name in members if name in chosen)
