"""One of each thing that a library and a college can own, and good requests made of them."""

import base64
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from gateway.examples import EXAMPLES
from libranet.clock import now, rfc3339
from tests.journeys import elsewhere
from tests.journeys.apps import App, Patron
from tests.journeys.described import FORM, KNOWN_TO_ALL, STATE_OF_SUBMISSION, Operation, agrees
from tests.journeys.insides import is_quiet
from tests.journeys.stage import CTDL, ISSUE, SHARE, Stage, libranet
from tests.patience import until

CARD_PIN = EXAMPLES["sign_in"]["pin"]
SYSTEM_LOGIN = tuple(EXAMPLES["set_card_connection"]["login"].values())


@dataclass(frozen=True)
class Things:
    """`ids` are by the name of the path value that they stand for."""

    ids: dict[str, str]
    url: str
    statement: str
    mark: str
    """A word in every name and text of theirs."""
    system_port: int
    """Where the library's own system, which checks cards, listens."""
    college_node: str
    new_competency: Callable[[], str]
    """One that no evidence was submitted for."""
    patron: Patron
    app: App
    """It was let in by the patron."""

    @property
    def private(self) -> list[str]:
        """The words that no other library or college may ever see."""
        own = [value for name, value in self.ids.items() if name not in KNOWN_TO_ALL]
        return [self.mark, self.statement, self.url, *own]

    def target(self, operation: Operation, **others: str) -> str:
        """The operation's path, with theirs or with other ids in place."""
        return operation.path.format(**(self.ids | others))

    def sent(self, operation: Operation, **others: Any) -> bytes | None:
        """A good body as it is sent; None where none is taken."""
        if operation.takes_form:
            return self.form(operation)
        if operation.takes_file:
            return awards_file(self.ids["patron"]) if "achievement" in operation.path else jobs_file(self.mark)
        return None if operation.body is None else json.dumps(self.body(operation, **others)).encode()

    def form(self, operation: Operation) -> bytes:
        """With a token of a connection of its own: it is good once."""
        token = self.patron.lets_in(App(self.app.gateway, self.app.client)).session.token["refresh_token"]
        asked = {"request_app_token": {"grant_type": "refresh_token", "refresh_token": token},
                 "revoke_app_token": {"token": token, "token_type_hint": "refresh_token"}}[operation.name]
        return urlencode(asked).encode()

    def headers(self, operation: Operation) -> dict[str, str]:
        """What a good request has besides a key."""
        if not operation.takes_form:
            return {}
        shown = f"{self.app.client['client_id']}:{self.app.client['client_secret']}"
        return {"Content-Type": FORM, "Authorization": f"Basic {base64.b64encode(shown.encode()).decode()}"}

    def body(self, operation: Operation, **others: Any) -> Any:
        """The operation's example about their things; what may not be twice is fresh."""
        if operation.name == "upsert_credential":
            return elsewhere.credential(self.mark)
        fresh = {"url": self.url, "activity_iri": f"https://courses.example.org/{uuid.uuid4()}",
                 "account": {"homePage": "https://courses.example.org", "name": str(uuid.uuid4())},
                 "id": f"test.{uuid.uuid4()}", "ends_at": rfc3339(now() + timedelta(days=100)),
                 "host": "127.0.0.1", "port": self.system_port, "tls": False,
                 "card": f"21234{uuid.uuid4().int % 10**9:09}",
                 "takes": {"of": [{"achievement": self.ids["achievement"]}]}}
        if operation.path.startswith("/v1/job-feeds"):
            del fresh["url"]  # a feed is not fetched from inside
        fresh |= self._of_its_own().get(operation.name, dict)()
        example = operation.example
        known = self.ids | fresh | others
        return {name: known[name] if type(known.get(name)) is type(value) else value for name, value in example.items()}

    def _of_its_own(self) -> dict[str, Callable[[], dict[str, Any]]]:
        """What an operation's example has that others have not."""
        return {
            "import_credential": lambda: {"credential": elsewhere.credential(self.mark)},
            "put_profile": lambda: {"id": self.app.ask("GET", "/profile").json()["id"], "name": f"Patron {self.mark}"},
            "replace_achievement": lambda: {"name": f"Achievement {self.mark}"},
            "offer_endorsement": lambda: {"of": self.new_competency()},
            "ask_for_endorsement": lambda: {"of": self.college_node, "endorser": self.ids["node"]},
            "propose_co_issuer": lambda: {"node": self.college_node},
            "state_mapping": lambda: {"target": CTDL},
            "submit_evidence": lambda: {"achievement": self.new_competency()}}


def jobs_file(mark: str) -> bytes:
    """A board of one posting."""
    job = {"id": 1, "internal_job_id": 1, "title": f"Job {mark}", "content": mark, "absolute_url": "https://a.example/1"}
    return json.dumps({"jobs": [job]}).encode()


def awards_file(patron: str) -> bytes:
    """A list of one award."""
    return f"patron,awarded_at\n{patron},2026-11-20\n".encode()


def list_of(credential: dict[str, Any]) -> str:
    """The id of the status list that it names."""
    return str(credential["credential"]["credentialStatus"]["statusListCredential"].split("/")[-2])


def made_things(stage: Stage, system_port: int) -> Things:
    """Makes one of each, and waits for what comes about by events alone."""
    mark, began = f"mark{uuid.uuid4().hex[:10]}", now()
    receiver = stage.college_listens("*")
    course = stage.course(title=f"Course {mark}", teaches=[{"label": f"skill {mark}"}])
    achievement = stage.library.ask("POST", "/v1/achievements", {
        "name": f"Achievement {mark}", "description": mark, "criteria": mark, "kind": "engagement"})
    patron = stage.patron(ISSUE, SHARE, name=f"Patron {mark}")
    account = stage.account(f"account-{mark}")
    stage.enrol(patron, course, account)
    [statement] = stage.report(stage.passed(account, course))
    until(lambda: bool(stage.credentials(patron)), what="the credential")
    credential = stage.credentials(patron)[0]
    record = stage.record(patron, f"Record {mark}")
    recognition = stage.recognition(credential["achievement"])["id"]
    reached = f"/v1/recognitions/{recognition}/reached"
    until(lambda: bool(stage.college.ask("GET", reached)["items"]), what="the reach")
    guest = stage.guest(skills=[{"label": f"guest's skill {mark}"}])
    holder, last_day = f"k_{mark}{mark}", (now() + timedelta(days=90)).date().isoformat()
    libranet(stage.platform, "org", "grant", stage.library_node, "analyst", holder, "--until", last_day)
    stage.connect_cards(system_port, SYSTEM_LOGIN)
    holder_of_card = stage.with_card(patron, CARD_PIN)
    app = holder_of_card.lets_in(stage.app())
    [connection] = stage.library.ask("GET", f"/v1/patrons/{patron}/connections")["items"]
    feed = stage.library.ask("POST", "/v1/job-feeds", {"name": f"Feed {mark}"})["id"]
    job_import = stage.import_jobs(feed, jobs_file(mark))["id"]
    until(lambda: stage.posting(feed) is not None, what="the posting")
    batch = stage.awards(achievement["id"], awards_file(patron))["id"]
    imported = stage.imported(patron, mark)["id"]
    file = stage.evidence_file(patron, jobs_file(mark))
    submission = stage.submission(patron, achievement=stage.competency(name=f"Competency {mark}"), file=file)
    endorsed = stage.endorsed(achievement["id"])
    stage.credential_endorsed(credential["public_id"])
    erased = stage.patron()
    erasure = stage.library.ask("DELETE", f"/v1/patrons/{erased}")
    until(lambda: stage.library.ask("GET", f"/v1/erasures/{erasure['id']}")["complete"], what="the erasure")
    until(lambda: stage.library.ask("GET", f"/v1/awards/{batch}")["state"] == "done", what="the award")
    until(lambda: is_quiet(stage.mongo, began), what="quiet")
    until(lambda: {each["status"] for each in stage.deliveries(receiver)} == {"delivered"}, what="the deliveries")
    return Things({
        "patron": patron, "course": course["id"], "achievement": achievement["id"], "version": "1",
        "known_issuer": str(uuid.uuid4()), "picture": achievement["image"].rpartition("/")[2],
        "credential": credential["id"], "public_id": credential["public_id"], "record": record["id"],
        "public_record": record["public_id"], "status_list": list_of(credential), "status_purpose": "revocation",
        "erasure": erasure["id"], "proof": erasure["proof"].rpartition("/")[2], "subscription": receiver.subscription,
        "batch": batch, "imported": imported,
        "guest": guest["id"], "code": guest["resume_code"], "setting": "guest_days", "role": "analyst",
        "holder": holder, "delivery": stage.deliveries(receiver)[0]["id"], "node": stage.library_node, "purpose": ISSUE,
        "recipient": stage.library_node, "feed": feed, "job_import": job_import,
        "correction": stage.correction(f"skill {mark}"),
        "key": credential["credential"]["issuer"]["id"].removeprefix("did:key:"),
        "recognition": recognition, "reached": stage.college.ask("GET", reached)["items"][0]["id"],
        "endorsement": endorsed["id"], "public_endorsement": endorsed["public_url"].rpartition("/")[2],
        "co_issuing": stage.co_issuing(achievement["id"])["id"], "mapping": stage.mapping(achievement["id"])["id"],
        "reconsideration": stage.reconsideration(), "submission": submission["id"], "file": file,
        "job": str(stage.posting(feed)),
        "connection": connection["id"]}, receiver.url, statement, mark, system_port, stage.college_node,
        stage.competency, holder_of_card, app)


def _fresh_agreement(operation: Operation, mine: Things, stage: Stage) -> dict[str, str]:
    """One of theirs that nobody has decided about."""
    if operation.name == "decide_patron_endorsement":
        return {"endorsement": stage.credential_endorsed(mine.ids["public_id"])["id"]}
    if operation.name == "decide_endorsement":
        return {"endorsement": stage.college_endorsed()["id"]}
    achievement = stage.competency()
    return {"endorsement": stage.endorsement(achievement)["id"], "co_issuing": stage.co_issuing(achievement)["id"],
            "mapping": stage.mapping(achievement)["id"]}


def fresh_thing(operation: Operation, mine: Things, stage: Stage) -> dict[str, str]:
    """A submission of theirs in the state that the operation changes, or a question or an agreement that it decides;
    nothing for others."""
    if agrees(operation):
        return _fresh_agreement(operation, mine, stage)
    if operation.name == "decide_reconsideration":
        return {"reconsideration": stage.reconsideration()}
    state, patron = STATE_OF_SUBMISSION.get(operation.name), mine.ids["patron"]
    return {"patron": patron, "submission": stage.submission(patron, state)["id"]} if state else {}
