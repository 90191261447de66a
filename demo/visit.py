"""The first visit, step by step: job feeds come in, somebody says what they can do, and a course closes the gap."""

import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from demo.api import Client
from demo.walk import LIBRARY, Step, Walk, expect

FEEDS = Path(__file__).parent / "feeds"
IMPORTED = (
    ("City of Riverside", "neogov", "neogov.rss", "application/rss+xml"),
    ("Harbor Clinic", "greenhouse", "greenhouse.json", "application/json"),
    ("Lakeside Logistics", "lever", "lever.json", "application/json"),
    ("Regional Passport Office", "usajobs-hrxml", "usajobs_hrxml.xml", "application/xml"),
    ("Corner Hardware", "job-page", "jobposting.html", "text/html"),
)
SKILLS = ("customer service", "data entry", "cash register", "email", "Spanish")
MISSING = "spreadsheets"
GOAL = "Permit counter clerk"
NEIGHBOURS = 12
"""More than the ten below which analytics shows no number of people."""
PATIENCE_SECONDS = 10.0


class Visit:
    """Goes on where the walk of the main line ended: its course teaches what is missing here."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._library = walk.library
        self._patron: dict[str, Any] = {}

    def steps(self) -> Iterator[Step]:
        yield "Five job feeds are imported", self.import_feeds
        yield "A patron with five skills sees jobs at once", self.arrive
        yield "They complete the course that teaches the rest", self.learn
        yield "The job that was near is ready", self.look_again
        yield "A guest without a card sees the same", self.visit_as_guest
        yield "Twelve neighbours make the measures speak", self.count

    def import_feeds(self) -> str:
        told = []
        for name, form, file, media_type in IMPORTED:
            feed = self._feed(name, form)
            report = self._import(feed, (FEEDS / file).read_bytes(), media_type)
            expect(not report["rejected"], f"{file}: {report['rejected']}")
            told.append(f"{name} {report['read']}")
        return ", ".join(told)

    def arrive(self) -> str:
        """Feeds that were imported a moment ago are in the index within a second."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        self._patron = self._library.ask("POST", "/v1/patrons", _person())
        before = self._patron["matches"]
        while not _find(before, "near", GOAL):
            expect(time.monotonic() < deadline, f"“{GOAL}” should be near: {before}")
            time.sleep(0.1)
            before = self._matches()
        self._walk.write("matches-before.json", before)
        near = _find(before, "near", GOAL)
        missing = [each["uri"] for each in near["missing"]]
        courses = [course["title"] for each in near["missing"] for course in each["courses"]]
        [known] = self._library.ask("POST", "/v1/skills/resolve", {"labels": [MISSING]})["items"]
        expect(missing == [known["uri"]] and bool(courses), f"what is missing should be taught here: {near}")
        return f"{len(before['ready'])} ready, {len(before['near'])} near; “{GOAL}” lacks {MISSING}: {courses[0]}"

    def learn(self) -> str:
        patron, course = self._patron["id"], self._walk.course["openedx"]
        account = {"homePage": "https://courses.example.org", "name": f"visitor-{uuid.uuid4().hex[:8]}"}
        self._library.ask("PUT", f"/v1/patrons/{patron}/consents/issue-credentials/{LIBRARY}", {"granted": True})
        self._library.ask("POST", f"/v1/courses/{course['id']}/enrolments", {"patron": patron, "account": account})
        self._walk.report_passed(account, course)
        began = time.monotonic()
        while not self._library.ask("GET", f"/v1/patrons/{patron}/credentials")["items"]:
            expect(time.monotonic() - began < PATIENCE_SECONDS, "the completion should have earned a credential")
            time.sleep(0.05)
        return f"the credential came {(time.monotonic() - began) * 1000:.0f} ms after the statement"

    def look_again(self) -> str:
        began = time.monotonic()
        while not (ready := _find(after := self._matches(), "ready", GOAL)):
            expect(time.monotonic() - began < PATIENCE_SECONDS, f"“{GOAL}” should be ready: {after}")
            time.sleep(0.05)
        self._walk.write("matches-after.json", after)
        return " ".join(ready["why"])

    def visit_as_guest(self) -> str:
        """At a public computer: no key of the library, no card, nothing personal; the slip's code brings it back."""
        stranger = self._walk.stranger
        guest = stranger.ask("POST", "/v1/guests", {"node": LIBRARY, **_person()})
        expect(bool(_find(guest["matches"], "near", GOAL)), f"“{GOAL}” should be near for a guest: {guest}")
        session = stranger.ask("POST", "/v1/guests/resume", {"code": guest["resume_code"]})
        own = Client(self._walk.gateway, session["session"]["token"])
        place = f"/v1/guests/{guest['id']}"
        own.ask("PUT", place, {"skills": [{"label": label} for label in (*SKILLS, MISSING)]})
        after = own.ask("GET", f"{place}/matches")["matches"]
        expect(bool(_find(after, "ready", GOAL)), f"“{GOAL}” should be ready for a guest who learned: {after}")
        return "near, then ready after coming back with the code on the slip"

    def count(self) -> str:
        for _ in range(NEIGHBOURS):
            self._library.ask("POST", "/v1/patrons", {"skills": [{"label": SKILLS[0]}]})
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = self._library.ask("GET", "/v1/measures")
            people = {each["measure"]: each["people"] for each in answer["items"]}
            if (people.get("patron-registered") or 0) > NEIGHBOURS:
                return f"{people['patron-registered']} people registered; what fewer than ten did stays hidden"
            expect(time.monotonic() < deadline, f"the number of registered people should show: {answer}")
            time.sleep(0.1)

    def _feed(self, name: str, form: str) -> str:
        """The feed of an earlier walk, or a new one."""
        known = self._library.ask("GET", "/v1/job-feeds?limit=200")["items"]
        for each in known:
            if each["name"] == name:
                return str(each["id"])
        return str(self._library.ask("POST", "/v1/job-feeds", {"name": name, "format": form})["id"])

    def _import(self, feed: str, content: bytes, media_type: str) -> dict[str, Any]:
        answer = self._library.ask("POST", f"/v1/job-feeds/{feed}/imports", content, {"Content-Type": media_type})
        deadline = time.monotonic() + PATIENCE_SECONDS
        while answer["state"] not in ("done", "failed"):
            expect(time.monotonic() < deadline, f"the import should end: {answer}")
            time.sleep(0.1)
            answer = self._library.ask("GET", f"/v1/job-imports/{answer['id']}")
        expect(answer["state"] == "done", f"the import should succeed: {answer}")
        report: dict[str, Any] = answer["report"]
        return report

    def _matches(self) -> dict[str, Any]:
        answer: dict[str, Any] = self._library.ask("GET", f"/v1/patrons/{self._patron['id']}/matches")["matches"]
        return answer


def _person() -> dict[str, Any]:
    return {"skills": [{"label": label} for label in SKILLS], "goal": {"label": GOAL}}


def _find(matches: dict[str, Any], group: str, title: str) -> dict[str, Any]:
    return next((dict(each) for each in matches[group] if each["job"]["title"] == title), {})
