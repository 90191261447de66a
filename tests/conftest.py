"""What every test may rely on: ids need a key."""

import os

import pytest

from libranet.local import broker

os.environ.setdefault("ID_KEY", "a key for tests only, of more than thirty-two characters")
os.environ.setdefault("CARD_KEY", "a key of cards for tests only, of more than thirty-two characters")
os.environ.setdefault("CARD_KEK", "11" * 32)
os.environ.setdefault("SIGN_IN_KEK", "22" * 32)
os.environ.setdefault("PSEUDONYM_KEY", "another key for tests only, of more than thirty-two characters")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without RabbitMQ's package there is only the broker of AMQP_URI, which is not ours to kill or to look into."""
    if broker.is_installed():
        return
    ours = [item for item in items if item.get_closest_marker("own_broker")]
    config.hook.pytest_deselected(items=ours)
    items[:] = [item for item in items if item not in ours]
