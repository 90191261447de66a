"""What clients of a platform ask of it, one operation after the other."""

import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import quote

from bench import job_files
from bench.capacity.stage import COLLEGE, SKILLS, Stage
from bench.line import XAPI, account_of
from libranet.local import Platform

JOBS_A_FILE = 200
LISTED = 20
"""Rows of a page, where a client asks for one."""


@dataclass(frozen=True)
class Operation:
    """What somebody asks, so many times. `per` is how many things one of them is about; `settles` where others hear of
    it afterwards, which belongs to its cost."""

    name: str
    act: Callable[[int], object]
    times: int
    settles: bool = False
    per: int = 1


def is_chosen(name: str, words: Sequence[str]) -> bool:
    return not words or any(word in name for word in words)


class Visited(Stage):
    """A platform and whoever asks it."""

    def __init__(self, platform: Platform, asks: int) -> None:
        super().__init__(platform, asks)
        self.registered: list[str] = []
        self._editions = count(1)

    def chosen(self, words: Sequence[str]) -> list[Operation]:
        """Those whose names hold one of the words; all without words."""
        return [each for each in self.operations() if is_chosen(each.name, words)]

    def operations(self) -> list[Operation]:
        """In this order: what makes something comes before what reads it, and an erasure is the end."""
        many, few = self.completions, max(self.completions // 5, 1)
        return [
            Operation("patron registered, with matches", self.register_one, many, settles=True),
            Operation("consent given", self.consent, many, settles=True),
            Operation("signed-in request", lambda _: self.session.ask("GET", "/v1/me"), many),
            Operation("profile read", lambda n: self.read(f"/v1/patrons/{self.patrons[n]}"), many),
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
            Operation("matches of a patron", lambda n: self.read(f"/v1/patrons/{self.patrons[n]}/matches"), many),
            Operation("jobs searched", self.search, many),
            Operation("postings imported", self.import_jobs, 1, settles=True, per=JOBS_A_FILE),
            Operation("measures", lambda _: self.read("/v1/measures"), few),
            Operation("measures by month", lambda _: self.read("/v1/measures?by=month"), few),
            Operation("partner's feed, a page", lambda _: self.college.ask("GET", f"/v1/events?limit={LISTED}"), many),
            Operation("deliveries of a subscription", self.deliveries, few),
            Operation("who looked at a patron", self.touches, few),
            Operation("all that is held of a patron", self.export, few),
            Operation("patron erased, by everybody", self.erase, few, settles=True),
        ]

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
        self.say_passed(account_of(str(uuid.uuid4())))

    def statements_of(self, number: int) -> None:
        self._statements("&agent=" + quote(json.dumps({"account": account_of(self.patrons[number])})))

    def statements_about(self, _: int) -> None:
        self._statements("&activity=" + quote(self.course["activity_iri"]))

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
        self.read(f"/v1/achievements/{self.course['achievement']}/credentials?limit={LISTED}")

    def search(self, number: int) -> None:
        self.read(f"/v1/jobs?limit={LISTED}&q=" + job_files.WORDS[number % len(job_files.WORDS)])

    def import_jobs(self, _: int) -> None:
        """The board with something new each time."""
        path = self.platform.home.path / "jobs.json"
        job_files.write(path, JOBS_A_FILE, next(self._editions))
        answer = self.library.raw("POST", f"/v1/job-feeds/{self.feed}/imports", path.read_bytes())
        place = answer.headers["Location"]
        self._wait(lambda: self.read(place)["state"] in ("done", "failed"))

    def deliveries(self, _: int) -> None:
        self.college.ask("GET", f"/v1/subscriptions/{self.subscription}/deliveries?limit={LISTED}")

    def touches(self, number: int) -> None:
        self.read(f"/v1/patrons/{self.patrons[number]}/audit")

    def export(self, number: int) -> None:
        self.read(f"/v1/patrons/{self.patrons[number]}/export")

    def erase(self, _: int) -> None:
        patron = self.registered.pop() if self.registered else self.register()
        erasure = self.library.ask("DELETE", f"/v1/patrons/{patron}")
        self._wait(lambda: bool(self.read(erasure["href"])["complete"]))

    def _statements(self, asked: str) -> None:
        self.learning_platform.ask("GET", f"/xAPI/statements?limit={LISTED}{asked}", headers=XAPI)
