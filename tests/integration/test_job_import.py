"""A long import on real parts, its process killed twice on the way: it ends as if nothing had happened.

`python -m bench.imports` does the same with fifty thousand postings.
"""

import json
import threading
import time
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bench import job_files
from bench.imports import UNLIMITED, Library, imported
from libranet.local import Platform
from tests.patience import until

pytestmark = [pytest.mark.real, pytest.mark.chaos]
POSTINGS = 5_000
IMPORT_SECONDS = 600
SETTINGS = {**UNLIMITED, "FEED_ALLOWED_NETWORKS": "127.0.0.0/8"}


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    home = Path(tmp_path_factory.mktemp("imports"))
    with Platform(home=home, gateway_port=0, extra_env=SETTINGS) as platform:
        platform.start()
        yield platform


@pytest.fixture(scope="module")
def library(platform: Platform) -> Library:
    return Library(platform)


def test_an_import_that_is_killed_twice_ends_with_exact_counts(library: Library, tmp_path: Path) -> None:
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


class Quiet(SimpleHTTPRequestHandler):
    """The files of a folder, with Last-Modified and what follows from it."""

    def log_message(self, *_: Any) -> None:
        return


def test_a_feed_with_a_schedule_is_fetched_at_once_and_its_failures_are_shown(library: Library, tmp_path: Path) -> None:
    (tmp_path / "board.json").write_text(json.dumps({"jobs": [{"id": 7, "internal_job_id": 1, "title": "Fetched"}]}))
    server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *given: Quiet(*given, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        feeds = [library.client.ask("POST", "/v1/job-feeds", {
            "name": name, "url": f"http://127.0.0.1:{server.server_port}/{name}", "every_hours": 1})["id"]
            for name in ("board.json", "nothing.json")]

        def shown() -> list[dict[str, Any]]:
            return [library.client.ask("GET", f"/v1/job-feeds/{feed}") for feed in feeds]

        until(lambda: "last_import" in shown()[0] and "last_fetch" in shown()[1], IMPORT_SECONDS, "both fetches")
        good, bad = shown()
        assert good["last_fetch"]["outcome"] == "imported"
        place = f"/v1/job-imports/{good['last_import']}"
        until(lambda: library.client.ask("GET", place)["state"] == "done", IMPORT_SECONDS, "the end of the import")
        assert library.client.ask("GET", place)["report"]["added"] == 1
        assert (bad["last_fetch"]["outcome"], bad["last_fetch"]["detail"]) == ("failed", "the board answered 404")
        changed = {"name": "board.json", "url": f"http://127.0.0.1:{server.server_port}/board.json", "every_hours": 2}
        library.client.ask("PUT", f"/v1/job-feeds/{feeds[0]}", changed)
    finally:
        server.shutdown()
        server.server_close()


def test_a_stop_in_the_middle_of_an_import_is_clean_and_it_goes_on_afterwards(library: Library, tmp_path: Path) -> None:
    library.feed = library.client.ask("POST", "/v1/job-feeds", {"name": "Another board"})["id"]
    expected = job_files.write(tmp_path / "jobs.json", 1_500)
    place = library.send(tmp_path / "jobs.json")
    started = time.monotonic()
    library.platform.restart("jobs")
    assert time.monotonic() - started < 20
    until(lambda: (library.look(place) or {}).get("state") == "done", IMPORT_SECONDS, "the end of the import")
    assert library.look(place)["report"]["added"] == expected.added
