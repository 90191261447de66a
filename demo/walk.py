"""The main line, step by step, each through the gateway's public API as its own kind of client would do it."""

import base64
import json
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from openbadgeslib.ob3 import OB3LdpVerifier

from demo import statements
from demo.api import Client, StepFailed
from demo.receiver import Receiver

ISSUE_SECONDS = 2.0
"""What the platform promises between an accepted statement and a stored credential."""
WEBHOOK_SECONDS = 10.0
MEASURE_SECONDS = 5.0
LIBRARY, COLLEGE = "demo.riverside", "demo.lakeside-college"
TITLES = {"openedx": "Spreadsheets for work", "moodle": "Finding health information"}

Step = tuple[str, Callable[[], str]]


class Walk:
    """One patron's way from enrolment to a credential that a college trusts. `keys` are the demo's API keys."""

    def __init__(self, gateway: str, keys: dict[str, Any], folder: Path) -> None:
        self.gateway, self.keys, self.folder = gateway, keys, folder
        self.library = Client(gateway, keys["library_a"])
        self.college = Client(gateway, keys["college"])
        self.stranger = Client(gateway)
        self.receiver = Receiver()
        self.run = uuid.uuid4().hex[:8]
        self.course: dict[str, dict[str, Any]] = {}
        self.account = {"homePage": "https://courses.example.org", "name": f"learner-{self.run}"}
        self.patron = ""
        self.credential: dict[str, Any] = {}
        self.document: dict[str, Any] = {}
        self.measures_before: dict[str, int | None] = {}

    def steps(self) -> Iterator[Step]:
        yield "A course and what it earns are offered", self.offer
        yield "The college subscribes to credentials", self.subscribe
        yield "A patron is registered", self.register
        yield "The patron enrols", self.enrol
        yield "The patron consents to the issue and to sharing", self.consent
        yield "Open edX reports: course passed", self.report_openedx
        yield "The event alone issued the credential", self.issued
        yield "Moodle reports: course completed, twice", self.report_moodle
        yield "The patron shares the credential", self.share
        yield "A stranger fetches and verifies it (openbadgeslib)", self.verify
        yield "The college got the signed event", self.hear
        yield "The library's totals moved", self.measure

    def offer(self) -> str:
        self.measures_before = self._measures()
        for platform, title in TITLES.items():
            course = self.library.ask("POST", "/v1/courses", {
                "title": title, "provider": platform, "url": f"https://courses.example.org/{platform}",
                "activity_iri": f"https://courses.example.org/course/{platform}-{self.run}",
                "teaches": [{"label": "use spreadsheets software"}] if platform == "openedx" else [],
                "language": "en", "level": "beginner"})
            self.library.ask("POST", "/v1/achievements", {
                "name": f"{title}: completed", "description": f"Took part in “{title}” to the end.",
                "criteria": "Complete every unit of the course.", "kind": "engagement", "course": course["id"]})
            self.course[platform] = course
        return f"{self.gateway}/v1/courses/{self.course['openedx']['id']}"

    def subscribe(self) -> str:
        answer = self.college.ask("POST", "/v1/subscriptions", {
            "url": self.receiver.url, "types": ["credential-issued", "credential-shared"]})
        self.receiver.secret = answer["secret"]
        return f"deliveries go to {self.receiver.url}, signed"

    def register(self) -> str:
        self.patron = self.library.ask("POST", "/v1/patrons", {"name": "Ada Demo"})["id"]
        return f"{self.gateway}/v1/patrons/{self.patron}"

    def enrol(self) -> str:
        for course in self.course.values():
            self.library.ask("POST", f"/v1/courses/{course['id']}/enrolments",
                             {"patron": self.patron, "account": self.account})
        return f"as {self.account['name']} at {self.account['homePage']}"

    def consent(self) -> str:
        for purpose, recipient in (("issue-credentials", LIBRARY), ("share-credentials", COLLEGE)):
            self.library.ask("PUT", f"/v1/patrons/{self.patron}/consents/{purpose}/{recipient}", {"granted": True})
        return "each with a receipt"

    def report_openedx(self) -> str:
        return f"stored as {self.report_passed(self.account, self.course['openedx'])}"

    def issued(self) -> str:
        started = time.monotonic()
        found = self._wait_for_credentials(1)
        self.credential = found[0]
        return f"{(time.monotonic() - started) * 1000:.0f} ms after the statement was accepted"

    def report_moodle(self) -> str:
        course = self.course["moodle"]
        statement = statements.moodle_course_completed(self.account, course["activity_iri"], course["title"])
        first, again = self._post_statement(statement), self._post_statement(statement)
        expect(first == again, "the re-sent statement should be the same statement")
        found = self._wait_for_credentials(2)
        return f"{len(found)} credentials, one for each completion"

    def share(self) -> str:
        shared = self.library.ask("POST", f"/v1/credentials/{self.credential['id']}/share", {})
        self.credential = {**self.credential, **shared}
        return str(self.credential["public_url"])

    def verify(self) -> str:
        response = self.stranger.raw("GET", f"/credentials/{self.credential['public_id']}")
        expect(response.status == 200, f"the public address answered {response.status}")
        self.document = json.loads(response.data)
        self.write("credential.json", self.document)
        verdict = OB3LdpVerifier.for_issuer_did(self.document["issuer"]["id"]).verify(self.document)
        expect(bool(verdict), "openbadgeslib should accept the credential")
        own = self.college.ask("POST", "/v1/verifications", {"credential": self.document})
        for check in ("signature", "dates", "status", "issuer"):
            expect(own[check]["verdict"] == "valid", f"{check}: {own[check]}")
        return f"signed by {self.document['issuer']['id'][:28]}…"

    def hear(self) -> str:
        delivery = self.receiver.wait_for("credential-shared", WEBHOOK_SECONDS)
        expect(delivery is not None, f"no verified delivery came within {WEBHOOK_SECONDS:.0f} s")
        self.write("webhook.json", delivery)
        return f"{len(self.receiver.deliveries)} deliveries, signatures checked by standardwebhooks"

    def measure(self) -> str:
        """What fewer than ten people did is hidden: in a library's first walk, courses move alone."""
        deadline = time.monotonic() + MEASURE_SECONDS
        while True:
            measures = self._measures()
            moved = {name: total - (self.measures_before.get(name) or 0) for name, total in measures.items()
                     if total is not None}
            if moved.get("course-offered", 0) >= len(TITLES) and "credential-shared" in measures:
                told = [f"{name} +{count}" for name, count in sorted(moved.items()) if count]
                return ", ".join(told) + "; what few people did stays hidden" * (None in measures.values())
            expect(time.monotonic() < deadline, f"the totals should show the new courses, they moved by {moved}")
            time.sleep(0.05)

    def remember(self) -> dict[str, Any]:
        """What `keys.json` holds for trying things by hand."""
        return {**self.keys, "patron": self.patron, "course": self.course.get("openedx", {}).get("id"),
                "activity_iri": self.course.get("openedx", {}).get("activity_iri"), "account": self.account}

    def close(self) -> None:
        self.receiver.close()

    def report_passed(self, account: dict[str, str], course: dict[str, Any]) -> str:
        """The id of the statement by which Open edX says that this account passed the course."""
        return self._post_statement(statements.openedx_course_passed(
            str(uuid.uuid4()), account, course["activity_iri"], course["title"]))

    def _post_statement(self, statement: dict[str, Any]) -> str:
        pair = base64.b64encode(f"{self.keys['xapi']['key']}:{self.keys['xapi']['secret']}".encode()).decode()
        ids = self.stranger.ask("POST", "/xAPI/statements", statement, {
            "Authorization": f"Basic {pair}", "X-Experience-API-Version": "1.0.3"})
        return str(ids[0])

    def _wait_for_credentials(self, count: int) -> list[dict[str, Any]]:
        deadline = time.monotonic() + ISSUE_SECONDS
        while True:
            answer = self.library.ask("GET", f"/v1/patrons/{self.patron}/credentials")
            if len(answer["items"]) >= count:
                expect(len(answer["items"]) == count, f"there should be {count} credentials: {answer['items']}")
                return list(answer["items"])
            expect(time.monotonic() < deadline,
                    f"{count} credentials within {ISSUE_SECONDS} s, there are {len(answer['items'])}; {answer}")
            time.sleep(0.02)

    def _measures(self) -> dict[str, int | None]:
        """People, and events of what nobody does; None where they are hidden."""
        answer = self.library.ask("GET", "/v1/measures")
        return {each["measure"]: each["events"] if each["people"] is None else each["people"]
                for each in answer["items"]}

    def write(self, name: str, content: Any) -> None:
        (self.folder / name).touch(mode=0o600)  # the webhook's secret is in one of them
        (self.folder / name).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise StepFailed(otherwise)
