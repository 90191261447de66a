"""What every test may rely on: ids need a key, and what a folder's tests share is started once."""

import os

import pytest

from libranet.local import broker

os.environ.setdefault("ID_KEY", "a key for tests only, of more than thirty-two characters")
os.environ.setdefault("CARD_KEY", "a key of cards for tests only, of more than thirty-two characters")
os.environ.setdefault("CARD_KEK", "11" * 32)
os.environ.setdefault("SIGN_IN_KEK", "22" * 32)
os.environ.setdefault("PSEUDONYM_KEY", "another key for tests only, of more than thirty-two characters")

SHARED = {"journeys": "platform", "integration": "parts", "deploy": "built"}
"""By folder, what takes long to start and is there once for all tests that ask for it."""
OUTSIDE = {"AMQP_URI", "MONGO_URI"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without RabbitMQ's package there is only the broker of AMQP_URI, which is not ours to kill or to look into.

    `make test` runs in several processes: a file's tests stay in one, and so do all that share something. What takes
    long begins first.
    """
    if not broker.is_installed():
        ours = [item for item in items if item.get_closest_marker("own_broker")]
        config.hook.pytest_deselected(items=ours)
        items[:] = [item for item in items if item not in ours]
    items.sort(key=lambda item: list(SHARED).index(_folder(item)) if _folder(item) in SHARED else len(SHARED))
    sharing = {item.path for item in items if _shares(item)}
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_company(item, item.path in sharing)))


def _shares(item: pytest.Item) -> bool:
    """Whether it asks for what its folder shares, and the file has nothing of this name for itself."""
    shared = SHARED.get(_folder(item), "")
    return shared in getattr(item, "fixturenames", ()) and not hasattr(getattr(item, "module", None), shared)


def _company(item: pytest.Item, is_sharing: bool) -> str:
    """The name of those who run one after the other in one process. A broker or database that is not ours is there once
    for all."""
    if _folder(item) in SHARED and (OUTSIDE & os.environ.keys() or not broker.is_installed()):
        return "outside"
    return _folder(item) if is_sharing else str(item.path)


def _folder(item: pytest.Item) -> str:
    return item.path.parent.name
