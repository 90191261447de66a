"""Messages in, state and facts out: what the credentials service does with calls and events."""

import json
from typing import Any

import pytest

from contracts.calls import credentials as calls
from libranet.cloudevent import Event
from libranet.problems import NotYet, Refusal
from libranet.testing import MemoryWork, a_principal, an_event
from services.credentials.domain.refusals import CourseUnknown, PatronUnknown
from services.credentials.patrons import library_of
from services.credentials.store import COLLECTIONS, CredentialStore
from tests.services.credentials_stage import (
    COURSE,
    ERASURE,
    EVERYTHING_VALID,
    GIVEN,
    PATRON,
    WITHDRAWN,
    Platform,
    completed,
    consent,
    erased,
    issued_and_shared,
    judged_by_others,
    offered,
    platform,
)

__all__ = ["platform"]


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


def test_another_definition_is_the_next_version_and_earlier_ones_stay_readable(platform: Platform) -> None:
    first = platform.defined()
    second = platform.replaced(first["id"], name="Spreadsheets: all of it")
    assert (first["version"], second["version"], second["name"]) == (1, 2, "Spreadsheets: all of it")
    assert platform.replaced(first["id"], name="Spreadsheets: all of it") == second
    for version, each in (("1", first), ("2", second)):
        assert platform.call("get_achievement_version", achievement=first["id"], version=version).body == each
    assert platform.call("get_achievement", achievement=first["id"]).body == second
    for version in ("3", "0", "one", "$ne"):
        with pytest.raises(Refusal) as refused:
            platform.call("get_achievement_version", achievement=first["id"], version=version)
        assert refused.value.status == 404


@pytest.mark.parametrize(("node", "status"), [("demo.riverside.central", 403), ("demo.hillside", 404)])
def test_only_who_defined_it_and_who_is_above_defines_it_anew(platform: Platform, node: str, status: int) -> None:
    made = platform.defined()
    with pytest.raises(Refusal) as refused:
        platform.replaced(made["id"], node=node, name="Mine now", course=None)
    assert refused.value.status == status
    assert platform.replaced(made["id"], node="demo", name="Of the consortium's choice")["owner"] == "demo.riverside"


def test_a_credential_keeps_to_the_version_that_was_current_when_it_was_earned(platform: Platform) -> None:
    made = platform.defined(validity=10)
    event = completed()
    platform.hear("completions", event)
    platform.replaced(made["id"], name="Another name", validity=20)
    platform.hear("consents", consent())
    platform.hear("completions", completed(6))
    old, new = sorted(platform.listed()["items"], key=lambda each: each["because"]["achievement_version"])
    assert old["because"] == {"event": event.id, "rule": "course-completed", "achievement_version": 1, "course": COURSE}
    assert [each["credential"]["name"] for each in (old, new)] == ["Spreadsheets: completed", "Another name"]
    assert [each["credential"]["credentialSubject"]["achievement"]["version"] for each in (old, new)] == ["1", "2"]


def test_what_was_kept_before_there_were_versions_is_read(platform: Platform) -> None:
    made = platform.defined()
    row = platform.state["achievements"][made["id"]]
    for member in ("version", "achievement_type"):
        del row[member]
    assert platform.call("get_achievement", achievement=made["id"]).body == made
    platform.hear("completions", completed())
    [waiting] = platform.state["waiting"].values()
    waiting["completion"] = {name: each for name, each in waiting.pop("earning").items() if name != "rule"}
    del waiting["achievement_version"]
    upgraded = [each for each in COLLECTIONS if each.name in ("achievements", "waiting")]
    for each in upgraded:
        rows = platform.state[each.name]
        rows.update({own_id: each.read(row) for own_id, row in rows.items()})
    platform.hear("consents", consent())
    assert len(platform.listed()["items"]) == 1


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


# verification and erasure

def test_what_we_issued_verifies_here(platform: Platform) -> None:
    document = issued_and_shared(platform)["credential"]
    assert platform.verified(document) == EVERYTHING_VALID
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


# patrons

def test_one_whose_consent_came_before_their_registration_may_be_on_their_way() -> None:
    store: Any = CredentialStore(MemoryWork(COLLECTIONS, "credentials"))  # type: ignore[arg-type]
    store.touch([PATRON])
    with pytest.raises(NotYet):
        library_of(PATRON, a_principal(node="demo.riverside"), store)
    store.add_patrons({PATRON: "demo.riverside"})
    assert library_of(PATRON, a_principal(node="demo.riverside"), store) == "demo.riverside"
    with pytest.raises(PatronUnknown):
        library_of(PATRON, a_principal(node="demo.hillside"), store)


def test_one_who_is_heard_of_between_two_looks_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that only reads sees what is committed meanwhile."""
    store: Any = CredentialStore(MemoryWork(COLLECTIONS, "credentials"))  # type: ignore[arg-type]
    look = store.knows

    def looked_late(patron: str) -> bool:
        store.add_patrons({patron: "demo.riverside"})
        return bool(look(patron))

    monkeypatch.setattr(store, "knows", looked_late)
    assert library_of(PATRON, a_principal(node="demo.riverside"), store) == "demo.riverside"
