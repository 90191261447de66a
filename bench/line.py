"""The whole line: xAPI statements in at the gateway, credentials stored at the end, every process of the platform on.

What is timed begins with the first POST and ends when the last credential is stored; CPU time runs on until analytics
and deliveries have heard everything too. Setting up (courses, patrons, consents, enrolments) is not timed.
"""

import json
import re
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import pymongo
from urllib3.exceptions import HTTPError

from bench import expiry
from bench.processes import Spending, family
from bench.table import Row, medians
from demo import statements
from demo.api import Client
from libranet.local import Platform

LIBRARY = "bench.riverside"
STATEMENTS_A_POST = 50
POSTING = 4
"""Posts at once: a busy learning platform, not a flood."""
SETTING_UP = 4
PATIENCE_SECONDS = 300
ASK_SECONDS = 0.1
"""Asking more often whether all is done would cost a service more than its work."""
XAPI = {"X-Experience-API-Version": "1.0.3"}
TITLE = "statement in, credential stored"
UNLIMITED = dict.fromkeys(("RATE_CLIENT", "RATE_NODE", "RATE_ADDRESS"), "100000000/minute")
HANDLED = re.compile(r'^libranet_handled_total\{queue="([^"]+)"\} ([0-9.e+]+)$', re.MULTILINE)


class Line:
    """A platform that runs, with patrons who consented and are about to complete courses."""

    consents: ClassVar[dict[str, str]] = {"issue-credentials": LIBRARY}
    """What each patron agrees to: a purpose, and with whom."""

    def __init__(self, platform: Platform, completions: int) -> None:
        self.platform = platform
        self.completions = completions
        self.keys = organise(platform)
        expiry.end(platform)
        self._threads = threading.local()
        self.services = {name: Client(url) for name, url in platform.urls.items()}
        self.patrons = self.each(lambda _: self.register(), range(completions))

    def _client(self, key: str) -> Client:
        """A client keeps one connection: each thread has its own."""
        if not hasattr(self._threads, key):
            setattr(self._threads, key, Client(self.platform.urls["gateway"], self.keys[LIBRARY][key]))
        client: Client = getattr(self._threads, key)
        return client

    @property
    def library(self) -> Client:
        return self._client("key")

    @property
    def learning_platform(self) -> Client:
        return self._client("platform_key")

    def round(self) -> dict[str, Any]:
        """Everybody completes one new course."""
        course = self.offer()
        accounts = self.each(lambda patron: self.enrol(patron, course), self.patrons)
        self.settle()
        said = [statements.openedx_course_passed(str(uuid.uuid4()), account, course["activity_iri"], course["title"])
                for account in accounts]
        return self._measure(said)

    def _measure(self, said: Sequence[dict[str, Any]]) -> dict[str, Any]:
        before, spending = self._handled(), Spending(self.pids())
        began = time.perf_counter()
        posts = [said[start:start + STATEMENTS_A_POST] for start in range(0, len(said), STATEMENTS_A_POST)]
        with ThreadPoolExecutor(POSTING) as pool:
            list(pool.map(self._post, posts))
        accepted = time.perf_counter() - began
        self._wait(lambda: self._handled_since(before, "credentials", "credentials.completions") >= len(said))
        seconds = time.perf_counter() - began
        self._wait(lambda: self._handled_since(before, "analytics", "analytics.facts") >= 2 * len(said))
        self.settle()
        spent = spending.seconds()
        return {"events": len(said), "seconds": seconds, "cpu_seconds": sum(spent.values()), "parts": spent,
                "settled_seconds": time.perf_counter() - began, "accepted_ms": accepted * 1000}

    def stored(self) -> int:
        """Credentials in the database: counted once, at the end, as counting costs the stand-in a whole read."""
        with pymongo.MongoClient[dict[str, Any]](self.platform.environment()["MONGO_URI"]) as client:
            return client["libranet_credentials"].credentials.count_documents({})

    def offer(self) -> dict[str, Any]:
        """A new course; `achievement` is what its completion earns."""
        iri = f"https://courses.example.org/course/{uuid.uuid4()}"
        course = _insist(self.library, "/v1/courses", {"title": "Spreadsheets", "activity_iri": iri})
        earned = _insist(self.library, "/v1/achievements", {
            "name": "Spreadsheets: completed", "description": "Took part to the end.", "criteria": "Complete it.",
            "kind": "engagement", "course": course["id"]})
        return {**course, "achievement": earned["id"]}

    def register(self) -> str:
        patron = str(self.library.ask("POST", "/v1/patrons", {})["id"])
        for purpose, recipient in self.consents.items():
            self.library.ask("PUT", f"/v1/patrons/{patron}/consents/{purpose}/{recipient}", {"granted": True})
        return patron

    def enrol(self, patron: str, course: dict[str, Any]) -> dict[str, str]:
        account = account_of(patron)
        _insist(self.library, f"/v1/courses/{course['id']}/enrolments", {"patron": patron, "account": account})
        return account

    def _post(self, batch: Sequence[dict[str, Any]]) -> None:
        _insist(self.learning_platform, "/xAPI/statements", list(batch), XAPI)

    def each(self, step: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
        with ThreadPoolExecutor(SETTING_UP) as pool:
            return list(pool.map(step, items))

    def pids(self) -> dict[str, list[int]]:
        """Each process of the platform with those that it started, by name."""
        return {row["name"]: family(row["pid"]) for row in self.platform.status() if row["pid"]}

    def _handled(self) -> dict[str, float]:
        """Events handled by each queue since its service started."""
        totals: dict[str, float] = {}
        for name in ("credentials", "analytics", "deliveries"):
            text = self.services[name].raw("GET", "/metrics").data.decode()
            totals.update({queue: float(total) for queue, total in HANDLED.findall(text)})
        return totals

    def _handled_since(self, before: dict[str, float], service: str, queue: str) -> float:
        text = self.services[service].raw("GET", "/metrics").data.decode()
        return float(dict(HANDLED.findall(text)).get(queue, 0)) - before.get(queue, 0)

    def settle(self) -> None:
        """Until nobody hears anything for a second."""
        last: dict[str, float] = {}
        while (now := self._handled()) != last:
            last = now
            time.sleep(1)

    def _wait(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            if time.monotonic() > deadline:
                raise RuntimeError(f"the line did not end within {PATIENCE_SECONDS} s")
            time.sleep(ASK_SECONDS)


def account_of(patron: str) -> dict[str, str]:
    """At the learning platform, as statements name it."""
    return {"homePage": "https://courses.example.org", "name": f"learner-{patron}"}


def _insist(client: Client, path: str, body: Any, headers: dict[str, str] | None = None) -> Any:
    """As a learning platform does: what was not taken is sent again."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with suppress(HTTPError):
            answer = client.raw("POST", path, body, headers)
            if 200 <= answer.status < 300:
                return json.loads(answer.data)
            if answer.status != 503:
                raise RuntimeError(f"{path} was answered {answer.status}: {answer.data.decode()}")
        time.sleep(1)
    raise RuntimeError(f"{path} was not taken within {PATIENCE_SECONDS} s")


def run(completions: int, rounds: int) -> list[Row]:
    """Rounds on one platform, which grows; the median of each figure."""
    with tempfile.TemporaryDirectory(prefix="libranet-bench-") as home:
        with Platform(home=Path(home), gateway_port=0, extra_env=UNLIMITED) as platform:
            platform.start()
            line = Line(platform, completions)
            taken = {TITLE: [line.round() for _ in range(rounds)]}
            if (stored := line.stored()) != completions * rounds:
                raise RuntimeError(f"{stored} credentials are stored, not {completions * rounds}")
    return medians("line", taken, TITLE)


def organise(platform: Platform) -> dict[str, dict[str, str]]:
    """A consortium of one library and one college, made as an operator makes it: their keys by node."""
    command = [str(Path(sys.executable).parent / "libranet"), "org", "new", "bench", "A consortium",
               "--library", "riverside=Riverside Public Library", "--partner", "lakeside=Lakeside College", "--json"]
    done = subprocess.run(command, env=platform.environment(), capture_output=True, text=True, check=True)
    keys: dict[str, dict[str, str]] = json.loads(done.stdout)
    return keys
