"""A completion becomes a signed credential, and others can verify it."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from openbadgeslib.ob3.ldp import OB3LdpVerifier
from openbadgeslib.ob3.verifier import OB3VerificationError

from contracts.standards import contexts
from libranet.cloudevent import Cause, from_fact
from services.credentials.domain import (
    conditions,
    documents,
    facts,
    guard,
    issuing,
    linked_data,
    proofs,
    signable,
    skeletons,
)
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.earning import Completion
from services.credentials.domain.issuers import Issuer
from services.credentials.domain.refusals import CompetencyWithoutAssessment, DocumentUnsound
from services.credentials.domain.status_lists import StatusPlace

ISSUED_AT = datetime(2026, 11, 21, 9, 30, 0, 500_000, tzinfo=UTC)
ADDRESS = "https://libranet.example.org"
ISSUER = Issuer("demo.riverside", "Riverside", proofs.SigningKey.of(Ed25519PrivateKey.generate()))
COMPLETION = Completion(
    id="0190b3a0-5555-8555-8555-555555555555", patron="0190b3a0-1111-7111-8111-111111111111",
    course="0190b3a0-2222-7222-8222-222222222222", owner="demo.riverside",
    completed_at="2026-11-20T18:00:00.000Z", event="0190b3a0-6666-8666-8666-666666666666")
PLACE = StatusPlace("mfrggzdfmztwq2lkmfrggzdfmy", 94567)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).filter(
    lambda text: not guard.UNWRITABLE.search(text))


@pytest.fixture(scope="module", autouse=True)
def id_key() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "ID_KEY", "a key that is only for tests, 40 letters")
        yield


def an_achievement(**changes: Any) -> Achievement:
    return Achievement(**{
        "id": "0190b3a0-4444-7444-8444-444444444444", "owner": "demo.riverside", "name": "Spreadsheets: completed",
        "description": "Completed the course.", "criteria": "Finish every unit.", "kind": "engagement",
        "course": COMPLETION.course, **changes})


def issue(achievement: Achievement | None = None, completion: Completion = COMPLETION) -> dict[str, Any]:
    return issuing.issue(completion, achievement or an_achievement(), ISSUER, ADDRESS, ISSUED_AT, PLACE)


def document(achievement: Achievement | None = None) -> dict[str, Any]:
    signed: dict[str, Any] = json.loads(issue(achievement)["document"])
    return signed


def unsigned() -> dict[str, Any]:
    return {key: value for key, value in document().items() if key != "proof"}


def judge(signed: dict[str, Any]) -> None:
    OB3LdpVerifier.for_issuer_did(ISSUER.key.did).verify(signed)


def test_openbadgeslib_accepts_what_is_issued() -> None:
    judge(document())


@pytest.mark.parametrize("path", [
    ("name",), ("validFrom",), ("awardedDate",), ("id",), ("issuer", "name"), ("credentialSubject", "id"),
    ("credentialSubject", "achievement", "name"), ("credentialSubject", "achievement", "criteria", "narrative")])
def test_openbadgeslib_refuses_what_was_changed(path: tuple[str, ...]) -> None:
    signed = document()
    place = signed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = place[path[-1]].replace("2026", "2027") if "20" in place[path[-1]] else place[path[-1]] + "x"
    with pytest.raises(OB3VerificationError):
        judge(signed)


def test_the_document_has_the_members_of_open_badges_3() -> None:
    signed = document(an_achievement(language="en"))
    assert signed["@context"] == list(documents.CONTEXTS)
    assert signed["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert signed["issuer"] == {"id": ISSUER.key.did, "type": ["Profile"], "name": "Riverside"}
    assert (signed["validFrom"], signed["awardedDate"]) == ("2026-11-21T09:30:00.500Z", "2026-11-20T18:00:00.000Z")
    achievement = signed["credentialSubject"]["achievement"]
    assert achievement["criteria"] == {"narrative": "Finish every unit."}
    assert achievement["inLanguage"] == "en"
    assert [proof["cryptosuite"] for proof in signed["proof"]] == ["eddsa-rdfc-2022", "eddsa-jcs-2022"]
    assert {proof["verificationMethod"] for proof in signed["proof"]} == {ISSUER.key.method}
    assert signed["proof"][1]["@context"] == signed["@context"]


def test_a_version_with_alignments_rubric_and_tags_is_written_as_the_standard_wants() -> None:
    described = an_achievement(
        kind="competency", course=None, version=3, tags=("office",), language="en", alignments=({
            "target_url": "http://data.europa.eu/esco/skill/1", "target_name": "use spreadsheets software",
            "target_type": "ext:ESCOSkill", "target_framework": "ESCO", "target_code": "S5.6"},),
        rubric=({"name": "Formulas", "required_level": "proficient", "levels": [
            {"name": "beginning"}, {"name": "proficient", "description": "Without help.", "points": 3}]},))
    unproven = documents.credential(described, ISSUER, replace(issuing.SAMPLE, valid_until=None))
    achievement = unproven["credentialSubject"]["achievement"]
    assert (achievement["achievementType"], achievement["version"], achievement["tag"], achievement["inLanguage"]) == (
        "Competency", "3", ["office"], "en")
    assert achievement["alignment"] == [{
        "type": ["Alignment"], "targetName": "use spreadsheets software", "targetType": "ext:ESCOSkill",
        "targetUrl": "http://data.europa.eu/esco/skill/1", "targetFramework": "ESCO", "targetCode": "S5.6"}]
    [criterion] = achievement["resultDescription"]
    low, high = criterion.pop("rubricCriterionLevel")
    assert criterion == {"id": criterion["id"], "type": ["ResultDescription"], "name": "Formulas",
                         "resultType": "RubricCriterionLevel", "requiredLevel": high["id"]}
    assert low == {"id": low["id"], "type": ["RubricCriterionLevel"], "name": "beginning", "level": "1"}
    assert high == {"id": high["id"], "type": ["RubricCriterionLevel"], "name": "proficient", "level": "2",
                    "description": "Without help.", "points": "3"}
    assert skeletons.digest(unproven) == linked_data.digest(unproven)
    judge(issuing.sign(unproven, ISSUER, issuing.SAMPLE_TIME))


def test_the_document_names_one_place_in_a_list_of_revocations() -> None:
    entry, address = document()["credentialStatus"], f"{ADDRESS}/status-lists/{PLACE.list}/revocation"
    assert entry == {"id": f"{address}#94567", "type": "BitstringStatusListEntry", "statusPurpose": "revocation",
                     "statusListIndex": "94567", "statusListCredential": address}


@pytest.mark.parametrize(("days", "until", "notice"), [
    (365, "2027-11-21T09:30:00.500Z", datetime(2027, 10, 22, 9, 30, 0, 500_000, tzinfo=UTC)),
    (10, "2026-12-01T09:30:00.500Z", datetime(2026, 11, 26, 9, 30, 0, 500_000, tzinfo=UTC)),
    (None, None, None)])
def test_an_achievement_says_how_long_its_credentials_last(
        days: int | None, until: str | None, notice: datetime | None) -> None:
    record = issue(an_achievement(validity=days))
    assert json.loads(record["document"]).get("validUntil") == until
    assert record["due_at"] == notice


def test_no_id_of_ours_stands_in_the_document() -> None:
    record = issue()
    for ours in (COMPLETION.patron, COMPLETION.id, COMPLETION.event, record["_id"]):
        assert ours not in record["document"]


def test_the_same_completion_gives_the_same_credential_and_another_achievement_another() -> None:
    first, again = issue(), issue()
    assert first == again
    other = issue(an_achievement(id="0190b3a0-4444-7444-8444-444444444445"))
    assert other["_id"] != first["_id"]
    assert other["public_id"] != first["public_id"]


def test_the_credential_remembers_why() -> None:
    assert issue()["because"]["event"] == COMPLETION.event


def test_a_competency_is_not_issued_for_a_completion() -> None:
    with pytest.raises(CompetencyWithoutAssessment):
        issue(an_achievement(kind="competency", course=None))


@pytest.mark.parametrize(("owner", "earns"), [
    ("demo.riverside", True), ("demo", True), ("demo.hillside", False), ("demo.riverside.central", False),
    ("demo.river", False)])
def test_a_completion_earns_what_its_library_or_a_node_above_defined(owner: str, earns: bool) -> None:
    assert conditions.is_of(an_achievement(owner=owner), COMPLETION) is earns


def test_another_course_earns_nothing() -> None:
    assert not conditions.is_of(an_achievement(course="0190b3a0-2222-7222-8222-222222222223"), COMPLETION)


def test_facts_keep_to_their_contracts() -> None:
    from contracts import event_types

    record = issue()
    shared = issuing.share(record, ISSUED_AT)
    made = [facts.credential_issued(record), facts.credential_shared(shared),
            facts.patron_data_erased(COMPLETION.patron, "demo.riverside", COMPLETION.id, 3, ISSUED_AT)]
    for fact in made:
        event_types.check(fact.type, fact.data)
    assert len({from_fact(fact, Cause("a", "c", "i"), "credentials").id for fact in made}) == 3


def test_sharing_twice_keeps_the_first_time() -> None:
    shared = issuing.share(issue(), ISSUED_AT)
    assert issuing.share(shared, datetime(2027, 1, 1, tzinfo=UTC)) is shared


@settings(max_examples=15, deadline=None)
@given(name=TEXT)
def test_openbadgeslib_accepts_any_text(name: str) -> None:
    judge(document(an_achievement(name=f"name {name}", description=name, criteria=name)))


@pytest.mark.parametrize("address", [
    "https://x.example/a> <urn:p> <urn:o> .\n<urn:s", "relative", "", "https://x.example/a b", "_b0"])
def test_an_id_that_is_no_absolute_address_is_not_signed(address: str) -> None:
    with pytest.raises(DocumentUnsound):
        issuing.issue(COMPLETION, an_achievement(), ISSUER, address, ISSUED_AT, PLACE)


@pytest.mark.parametrize("value", ["2026-11-21T09:30:00", '2026-11-21T09:30:00Z"@en', "2026-11-21", "", "now"])
def test_a_time_without_a_zone_is_not_signed(value: str) -> None:
    with pytest.raises(DocumentUnsound):
        issue(completion=replace(COMPLETION, completed_at=value))


@pytest.mark.parametrize("value", ["", "-1", "1.0", "7 ", "\u0667", '7"@en', "7> <urn:p> <urn:o"])
def test_an_index_that_is_no_whole_number_is_not_signed(value: str) -> None:
    status = {**unsigned()["credentialStatus"], "statusListIndex": value}
    with pytest.raises(DocumentUnsound):
        issuing.sign({**unsigned(), "credentialStatus": status}, ISSUER, "2026-11-21T09:30:00Z")


@pytest.mark.parametrize("change", [
    {"narrative": None}, {"evidence": []}, {"evidence": {}}, {"validUntil": "2027-01-01T00:00:00"},
    {"name": "bell\x07"}, {"name": 1.5}, {"credentialSubject": {"type": ["AchievementSubject"]}},
    {"credentialSubject": [{"id": "urn:x:y"}, {"identifier": []}]}, {"credentialSubject": "urn:x:y"},
    {"https://www.w3.org/2018/credentials#validUntil": "2027-01-01T00:00:00Z"}, {"@reverse": {"issuer": "urn:x"}},
    {"@context": [*documents.CONTEXTS, signable.EXTENSIONS]}])
def test_the_guard_refuses_what_verifiers_read_in_different_ways(change: dict[str, Any]) -> None:
    with pytest.raises(DocumentUnsound):
        signable.taken_apart({**unsigned(), **change})


def test_the_guard_says_where() -> None:
    with pytest.raises(DocumentUnsound) as refused:
        signable.taken_apart({**unsigned(), "evidence": [{"type": ["Evidence"], "name": None}]})
    assert refused.value.problem()["errors"][0]["field"] == "/evidence/0/name"


def test_a_subject_without_an_id_has_an_identifier() -> None:
    subject = {key: value for key, value in unsigned()["credentialSubject"].items() if key != "id"}
    identity = {"type": ["IdentityObject"], "hashed": True, "identityHash": "sha256$00", "identityType": "emailAddress"}
    issuing.sign({**unsigned(), "credentialSubject": {**subject, "identifier": [identity]}}, ISSUER,
                 "2026-11-21T09:30:00Z")


def test_the_extension_context_is_named_where_a_type_of_it_is_used_and_only_there() -> None:
    schema = {"credentialSchema": [{"id": "https://x.example/s", "type": "1EdTechJsonSchemaValidator2019"}]}
    with pytest.raises(DocumentUnsound, match="1EdTechJsonSchemaValidator2019"):
        issuing.sign({**unsigned(), **schema}, ISSUER, "2026-11-21T09:30:00Z")
    named = {**unsigned(), **schema, "@context": [*documents.CONTEXTS, signable.EXTENSIONS]}
    judge(issuing.sign(named, ISSUER, "2026-11-21T09:30:00Z"))


def test_every_time_of_the_kept_contexts_is_one_that_needs_a_zone() -> None:
    assert {term for document in contexts().values() for term in times(document)} <= signable.TIME_MEMBERS


def times(node: object) -> set[str]:
    if isinstance(node, list):
        return {term for each in node for term in times(each)}
    if not isinstance(node, dict):
        return set()
    own = {term for term, each in node.items()
           if isinstance(each, dict) and str(each.get("@type")).endswith("dateTime")}
    return own | {term for each in node.values() for term in times(each)}


@pytest.mark.parametrize(("change", "named"), [
    ({"colour": "red"}, "colour"), ({"type": ["VerifiableCredential", "Gadget"]}, "Gadget"),
    ({"id": "credentials/1"}, "credentials/1"), ({"issuer": "riverside"}, "riverside")])
def test_undefined_terms_and_relative_addresses_are_not_signed(change: dict[str, Any], named: str) -> None:
    changed = {**unsigned(), **change}
    with pytest.raises(linked_data.NotCovered, match=named):
        proofs.add_proofs(changed, ISSUER.key, "2026-11-21T09:30:00Z")
    with pytest.raises(DocumentUnsound, match=named):
        issuing.sign(changed, ISSUER, "2026-11-21T09:30:00Z")
