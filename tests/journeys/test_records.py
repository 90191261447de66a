"""A learner's record over the running platform: made once, judged by others, read, printed, taken back, erased."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
from openbadgeslib.ob3.clr import bundled_clr_contexts
from openbadgeslib.ob3.did import resolve_did
from openbadgeslib.ob3.ldp import OB3LdpVerifier, verify_data_integrity_proof

from libranet.local import Platform
from tests.journeys.door import Door, is_problem
from tests.journeys.stage import ISSUE, Keys, Stage
from tests.patience import until

pytestmark = pytest.mark.real
AT_ONCE = 6


@pytest.fixture(scope="module")
def scene(platform: Platform, keys: Keys) -> Iterator[Stage]:
    with Stage(platform, keys) as stage:
        yield stage


def learner(scene: Stage, credentials: int = 2) -> str:
    patron = scene.patron(ISSUE)
    for _ in range(credentials):
        scene.completed(patron, scene.course())
    return patron


def place(record: dict[str, Any], what: str = "") -> str:
    """The path of its public address."""
    return urlsplit(record["public_url"]).path + what


def test_a_record_is_judged_by_others_with_each_credential_in_it(scene: Stage, door: Door) -> None:
    record = scene.record(learner(scene))
    document = door.ask("GET", place(record)).json
    pem = resolve_did(document["issuer"]["id"])
    verify_data_integrity_proof(document, pem, extra_contexts=bundled_clr_contexts())
    inside = document["credentialSubject"]["verifiableCredential"]
    for each in inside:
        OB3LdpVerifier.for_issuer_did(each["issuer"]["id"]).verify(each)
    judged = scene.stranger.ask("POST", "/v1/verifications", {"credential": document})
    assert [each["id"] for each in judged["contained"]] == [each["id"] for each in inside]
    for each in (judged, *judged["contained"]):
        assert {each[name]["verdict"] for name in ("signature", "dates", "status", "issuer")} == {"valid"}


def test_made_at_the_same_time_it_is_one(scene: Stage, door: Door) -> None:
    patron = learner(scene, 1)
    target = f"/v1/patrons/{patron}/records"
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(lambda _: door.ask("POST", target, "library", b"{}"), range(AT_ONCE)))
    assert sorted(each.status for each in answers) == [200] * (AT_ONCE - 1) + [201]
    assert len({each.json["id"] for each in answers}) == 1


def test_a_learner_makes_and_takes_back_their_own_and_nobody_elses(scene: Stage) -> None:
    guest = scene.guest()
    here = scene.as_person(guest["session"]["token"])
    registered = here.ask("POST", f"/v1/guests/{guest['id']}/registration", {"name": "Learner"})
    patron, mine = registered["id"], scene.as_person(registered["session"]["token"])
    scene.consent(patron, ISSUE)
    scene.completed(patron, scene.course())
    record = mine.ask("POST", f"/v1/patrons/{patron}/records", {"name": "Mine"})
    assert [each["id"] for each in mine.ask("GET", f"/v1/patrons/{patron}/records")["items"]] == [record["id"]]
    other = scene.record(learner(scene, 1))
    for owner in (patron, other["patron"]):
        assert mine.raw("DELETE", f"/v1/patrons/{owner}/records/{other['id']}").status == 404
    taken_back = mine.ask("DELETE", f"/v1/patrons/{patron}/records/{record['id']}")
    assert taken_back["status"] == "withdrawn"


def test_people_read_and_print_it(scene: Stage, door: Door) -> None:
    record = scene.record(learner(scene), name="Registro – سجل")
    sent_on = door.ask("GET", place(record), headers={"Accept": "text/html,*/*;q=0.8"})
    assert (sent_on.status, sent_on.headers["location"]) == (303, record["page_url"])
    page = door.ask("GET", place(record, "/print"), headers={"Accept": "text/html", "Accept-Language": "es"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    text = page.data.decode()
    assert '<html lang="es" dir="ltr">' in text
    assert "Registro – سجل" in text
    assert "Participación" in text
    assert "<svg" in text
    paper = door.ask("GET", place(record, "/pdf"))
    assert (paper.status, paper.headers["content-type"], paper.data[:5]) == (200, "application/pdf", b"%PDF-")


def test_what_was_taken_back_is_gone_and_its_copies_are_found_out(scene: Stage, door: Door) -> None:
    patron = learner(scene, 1)
    record = scene.record(patron)
    document = door.ask("GET", place(record)).json
    for _ in range(2):
        taken_back = scene.library.ask("DELETE", f"/v1/patrons/{patron}/records/{record['id']}")
        assert taken_back["status"] == "withdrawn"
    for what in ("", "?form=jws", "/print", "/pdf"):
        assert is_problem(door.ask("GET", place(record, what)), 410)
    judged = scene.stranger.ask("POST", "/v1/verifications", {"credential": document})
    assert judged["status"]["verdict"] == "invalid"
    assert judged["contained"][0]["status"]["verdict"] == "valid"


def test_an_erasure_takes_the_records_too(scene: Stage, door: Door) -> None:
    patron = learner(scene, 1)
    record = scene.record(patron)
    scene.library.ask("DELETE", f"/v1/patrons/{patron}")
    until(lambda: door.ask("GET", place(record)).status == 410, what="the erasure")
    assert is_problem(door.ask("GET", place(record, "/print")), 410)
    assert is_problem(door.ask("POST", f"/v1/patrons/{patron}/records", "library", b"{}"), 404)
