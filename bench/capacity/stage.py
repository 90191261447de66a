"""A platform with a library, a college that hears of its patrons, and what a client asks of them again and again."""

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import entry_points
from itertools import count
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import pymongo

from bench import job_files
from bench.faults.partner import Partner
from bench.line import ASK_SECONDS, LIBRARY, XAPI, Line
from bench.parts import Database
from demo import statements
from demo.api import Client
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
JOBS_A_FILE = 200
LISTED = 20
"""Rows of a page, where a client asks for one."""


def collections() -> dict[str, dict[str, Collection]]:
    """What services and gateway declare that they keep, by database and name."""
    found: dict[str, dict[str, Collection]] = {}
    for each in entry_points(group="libranet.services"):
        known = (*CORE_COLLECTIONS, *each.load().collections)
        found.setdefault(database_of(each.name), {}).update({one.name: one for one in known})
    found[GATEWAY_DATABASE].update({one.name: one for one in GATEWAY_COLLECTIONS})
    return found


@dataclass(frozen=True)
class Operation:
    """What somebody asks, so many times. `per` is how many things one of them is about; `settles` where others hear of
    it afterwards, which belongs to its cost."""

    name: str
    act: Callable[[int], object]
    times: int
    settles: bool = False
    per: int = 1


class Stage(Line):
    """Patrons who share with their college what they earn, and a hand for each operation."""

    consents: ClassVar[dict[str, str]] = {"issue-credentials": LIBRARY, "share-credentials": COLLEGE}

    def __init__(self, platform: Platform, asks: int, words: Sequence[str]) -> None:
        self._words = words
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
        self.session = self._signed_in(self.patrons[0])
        self.credentials: list[dict[str, Any]] = []
        self.registered: list[str] = []
        self._editions = count(1)
        self.round()
        self.look_again()

    @classmethod
    @contextmanager
    def running(cls, home: Path, asks: int, settings: Mapping[str, str], words: Sequence[str]) -> Iterator["Stage"]:
        """A platform of its own in `home`. `words` choose operations by their names; without any, all are."""
        with Platform(home=home, gateway_port=0, extra_env=settings, private=True) as platform:
            platform.start()
            os.environ["ID_KEY_FILE"] = platform.environment()["ID_KEY_FILE"]
            stage = cls(platform, asks, words)
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
        self._say_passed(self.enrol(patron, self.course))
        self._wait(lambda: bool(self.credentials_of(patron)))
        shared = self.library.ask("POST", f"/v1/credentials/{self.credentials_of(patron)[0]['id']}/share", {})
        self._wait(lambda: shared["public_id"] in self.partner.arrived)
        self.settle()

    def settle(self) -> None:
        """Until nobody hears anything for a second."""
        self._settle(learnt=0)

    def look_again(self) -> None:
        """The newest credential of each patron."""
        self.credentials = [self.credentials_of(patron)[-1] for patron in self.patrons]

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

    def operations(self) -> list[Operation]:
        """In this order: what makes something comes before what reads it, and an erasure is the end."""
        return [each for each in self._all_operations() if self.is_chosen(each.name)]

    def is_chosen(self, name: str) -> bool:
        return not self._words or any(word in name for word in self._words)

    def _all_operations(self) -> list[Operation]:
        many, few = self.completions, max(self.completions // 5, 1)
        return [
            Operation("patron registered, with matches", self.register_one, many, settles=True),
            Operation("consent given", self.consent, many, settles=True),
            Operation("signed-in request", lambda _: self.session.ask("GET", "/v1/me"), many),
            Operation("profile read", lambda n: self._read(f"/v1/patrons/{self.patrons[n]}"), many),
            Operation("statement in, about nobody known", self.say_something, many, settles=True),
            Operation("statements read, of one account", self.statements_of, many),
            Operation("statements read, the newest", lambda _: self._statements(""), few),
            Operation("statements read, of one activity", self.statements_about, few),
            Operation("credentials of a patron", lambda n: self.credentials_of(self.patrons[n]), many),
            Operation("credential shared, with its webhook", self.share, many, settles=True),
            Operation("credential read in public", self.look_at, many),
            Operation("credential verified", self.verify, many),
            Operation("status list read", self.status_list, few),
            Operation("credentials of an achievement, a page", self.issued_for, few),
            Operation("matches of a patron", lambda n: self._read(f"/v1/patrons/{self.patrons[n]}/matches"), many),
            Operation("jobs searched", self.search, many),
            Operation("postings imported", self.import_jobs, 1, settles=True, per=JOBS_A_FILE),
            Operation("measures", lambda _: self._read("/v1/measures"), few),
            Operation("measures by month", lambda _: self._read("/v1/measures?by=month"), few),
            Operation("partner's feed, a page", lambda _: self.college.ask("GET", f"/v1/events?limit={LISTED}"), many),
            Operation("deliveries of a subscription", self.deliveries, few),
            Operation("who looked at a patron", self.touches, few),
            Operation("all that is held of a patron", self.export, few),
            Operation("patron erased, by everybody", self.erase, few, settles=True),
        ]

    def wait(self, holds: Callable[[], bool], seconds: float) -> None:
        """Raises TimeoutError when it does not come about."""
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                raise TimeoutError(f"it did not come about within {seconds} s")
            time.sleep(ASK_SECONDS)

    def can_search(self) -> bool:
        """Whether the jobs process has read all texts."""
        return self.library.raw("GET", "/v1/jobs?q=clerk").status == 200

    # one each

    def register_one(self, _: int) -> None:
        told = {"skills": [{"label": each} for each in SKILLS]}
        self.registered.append(self.library.ask("POST", "/v1/patrons", told)["id"])

    def consent(self, number: int) -> None:
        while len(self.registered) <= number:
            self.register_one(number)
        self.library.ask("PUT", f"/v1/patrons/{self.registered[number]}/consents/share-credentials/{COLLEGE}",
                         {"granted": True})

    def say_something(self, _: int) -> None:
        self._say_passed({"homePage": "https://courses.example.org", "name": f"nobody-{uuid.uuid4()}"})

    def statements_of(self, number: int) -> None:
        account = {"homePage": "https://courses.example.org", "name": f"learner-{self.patrons[number]}"}
        self._statements("&agent=" + quote(json.dumps({"account": account})))

    def statements_about(self, _: int) -> None:
        self._statements("&activity=" + quote(self.course["activity_iri"]))

    def credentials_of(self, patron: str) -> list[dict[str, Any]]:
        return list(self._read(f"/v1/patrons/{patron}/credentials")["items"])

    def share(self, number: int) -> None:
        shared = self.library.ask("POST", f"/v1/credentials/{self.credentials[number]['id']}/share", {})
        self.credentials[number] = {**self.credentials[number], **shared}
        self._wait(lambda: shared["public_id"] in self.partner.arrived)

    def look_at(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = self.stranger.ask("GET", f"/credentials/{self.credentials[number]['public_id']}")
        return found

    def verify(self, number: int) -> None:
        self.college.ask("POST", "/v1/verifications", {"credential": self.look_at(number)})

    def status_list(self, _: int) -> None:
        status = self.look_at(0)["credentialStatus"]
        first = status[0] if isinstance(status, list) else status
        self.stranger.ask("GET", first["statusListCredential"])

    def issued_for(self, _: int) -> None:
        self._read(f"/v1/achievements/{self.course['achievement']}/credentials?limit={LISTED}")

    def search(self, number: int) -> None:
        self._read(f"/v1/jobs?limit={LISTED}&q=" + job_files.WORDS[number % len(job_files.WORDS)])

    def import_jobs(self, _: int) -> None:
        """The board with something new each time."""
        path = self.platform.home.path / "jobs.json"
        job_files.write(path, JOBS_A_FILE, next(self._editions))
        answer = self.library.raw("POST", f"/v1/job-feeds/{self.feed}/imports", path.read_bytes())
        place = answer.headers["Location"]
        self._wait(lambda: self._read(place)["state"] in ("done", "failed"))

    def deliveries(self, _: int) -> None:
        self.college.ask("GET", f"/v1/subscriptions/{self.subscription}/deliveries?limit={LISTED}")

    def touches(self, number: int) -> None:
        self._read(f"/v1/patrons/{self.patrons[number]}/audit")

    def export(self, number: int) -> None:
        self._read(f"/v1/patrons/{self.patrons[number]}/export")

    def erase(self, _: int) -> None:
        patron = self.registered.pop() if self.registered else self.register()
        erasure = self.library.ask("DELETE", f"/v1/patrons/{patron}")
        self._wait(lambda: bool(self._read(erasure["href"])["complete"]))

    # inside

    def _read(self, path: str) -> Any:
        return self.library.ask("GET", path)

    def _say_passed(self, account: dict[str, str]) -> None:
        statement = statements.openedx_course_passed(
            str(uuid.uuid4()), account, self.course["activity_iri"], self.course["title"])
        self.learning_platform.ask("POST", "/xAPI/statements", statement, XAPI)

    def _statements(self, asked: str) -> None:
        self.learning_platform.ask("GET", f"/xAPI/statements?limit={LISTED}{asked}", headers=XAPI)

    def _signed_in(self, patron: str) -> Client:
        sessions = SessionStore(self.mongo[GATEWAY_DATABASE])
        return Client(self.platform.urls["gateway"], sessions.begin("patron", patron, LIBRARY).token)
