"""A long import of job postings: how fast, in how much memory, and right even when its process is killed on the way.

`python -m bench.imports [--postings 50000] [--kills 2]`
"""

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pymongo
import urllib3

from bench import job_files
from bench.line import UNLIMITED
from bench.processes import resident_mib
from demo.api import Client
from libranet.cloudevent import from_json
from libranet.local import Platform

COUNTS = ("read", "added", "updated", "unchanged", "expired", "rejected")
ENDED = ("done", "failed")
DEADLINE_SECONDS = 1800


class Library:
    """A library with one feed."""

    def __init__(self, platform: Platform) -> None:
        made = subprocess.run(
            [str(Path(sys.executable).parent / "libranet"), "org", "new", "bench", "Bench", "--library",
             "riverside=Riverside", "--json"], env=platform.environment(), capture_output=True, text=True, check=True)
        keys = json.loads(made.stdout)
        self.platform = platform
        self.key = keys["bench.riverside"]["key"]
        self.client = Client(platform.urls["gateway"], self.key)
        self.feed = self.client.ask("POST", "/v1/job-feeds", {"name": "Board"})["id"]
        self.database = pymongo.MongoClient(platform.environment()["MONGO_URI"], tz_aware=True)["libranet_jobs"]

    def send(self, path: Path) -> str:
        """Where to ask about the import."""
        with path.open("rb") as body:
            answer = urllib3.PoolManager(retries=False).request(
                "POST", f"{self.platform.urls['gateway']}/v1/job-feeds/{self.feed}/imports", body=body, timeout=120,
                headers={"Authorization": f"Bearer {self.key}", "Content-Length": str(path.stat().st_size)})
        assert answer.status in (201, 202), answer.data
        return answer.headers["Location"]

    def look(self, place: str) -> Any:
        """None while the service starts anew."""
        answer = self.client.raw("GET", place)
        return json.loads(answer.data) if answer.status == 200 else None

    def memory_mib(self) -> int:
        """Of the jobs process, as the system counts it."""
        return round(resident_mib(self.platform.pid("jobs") or 0))

    def open_postings(self) -> dict[int, str]:
        rows = self.database.postings.find({"state": "open"}, {"source_id": 1, "title": 1})
        return {int(row["source_id"]): row["title"] for row in rows}

    def facts(self) -> list[dict[str, int]]:
        """What was told of imports, each once and in the order of time."""
        found = {}
        for collection in ("outbox", "archive"):
            for row in self.database[collection].find():
                for event in map(from_json, map(bytes, row["events"])):
                    if event.short_type == "feed-imported":
                        found[event.id] = event
        told = sorted(found.values(), key=lambda event: event.time)
        return [{name: event.data[name] for name in COUNTS} for event in told]


@dataclass(frozen=True)
class Imported:
    """What an import came to, and what it should have."""

    report: dict[str, int]
    expected: dict[str, int]
    good: dict[int, str]
    seconds: float
    kills: int
    idle_mib: int
    peak_mib: int


def imported(library: Library, path: Path, count: int, edition: int, kills: int) -> Imported:
    """Imports an edition of the board; its process is killed so often on the way, at even parts of the file."""
    expected = job_files.write(path, count, edition)
    idle = peak = library.memory_mib()
    started = time.monotonic()
    place, killed = library.send(path), 0
    while True:
        assert time.monotonic() < started + DEADLINE_SECONDS, "the import does not end"
        seen = library.look(place)
        peak = max(peak, library.memory_mib())
        if seen and seen["state"] in ENDED:
            break
        if seen and killed < kills and seen["progress"]["read"] > expected.read * (killed + 1) / (kills + 1):
            library.platform.kill("jobs")
            killed += 1
        time.sleep(0.1)
    report = {name: seen["report"]["rejected_count" if name == "rejected" else name] for name in COUNTS}
    assert killed == kills, "it was too fast to be killed so often"
    return Imported(report, {name: getattr(expected, name) for name in COUNTS}, expected.good,
                    time.monotonic() - started, killed, idle, peak)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--postings", default=50_000, show_default=True)
@click.option("--kills", default=2, show_default=True, help="How often the jobs process is killed during each import.")
def main(postings: int, kills: int) -> None:
    """Import two editions of a board on a platform of its own, and the second one again."""
    with tempfile.TemporaryDirectory(prefix="libranet-bench-") as home:
        with Platform(home=Path(home), gateway_port=0, extra_env=UNLIMITED) as platform:
            platform.start()
            library = Library(platform)
            for edition, killed in ((1, kills), (2, kills), (2, 0)):
                made = imported(library, Path(home) / "jobs.json", postings, edition, killed)
                again = made.report["unchanged"] == len(made.good)
                right = (again or made.report == made.expected) and library.open_postings() == made.good
                click.echo(f"edition {edition}: {made.report} {'right' if right else 'WRONG'}; {made.seconds:.0f} s, "
                           f"{made.kills} kills, memory {made.idle_mib} to {made.peak_mib} MiB")


if __name__ == "__main__":
    main()
