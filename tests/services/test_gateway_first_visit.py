"""The first visit at the door: skills resolved, jobs matched, guests with sessions; and none of it waits for jobs."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from contracts.call import ASKED_DIGEST
from contracts.principal import Principal
from gateway.rates import RateSettings
from tests.services.gateway_stage import FakeService, Said, Stage, staged

PATRON = {"id": "0199f2d6-3c1e-7a40-9d7e-0c5a4b1f2e88", "owner": "demo.riverside",
          "matches_url": "/v1/patrons/0199f2d6-3c1e-7a40-9d7e-0c5a4b1f2e88/matches",
          "skills": [{"label": "welding", "uri": "http://esco.example/1", "bases": ["claimed"], "evidence": []}],
          "goal": {"label": "welder", "uri": "http://esco.example/o"}}
MATCHES = {"ready": [{"job": {"title": "Welder"}}], "near": [], "postings_considered": 1}
RESOLVED = {"items": [{"asked": "wedling", "uri": "http://esco.example/1", "label": "welding", "score": 0.9,
                       "other_uris": ["urn:ours:welding"]},
                      {"asked": "juggling", "uri": None, "label": None, "score": 0.0, "other_uris": []}]}
SAID = {"skills": [{"label": "wedling"}, {"label": "juggling"}, {"label": "x", "uri": "http://esco.example/9"}]}


def said(document: Any, status: int = 200) -> Said:
    kind = "application/json" if status < 400 else "application/problem+json"
    return Said(status, json.dumps(document).encode(), {"Content-Type": kind})


class Both:
    """A gateway before a fake profiles and a fake jobs."""

    def __init__(self, stage: Stage, jobs: FakeService) -> None:
        self.stage, self.jobs, self.profiles = stage, jobs, stage.service
        self.profiles.script = [said(PATRON, 201)]
        self.jobs.script = [said(RESOLVED), said(MATCHES)]

    def ask(self, method: str, path: str, key: str | None = None, body: Any = None, **more: Any) -> Any:
        return self.stage.ask(method, path, key, body, **more)

    def told(self) -> Any:
        """The body that profiles got last."""
        return json.loads(self.profiles.heard[-1].body)


@pytest.fixture
def both() -> Iterator[Both]:
    jobs = FakeService()
    with staged({"jobs": jobs.url}, RateSettings(guesses="2/minute")) as stage:
        yield Both(stage, jobs)
    jobs.stop()


@pytest.fixture
def key(both: Both) -> str:
    return both.stage.clients.invite("library")[0]


def test_a_registration_resolves_what_was_said_and_answers_with_matches(both: Both, key: str) -> None:
    answer = both.ask("POST", "/v1/patrons", key, {"name": "Ana", **SAID})
    assert (answer.status_code, answer.json["matches"]) == (201, MATCHES)
    assert both.told() == {"name": "Ana", "skills": [
        {"label": "wedling", "uri": "http://esco.example/1", "known_as": "welding"}, {"label": "juggling"},
        {"label": "x", "uri": "http://esco.example/9"}]}
    asked = [(each.target, json.loads(each.body)) for each in both.jobs.heard]
    assert asked == [
        ("/v1/skills/resolve", {"labels": ["wedling", "juggling", "x"]}),
        ("/v1/matches", {"skills": [{"label": "welding", "uri": "http://esco.example/1", "bases": ["claimed"]}],
                         "goal": {"label": "welder", "occupation_uri": "http://esco.example/o"}})]


def test_only_the_taxonomy_says_what_a_skill_is_known_as(both: Both, key: str) -> None:
    both.ask("POST", "/v1/patrons", key, {"skills": [
        {"label": "juggling", "known_as": "forged"}, {"label": "wedling", "uri": "http://esco.example/other"},
        {"label": "wedling", "uri": "http://esco.example/1", "known_as": "forged"}]})
    assert both.told()["skills"] == [
        {"label": "juggling"}, {"label": "wedling", "uri": "http://esco.example/other"},
        {"label": "wedling", "uri": "http://esco.example/1", "known_as": "welding"}]


def test_another_uri_of_the_same_skill_is_exchanged_for_the_one_that_stands_for_it(both: Both, key: str) -> None:
    both.ask("POST", "/v1/patrons", key, {"skills": [{"label": "wedling", "uri": "urn:ours:welding"}]})
    assert both.told()["skills"] == [{"label": "wedling", "uri": "http://esco.example/1", "known_as": "welding"}]


def test_jobs_is_never_told_who_it_is_about(both: Both, key: str) -> None:
    both.ask("POST", "/v1/patrons", key, {"name": "Ana", **SAID})
    assert not any(PATRON["id"].encode() in each.body or b"Ana" in each.body for each in both.jobs.heard)
    who = both.jobs.heard[-1].principal
    assert (who.actor, who.may(("jobs:read",))) == (key.split(".")[0], True)


@pytest.mark.parametrize("jobs_says", [
    said({}, 404), said({}, 405), said({}, 503), Said(500, b"oops", {}),
    Said(before=lambda: (_ for _ in ()).throw(ConnectionError()))])
def test_a_registration_does_not_depend_on_jobs(both: Both, key: str, jobs_says: Said) -> None:
    both.jobs.script = [jobs_says]
    answer = both.ask("POST", "/v1/patrons", key, SAID)
    assert (answer.status_code, answer.json["matches"]) == (201, None)
    assert answer.json["matches_url"] == PATRON["matches_url"]
    assert both.told() == SAID


def test_an_idempotency_key_stands_for_what_the_caller_sent_whatever_jobs_says(both: Both, key: str) -> None:
    both.ask("POST", "/v1/patrons", key, SAID, headers={"Idempotency-Key": "visit-1"})
    both.jobs.script = [said({}, 503)]
    both.ask("POST", "/v1/patrons", key, SAID, headers={"Idempotency-Key": "visit-1"})
    first, second = (each.headers for each in both.profiles.heard)
    assert first[ASKED_DIGEST] == second[ASKED_DIGEST]
    assert first["Idempotency-Key"] == second["Idempotency-Key"] == "visit-1"
    assert both.profiles.heard[0].body != both.profiles.heard[1].body


def test_a_caller_cannot_bring_a_digest(both: Both, key: str) -> None:
    both.ask("POST", "/v1/patrons", key, SAID, headers={ASKED_DIGEST: "forged"})
    assert both.profiles.heard[-1].headers[ASKED_DIGEST] != "forged"
    both.ask("POST", "/v1/courses", key, {"title": "T", "activity_iri": "urn:x"}, headers={ASKED_DIGEST: "forged"})
    assert ASKED_DIGEST not in both.profiles.heard[-1].headers


def test_a_refusal_of_profiles_is_given_back_and_jobs_is_asked_no_more(both: Both, key: str) -> None:
    both.profiles.script = [said({"title": "No"}, 403)]
    both.jobs.heard.clear()
    answer = both.ask("POST", "/v1/patrons", key, {})
    assert (answer.status_code, answer.json["title"]) == (403, "No")
    assert not both.jobs.heard


@pytest.mark.parametrize(("method", "path"), [
    ("PUT", "/v1/patrons/p1"), ("PATCH", "/v1/patrons/p1"), ("PUT", "/v1/guests/g1")])
def test_what_is_said_later_is_resolved_too(both: Both, key: str, method: str, path: str) -> None:
    both.profiles.script = [said(PATRON)]
    assert both.ask(method, path, key, SAID).status_code == 200
    assert both.told()["skills"][0]["uri"] == "http://esco.example/1"


def test_a_change_that_says_nothing_of_skills_leaves_them_out(both: Both, key: str) -> None:
    both.profiles.script = [said(PATRON)]
    both.ask("PATCH", "/v1/patrons/p1", key, {"age_band": "18-24"})
    assert both.told() == {"age_band": "18-24"}


@pytest.mark.parametrize("member", ["birth_date", "age", "dob"])
def test_a_birth_date_is_refused_in_plain_words(both: Both, key: str, member: str) -> None:
    answer = both.ask("POST", "/v1/patrons", key, {member: "1990-01-01"})
    assert answer.status_code == 422
    assert answer.json["errors"] == [{
        "field": f"/{member}", "detail": "How old somebody is is not kept here; send age_band, one of under-13, 13-15, "
                                         "16-17, 18-24, 25-39, 40-64, 65-plus."}]


@pytest.mark.parametrize("member", ["name", "email", "birth_date", "age_band", "phone"])
def test_nothing_personal_of_a_guest_is_taken(both: Both, member: str) -> None:
    answer = both.ask("POST", "/v1/guests", None, {"node": "demo.riverside", member: "x"})
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json["errors"]] == [f"/{member}"]
    assert "nothing personal" in answer.json["errors"][0]["detail"]


def test_a_guest_starts_with_a_session_and_matches(both: Both) -> None:
    both.profiles.script = [said({**PATRON, "resume_code": "7KQ2-M9TR-X4WD"}, 201)]
    answer = both.ask("POST", "/v1/guests", None, {"node": "demo.riverside", **SAID}).json
    assert (answer["resume_code"], answer["matches"]) == ("7KQ2-M9TR-X4WD", MATCHES)
    token = answer["session"]["token"]
    assert both.stage.sessions.rows[token] == Principal(
        actor=PATRON["id"], kind="guest", node="demo.riverside",
        scopes=("jobs:read", "courses:read", "recognitions:read"))
    both.profiles.script, both.jobs.script = [said(PATRON)], [said(MATCHES)]
    found = both.ask("GET", f"/v1/guests/{PATRON['id']}/matches?count=5&near=Springfield", token)
    assert found.json == {"matches": MATCHES, "matches_url": PATRON["matches_url"]}
    assert {"limit": 5, "near": "Springfield"}.items() <= json.loads(both.jobs.heard[-1].body).items()
    assert both.ask("GET", "/v1/guests/somebody-else/matches", token).status_code == 404


def test_a_guest_starts_without_a_session_while_the_database_is_away(both: Both) -> None:
    both.profiles.script = [said({**PATRON, "resume_code": "7KQ2-M9TR-X4WD"}, 201)]
    both.stage.sessions.away = True
    answer = both.ask("POST", "/v1/guests", None, {"node": "demo.riverside"})
    assert (answer.status_code, answer.json["session"], answer.json["resume_code"]) == (201, None, "7KQ2-M9TR-X4WD")


OPENS_NOTHING = said({"title": "This code opens nothing"}, 404)


def resume(both: Both, profiles_says: Said) -> Any:
    both.profiles.script = [profiles_says]
    return both.ask("POST", "/v1/guests/resume", None, {"code": "7KQ2-M9TR-X4WD"})


def test_a_right_code_begins_a_session_and_is_not_counted(both: Both) -> None:
    assert {resume(both, said(PATRON)).status_code for _ in range(5)} == {200}
    assert resume(both, OPENS_NOTHING).status_code == 404


def test_a_right_code_lets_in_beside_somebody_who_guesses(both: Both) -> None:
    assert [resume(both, OPENS_NOTHING).status_code for _ in range(4)] == [404, 404, 429, 429]
    answer = resume(both, said(PATRON))
    assert (answer.status_code, answer.json["id"]) == (200, PATRON["id"])
    assert answer.json["session"]["token"] in both.stage.sessions.rows
    refused = resume(both, OPENS_NOTHING)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert "opens nothing" in refused.json["detail"]


def test_an_answer_that_is_no_verdict_on_a_code_is_not_counted(both: Both) -> None:
    assert {resume(both, said({"title": "Away"}, 503)).status_code for _ in range(4)} == {503}
    assert resume(both, OPENS_NOTHING).status_code == 404


def test_how_many_codes_one_network_can_try_is_bounded_whatever_they_open() -> None:
    with staged(rates=RateSettings(guesses="1/minute", public_work="3/minute")) as stage:
        stage.service.script = [OPENS_NOTHING]
        tried = [stage.ask("POST", "/v1/guests/resume", None, {"code": "7KQ2-M9TR-X4WD"}) for _ in range(5)]
        assert [each.status_code for each in tried] == [404, 429, 429, 429, 429]
        assert len(stage.service.heard) == 3


def test_a_guest_who_registers_goes_on_as_the_patron(both: Both) -> None:
    token = both.stage.sessions.begin("guest", "g1", "demo.riverside").token
    answer = both.ask("POST", "/v1/guests/g1/registration", token, {"name": "Ana"})
    fresh = answer.json["session"]["token"]
    assert both.ask("GET", "/v1/me", token).status_code == 401
    assert both.ask("GET", "/v1/me", fresh).json["actor"] == PATRON["id"]


def test_a_guest_whom_the_library_registers_or_deletes_is_signed_out(both: Both, key: str) -> None:
    for method, path, script in (("POST", "/v1/guests/g1/registration", [said(PATRON, 201)]),
                                 ("DELETE", "/v1/guests/g1", [Said(204, b"")])):
        token = both.stage.sessions.begin("guest", "g1", "demo.riverside").token
        both.profiles.script = script
        answer = both.ask(method, path, key, {} if method == "POST" else None)
        assert answer.status_code in (201, 204)
        assert b"session" not in answer.data
        assert both.ask("GET", "/v1/me", token).status_code == 401


def test_matches_say_so_while_jobs_is_away(both: Both, key: str) -> None:
    both.profiles.script = [said(PATRON)]
    both.jobs.stop()
    answer = both.ask("GET", f"/v1/patrons/{PATRON['id']}/matches", key)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
