"""The whole platform on real parts, started once, with a consortium of two libraries and a college."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from libranet.local import Platform
from tests.journeys.stage import Stage

PLACES = ("--library", "riverside=Riverside", "--library", "hillside=Hillside", "--partner", "lakeside=Lakeside")


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    home = Path(tmp_path_factory.mktemp("platform"))
    with Platform(home=home, gateway_port=0) as platform:
        platform.start()
        yield platform


def libranet(platform: Platform, *arguments: str) -> str:
    """One command as an operator runs it."""
    done = subprocess.run([str(Path(sys.executable).parent / "libranet"), *arguments], env=platform.environment(),
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def keys(platform: Platform) -> dict[str, str]:
    made = json.loads(libranet(platform, "org", "new", "test", "Test Consortium", *PLACES, "--json"))
    libranet(platform, "partner", "allow", "test.lakeside", "127.0.0.0/8")
    return {"library": made["test.riverside"]["key"], "other_library": made["test.hillside"]["key"],
            "college": made["test.lakeside"]["key"], "platform": made["test.riverside"]["platform_key"]}


@pytest.fixture
def stage(platform: Platform, keys: dict[str, str]) -> Iterator[Stage]:
    stage = Stage(platform, keys)
    yield stage
    stage.close()
