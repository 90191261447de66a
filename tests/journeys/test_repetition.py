"""A repeated request changes nothing twice: the same key and body get the first answer, another body a refusal."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.journeys.described import CHANGING, OPERATIONS, Operation, decides, ends, named
from tests.journeys.door import Answer, Door, is_problem
from tests.journeys.stage import ISSUE, OTHER_COLLEGE, OTHER_LIBRARY, Keys, Stage
from tests.journeys.things import Things, fresh_thing

pytestmark = pytest.mark.real
AT_ONCE = 8


def send(door: Door, operation: Operation, target: str, key: str, body: bytes | None) -> Answer:
    return door.ask(operation.method, target, door.kinds_for(operation)[0], body, {"Idempotency-Key": key})


def target_of(operation: Operation, mine: Things, stage: Stage) -> str:
    """About mine, or about a fresh guest, credential or submission where the request ends them."""
    guest = {"guest": stage.guest()["id"]} if ends(operation) else {}
    credential = {"credential": stage.credential()["id"]} if decides(operation) else {}
    return mine.target(operation, **guest, **credential, **fresh_thing(operation, mine, stage))


def test_every_change_takes_a_key_or_may_be_repeated_without() -> None:
    unkeyed = {each.name for each in OPERATIONS if each.changes} - {each.name for each in CHANGING}
    assert unkeyed == {
        "add_evidence_file", "agree_to_co_issue", "ask_for_endorsement", "award_achievement", "change_profile",
        "correct_skills", "decide_endorsement", "decide_mapping", "decide_patron_endorsement", "enable_subscription",
        "end_co_issuing", "end_connection", "end_guest", "end_mapping", "end_offer", "end_recognition", "end_role",
        "erase_patron", "forget_issuer", "grant_role", "import_credential", "import_jobs", "know_issuer", "make_offer",
        "match_jobs", "offer_endorsement", "propose_co_issuer", "put_profile", "redeliver", "register_app",
        "remove_card_connection", "remove_import", "remove_job_feed", "remove_sign_in_provider", "replace_achievement",
        "replace_profile", "replace_recognition", "request_app_token", "resolve_skills", "resubmit_evidence",
        "resume_guest", "revoke_app_token", "set_achievement_image", "set_card_connection", "set_node_setting",
        "set_sign_in_provider", "sign_in", "sign_out", "start_guest", "state_mapping", "take_back_endorsement",
        "take_back_skill_correction", "tell_guest", "test_card_connection", "undo_awards", "unset_node_setting",
        "unsubscribe", "upsert_credential", "verify_credential", "verify_import", "withdraw_consent", "withdraw_record",
        "withdraw_submission"}


@pytest.mark.parametrize("operation", CHANGING, ids=named)
def test_the_same_key_and_body_get_the_same_answer(
        stage: Stage, door: Door, mine: Things, operation: Operation) -> None:
    key, body, target = str(uuid.uuid4()), mine.sent(operation), target_of(operation, mine, stage)
    first, again = (send(door, operation, target, key, body) for _ in range(2))
    assert 200 <= first.status < 300, first.data
    assert (again.status, again.json) == (first.status, first.json)
    assert again.headers.get("idempotency-replayed") == "true"
    assert "idempotency-replayed" not in first.headers


@pytest.mark.parametrize("operation", CHANGING, ids=named)
def test_the_same_key_with_another_request_is_refused(
        stage: Stage, door: Door, mine: Things, operation: Operation) -> None:
    key, target = str(uuid.uuid4()), target_of(operation, mine, stage)
    assert send(door, operation, target, key, mine.sent(operation)).status < 300
    if operation.body is None:
        target, body = mine.target(operation, **dict.fromkeys(mine.ids, str(uuid.uuid4()))), None
    else:
        body = json.dumps(mine.body(operation), indent=1).encode()
    answer = send(door, operation, target, key, body)
    assert is_problem(answer, 422), "another request with the same key"
    assert answer.json["type"].endswith("idempotency-key-reused")


@pytest.mark.parametrize("operation", CHANGING, ids=named)
def test_the_same_request_at_the_same_time_has_one_effect(
        stage: Stage, door: Door, mine: Things, operation: Operation) -> None:
    key, body, target = str(uuid.uuid4()), mine.sent(operation), target_of(operation, mine, stage)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(lambda _: send(door, operation, target, key, body), range(AT_ONCE)))
    assert {each.status for each in answers} == {answers[0].status}
    assert all(each.json == answers[0].json for each in answers)


def test_one_key_registers_one_patron_however_often_and_at_once(stage: Stage, door: Door) -> None:
    def register(_: int) -> str:
        return str(door.ask("POST", "/v1/patrons", "library", body, {"Idempotency-Key": key}).json["id"])

    patrons, key, name = stage.mongo["libranet_profiles"].patrons, str(uuid.uuid4()), f"Once {uuid.uuid4()}"
    body = json.dumps({"name": name}).encode()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        assert len(set(threads.map(register, range(AT_ONCE)))) == 1
    assert patrons.count_documents({"name": name}) == 1


def test_a_key_stands_for_one_client_and_one_operation(stage: Stage, keys: Keys, door: Door, mine: Things) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    assert door.ask("POST", "/v1/patrons", "library", b'{"name": "One"}', key).status == 201
    consent = f"/v1/patrons/{mine.ids['patron']}/consents/{ISSUE}/{mine.ids['node']}"
    assert door.ask("PUT", consent, "library", b'{"granted": true}', key).status == 200
    hillside = Stage(stage.platform, keys, OTHER_LIBRARY, OTHER_COLLEGE)
    assert hillside.library.raw("POST", "/v1/patrons", {"name": "Two"}, key).status == 201


def test_a_refusal_is_not_kept_for_its_key(door: Door) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    assert is_problem(door.ask("POST", "/v1/patrons", "library", b'{"nam": "Wrong"}', key), 422)
    assert door.ask("POST", "/v1/patrons", "library", b'{"name": "Right"}', key).status == 201


@pytest.mark.parametrize("key", ["", " ", "a b", "a" * 201, "\xe9", "a\tb"])
def test_a_key_is_visible_ascii(door: Door, key: str) -> None:
    assert is_problem(door.ask("POST", "/v1/patrons", "library", b"{}", {"Idempotency-Key": key}), 400)
