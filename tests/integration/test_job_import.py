"""A long import on real parts, its process killed twice on the way: it ends as if nothing had happened.

`python -m bench.imports` does the same with fifty thousand postings.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.imports import UNLIMITED, Library, imported
from libranet.local import Platform

pytestmark = [pytest.mark.real, pytest.mark.chaos]
POSTINGS = 5_000


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    home = Path(tmp_path_factory.mktemp("imports"))
    with Platform(home=home, gateway_port=0, extra_env=UNLIMITED) as platform:
        platform.start()
        yield platform


def test_an_import_that_is_killed_twice_ends_with_exact_counts(platform: Platform, tmp_path: Path) -> None:
    library = Library(platform)
    first = imported(library, tmp_path / "jobs.json", POSTINGS, edition=1, kills=2)
    assert first.report == first.expected
    assert library.open_postings() == first.good
    second = imported(library, tmp_path / "jobs.json", POSTINGS, edition=2, kills=2)
    assert second.report == second.expected
    assert second.expected["updated"] > 0
    assert second.expected["expired"] > 0
    assert library.open_postings() == second.good
    assert library.facts() == [first.expected, second.expected]
    again = imported(library, tmp_path / "jobs.json", POSTINGS, edition=2, kills=0)
    assert again.report["unchanged"] == len(second.good)
    assert again.peak_mib - again.idle_mib < 60
