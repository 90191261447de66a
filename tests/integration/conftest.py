"""Real parts: a private RabbitMQ and a MongoDB-protocol server, started once for the tests that ask for them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from libranet.local import Platform


@pytest.fixture(scope="package")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Broker and database without services; the operator's environment is this process's own meanwhile."""
    home = Path(tmp_path_factory.mktemp("parts"))
    with Platform(home=home, gateway_port=0, parts=("broker", "database")) as platform:
        platform.start()
        before = dict(os.environ)
        os.environ.update(platform.environment("operator"))
        yield platform
        os.environ.clear()
        os.environ.update(before)
