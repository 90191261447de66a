"""The whole platform on real parts, started once, with a consortium of two libraries and two colleges."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest

from libranet.local import Platform, broker
from tests.collector import Collector, collector
from tests.journeys.consortium import UNHURRIED, made_consortium
from tests.journeys.door import Door
from tests.journeys.stage import OTHER_COLLEGE, OTHER_LIBRARY, Keys, Stage, keys_of_riverside
from tests.journeys.things import CARD_PIN, SYSTEM_LOGIN, Things, made_things
from tests.library_system import Holder, LibrarySystem, library_system

TRACED = {"OTEL_TRACES_SAMPLER": "parentbased_always_off", "OTEL_BSP_SCHEDULE_DELAY": "200"}
"""Only what a caller wants traced."""


LINES_SHOWN, LINE_LENGTH = 12, 1500


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """With a test that failed, what the platform complained of meanwhile."""
    report = yield
    platform = getattr(item, "funcargs", {}).get("platform")
    if report.failed and isinstance(platform, Platform):
        lines = [line for log in platform.home.logs.glob("*.log") for line in complaints(log, call.start)]
        report.sections.append(("The platform's newest complaints", "\n".join(sorted(lines)[-LINES_SHOWN:])))
    return report


def complaints(log: Path, since: float) -> Iterator[str]:
    """Each after the time of its writing."""
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        with suppress(ValueError, TypeError, KeyError):
            told = json.loads(line)
            if told["level"] not in ("info", "debug") and datetime.fromisoformat(told["timestamp"]).timestamp() > since:
                yield f"{told['timestamp']} {line[:LINE_LENGTH]}"


@pytest.fixture(scope="session")
def spans() -> Iterator[Collector]:
    """What the platform's processes recorded for callers who asked for it."""
    with collector() as found:
        yield found


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory, spans: Collector) -> Iterator[Platform]:
    home, traced = Path(tmp_path_factory.mktemp("platform")), {**TRACED, "OTEL_EXPORTER_OTLP_ENDPOINT": spans.url}
    with Platform(home=home, gateway_port=0, extra_env=UNHURRIED | traced, private=broker.is_installed()) as platform:
        platform.start()
        yield platform


@pytest.fixture(scope="session")
def keys(platform: Platform) -> Keys:
    return made_consortium(platform)


@pytest.fixture(scope="session")
def library_cards() -> Iterator[LibrarySystem]:
    """The system of both libraries; it takes every card with one PIN."""
    with library_system(anybody=Holder(CARD_PIN), login=SYSTEM_LOGIN) as system:
        yield system


@pytest.fixture
def stage(platform: Platform, keys: Keys) -> Iterator[Stage]:
    with Stage(platform, keys) as stage:
        yield stage


@pytest.fixture(scope="session")
def mine(platform: Platform, keys: Keys, library_cards: LibrarySystem) -> Iterator[Things]:
    """What riverside and lakeside have; for tests that only look, or that are refused."""
    with Stage(platform, keys) as stage:
        yield made_things(stage, library_cards.port)


@pytest.fixture(scope="session")
def theirs(platform: Platform, keys: Keys, library_cards: LibrarySystem) -> Iterator[Things]:
    """What hillside and northgate have."""
    with Stage(platform, keys, OTHER_LIBRARY, OTHER_COLLEGE) as stage:
        yield made_things(stage, library_cards.port)


@pytest.fixture(scope="session")
def door(platform: Platform, keys: Keys, mine: Things) -> Door:
    """With the keys of riverside, its platforms, lakeside and the operators, and an app of riverside's patron."""
    return Door(platform.urls["gateway"], keys_of_riverside(keys), mine.app)
