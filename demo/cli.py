"""`libranet demo`: starts the platform if none runs, walks the main line, leaves its papers in `var/demo`."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
import urllib3

from demo.api import Client, StepFailed
from demo.visit import Visit
from demo.walk import COLLEGE, Walk
from libranet.local import Platform
from libranet.local.refusals import CannotStart

CONSORTIUM = ("demo", "Demo Library Consortium")
PLACES = ("--library", "riverside=Riverside Public Library", "--library", "hillside=Hillside Public Library",
          "--partner", "lakeside-college=Lakeside Community College")


@click.command()
def demo() -> None:
    """Walk the main line: a completion becomes a credential that a college trusts, and opens a job.

    Starts the platform if none runs and stops what it started at the end (KEEP=1 leaves it running). Exits 0 only if
    every step held. The papers are in var/demo: report.json, credential.json, webhook.json, matches-before.json,
    matches-after.json, keys.json.
    """
    platform = Platform()
    folder = platform.home.path / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    report = Report(folder / "report.json")
    started = not platform.running()
    try:
        if started and not report.step("The platform starts", lambda: _start(platform)):
            raise SystemExit(1)
        held = _walk(platform, folder, report)
    finally:
        if started and os.environ.get("KEEP") != "1":
            platform.stop()
    keeps = started and os.environ.get("KEEP") == "1"
    where = f"\nStill running: {platform.urls['gateway']}/docs (make stop)" if keeps else ""
    click.echo(f"\nPapers: {folder}{where}")
    raise SystemExit(0 if held else 1)


class Report:
    """Prints each step as it ends and keeps `report.json` true at any moment."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.steps: list[dict[str, Any]] = []

    def step(self, title: str, action: Any) -> bool:
        """Runs one step; a failure is said in words and ends the walk."""
        if sys.stdout.isatty():
            click.echo(f"   {title} …\r", nl=False)
        began = time.monotonic()
        try:
            told, ok = action(), True
        except (StepFailed, CannotStart, urllib3.exceptions.HTTPError) as reason:
            told, ok = str(reason), False
        milliseconds = round((time.monotonic() - began) * 1000)
        click.echo(f" {'✓' if ok else '✗'} {title:<52}{milliseconds:>7} ms  {told}")
        self.steps.append({"step": title, "ok": ok, "milliseconds": milliseconds, "told": told})
        all_held = all(each["ok"] for each in self.steps)
        self._path.write_text(json.dumps({"ok": all_held, "steps": self.steps}, indent=2) + "\n", encoding="utf-8")
        return ok


def _start(platform: Platform) -> str:
    click.echo()
    platform.start(lambda part, seconds: click.echo(f"     {part} is ready after {seconds:.1f} s"))
    return platform.urls["gateway"]


def _walk(platform: Platform, folder: Path, report: Report) -> bool:
    keys: dict[str, Any] = {}
    if not report.step("A consortium, two libraries and a college exist", lambda: _organise(platform, folder, keys)):
        return False
    walk = Walk(platform.urls["gateway"], keys, folder)
    try:
        held = all(report.step(title, action) for title, action in (*walk.steps(), *Visit(walk).steps()))
        _write_private(folder / "keys.json", walk.remember())
    finally:
        walk.close()
    return held


def _organise(platform: Platform, folder: Path, keys: dict[str, Any]) -> str:
    """Uses the keys of an earlier walk while they are good, else has `libranet org new` make new ones."""
    gateway = platform.urls["gateway"]
    keys.update(_known_keys(folder / "keys.json", gateway))
    if keys:
        return "as in an earlier walk, keys in keys.json"
    made = json.loads(_libranet(platform, "org", "new", *CONSORTIUM, *PLACES, "--json"))
    _libranet(platform, "partner", "allow", COLLEGE, "127.0.0.0/8")
    keys.update({
        "gateway": gateway, "library_a": made["demo.riverside"]["key"], "library_b": made["demo.hillside"]["key"],
        "college": made[COLLEGE]["key"],
        "xapi": dict(zip(("key", "secret"), made["demo.riverside"]["platform_key"].split("."), strict=True))})
    return "made by `libranet org new`, which prints the keys once"


def _known_keys(path: Path, gateway: str) -> dict[str, Any]:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        for name in ("library_a", "library_b", "college"):
            Client(gateway, known[name]).ask("GET", "/v1/me")
    except (OSError, ValueError, KeyError, StepFailed):
        return {}
    return {**{name: known[name] for name in ("library_a", "library_b", "college", "xapi")}, "gateway": gateway}


def _libranet(platform: Platform, *arguments: str) -> str:
    """Runs one `libranet` command as an operator of this platform would."""
    command = [str(Path(sys.executable).parent / "libranet"), *arguments]
    done = subprocess.run(command, env=platform.environment(), capture_output=True, text=True, timeout=60)  # noqa: S603
    if done.returncode:
        raise StepFailed(f"`libranet {' '.join(arguments[:2])}` said: {done.stderr.strip()[-500:]}")
    return done.stdout


def _write_private(path: Path, content: dict[str, Any]) -> None:
    path.touch(mode=0o600)
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
