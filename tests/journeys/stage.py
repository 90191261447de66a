"""A running platform as its clients see it, with the short sentences that journeys are told in."""

import time
import uuid
from collections.abc import Callable
from typing import Any

import pymongo
import urllib3

from demo import statements
from demo.api import Client, StepFailed
from demo.receiver import Receiver
from libranet.local import Platform

LIBRARY, COLLEGE = "test.riverside", "test.lakeside"
ISSUE, SHARE = "issue-credentials", "share-credentials"
XAPI_VERSION = {"X-Experience-API-Version": "1.0.3"}
SERVICES = ("profiles", "jobs", "learning", "credentials", "analytics")


class Stage:
    """Clients of one platform: two libraries, a college, a learning platform, and nobody in particular."""

    def __init__(self, platform: Platform, keys: dict[str, str]) -> None:
        self.platform = platform
        gateway = platform.urls["gateway"]
        self.library = Client(gateway, keys["library"])
        self.other_library = Client(gateway, keys["other_library"])
        self.college = Client(gateway, keys["college"])
        self.learning_platform = Client(gateway, keys["platform"])
        self.stranger = Client(gateway)
        self.mongo: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(
            platform.environment()["MONGO_URI"], tz_aware=True, serverSelectionTimeoutMS=5000)
        self.receivers: list[Receiver] = []

    def close(self) -> None:
        for receiver in self.receivers:
            receiver.close()
        self.mongo.close()

    def course(self) -> dict[str, Any]:
        """A course, and the achievement that its completion earns."""
        iri = f"https://courses.example.org/course/{uuid.uuid4()}"
        course = self.library.ask("POST", "/v1/courses", {"title": "Spreadsheets", "activity_iri": iri})
        self.library.ask("POST", "/v1/achievements", {
            "name": "Spreadsheets: completed", "description": "Took part to the end.", "criteria": "Complete it.",
            "kind": "engagement", "course": course["id"]})
        return dict(course)

    def patron(self, *purposes: str, name: str | None = None) -> str:
        """A registered patron with these consents."""
        patron = str(self.library.ask("POST", "/v1/patrons", {"name": name} if name else {})["id"])
        for purpose in purposes:
            self.consent(patron, purpose)
        return patron

    def consent(self, patron: str, purpose: str, granted: bool = True) -> dict[str, Any]:
        recipient = LIBRARY if purpose == ISSUE else COLLEGE
        return dict(self.library.ask(
            "PUT", f"/v1/patrons/{patron}/consents/{purpose}/{recipient}", {"granted": granted}))

    def account(self, name: str | None = None) -> dict[str, str]:
        return {"homePage": "https://courses.example.org", "name": name or f"learner-{uuid.uuid4()}"}

    def enrol(self, patron: str, course: dict[str, Any], account: dict[str, str]) -> dict[str, Any]:
        return dict(self.library.ask("POST", f"/v1/courses/{course['id']}/enrolments",
                                     {"patron": patron, "account": account}))

    def passed(self, account: dict[str, str], course: dict[str, Any]) -> dict[str, Any]:
        """Open edX's statement that this account passed the course."""
        return statements.openedx_course_passed(str(uuid.uuid4()), account, course["activity_iri"], course["title"])

    def report(self, statement: Any) -> list[str]:
        return list(self.learning_platform.ask("POST", "/xAPI/statements", statement, XAPI_VERSION))

    def report_until_taken(self, statement: Any, seconds: float = 60) -> None:
        """As a platform does: sends again until it is taken."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.report(statement)
                return
            except (StepFailed, urllib3.exceptions.HTTPError):
                assert time.monotonic() < deadline, "the statement was never taken"
                time.sleep(0.3)

    def credentials(self, patron: str) -> list[dict[str, Any]]:
        return list(self.library.ask("GET", f"/v1/patrons/{patron}/credentials")["items"])

    def college_listens(self, *types: str) -> Receiver:
        receiver = Receiver()
        self.receivers.append(receiver)
        answer = self.college.ask("POST", "/v1/subscriptions", {"url": receiver.url, "types": list(types)})
        receiver.secret, receiver.subscription = answer["secret"], answer["id"]
        return receiver

    def outbox_rows(self) -> int:
        names = (*SERVICES, "gateway")
        return sum(self.mongo[f"libranet_{name}"].outbox.count_documents({}) for name in names)


def until(holds: Callable[[], bool], seconds: float = 15, what: str = "it") -> None:
    """Waits for something that the platform promises."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"{what} did not come about within {seconds} s"
        time.sleep(0.05)
