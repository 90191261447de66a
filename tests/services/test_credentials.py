"""Messages in, state and facts out: what the credentials service does with calls and events."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
from jwt import PyJWK
from marshmallow import ValidationError
from openbadgeslib.ob3 import decode_encoded_list, set_indices
from openbadgeslib.ob3.ldp import OB3LdpVerifier
from openbadgeslib.ob3.verifier import OB3VerificationError, OB3Verifier

from contracts.calls import credentials as calls
from libranet.calls import Answer, CallRequest
from libranet.clock import now, parse_rfc3339
from libranet.cloudevent import Event
from libranet.problems import NotYet, Refusal
from libranet.testing import MemoryWork, a_principal, a_request, an_event
from services.credentials.adapters.key_folder import KeyFolder
from services.credentials.adapters.status_places import Places
from services.credentials.domain import issuers, keys, proofs
from services.credentials.domain.refusals import CourseUnknown
from services.credentials.service import Credentials
from services.credentials.store import COLLECTIONS, CredentialStore

PATRON = "0190b3a0-1111-7111-8111-111111111111"
COURSE = "0190b3a0-2222-7222-8222-222222222222"
ERASURE = "0190b3a0-3333-7333-8333-333333333333"
COMPLETED = "org.libranet.learning.course-completed.v1"
GIVEN = "org.libranet.profiles.consent-given.v1"
WITHDRAWN = "org.libranet.profiles.consent-withdrawn.v1"
REGISTERED = "org.libranet.profiles.patron-registered.v1"
ERASED = "org.libranet.profiles.patron-erased.v1"


class Platform:
    """The service with a state that outlives each unit of work, as in a process."""

    def __init__(self, folder: Path) -> None:
        self.service = Credentials()
        self.service.keys = KeyFolder(folder, (bytes(32),))
        self.state: dict[str, dict[str, Any]] = {}
        self.service.places = Places(lambda effect: effect(MemoryWork(COLLECTIONS, "credentials", self.state)))
        self.events: list[Event] = []

    def hear(self, method: str, *events: Event) -> list[Event]:
        work = MemoryWork(COLLECTIONS, "credentials", self.state)
        getattr(self.service, method)(list(events), CredentialStore(work))  # type: ignore[arg-type]
        self.events += work.events
        return work.events

    def call(self, method: str, body: Any = None, node: str = "demo.riverside", headers: dict[str, str] | None = None,
             query: dict[str, Any] | None = None, **path: str) -> Answer:
        return self._run(method, a_request(
            body, a_principal(node), path, {"limit": 50, **(query or {})}, headers=headers))

    def issuer(self, node: str) -> Answer:
        return self.ask("get_issuer", node=node)

    def published(self, address: str) -> bytes:
        """What a stranger reads below the public address."""
        _, kind, node, rest = urlsplit(address).path.split("/", 3)
        if kind == "status-lists":
            return bytes(self.ask("get_status_list", status_list=node, status_purpose=rest).body)
        methods = {"did.json": "get_issuer_did", "jwks.json": "get_issuer_keys"}
        place = {"node": node} if rest in methods else {"node": node, "key": rest.removeprefix("keys/")}
        return bytes(self.ask(methods.get(rest, "get_issuer_key"), **place).body)

    def ask(self, method: str, body: Any = None, **path: str) -> Answer:
        """A call of anybody."""
        return self._run(method, a_request(body, path=path))

    def _run(self, method: str, request: CallRequest) -> Answer:
        work = MemoryWork(COLLECTIONS, "credentials", self.state)
        store: Any = CredentialStore(work)  # type: ignore[arg-type]
        try:
            given = (lambda effect: effect(store)) if method == "verify_credential" else store
            answer = getattr(self.service, method)(request, given)
        except NotYet as reason:  # the core would ask again for a moment, then refuse
            raise reason.refusal from None
        self.events += work.events
        return answer if isinstance(answer, Answer) else Answer(answer)

    def verified(self, credential: dict[str, Any]) -> dict[str, str]:
        found = self.ask("verify_credential", {"credential": credential}).body
        return {name: each["verdict"] for name, each in found.items()}

    def defined(self, node: str = "demo.riverside", **changes: Any) -> dict[str, Any]:
        body = calls.DefineAchievement().load({
            "name": "Spreadsheets: completed", "description": "Completed the course.", "criteria": "Every unit.",
            "kind": "engagement", "course": COURSE, **changes})
        return dict(self.call("define_achievement", body, node).body)

    def listed(self, node: str = "demo.riverside", patron: str = PATRON) -> dict[str, Any]:
        return dict(self.call("list_credentials", node=node, patron=patron).body)


def offered(course: str, owner: str) -> Event:
    return an_event("org.libranet.learning.course-offered.v1", {
        "course": course, "title": "Spreadsheets", "activity_iri": "https://courses.example.org/1", "teaches": []},
        course, owner)


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    made = Platform(tmp_path)
    made.hear("courses", offered(COURSE, "demo"))
    made.hear("patrons", an_event(REGISTERED, {"patron": PATRON, "registered_at": "2026-11-21T09:00:00.000Z"}, PATRON))
    return made


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "ID_KEY", "a key that is only for tests, 40 letters")
    monkeypatch.setitem(os.environ, "PUBLIC_URL", "https://libranet.example.org/")


def completed(number: int = 5, patron: str = PATRON, owner: str = "demo.riverside") -> Event:
    completion = f"0190b3a0-5555-8555-8555-{number:012d}"
    return an_event(COMPLETED, {
        "completion": completion, "patron": patron, "course": COURSE, "course_title": "Spreadsheets",
        "activity_iri": "https://courses.example.org/1", "completed_at": "2026-11-20T18:00:00.000Z",
        "statement": "fd41c918-b88b-4b20-a0a5-a4c32391aaa0", "rule": "openedx-course-passed", "teaches": []},
        completion, owner)


def consent(kind: str = GIVEN, sequence: int = 1, purpose: str = "issue-credentials",
            recipient: str = "demo.riverside", patron: str = PATRON, **changes: str) -> Event:
    return an_event(kind, {"patron": patron, "purpose": purpose, "recipient": recipient,
                           "decided_at": "2026-11-21T09:05:00.000Z", **changes},
                    f"{patron}|{purpose}|{recipient}", "demo.riverside", sequence)


def erased(patron: str = PATRON) -> Event:
    return an_event(ERASED, {"patron": patron, "erasure": ERASURE, "requested_at": "2026-11-21T10:00:00.000Z"}, patron)


def issued_and_shared(platform: Platform) -> dict[str, Any]:
    platform.defined()
    platform.hear("consents", consent())
    platform.hear("completions", completed())
    earned = platform.listed()["items"][0]
    return dict(platform.call("share_credential", credential=earned["id"]).body)


def judged_by_others(platform: Platform, credential: dict[str, Any]) -> None:
    """Raises OB3VerificationError."""
    verifier = OB3LdpVerifier.for_issuer_did(credential["issuer"]["id"])
    verifier.verify(credential, check_status=True, verify_status_list=False, download=platform.published)


# achievements

def test_an_achievement_is_defined_and_read_again(platform: Platform) -> None:
    made = platform.defined()
    assert made["owner"] == "demo.riverside"
    assert platform.call("get_achievement", achievement=made["id"]).body == made
    assert calls.Achievement().load(made)


def test_a_competency_for_a_course_alone_is_refused_by_kind(platform: Platform) -> None:
    with pytest.raises(Refusal) as refused:
        platform.defined(kind="competency")
    assert refused.value.status == 422
    assert refused.value.problem()["errors"][0]["field"] == "/kind"
    assert platform.state["achievements"] == {}


@pytest.mark.parametrize(("node", "sees"), [
    ("demo.riverside", True), ("demo", True), ("demo.riverside.central", True), ("demo.hillside", False)])
def test_an_achievement_is_seen_at_its_node_above_and_below(platform: Platform, node: str, sees: bool) -> None:
    made = platform.defined()
    listed = platform.call("list_achievements", node=node).body["items"]
    assert (made in listed) is sees
    if not sees:
        with pytest.raises(Refusal) as refused:
            platform.call("get_achievement", node=node, achievement=made["id"])
        assert refused.value.status == 404


def test_achievements_come_page_by_page(platform: Platform) -> None:
    made = [platform.defined(name=f"number {number}")["id"] for number in range(5)]
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = platform.call("list_achievements", query=query).body
        seen += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        query = {"limit": 2, "cursor": page["next"]}
    assert seen == made


# from completion to credential

def test_a_completion_with_consent_becomes_a_credential_caused_by_the_event(platform: Platform) -> None:
    achievement = platform.defined()
    platform.hear("consents", consent())
    event = completed()
    [fact] = platform.hear("completions", event)
    assert fact.short_type == "credential-issued"
    assert (fact.causation_id, fact.correlation_id) == (event.id, event.correlation_id)
    [earned] = platform.listed()["items"]
    assert calls.IssuedCredential().load(earned)
    assert (earned["achievement"], earned["issuer"], earned["shared"]) == (achievement["id"], "demo.riverside", False)
    judged_by_others(platform, earned["credential"])


def test_without_consent_it_waits_and_says_what_to_do(platform: Platform) -> None:
    platform.defined()
    assert platform.hear("completions", completed()) == []
    listed = platform.listed()
    assert listed["items"] == []
    assert listed["waiting"][0]["next_step"].startswith(
        f"PUT /v1/patrons/{PATRON}/consents/issue-credentials/demo.riverside")


def test_consent_issues_what_waited_caused_by_the_consent(platform: Platform) -> None:
    platform.defined()
    platform.hear("completions", completed())
    given = consent()
    [fact] = platform.hear("consents", given)
    assert fact.causation_id == given.id
    listed = platform.listed()
    assert (len(listed["items"]), listed["waiting"]) == (1, [])


@pytest.mark.parametrize("other", [
    consent(purpose="share-credentials"), consent(recipient="demo.hillside"),
    consent(patron="0190b3a0-1111-7111-8111-111111111112"), consent(WITHDRAWN),
    consent(expires_at="2020-01-01T00:00:00Z")])
def test_another_consent_releases_nothing(platform: Platform, other: Event) -> None:
    platform.defined()
    platform.hear("consents", other)
    assert platform.hear("completions", completed()) == []


def test_a_consent_that_has_expired_releases_nothing_either(platform: Platform) -> None:
    platform.defined()
    platform.hear("completions", completed())
    assert platform.hear("consents", consent(expires_at="2020-01-01T00:00:00Z")) == []
    assert len(platform.listed()["waiting"]) == 1


def test_an_older_consent_changes_nothing(platform: Platform) -> None:
    platform.defined()
    platform.hear("completions", completed())
    platform.hear("consents", consent(WITHDRAWN, sequence=3))
    assert platform.hear("consents", consent(GIVEN, sequence=2)) == []
    assert len(platform.listed()["waiting"]) == 1


def test_of_several_states_in_one_batch_the_newest_counts(platform: Platform) -> None:
    platform.defined()
    platform.hear("completions", completed())
    batch = [consent(GIVEN, 1), consent(WITHDRAWN, 4), consent(GIVEN, 3)]
    assert platform.hear("consents", *batch) == []


def test_a_completion_told_twice_makes_one_credential(platform: Platform) -> None:
    platform.defined()
    platform.hear("consents", consent())
    platform.hear("completions", completed(), completed())
    assert platform.hear("completions", completed()) == []
    assert len(platform.listed()["items"]) == 1


def test_a_completion_that_waits_is_not_kept_twice(platform: Platform) -> None:
    platform.defined()
    platform.hear("completions", completed())
    platform.hear("completions", completed())
    assert len(platform.listed()["waiting"]) == 1


def test_one_completion_earns_all_achievements_of_its_course_and_of_no_other_library(platform: Platform) -> None:
    mine = {platform.defined()["id"], platform.defined(node="demo", name="Of the consortium")["id"]}
    platform.defined(node="demo.hillside")
    platform.hear("consents", consent())
    platform.hear("completions", completed())
    assert {each["achievement"] for each in platform.listed()["items"]} == mine


def test_an_achievement_defined_later_is_not_earned_by_an_earlier_completion(platform: Platform) -> None:
    platform.hear("consents", consent())
    platform.hear("completions", completed())
    platform.defined()
    assert platform.listed()["items"] == []


def test_a_batch_of_a_hundred_gives_a_hundred(platform: Platform) -> None:
    platform.defined()
    patrons = [f"0190b3a0-1111-7111-8111-{number:012d}" for number in range(100)]
    platform.hear("consents", *[consent(patron=patron) for patron in patrons])
    facts = platform.hear("completions", *[completed(n, patron) for n, patron in enumerate(patrons)])
    assert len({fact.data["credential"] for fact in facts}) == 100


# sharing

def test_a_credential_is_public_only_once_it_is_shared(platform: Platform) -> None:
    platform.defined()
    platform.hear("consents", consent())
    platform.hear("completions", completed())
    [earned] = platform.listed()["items"]
    with pytest.raises(Refusal) as refused:
        platform.call("get_public_credential", public_id=earned["public_id"])
    assert refused.value.status == 404
    shared = platform.call("share_credential", credential=earned["id"])
    assert shared.body["shared"] is True
    assert shared.about == PATRON
    public = platform.call("get_public_credential", public_id=earned["public_id"])
    assert public.media_type == "application/vc+ld+json"
    assert public.headers["X-Robots-Tag"] == "noindex"
    assert json.loads(public.body) == earned["credential"]
    assert json.loads(public.body)["id"] == earned["public_url"]


def test_an_unchanged_credential_is_not_sent_again(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    first = platform.call("get_public_credential", public_id=shared["public_id"])
    again = platform.call("get_public_credential", public_id=shared["public_id"],
                          headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


def test_sharing_again_answers_the_same_and_tells_nobody(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    before = len(platform.events)
    assert platform.call("share_credential", credential=shared["id"]).body == shared
    assert len(platform.events) == before
    assert platform.events[-1].sequence == 2


def test_another_library_neither_sees_nor_shares(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    for method, path in (("share_credential", {"credential": shared["id"]}), ("list_credentials", {"patron": PATRON})):
        with pytest.raises(Refusal) as refused:
            platform.call(method, node="demo.hillside", **path)
        assert refused.value.status == 404


def test_an_issuer_shows_its_key_once_it_has_one(platform: Platform) -> None:
    with pytest.raises(Refusal) as refused:
        platform.issuer("demo.riverside")
    assert refused.value.status == 404
    document = issued_and_shared(platform)["credential"]
    profile = json.loads(platform.issuer("demo.riverside").body)
    assert profile["id"] == document["issuer"]["id"]
    assert profile["verificationMethod"][0]["id"] == document["proof"][0]["verificationMethod"]


@pytest.mark.parametrize("node", ["..", "demo/riverside", "", "demo.nowhere", "a" * 300])
def test_a_name_that_is_no_issuer_is_not_found_and_makes_no_key(platform: Platform, node: str) -> None:
    with pytest.raises(Refusal) as refused:
        platform.issuer(node)
    assert refused.value.status == 404


def test_an_issuer_has_the_name_that_the_tree_tells(platform: Platform) -> None:
    data = {"node": "demo.riverside", "kind": "library", "title": "Riverside Public Library"}
    platform.hear("nodes", an_event("org.libranet.profiles.node-added.v1", data, "demo.riverside"))
    shared = issued_and_shared(platform)
    assert shared["credential"]["issuer"]["name"] == "Riverside Public Library"
    assert json.loads(platform.issuer("demo.riverside").body)["name"] == "Riverside Public Library"


# status lists

def status_list(platform: Platform, document: dict[str, Any], purpose: str = "revocation",
                headers: dict[str, str] | None = None) -> Answer:
    """What the address in the credential answers."""
    address = document["credentialStatus"]["statusListCredential"].replace("revocation", purpose)
    *_, list_id, purpose = address.split("/")
    return platform.call("get_status_list", status_list=list_id, status_purpose=purpose, headers=headers)


def test_a_credentials_list_is_there_signed_by_its_issuer(platform: Platform) -> None:
    document = issued_and_shared(platform)["credential"]
    answer = status_list(platform, document)
    listed = json.loads(answer.body)
    assert answer.media_type == "application/vc+ld+json"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert listed["id"] == document["credentialStatus"]["statusListCredential"]
    assert (listed["issuer"], listed["type"][1]) == (document["issuer"]["id"], "BitstringStatusListCredential")
    assert platform.verified(listed)["signature"] == "valid"
    assert [each["cryptosuite"] for each in listed["proof"]] == ["eddsa-rdfc-2022", "eddsa-jcs-2022"]
    assert set_indices(decode_encoded_list(listed["credentialSubject"]["encodedList"])) == set()


def test_an_unchanged_list_is_not_sent_again(platform: Platform) -> None:
    document = issued_and_shared(platform)["credential"]
    first = status_list(platform, document)
    again = status_list(platform, document, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(("list_id", "purpose"), [("mfrggzdfmztwq2lk", "revocation"), (None, "message")])
def test_a_list_that_there_is_not_is_not_found(platform: Platform, list_id: str | None, purpose: str) -> None:
    document = issued_and_shared(platform)["credential"]
    own = document["credentialStatus"]["statusListCredential"].split("/")[-2]
    with pytest.raises(Refusal) as refused:
        platform.call("get_status_list", status_list=list_id or own, status_purpose=purpose)
    assert refused.value.status == 404


def test_credentials_of_a_batch_have_places_of_their_own_and_nothing_tells_whose(platform: Platform) -> None:
    platform.defined()
    patrons = [f"0190b3a0-1111-7111-8111-{number:012d}" for number in range(80)]
    platform.hear("consents", *[consent(patron=patron) for patron in patrons])
    platform.hear("completions", *[completed(n, patron) for n, patron in enumerate(patrons)])
    issued = [json.loads(row["document"]) for row in platform.state["credentials"].values()]
    entries = [each["credentialStatus"] for each in issued]
    assert len({each["id"] for each in entries}) == 80
    kept = json.dumps([platform.state["status_lists"], platform.state["status_entries"]], default=str)
    assert not any(patron in kept for patron in patrons)
    assert not any(row["_id"] in kept for row in platform.state["credentials"].values())


# life

def bits(platform: Platform, document: dict[str, Any], purpose: str = "revocation") -> frozenset[int]:
    listed = json.loads(status_list(platform, document, purpose).body)
    return set_indices(decode_encoded_list(listed["credentialSubject"]["encodedList"]))


def changed(platform: Platform, credential: dict[str, Any], what: str, node: str = "demo.riverside") -> dict[str, Any]:
    body = None if what == "reinstate" else {"reason": "We look into it."}
    return dict(platform.call(f"{what}_credential", body, node, credential=credential["id"]).body)


def test_a_revoked_credential_is_revoked_for_everybody_and_its_learner_reads_why(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    document, index = shared["credential"], int(shared["credential"]["credentialStatus"]["statusListIndex"])
    judged_by_others(platform, document)
    before = status_list(platform, document)
    after = changed(platform, shared, "revoke")
    assert calls.IssuedCredential().load(after)
    assert (after["status"], after["status_reason"]) == ("revoked", "We look into it.")
    assert platform.listed()["items"] == [after]
    fact = platform.events[-1]
    assert (fact.short_type, fact.sequence, fact.data["credential"]) == ("credential-revoked", 3, shared["id"])
    assert "We look into it." not in json.dumps(fact.data)
    assert bits(platform, document) == {index}
    assert bits(platform, document, "suspension") == set()
    assert status_list(platform, document).headers["ETag"] != before.headers["ETag"]
    assert platform.verified(document) == {
        "signature": "valid", "dates": "valid", "status": "invalid", "issuer": "valid"}
    with pytest.raises(OB3VerificationError, match="'revocation' is set"):
        judged_by_others(platform, document)
    public = platform.call("get_public_credential", public_id=shared["public_id"])
    assert public.headers["Libranet-Credential-Status"] == "revoked"
    assert json.loads(public.body) == document


def test_a_suspended_credential_is_refused_until_it_is_reinstated_and_the_same_copy_is_good_again(
        platform: Platform) -> None:
    shared = issued_and_shared(platform)
    document, index = shared["credential"], int(shared["credential"]["credentialStatus"]["statusListIndex"])
    assert changed(platform, shared, "suspend")["status"] == "suspended"
    assert (bits(platform, document), bits(platform, document, "suspension")) == ({index}, {index})
    assert platform.verified(document)["status"] == "invalid"
    with pytest.raises(OB3VerificationError):
        judged_by_others(platform, document)
    after = changed(platform, shared, "reinstate")
    assert after["status"] == "issued"
    assert "status_reason" not in after
    assert (bits(platform, document), bits(platform, document, "suspension")) == (set(), set())
    assert platform.verified(document)["status"] == "valid"
    judged_by_others(platform, document)
    told = [(each.short_type, each.sequence) for each in platform.events[-2:]]
    assert told == [("credential-suspended", 3), ("credential-reinstated", 4)]


def test_a_suspended_credential_can_be_revoked_and_a_revoked_one_is_never_reinstated(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    changed(platform, shared, "suspend")
    changed(platform, shared, "revoke")
    assert len(bits(platform, shared["credential"])) == 1
    assert bits(platform, shared["credential"], "suspension") == set()
    for what in ("suspend", "reinstate"):
        with pytest.raises(Refusal) as refused:
            changed(platform, shared, what)
        assert refused.value.status == 409


@pytest.mark.parametrize("what", ["revoke", "suspend"])
def test_the_same_again_changes_nothing_and_tells_nobody(platform: Platform, what: str) -> None:
    shared = issued_and_shared(platform)
    first, told = changed(platform, shared, what), len(platform.events)
    assert changed(platform, shared, what) == first
    assert len(platform.events) == told


def test_what_is_not_suspended_needs_no_reinstating(platform: Platform) -> None:
    shared, told = issued_and_shared(platform), len(platform.events)
    assert changed(platform, shared, "reinstate")["status"] == "issued"
    assert len(platform.events) == told


@pytest.mark.parametrize("what", ["revoke", "suspend", "reinstate"])
def test_another_library_changes_no_status(platform: Platform, what: str) -> None:
    shared = issued_and_shared(platform)
    with pytest.raises(Refusal) as refused:
        changed(platform, shared, what, "demo.hillside")
    assert refused.value.status == 404
    assert platform.listed()["items"] == [shared]


def test_a_credential_of_the_version_before_is_revoked_by_our_record_alone(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    [collection] = [each for each in COLLECTIONS if each.name == "credentials"]
    [row] = platform.state["credentials"].values()
    life = ("sequence", "status_since", "status_reason", "status_place", "valid_until", "due_at")
    old = {key: value for key, value in row.items() if key not in life} | {"schema_version": 1}
    platform.state["credentials"][row["_id"]] = collection.read(old)
    changed(platform, shared, "revoke")
    assert bits(platform, shared["credential"]) == set()
    assert platform.verified(shared["credential"])["status"] == "invalid"
    assert platform.events[-1].sequence == 3


def test_an_erasure_leaves_the_entry_as_it_was_and_its_place_is_never_given_again(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    document = shared["credential"]
    changed(platform, shared, "revoke")
    before = status_list(platform, document).body
    platform.hear("patrons", erased())
    assert status_list(platform, document).body == before
    assert platform.verified(document)["status"] == "invalid"
    others = [f"0190b3a0-1111-7111-8111-{number:012d}" for number in range(100)]
    platform.hear("consents", *[consent(patron=patron) for patron in others])
    platform.hear("completions", *[completed(number, patron) for number, patron in enumerate(others)])
    given = [json.loads(row["document"])["credentialStatus"]["id"] for row in platform.state["credentials"].values()]
    assert len(set(given)) == 100
    assert document["credentialStatus"]["id"] not in given


# verification and erasure

def test_what_we_issued_verifies_here(platform: Platform) -> None:
    document = issued_and_shared(platform)["credential"]
    assert set(platform.verified(document).values()) == {"valid"}
    assert platform.verified({**document, "name": "Another"})["signature"] == "invalid"


def test_erasing_a_patron_leaves_nothing_of_them(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    platform.defined(name="Another")
    platform.hear("consents", consent(WITHDRAWN, sequence=2))
    platform.hear("completions", completed(6))
    platform.state["idempotency"]["k"] = {"_id": "k", "about": PATRON}
    [fact] = platform.hear("patrons", erased())
    assert fact.short_type == "patron-data-erased"
    assert (fact.data["erasure"], fact.data["deleted"]) == (ERASURE, 4)
    assert PATRON not in json.dumps(platform.state, default=str)
    with pytest.raises(Refusal) as refused:
        platform.call("get_public_credential", public_id=shared["public_id"])
    assert refused.value.status == 410
    assert platform.verified(shared["credential"])["status"] == "unknown"


def test_what_arrives_after_an_erasure_brings_nobody_back(platform: Platform) -> None:
    platform.defined()
    platform.hear("patrons", erased())
    platform.hear("consents", consent())
    assert platform.hear("completions", completed()) == []
    assert PATRON not in json.dumps(platform.state, default=str)


def test_an_achievement_names_a_course_that_its_library_shares(platform: Platform) -> None:
    elsewhere = "0199f2d6-3c1e-7a40-9d7e-0c5a4b1f2e00"
    platform.hear("courses", offered(elsewhere, "demo.hillside"))
    for course in (elsewhere, "0199f2d6-3c1e-7a40-9d7e-0c5a4b1f2e01"):
        with pytest.raises(CourseUnknown) as refused:
            platform.defined(course=course)
        assert refused.value.errors[0]["field"] == "/course"
    assert platform.defined(node="demo.hillside", course=elsewhere)["course"] == elsewhere


# keys

ISSUER = "did:web:libranet.example.org:issuers:demo.riverside"
EVERYTHING_VALID = dict.fromkeys(("signature", "dates", "status", "issuer"), "valid")


def test_behind_a_public_https_address_an_issuer_is_a_did_web_whose_document_others_resolve(platform: Platform) -> None:
    credential = issued_and_shared(platform)["credential"]
    assert credential["issuer"]["id"] == ISSUER
    document = json.loads(platform.ask("get_issuer_did", node="demo.riverside").body)
    assert document["id"] == ISSUER
    assert credential["proof"][0]["verificationMethod"] in document["assertionMethod"]
    judged_by_others(platform, credential)
    assert platform.verified(credential) == EVERYTHING_VALID


def test_without_one_it_is_a_did_key_and_stays_known_when_there_is_one(
        platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "http://127.0.0.1:8080")
    credential = issued_and_shared(platform)["credential"]
    assert credential["issuer"]["id"].startswith("did:key:z6Mk")
    OB3LdpVerifier.for_issuer_did(credential["issuer"]["id"]).verify(credential)
    document = json.loads(platform.ask("get_issuer_did", node="demo.riverside").body)
    assert (document["id"], document["assertionMethod"]) == (
        credential["issuer"]["id"], [credential["proof"][0]["verificationMethod"]])
    monkeypatch.setenv("PUBLIC_URL", "https://libranet.example.org")
    found = platform.verified(credential)
    assert (found["signature"], found["issuer"]) == ("valid", "valid")


def test_what_a_retired_key_signed_holds_for_others_and_for_us(platform: Platform) -> None:
    credential = issued_and_shared(platform)["credential"]
    platform.service.keys.rotate("demo.riverside", keys.ED25519)
    judged_by_others(platform, credential)
    assert platform.verified(credential) == EVERYTHING_VALID
    platform.defined(name="Another")
    platform.hear("completions", completed(6))
    newer = next(each["credential"] for each in platform.listed()["items"] if each["credential"] != credential)
    assert newer["issuer"]["id"] == ISSUER
    assert newer["proof"][0]["verificationMethod"] != credential["proof"][0]["verificationMethod"]
    judged_by_others(platform, newer)


def test_without_https_a_new_key_is_a_new_issuer_and_each_signs_the_list_of_what_it_issued(
        platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "http://127.0.0.1:8080")
    first = issued_and_shared(platform)
    platform.service.keys.rotate("demo.riverside", keys.ED25519)
    platform.hear("completions", completed(6))
    second = next(each for each in platform.listed()["items"] if each["id"] != first["id"])
    changed(platform, first, "revoke")
    for each in (first, second):
        document = each["credential"]
        listed = json.loads(status_list(platform, document).body)
        assert listed["issuer"] == document["issuer"]["id"]
        assert [proof["verificationMethod"] for proof in listed["proof"]] == [
            proof["verificationMethod"] for proof in document["proof"]]
    assert first["credential"]["issuer"] != second["credential"]["issuer"]
    assert platform.verified(second["credential"]) == EVERYTHING_VALID
    judged_by_others(platform, second["credential"])
    with pytest.raises(OB3VerificationError, match="'revocation' is set"):
        judged_by_others(platform, first["credential"])


def test_of_a_compromised_key_only_what_is_on_record_from_before_is_valid(platform: Platform) -> None:
    credential = issued_and_shared(platform)["credential"]
    [key] = platform.service.keys.keys_of("demo.riverside")
    forged = proofs.add_proofs(
        {name: each for name, each in credential.items() if name != "proof"} | {"name": "Forged"},
        key.controlled_by(ISSUER), credential["proof"][0]["created"])
    platform.service.keys.mark_compromised("demo.riverside", key.id, now() + timedelta(seconds=1))
    assert platform.verified(credential) == EVERYTHING_VALID
    assert platform.verified(forged)["signature"] == "unknown"
    later = proofs.add_proofs({name: each for name, each in credential.items() if name != "proof"},
                              key.controlled_by(ISSUER), "2099-01-01T00:00:00Z")
    assert platform.verified(later)["signature"] == "invalid"
    document = json.loads(platform.ask("get_issuer_did", node="demo.riverside").body)
    assert [("revoked" in each) for each in document["verificationMethod"]] == [False, True]


def test_another_nodes_key_does_not_speak_for_an_issuer(platform: Platform) -> None:
    credential = issued_and_shared(platform)["credential"]
    other = issuers.issuer_of("demo.hillside", "Hillside", platform.service.keys.signing_key("demo.hillside"),
                              "https://libranet.example.org")
    unsigned = {name: each for name, each in credential.items() if name != "proof"}
    found = platform.verified(proofs.add_proofs(unsigned, other.key, credential["proof"][0]["created"]))
    assert (found["signature"], found["issuer"]) == ("valid", "invalid")


@pytest.mark.parametrize("kind", keys.KINDS)
def test_every_key_is_read_at_its_own_address_and_in_the_set(platform: Platform, kind: str) -> None:
    key = platform.service.keys.signing_key("demo.riverside", kind)
    [listed] = json.loads(platform.published("https://libranet.example.org/issuers/demo.riverside/jwks.json"))["keys"]
    assert listed["kid"] == f"https://libranet.example.org/issuers/demo.riverside/keys/{key.id}"
    assert not {"d", "p", "q"} & set(listed)
    shown = json.loads(platform.published(listed["kid"]))
    if kind == keys.ED25519:
        assert (shown["id"], shown["publicKeyMultibase"]) == (listed["kid"], key.id)
    else:
        assert shown == listed


def test_a_key_that_an_issuer_does_not_have_is_not_found(platform: Platform) -> None:
    issued_and_shared(platform)
    with pytest.raises(Refusal) as refused:
        platform.ask("get_issuer_key", node="demo.riverside", key="z6Mkother")
    assert refused.value.status == 404


# other forms

def in_form(platform: Platform, shared: dict[str, Any], form: str) -> str:
    answer = platform.call("get_public_credential", public_id=shared["public_id"], query={"form": form})
    assert answer.media_type == "application/jwt"
    return str(answer.body.decode())


def key_named(platform: Platform, token: str) -> Any:
    """The key as a stranger finds it: at the address that the header names."""
    return PyJWK(json.loads(platform.published(jwt.get_unverified_header(token)["kid"]))).key


def test_the_jws_of_1edtech_is_accepted_by_others_with_the_key_at_its_address(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    token = in_form(platform, shared, "jws")
    header = jwt.get_unverified_header(token)
    assert (header["alg"], header["typ"], sorted(header)) == ("RS256", "JWT", ["alg", "kid", "typ"])
    read = OB3Verifier(key_named(platform, token)).verify(token)
    assert (read.id, read.issuer.id) == (shared["public_url"], ISSUER)


def test_the_token_for_wallets_is_accepted_by_others_with_the_key_in_the_did_document(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    token = in_form(platform, shared, "jwt_vc_json")
    header = jwt.get_unverified_header(token)
    assert (header["alg"], header["kid"].partition("#")[0]) == ("ES256", ISSUER)
    OB3Verifier.for_issuer_did(ISSUER, download=platform.published).verify(token)


def test_a_jws_is_the_credential_with_the_claims_that_follow_from_it(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    payload = jwt.decode(in_form(platform, shared, "jws"), options={"verify_signature": False})
    credential = shared["credential"]
    seconds = int(parse_rfc3339(credential["validFrom"]).timestamp())
    assert {name: payload.pop(name) for name in ("iss", "jti", "sub", "nbf")} == {
        "iss": ISSUER, "jti": credential["id"], "sub": credential["credentialSubject"]["id"], "nbf": seconds}
    assert payload == {name: each for name, each in credential.items() if name != "proof"}


@pytest.mark.parametrize(("accept", "media_type"), [
    (None, "application/vc+ld+json"), ("*/*", "application/vc+ld+json"), ("application/json", "application/vc+ld+json"),
    ("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "application/vc+ld+json"), ("", "application/vc+ld+json"),
    ("image/png", "application/vc+ld+json"), (";;;", "application/vc+ld+json"), ("text/plain", "text/plain"),
    ("application/jwt", "application/jwt"), ("application/jwt;q=0.1, application/ld+json", "application/vc+ld+json")])
def test_the_accept_header_chooses_the_form(platform: Platform, accept: str | None, media_type: str) -> None:
    shared = issued_and_shared(platform)
    headers = {} if accept is None else {"Accept": accept}
    answer = platform.call("get_public_credential", public_id=shared["public_id"], headers=headers)
    assert answer.media_type == media_type
    assert answer.body.startswith(b"{" if "json" in media_type else b"ey")
    assert answer.headers["Vary"] == "Accept"


def test_an_unchanged_jws_has_the_same_bytes_and_is_not_sent_again(platform: Platform) -> None:
    shared = issued_and_shared(platform)
    for form in ("jws", "jwt_vc_json"):
        query = {"form": form}
        first = platform.call("get_public_credential", public_id=shared["public_id"], query=query)
        again = platform.call("get_public_credential", public_id=shared["public_id"], query=query,
                              headers={"If-None-Match": first.headers["ETag"]})
        assert again.status == 304


def test_an_address_that_was_passed_on_may_have_collected_parameters() -> None:
    assert calls.PublicCredentialQuery().load({"utm_source": "mail", "form": "jws"}) == {"form": "jws"}
    with pytest.raises(ValidationError):
        calls.PublicCredentialQuery().load({"form": "pdf"})


@pytest.mark.parametrize("form", ["jws", "jwt_vc_json"])
def test_our_own_tokens_are_valid_in_all_four(platform: Platform, form: str) -> None:
    token = in_form(platform, issued_and_shared(platform), form)
    found = platform.ask("verify_credential", {"jws": token}).body
    assert {name: each["verdict"] for name, each in found.items()} == EVERYTHING_VALID


@pytest.mark.parametrize("given", [{}, {"credential": {}, "jws": "x"}])
def test_a_verification_takes_one_credential_in_one_form(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        calls.VerifyCredential().load(given)
