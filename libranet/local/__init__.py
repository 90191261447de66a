"""The whole platform on one machine: private broker, stand-in database, services and gateway under one supervisor.

`Platform` is the way in, for commands, the demo and tests. It does not install anything (`setup.sh` does), and it
is no way to run a consortium: `deploy/k8s` and `docker-compose.yml` are.
"""

from libranet.local.machine import Platform
from libranet.local.refusals import (
    AlreadyRunning,
    BrokerMissing,
    CannotStart,
    DatabaseMissing,
    NotReady,
    NotRunning,
    PortTaken,
)

__all__ = [
    "AlreadyRunning",
    "BrokerMissing",
    "CannotStart",
    "DatabaseMissing",
    "NotReady",
    "NotRunning",
    "Platform",
    "PortTaken",
]
