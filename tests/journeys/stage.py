"""A running platform as its clients see it, with the short sentences that journeys are told in."""

import json
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pymongo
import urllib3
from click.testing import CliRunner

from demo import statements
from demo.api import Client, StepFailed
from demo.receiver import Receiver
from libranet import ids
from libranet.cli import main
from libranet.local import Platform
from tests.journeys import elsewhere
from tests.journeys.apps import ALL, App, Patron, registered, with_card
from tests.journeys.terminal import LIBRANET
from tests.patience import PATIENCE_SECONDS, until

LIBRARY, COLLEGE = "test.riverside", "test.lakeside"
OTHER_LIBRARY, OTHER_COLLEGE = "test.hillside", "test.northgate"
PLACES = ("--library", "riverside=Riverside", "--library", "hillside=Hillside", "--partner",
          "lakeside=Lakeside College", "--partner", "northgate=Northgate College")
ISSUE, AWARD, SHARE = "issue-credentials", "award-credentials", "share-credentials"
XAPI_VERSION = {"X-Experience-API-Version": "1.0.3"}
SERVICES = ("profiles", "jobs", "learning", "credentials", "analytics")
Keys = dict[str, dict[str, str]]
"""By node what `libranet org new --json` prints."""


CTDL = {"target_url": "https://credentialengineregistry.org/resources/ce-1", "target_name": "Office certificate",
        "target_type": "ceterms:Credential"}
RUBRIC = [{"name": "Formulas", "required_level": "proficient", "levels": [
    {"name": "beginning"}, {"name": "proficient"}]}]


class Stage:
    """Clients of one platform: a library and its learning platform, a college, and nobody in particular."""

    def __init__(self, platform: Platform, keys: Keys, library: str = LIBRARY, college: str = COLLEGE) -> None:
        self.platform = platform
        self.library_node, self.college_node = library, college
        gateway = platform.urls["gateway"]
        self.library = Client(gateway, keys[library]["key"])
        self.learning_platform = Client(gateway, keys[library]["platform_key"])
        self.college = Client(gateway, keys[college]["key"])
        self.stranger = Client(gateway)
        self.mongo: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(
            platform.environment()["MONGO_URI"], tz_aware=True, serverSelectionTimeoutMS=5000)
        self.receivers: list[Receiver] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *reason: object) -> None:
        for receiver in self.receivers:
            self.college.raw("DELETE", f"/v1/subscriptions/{receiver.subscription}")
            receiver.close()
        self.mongo.close()

    def course(self, **members: Any) -> dict[str, Any]:
        """A course, and the achievement that its completion earns."""
        iri = f"https://courses.example.org/course/{uuid.uuid4()}"
        course = self.library.ask("POST", "/v1/courses", {"title": "Spreadsheets", "activity_iri": iri, **members})
        self.library.ask("POST", "/v1/achievements", {
            "name": "Spreadsheets: completed", "description": "Took part to the end.", "criteria": "Complete it.",
            "kind": "engagement", "course": course["id"]})
        return dict(course)

    def achievement_of(self, course: dict[str, Any]) -> str:
        """What completing the course earns."""
        return str(self.mongo["libranet_credentials"].achievements.find_one({"course": course["id"]})["_id"])

    def recognition(self, *achievements: str, **members: Any) -> dict[str, Any]:
        """The college gives credit for these."""
        return dict(self.college.ask("POST", "/v1/recognitions", {
            "title": "Credit for spreadsheets", "gives": {"kind": "credit", "amount": 3},
            "takes": {"of": [{"achievement": each} for each in achievements]}, **members}))

    def endorsement(self, achievement: str) -> dict[str, Any]:
        """The college offers to endorse this; nobody has decided."""
        return dict(self.college.ask("POST", "/v1/endorsements", {
            "kind": "achievement", "of": achievement, "comment": "We know how they teach."}))

    def endorsed(self, achievement: str) -> dict[str, Any]:
        """The college endorses this, and the library agrees."""
        offer = self.endorsement(achievement)
        return dict(self.library.ask("PUT", f"/v1/endorsements/{offer['id']}/decision", {"accepted": True}))

    def college_endorsed(self) -> dict[str, Any]:
        """The library offers to endorse the college as an issuer; nobody has decided."""
        return dict(self.library.ask("POST", "/v1/endorsements", {
            "kind": "issuer", "of": self.college_node, "comment": "We have known them for years."}))

    def credential_endorsed(self, public_id: str) -> dict[str, Any]:
        """The college offers to endorse somebody's credential; nobody has decided."""
        return dict(self.college.ask("POST", "/v1/endorsements", {
            "kind": "credential", "of": public_id, "comment": "We hired for it."}))

    def co_issuing(self, achievement: str) -> dict[str, Any]:
        """The library proposes that the college issues this, too; nobody has agreed."""
        return dict(self.library.ask("PUT", f"/v1/achievements/{achievement}/co-issuer", {"node": self.college_node}))

    def mapping(self, achievement: str) -> dict[str, Any]:
        """The college says what this corresponds to."""
        return dict(self.college.ask("POST", "/v1/mappings", {"achievement": achievement, "target": CTDL}))

    def patron(self, *purposes: str, name: str | None = None) -> str:
        """A registered patron with these consents."""
        patron = str(self.library.ask("POST", "/v1/patrons", {"name": name} if name else {})["id"])
        for purpose in purposes:
            self.consent(patron, purpose)
        return patron

    def guest(self, **said: Any) -> dict[str, Any]:
        """Somebody who starts at a computer of the library without an account."""
        return dict(self.stranger.ask("POST", "/v1/guests", {"node": self.library_node, **said}))

    def as_person(self, token: str) -> Client:
        """A client with the session of a patron or a guest."""
        return Client(self.platform.urls["gateway"], token)

    def with_card(self, patron: str, pin: str) -> Patron:
        """The patron with a card of this library, whose system has to be connected."""
        return with_card(self.library.ask, patron, self.library_node, pin, self.platform.urls["gateway"])

    def app(self, scopes: tuple[str, ...] = ALL, **metadata: Any) -> App:
        """One that has just registered."""
        gateway = self.platform.urls["gateway"]
        return App(gateway, registered(gateway, **metadata), scopes)

    def connect_cards(self, port: int, login: tuple[str, ...], **members: Any) -> dict[str, Any]:
        """The library's own system, on this machine."""
        return dict(self.library.ask("PUT", f"/v1/nodes/{self.library_node}/card-connection", {
            "host": "127.0.0.1", "port": port, "tls": False, "login": {"user": login[0], "password": login[1]},
            **members}))

    def consent(self, patron: str, purpose: str, granted: bool = True) -> dict[str, Any]:
        recipient = self.library_node if purpose == ISSUE else self.college_node
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

    def report_until_taken(self, statement: Any, seconds: float = 120) -> None:
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

    def completed(self, patron: str, course: dict[str, Any]) -> dict[str, Any]:
        """Enrols the patron, reports the completion, and gives the credential."""
        account, before = self.account(), {each["id"] for each in self.credentials(patron)}
        self.enrol(patron, course, account)
        self.report(self.passed(account, course))
        until(lambda: len(self.credentials(patron)) > len(before), what="the credential")
        return next(each for each in self.credentials(patron) if each["id"] not in before)

    def void(self, statement: str) -> str:
        """The platform takes its statement back; gives the id of the voiding one."""
        return self.report(statements.voided(statement))[0]

    def reconsideration(self) -> str:
        """That of somebody new, whose completion the platform voided."""
        account, course = self.account(), self.course()
        patron = self.patron(ISSUE)
        self.enrol(patron, course, account)
        [statement] = self.report(self.passed(account, course))
        until(lambda: bool(self.credentials(patron)), what="the credential")
        self.void(statement)
        until(lambda: "in_review" in self.credentials(patron)[0], what="the reconsideration")
        return str(self.mongo["libranet_credentials"].reconsiderations.find_one({"patron": patron})["_id"])

    def credential(self) -> dict[str, Any]:
        """Of somebody new, for a course of its own."""
        return self.completed(self.patron(ISSUE), self.course())

    def competency(self, **members: Any) -> str:
        """An achievement that takes evidence."""
        return str(self.library.ask("POST", "/v1/achievements", {
            "name": "Keeps books by spreadsheet", "description": "Is able to.", "criteria": "Show your books.",
            "kind": "competency", "rubric": RUBRIC, **members})["id"])

    def evidence_file(self, patron: str, content: bytes = b"{}") -> str:
        answer = self.library.raw("POST", f"/v1/patrons/{patron}/evidence-files?name=books.json", content,
                                  {"Content-Type": "application/json"})
        assert answer.status == 201, answer.data
        return str(json.loads(answer.data)["id"])

    def submission(self, patron: str, state: str = "waiting", achievement: str | None = None,
                   **evidence: str) -> dict[str, Any]:
        """For a competency of its own where none is named; in the library's hands as an evaluator from `claimed` on."""
        submission = self.library.ask("POST", f"/v1/patrons/{patron}/submissions", {
            "achievement": achievement or self.competency(),
            "evidence": [{"name": "The books", "narrative": "I kept them.", **evidence}]})
        review = f"/v1/reviews/{submission['id']}"
        if state != "waiting":
            self.library.ask("POST", f"{review}/claim")
        if state == "passed":
            self.library.ask("POST", f"{review}/judge", {
                "judgements": [{"criterion": "Formulas", "level": "proficient"}]})
        return dict(submission)

    def record(self, patron: str, name: str = "To be taken back", **asked: Any) -> dict[str, Any]:
        """One of the patron's credentials."""
        return dict(self.library.ask("POST", f"/v1/patrons/{patron}/records", {"name": name, **asked}))

    def import_jobs(self, feed: str, content: bytes) -> dict[str, Any]:
        """The import as it is answered: with its report, where it is short."""
        answer = self.library.raw("POST", f"/v1/job-feeds/{feed}/imports", content)
        assert answer.status in (201, 202), answer.data
        return dict(json.loads(answer.data))

    def awards(self, achievement: str, content: bytes, query: str = "") -> dict[str, Any]:
        """A list of awards as it is answered: with its report, where it is short."""
        answer = self.library.raw("POST", f"/v1/achievements/{achievement}/awards{query}", content)
        assert answer.status in (201, 202), answer.data
        return dict(json.loads(answer.data))

    def imported(self, patron: str, mark: str = "mark") -> dict[str, Any]:
        """A credential that the patron earned elsewhere."""
        return dict(self.library.ask("POST", f"/v1/patrons/{patron}/imports", {
            "credential": elsewhere.credential(mark)}))

    def correction(self, label: str) -> str:
        """A curator's: the label means spreadsheets here."""
        return str(self.library.ask("PUT", "/v1/skills/corrections", {
            "action": "add", "skill": "spreadsheets", "label": label})["id"])

    def posting(self, feed: str) -> str | None:
        """A posting of the feed, once there is one."""
        row = self.mongo["libranet_jobs"].postings.find_one({"feed": feed})
        return str(row["_id"]) if row else None

    def college_listens(self, *types: str) -> Receiver:
        receiver = Receiver()
        self.receivers.append(receiver)
        answer = self.college.ask("POST", "/v1/subscriptions", {"url": receiver.url, "types": list(types)})
        receiver.secret, receiver.subscription = answer["secret"], answer["id"]
        return receiver

    def deliveries(self, receiver: Receiver) -> list[dict[str, Any]]:
        """The newest first."""
        return list(pages(self.college, f"/v1/subscriptions/{receiver.subscription}/deliveries"))

    def is_withheld(self, patron: str) -> bool:
        """Whether deliveries know by now that the college may not be told of this patron."""
        consent = self.mongo["libranet_gateway"].consents.find_one({"_id": f"{patron}|{self.college_node}"})
        return consent is not None and not consent["granted"]

    def outbox_rows(self) -> int:
        names = (*SERVICES, "gateway")
        return sum(self.mongo[f"libranet_{name}"].outbox.count_documents({}) for name in names)


def keys_of_riverside(keys: Keys) -> dict[str, str]:
    """And of lakeside and the operators, by kind."""
    return {"library": keys[LIBRARY]["key"], "platform": keys[LIBRARY]["platform_key"],
            "college": keys[COLLEGE]["key"], "operator": keys["test"]["key"]}


def pages(client: Client, target: str) -> Iterator[dict[str, Any]]:
    """Every item of a list, page by page: other tests leave theirs in it."""
    cursor = ""
    while cursor is not None:
        page = client.ask("GET", f"{target}?limit=200{cursor and '&cursor=' + cursor}")
        yield from page["items"]
        cursor = page["next"]


def first_told(receiver: Receiver, kind: str) -> dict[str, Any]:
    """The first event of the kind that the college's webhook tells."""
    told = receiver.wait_for(kind, PATIENCE_SECONDS)
    assert told is not None, f"no webhook told {kind}"
    return told


def ids_told(receiver: Receiver) -> set[str]:
    """Of its webhooks; one that is answered late comes twice."""
    return {each["headers"]["webhook-id"] for each in list(receiver.deliveries)}


def whole_lines(file: Path) -> list[str]:
    """Of a log that somebody may be writing into."""
    return file.read_bytes().rpartition(b"\n")[0].decode().splitlines()


def libranet(platform: Platform, *arguments: str) -> str:
    """What one command prints, run as an operator runs it."""
    done = subprocess.run([LIBRANET, *arguments], env=platform.environment(),
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def complaint(platform: Platform, *arguments: str) -> str:
    """What a command that fails says, without a stack trace; in this process, as that is faster."""
    ids._key.cache_clear()  # of whoever asked in this process before
    try:
        ran = CliRunner().invoke(main, arguments, env=platform.environment())
    finally:
        ids._key.cache_clear()
    assert ran.exit_code != 0, ran.output
    assert isinstance(ran.exception, SystemExit), ran.exception
    return ran.output
