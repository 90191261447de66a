"""Whoever is erased leaves nothing behind but ids in the places that docs/decisions/0008 names, and stays away."""

import json
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from demo.api import Client
from libranet import ids, jws
from libranet.audit import subject_of
from libranet.clock import rfc3339
from libranet.cloudevent import to_json
from libranet.local import Platform
from tests.journeys.door import Door, is_problem
from tests.journeys.insides import (
    archived,
    collections,
    database_behind,
    documents_with,
    files_with,
    inbox_rows,
    is_quiet,
    put,
)
from tests.journeys.stage import COLLEGE, ISSUE, LIBRARY, SHARE, Keys, Stage, first_told, libranet
from tests.journeys.things import Things
from tests.patience import until

pytestmark = pytest.mark.real
COMPLETED = "org.libranet.learning.course-completed.v1"
IDS_MAY_STAY = {
    "profiles.erasures", "learning.erased", "gateway.patrons",
    *(f"{service}.archive" for service in ("profiles", "learning", "credentials", "analytics", "gateway"))}
"""The proof that it was done, tombstones, and what happened to whom as ids; each ends with its retention."""


@dataclass
class Canary:
    """Somebody who left traces everywhere. `words` are what nobody may find afterwards."""

    patron: str
    public_id: str
    words: list[str]
    began: datetime
    taught: str
    """Somebody else's statement in which they are the teacher."""
    erasure: str = ""


@pytest.fixture(scope="module")
def scene(platform: Platform, keys: Keys) -> Iterator[Stage]:
    with Stage(platform, keys) as stage:
        yield stage


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}


@pytest.fixture(scope="module")
def canary(scene: Stage, keys: Keys) -> Canary:
    """Registered, enrolled, reported, credentialled, shared, delivered; every change with an Idempotency-Key."""
    began, mark = datetime.now(UTC), uuid.uuid4().hex[:12]
    words = [f"Zebedee{mark}", f"login{mark}", f"canary{mark}.example.org", f"Actor{mark}", f"teacher{mark}",
             f"skill{mark}", f"goal{mark}", f"interest{mark}", f"paper{mark}", f"work{mark}", f"words{mark}",
             f"advice{mark}"]
    account = {"homePage": f"https://{words[2]}", "name": words[1]}
    teacher = {"homePage": f"https://{words[2]}", "name": words[4]}
    college, course, ask = scene.college_listens("*"), scene.course(), scene.library.ask
    patron = ask("POST", "/v1/patrons", {
        "name": words[0], "skills": [{"label": words[5]}], "goal": {"label": words[6]}, "interests": [words[7]]},
        key())["id"]
    hour = rfc3339(began + timedelta(hours=1))
    operator = Client(scene.platform.urls["gateway"], keys["test"]["key"])
    operator.ask("PUT", f"/v1/nodes/{LIBRARY}/roles/guardian/{patron}", {"ends_at": hour}, key())
    for purpose, recipient in ((ISSUE, LIBRARY), (SHARE, COLLEGE)):
        ask("PUT", f"/v1/patrons/{patron}/consents/{purpose}/{recipient}", {"granted": True}, key())
    for each in (account, teacher):
        ask("POST", f"/v1/courses/{course['id']}/enrolments", {"patron": patron, "account": each}, key())
    passed = scene.passed(account, course)
    passed["actor"]["name"] = words[3]
    taught = scene.passed(scene.account(), course) | {"context": {"instructor": {"account": teacher, "name": words[3]}}}
    scene.learning_platform.ask("POST", "/xAPI/statements", [passed, taught],
                                {"X-Experience-API-Version": "1.0.3", **key()})
    until(lambda: len(scene.credentials(patron)) == 1)
    [credential] = scene.credentials(patron)
    ask("POST", f"/v1/credentials/{credential['id']}/share", {}, key())
    first_told(college, "credential-shared")
    show_competency(scene, patron, *words[8:])
    ask("GET", f"/v1/patrons/{patron}/export")
    ask("GET", f"/v1/patrons/{patron}/consents/{SHARE}/{COLLEGE}/receipt")
    return Canary(patron, credential["public_id"], words, began, taught["id"])


def show_competency(scene: Stage, patron: str, name: str, content: str, narrative: str, advice: str) -> None:
    """Evidence with a file, judged and accepted; and a file that was never submitted."""
    submissions, sent = f"/v1/patrons/{patron}/submissions", []
    for _ in range(2):
        answer = scene.library.raw("POST", f"/v1/patrons/{patron}/evidence-files?name={name}", content.encode(),
                                   {"Content-Type": "text/plain"})
        sent.append(json.loads(answer.data)["id"])
    evidence = [{"name": "My work", "narrative": narrative, "file": sent[0]}]
    made = scene.library.ask("POST", submissions, {"achievement": scene.competency(), "evidence": evidence}, key())
    review = f"/v1/reviews/{made['id']}"
    scene.library.ask("POST", f"{review}/claim", headers=key())
    scene.library.ask("POST", f"{review}/judge", {"comment": advice, "judgements": [
        {"criterion": "Formulas", "level": "proficient"}]}, key())
    scene.library.ask("POST", f"{submissions}/{made['id']}/accept", headers=key())


@pytest.fixture(scope="module")
def erased(scene: Stage, canary: Canary) -> Canary:
    """The same one after DELETE was answered by every service."""
    assert set(documents_with(scene.mongo, *canary.words)) == set(canary.words), "the search finds what is there"
    canary.erasure = scene.library.ask("DELETE", f"/v1/patrons/{canary.patron}", headers=key())["id"]
    until(lambda: scene.library.ask("GET", f"/v1/erasures/{canary.erasure}")["complete"], what="the erasure")
    until(lambda: is_quiet(scene.mongo, canary.began), what="quiet")
    return canary


def assert_nothing_is_left(scene: Stage, canary: Canary) -> None:
    found = documents_with(scene.mongo, *canary.words, canary.patron)
    assert found.pop(canary.patron) <= IDS_MAY_STAY
    assert found == {}


def test_every_service_answers_the_erasure(scene: Stage, erased: Canary) -> None:
    answers = scene.library.ask("GET", f"/v1/erasures/{erased.erasure}")["answers"]
    assert set(answers) == {"analytics", "credentials", "deliveries", "learning"}
    assert "pending" not in answers.values()
    told = [each for each in archived(scene.mongo) if each.data.get("erasure") == erased.erasure]
    deleted = {each.source: each.data["deleted"] for each in told if each.short_type == "patron-data-erased"}
    assert set(deleted) == set(answers)
    assert all(deleted.values()), "each of them held something"


def test_no_database_holds_anything_of_them(scene: Stage, erased: Canary) -> None:
    assert_nothing_is_left(scene, erased)


def test_every_collection_is_looked_through(scene: Stage) -> None:
    """Blobs too: their pieces are documents. What a service adds is looked through without a word here."""
    looked = set(collections(scene.mongo))
    assert {"profiles.role_grants", "profiles.guests", "gateway.sessions", "learning.quarantine"} <= looked


@pytest.mark.own_broker
def test_no_log_and_no_queue_ever_held_a_name(scene: Stage, erased: Canary) -> None:
    for word in erased.words:
        assert files_with(scene.platform.home.logs, word) == []
        assert files_with(scene.platform.home.data / "broker", word) == []


@pytest.mark.own_broker
def test_no_other_file_of_the_platform_holds_a_name(scene: Stage, erased: Canary) -> None:
    """The database's own files are left out: it overwrites what was deleted in its own time."""
    for word in erased.words:
        found = files_with(scene.platform.home.path, word)
        assert [each for each in found if not each.startswith("data/database")] == []


def test_who_looked_stays_without_saying_at_whom(
        scene: Stage, erased: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = scene.mongo["libranet_profiles"]["audit_blocks"]
    monkeypatch.setenv("ID_KEY_FILE", scene.platform.environment()["ID_KEY_FILE"])
    monkeypatch.delenv("ID_KEY")
    ids._key.cache_clear()
    subject = subject_of(erased.patron)
    ids._key.cache_clear()

    def tells_who_asked() -> bool:
        return any(each["action"] == "erase_patron" and each["subject"] == subject
                   for block in sealed.find({"subjects": subject}) for each in block["entries"])

    until(tells_who_asked, what="the sealed entry")
    assert "whole" in libranet(scene.platform, "audit", "verify")


def test_a_signed_certificate_lists_every_services_answer(scene: Stage, door: Door, erased: Canary) -> None:
    place = f"/v1/erasures/{erased.erasure}/certificate"
    got = scene.library.ask("GET", place)
    assert jws.read(got["jws"], door.ask("GET", "/v1/receipt-keys").json) == got["certificate"]
    documents = {each["service"]: each["documents"] for each in got["certificate"]["services"]}
    assert set(documents) == {"analytics", "credentials", "deliveries", "learning", "profiles"}
    assert all(documents.values()), "each of them held something"
    page = door.ask("GET", place, "library", headers={"Accept": "text/html"})
    assert b"Your record was erased" in page.data
    assert got["certificate"]["backups"]["until"] > got["certificate"]["completed_at"]


def test_statements_of_others_stay_without_them(scene: Stage, erased: Canary) -> None:
    found = scene.learning_platform.ask("GET", f"/xAPI/statements?statementId={erased.taught}", headers={
        "X-Experience-API-Version": "1.0.3"})
    assert found["context"]["instructor"] == {"account": {"homePage": "urn:libranet:erased", "name": "erased"}}


def test_their_public_credential_is_gone(scene: Stage, door: Door, erased: Canary) -> None:
    assert is_problem(door.ask("GET", f"/credentials/{erased.public_id}"), 410)


def test_to_their_library_they_are_like_somebody_unknown(door: Door, mine: Things, erased: Canary) -> None:
    for target in ("/v1/patrons/{}", "/v1/patrons/{}/credentials"):
        answer = door.ask("GET", target.format(erased.patron), "library")
        assert is_problem(answer, 404)
        assert answer.same == door.ask("GET", target.format(uuid.uuid4()), "library").same
    consent = f"/v1/patrons/{erased.patron}/consents/{ISSUE}/{LIBRARY}"
    assert is_problem(door.ask("PUT", consent, "library", b'{"granted": true}'), 404)
    body = b'{"patron": "%s", "mbox_sha1sum": "%s"}' % (erased.patron.encode(), b"a" * 40)
    assert is_problem(door.ask("POST", f"/v1/courses/{mine.ids['course']}/enrolments", "library", body), 422)


def test_erasing_again_answers_with_the_same_erasure(scene: Stage, erased: Canary) -> None:
    assert scene.library.ask("DELETE", f"/v1/patrons/{erased.patron}")["id"] == erased.erasure


def test_no_late_event_brings_them_back(scene: Stage, erased: Canary) -> None:
    """Every event about them comes once more to every hearer, whose inbox has forgotten it: a restored database."""
    events = [each for each in archived(scene.mongo) if each.data.get("patron") == erased.patron]
    for queue, rows in inbox_rows(events).items():
        database = database_behind(scene.mongo, queue)
        assert database.inbox.delete_many({"_id": {"$in": rows}}).deleted_count == len(rows), queue
        if queue == "credentials.completions":
            since = erased.began.strftime("%Y-%m-%dT%H:%M:%S")
            libranet(scene.platform, "events", "replay", "--type", COMPLETED, "--since", since, "--to", queue)
        else:
            put(scene.platform, queue, *(to_json(each) for each in events if f"{queue}|{each.id}" in rows))
        until(lambda database=database, rows=rows: database.inbox.count_documents({"_id": {"$in": rows}}) == len(rows),
              what="the repetition")
    until(lambda: is_quiet(scene.mongo, erased.began), what="quiet")
    assert_nothing_is_left(scene, erased)
    assert not any(scene.mongo[name].quarantine.count_documents({"last_seen_at": {"$gte": erased.began}})
                   for name in scene.mongo.list_database_names() if name.startswith("libranet_"))


def test_no_late_statement_brings_them_back(scene: Stage, erased: Canary) -> None:
    """A platform that was away reports what they did, and what somebody did with them: the first is not kept."""
    late = f"Late{uuid.uuid4().hex[:12]}"
    home, course = f"https://{erased.words[2]}", scene.course()
    theirs = scene.passed({"homePage": home, "name": erased.words[1]}, course)
    theirs["actor"]["name"] = late
    teacher = {"account": {"homePage": home, "name": erased.words[4]}, "name": late}
    taught = scene.passed(scene.account(), course) | {"context": {"instructor": teacher}}
    assert scene.report([theirs, taught]) == [theirs["id"], taught["id"]]
    ask, version = scene.learning_platform.raw, {"X-Experience-API-Version": "1.0.3"}
    found = {each["id"]: ask("GET", f"/xAPI/statements?statementId={each['id']}", None, version).status
             for each in (theirs, taught)}
    assert found == {theirs["id"]: 404, taught["id"]: 200}
    assert documents_with(scene.mongo, late) == {}
    assert_nothing_is_left(scene, erased)


def test_an_erasure_in_the_middle_of_everything_leaves_nothing_either(scene: Stage) -> None:
    """Consents, enrolments, completions and erasures of the same people at the same moment."""
    began = datetime.now(UTC)
    course, college = scene.course(), scene.college_listens("*")
    people = [(scene.patron(), scene.account()) for _ in range(12)]

    def live(patron: str, account: dict[str, str]) -> None:
        for method, target, body in (
                ("POST", f"/v1/courses/{course['id']}/enrolments", {"patron": patron, "account": account}),
                ("PUT", f"/v1/patrons/{patron}/consents/{ISSUE}/{LIBRARY}", {"granted": True}),
                ("PUT", f"/v1/patrons/{patron}/consents/{SHARE}/{COLLEGE}", {"granted": True})):
            assert scene.library.raw(method, target, body, key()).status in (200, 201, 404, 422)
        scene.report(scene.passed(account, course))

    def erase(number: int, patron: str) -> str:
        time.sleep(0.02 * number)
        return str(scene.library.ask("DELETE", f"/v1/patrons/{patron}")["id"])

    with ThreadPoolExecutor(8) as threads:
        lives = [threads.submit(live, *person) for person in people]
        erasures = [threads.submit(erase, number, patron) for number, (patron, _) in enumerate(people)]
    assert all(each.result() is None for each in lives)
    for each in erasures:
        until(lambda each=each: scene.library.ask("GET", f"/v1/erasures/{each.result()}")["complete"])
    until(lambda: is_quiet(scene.mongo, began), what="quiet")
    found = documents_with(scene.mongo, *(patron for patron, _ in people))
    assert {place for places in found.values() for place in places} <= IDS_MAY_STAY
    assert all(each["verified"] for each in college.deliveries)
