"""Learners' records: what is in them, and that their fast digest is the reference's."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.badges import competency
from contracts.calls import records as calls
from services.credentials.domain import clr, issuing, keys, life, linked_data, proofs, record_page, skeletons
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.earning import Completion
from services.credentials.domain.guard import Unreadable
from services.credentials.domain.issuers import Book, Issuer
from services.credentials.domain.keys import SigningKey
from services.credentials.domain.record_words import LANGUAGES, Words
from services.credentials.domain.refusals import DocumentUnsound, RecordTooLarge, Refusal
from services.credentials.domain.sources import Sources
from services.credentials.domain.status_lists import StatusPlace
from services.credentials.domain.verification import verify
from tests.domain.test_credential_proofs import CREATED, CREDENTIAL, KEY, outcome

ADDRESS = "https://libranet.example.org"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ISSUER = Issuer("demo.riverside", "Riverside Public Library", SigningKey.of(keys.make(keys.ED25519)))
SOURCES = Sources(NOW, Book({ISSUER.did: "demo.riverside"}, {}), {}.get, {}.get, {}.get)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _id_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ID_KEY", "an id key for tests, of more than 32 characters")


def credential(number: int, achievement: int = 1, **because: Any) -> dict[str, Any]:
    earned = Completion(f"completion-{number}", "patron", "course", "demo.riverside", CREATED, "event")
    defined = Achievement(f"0190b3a0-4444-7444-8444-{achievement:012d}", "demo.riverside",
                          f"Spreadsheets {achievement}", "Completed the course.", "Finish every unit.", "engagement",
                          "course")
    issued = issuing.issue(earned, defined, ISSUER, ADDRESS, NOW, StatusPlace("list", number))
    return {**issued, "because": {**issued["because"], **because}}


def made(credentials: list[dict[str, Any]], is_partial: bool = False) -> dict[str, Any]:
    return clr.make("patron", "Learner record", credentials, is_partial, ISSUER, ADDRESS, NOW, "record-1",
                    StatusPlace("list", 1000))


def signed(credentials: list[dict[str, Any]], is_partial: bool = False) -> dict[str, Any]:
    return dict(orjson.loads(made(credentials, is_partial)["document"]))


# what is in it

def test_a_record_has_every_required_member_its_contexts_in_order_and_the_credentials_as_they_were_signed() -> None:
    given_ones = [credential(1), credential(2, 2)]
    document = signed(given_ones)
    assert document["@context"] == [
        "https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]
    assert set(document) == {
        "@context", "id", "type", "name", "issuer", "validFrom", "credentialSubject", "credentialStatus", "proof"}
    assert document["type"] == ["VerifiableCredential", "ClrCredential"]
    subject = document["credentialSubject"]
    assert subject["type"] == ["ClrSubject"]
    assert subject["verifiableCredential"] == [orjson.loads(each["document"]) for each in given_ones]
    assert subject["id"] == subject["verifiableCredential"][0]["credentialSubject"]["id"]
    assert not {"partial", "association"} & {*document, *subject}
    assert [each["cryptosuite"] for each in document["proof"]] == [proofs.RDFC, proofs.JCS]


def test_a_part_says_so() -> None:
    assert signed([credential(1)], is_partial=True)["partial"] is True


def test_what_was_earned_by_others_in_the_record_is_associated_with_them_from_both_ends() -> None:
    part, twin, other = credential(1, 1), credential(2, 1), credential(3, 2)
    stack = credential(4, 9, credentials=[part["_id"], twin["_id"], "not in the record"])
    listed = signed([part, twin, other, stack])["credentialSubject"]["association"]
    ends = [f"urn:uuid:{each['achievement']}" for each in (part, stack)]
    assert listed == [
        {"type": "Association", "associationType": "isPartOf", "sourceId": ends[0], "targetId": ends[1]},
        {"type": "Association", "associationType": "isParentOf", "sourceId": ends[1], "targetId": ends[0]}]


def test_all_that_hold_are_chosen_where_nothing_is_asked_for() -> None:
    states = ("status", life.REVOKED), ("status", life.SUSPENDED), ("valid_until", NOW)
    held, revoked, suspended, expired = credential(1), *({**credential(2 + n), name: value}
                                                         for n, (name, value) in enumerate(states))
    assert clr.chosen([held, revoked, suspended, expired], None) == [held, expired]


@pytest.mark.parametrize("asked", [["nobody's"], ["suspended"]])
def test_what_is_not_the_learners_or_does_not_hold_is_refused_by_its_place(asked: list[str]) -> None:
    every = [credential(1), {**credential(2), "_id": "suspended", "status": life.SUSPENDED}]
    with pytest.raises(Refusal) as refused:
        clr.chosen(every, [every[0]["_id"], *asked])
    assert refused.value.problem()["errors"][0]["field"] == "/credentials/1"


def test_the_same_credential_named_twice_is_in_it_once() -> None:
    every = [credential(1)]
    assert clr.chosen(every, [every[0]["_id"]] * 2) == every


def test_fifty_credentials_are_signed_and_judged_and_what_is_larger_is_refused() -> None:
    fifty = [credential(number, number % 9) for number in range(50)]
    document = signed(fifty)
    assert verify(document, SOURCES).signature.verdict == "valid"
    with pytest.raises(RecordTooLarge, match="Choose some"):
        clr.chosen([credential(number) for number in range(101)], None)
    large = [{**each, "document": orjson.dumps({**orjson.loads(each["document"]), "description": "x" * 9000}).decode()}
             for each in fifty]
    with pytest.raises(RecordTooLarge, match="Choose fewer"):
        made(large)


def test_the_same_content_is_known_whatever_its_order() -> None:
    one, two = credential(1), credential(2)
    assert clr.content_of("n", [one, two], True) == clr.content_of("n", [two, one], True)
    assert len({clr.content_of(*each) for each in (
        ("n", [one], True), ("n", [two], True), ("m", [one], True), ("n", [one], False))}) == 4


def test_of_a_record_that_was_taken_back_no_text_stays() -> None:
    withdrawn = clr.withdraw(made([credential(1)]), NOW)
    assert (withdrawn["status"], withdrawn["document"], withdrawn["content"]) == ("withdrawn", None, None)
    assert clr.withdraw(withdrawn, NOW) is withdrawn


def test_a_page_sets_what_was_assessed_apart_with_level_evaluator_and_status() -> None:
    taking_part, able = credential(1), {**credential(2, 2), "kind": "competency", "valid_until": NOW}
    document = orjson.loads(able["document"])
    document["credentialSubject"] |= competency(1, ISSUER.did)["credentialSubject"]
    able["document"] = orjson.dumps(document).decode()
    record = made([taking_part, able])
    held = {each["_id"]: each for each in (taking_part, able)}
    shown = record_page.page(record, held, dict.fromkeys(held, record_page.Said()), LANGUAGES["en"], NOW)
    assert [each["kind"] for each in shown["sections"]] == ["competency", "engagement"]
    [item] = shown["sections"][0]["items"]
    facts = {each["name"]: each["value"] for each in item["facts"]}
    assert facts["Level"] == "Level: teaching others"
    assert facts["Evaluated by"] == "Ms Example"
    assert (item["status"], facts["Status on 2026-11-21"], item["language"]) == ("expired", "expired", "en")
    assert "Level" not in {each["name"] for each in shown["sections"][1]["items"][0]["facts"]}


@pytest.mark.parametrize("words", LANGUAGES.values(), ids=lambda each: each.language)
def test_every_language_has_words_for_every_kind_and_status(words: Words) -> None:
    assert set(words.kinds) == set(words.notes) == {"competency", "engagement"}
    assert set(words.statuses) == {"issued", "suspended", "revoked", "expired", "superseded"}
    assert "{date}" in words.status_on
    assert "{address}" in words.code
    assert set(LANGUAGES) == set(calls.LANGUAGES)


# its digest, and what is not signed

@settings(max_examples=60, deadline=None)
@given(st.lists(CREDENTIAL, min_size=1, max_size=4), st.booleans())
def test_the_fast_digest_of_a_record_is_that_of_pyld_and_pyoxigraph(
        found: list[dict[str, Any]], with_proofs: bool) -> None:
    unsigned = {key: value for key, value in signed([credential(1)]).items() if key != "proof"}
    proof = [{"type": "DataIntegrityProof", "cryptosuite": each, "created": CREATED, "proofPurpose": "assertionMethod",
              "verificationMethod": KEY.method, "proofValue": f"z{each}", "@context": unsigned["@context"][:1]}
             for each in proofs.SUITES]
    inside = [{**each, "proof": proof} if with_proofs else each for each in found]
    unsigned["credentialSubject"] = {**unsigned["credentialSubject"], "verifiableCredential": inside}
    assert outcome(skeletons.digest, unsigned) == outcome(linked_data.digest, unsigned)


@pytest.mark.parametrize(("contexts", "why"), [
    (["https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json"], linked_data.NotCovered),
    (["https://x.example/context"], linked_data.ContextUnknown),
    ([{"name": "urn:x:other"}], DocumentUnsound), (None, DocumentUnsound),
    ("https://www.w3.org/ns/credentials/v2", DocumentUnsound)])
def test_a_credential_in_it_names_contexts_that_are_kept_and_agree_with_the_records(
        contexts: Any, why: type[Exception]) -> None:
    document = {key: value for key, value in signed([credential(1)]).items() if key != "proof"}
    document["credentialSubject"]["verifiableCredential"][0]["@context"] = contexts
    with pytest.raises((why, Unreadable)):
        proofs.add_proofs(document, KEY, CREATED)


@pytest.mark.parametrize("inside", [{}, [], ["text"], [{"name": "no id"}], [{"id": "relative"}], None])
def test_a_record_whose_credentials_cannot_be_told_apart_is_judged_as_a_whole(inside: Any) -> None:
    document = signed([credential(1)])
    document["credentialSubject"]["verifiableCredential"] = inside
    assert verify(document, SOURCES).signature.verdict == "invalid"


def test_a_large_one_of_that_kind_is_not_judged() -> None:
    document = signed([credential(1)])
    document["credentialSubject"]["verifiableCredential"] = [{"name": str(number)} for number in range(2000)]
    assert verify(document, SOURCES).signature.verdict == "unknown"


def test_credentials_that_changed_places_break_the_record() -> None:
    document = signed([credential(1), credential(2, 2)])
    document["credentialSubject"]["verifiableCredential"].reverse()
    assert verify(document, SOURCES).signature.verdict == "invalid"


def test_a_change_inside_breaks_the_record() -> None:
    document = signed([credential(1)])
    document["credentialSubject"]["verifiableCredential"][0]["name"] = "Something greater"
    assert verify(document, SOURCES).signature.verdict == "invalid"
