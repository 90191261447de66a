"""A platform with a library, patrons who complete courses, and a college that hears of them."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, ClassVar, Self

import pymongo

from bench.faults.partner import Partner
from bench.line import LIBRARY, XAPI, Line
from bench.parts import Database
from demo import statements
from demo.api import Client, StepFailed
from gateway.deliveries.domain import subscriptions
from gateway.deliveries.subscription_store import SubscriptionStore
from gateway.sessions import SessionStore
from gateway.store import COLLECTIONS as GATEWAY_COLLECTIONS
from gateway.store import DATABASE as GATEWAY_DATABASE
from libranet.clock import now
from libranet.collection import CORE_COLLECTIONS, Collection
from libranet.ids import new_id
from libranet.local import Platform
from libranet.local.database import database_of

COLLEGE = "bench.lakeside"
SKILLS = (
    "customer service", "data entry", "cash register", "email", "Spanish", "spreadsheets", "bookkeeping", "typing")
HEARD = ["credential-issued", "credential-shared"]
LIBRARIES_A_COLLEGE = 5
READY_SECONDS = 900
"""A hundred thousand postings are read at the start."""


def collections() -> dict[str, dict[str, Collection]]:
    """What services and gateway declare that they keep, by database and name."""
    found: dict[str, dict[str, Collection]] = {}
    for each in entry_points(group="libranet.services"):
        known = (*CORE_COLLECTIONS, *each.load().collections)
        found.setdefault(database_of(each.name), {}).update({one.name: one for one in known})
    found[GATEWAY_DATABASE].update({one.name: one for one in GATEWAY_COLLECTIONS})
    return found


class Stage(Line):
    """Patrons who share with their college what they earn."""

    consents: ClassVar[dict[str, str]] = {"issue-credentials": LIBRARY, "share-credentials": COLLEGE}

    def __init__(self, platform: Platform, asks: int) -> None:
        self.partner = Partner()
        super().__init__(platform, asks)
        self.mongo: Database = pymongo.MongoClient(platform.environment()["MONGO_URI"], tz_aware=True)
        self.college = Client(platform.urls["gateway"], self.keys[COLLEGE]["key"])
        self.stranger = Client(platform.urls["gateway"])
        SubscriptionStore(self.mongo[GATEWAY_DATABASE]).allow_network(COLLEGE, "127.0.0.0/8")
        self.subscription = self.college.ask("POST", "/v1/subscriptions", {
            "url": self.partner.url, "types": HEARD})["id"]
        self.feed = self.library.ask("POST", "/v1/job-feeds", {"name": "Board"})["id"]
        self.course = self.offer()
        self.credentials: list[dict[str, Any]] = []
        self.round()
        self.look_again()

    @classmethod
    @contextmanager
    def running(cls, home: Path, asks: int, settings: Mapping[str, str]) -> Iterator[Self]:
        """A platform of its own in `home`."""
        with Platform(home=home, gateway_port=0, extra_env=settings, private=True) as platform:
            platform.start()
            os.environ["ID_KEY_FILE"] = platform.environment()["ID_KEY_FILE"]
            stage = cls(platform, asks)
            try:
                yield stage
            finally:
                stage.partner.close()
                stage.mongo.close()

    def live(self) -> None:
        """A patron's life with all that the platform keeps of it: skills, consents, a course, a credential that is
        shared, and what the college is told."""
        patron = self.register()
        self.library.ask("PATCH", f"/v1/patrons/{patron}", {"skills": [{"label": each} for each in SKILLS]})
        self.say_passed(self.enrol(patron, self.course))
        self._wait(lambda: bool(self.credentials_of(patron)))
        shared = self.library.ask("POST", f"/v1/credentials/{self.credentials_of(patron)[0]['id']}/share", {})
        self._wait(lambda: shared["public_id"] in self.partner.arrived)
        self.settle()

    def look_again(self) -> None:
        """One patron who has just signed in (sessions end while much is stored), the newest credential of each, as soon
        as they are told: with what was just stored the stand-in may be busy."""
        self.session = self._signed_in(self.patrons[0])
        self._wait(self._credentials_are_told)

    def _credentials_are_told(self) -> bool:
        try:
            self.credentials = [self.credentials_of(patron)[-1] for patron in self.patrons]
        except StepFailed:
            return False
        return True

    def widen(self, libraries: int) -> None:
        """So many more libraries, each with counts of its own in analytics, and a college that hears of credentials for
        every fifth."""
        colleges = range(libraries // LIBRARIES_A_COLLEGE)
        made = [argument for kind, numbers in (("library", range(libraries)), ("partner", colleges))
                for number in numbers for argument in (f"--{kind}", f"{kind}-{number}=One more {kind}")]
        subprocess.run([str(Path(sys.executable).parent / "libranet"), "org", "new", "bench", "A consortium", *made],
                       env=self.platform.environment(), capture_output=True, check=True)
        analytics = self.mongo[database_of("analytics")]
        for name in ("totals", "months", "supply"):
            for row in list(analytics[name].find({"owner": LIBRARY})):
                copies = [{**row, "_id": row["_id"].replace(LIBRARY, node), "owner": node}
                          for node in (f"bench.library-{number}" for number in range(libraries))]
                analytics[name].bulk_write([pymongo.ReplaceOne({"_id": each["_id"]}, each, True) for each in copies])
        store = SubscriptionStore(self.mongo[GATEWAY_DATABASE])
        for number in colleges:
            row = subscriptions.new(new_id(), f"bench.partner-{number}", subscriptions.PULL, HEARD, now())
            store.add({**row, "digest": ""})
        self.settle()

    def see_postings(self) -> None:
        """The jobs process begins anew, as one more replica would, and has read all texts."""
        self.platform.restart("jobs")
        self.platform.wait_ready(timeout_seconds=READY_SECONDS)
        self._wait(lambda: self.library.raw("GET", "/v1/jobs?q=clerk").status == 200)

    def read(self, path: str) -> Any:
        """As the library."""
        return self.library.ask("GET", path)

    def credentials_of(self, patron: str) -> list[dict[str, Any]]:
        return list(self.read(f"/v1/patrons/{patron}/credentials")["items"])

    def say_passed(self, account: dict[str, str]) -> None:
        """What the learning platform says of this account, alone in a POST."""
        statement = statements.openedx_course_passed(
            str(uuid.uuid4()), account, self.course["activity_iri"], self.course["title"])
        self.learning_platform.ask("POST", "/xAPI/statements", statement, XAPI)

    def _signed_in(self, patron: str) -> Client:
        sessions = SessionStore(self.mongo[GATEWAY_DATABASE])
        return Client(self.platform.urls["gateway"], sessions.begin("patron", patron, LIBRARY).token)
