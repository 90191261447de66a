"""How near a record comes to what a college takes, and what becomes of who reached it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts import event_types
from libranet.clock import rfc3339
from libranet.problems import Refusal
from services.credentials.domain import consents, earning, facts, reaches, recognition
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.earning import Recognised
from services.credentials.domain.recognition_refusals import AnswerFinal, NotAwardable, ReachUnknown, RecognitionLost

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LEVELS = ("beginning", "proficient", "teaching others")
RUBRIC = ({"name": "Formulas", "required_level": "beginning", "levels": [{"name": each} for each in LEVELS]},)
ONE, TWO, THREE = (f"0190b3a0-4444-7444-8444-{number:012d}" for number in (1, 2, 3))
PATRON = "0190b3a0-1111-7111-8111-111111111111"


@pytest.fixture(autouse=True)
def _id_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ID_KEY", "an id key for tests, of more than 32 characters")


def stated(*of: Any, at_least: int | None = None, **changes: Any) -> dict[str, Any]:
    takes: dict[str, Any] = {"of": [each if isinstance(each, dict) else {"achievement": each} for each in of]}
    if at_least:
        takes["at_least"] = at_least
    body = {"title": "Credit", "gives": {"kind": "waiver"}, "takes": takes, **changes}
    return recognition.state("r-1", "demo.college", body, 1, NOW)


def earned(achievement: str = ONE, days_ago: float = 1, level: str | None = None, version: int = 1,
           **changes: Any) -> dict[str, Any]:
    awarded = NOW - timedelta(days=days_ago)
    because = {"achievement_version": version, **(
        {"levels": [{"criterion": "Formulas", "level": level}]} if level else {})}
    return {"_id": f"{achievement}-{days_ago}-{level}", "owner": "demo.riverside", "patron": PATRON,
            "achievement": achievement, "achievement_name": "Spreadsheets", "status": "issued", "valid_until": None,
            "issued_at": awarded, "awarded_at": rfc3339(awarded), "because": because,
            "public_url": "https://libranet.example.org/credentials/x", **changes}


def version(number: int = 1, rubric: Any = RUBRIC) -> dict[tuple[str, int], Achievement]:
    return {(ONE, number): Achievement(ONE, "demo.riverside", "Spreadsheets", "d", "c", "competency", rubric=rubric,
                                       version=number)}


def word(statement: dict[str, Any], *credentials: dict[str, Any]) -> str:
    return recognition.judge(statement, credentials, version(), NOW).word


def lack(statement: dict[str, Any], *credentials: dict[str, Any]) -> str | None:
    [missing] = recognition.judge(statement, credentials, version(), NOW).missing
    return missing.lack


@pytest.mark.parametrize(("have", "at_least", "expected"), [
    ((), None, "open"), ((ONE,), None, "open"), ((ONE, TWO), None, "nearly"), ((ONE, TWO, THREE), None, "reached"),
    ((ONE, ONE, ONE), None, "open"), ((), 1, "open"), ((TWO,), 1, "reached"), ((TWO,), 2, "nearly"),
    ((ONE, THREE), 2, "reached")])
def test_all_or_so_many_of_what_is_taken(have: tuple[str, ...], at_least: int | None, expected: str) -> None:
    statement = stated(ONE, TWO, THREE, at_least=at_least)
    assert word(statement, *(earned(each, number) for number, each in enumerate(have))) == expected


@pytest.mark.parametrize("changes", [{"status": "revoked"}, {"status": "suspended"}, {"valid_until": NOW}])
def test_what_others_would_not_accept_does_not_count(changes: dict[str, Any]) -> None:
    assert lack(stated(ONE), earned(**changes)) == changes.get("status", "expired")
    assert word(stated(ONE), earned(**changes), earned(days_ago=9)) == "reached"


@pytest.mark.parametrize(("days_ago", "expected"), [(0, None), (30, None), (30.001, "too-old"), (400, "too-old")])
def test_recency_is_by_when_it_was_awarded(days_ago: float, expected: str | None) -> None:
    statement = stated({"achievement": ONE, "within_days": 30})
    found = recognition.judge(statement, [earned(days_ago=days_ago)], {}, NOW)
    assert [each.lack for each in found.missing] == ([expected] if expected else [])


@pytest.mark.parametrize(("level", "expected"), [
    ("beginning", "below-level"), ("proficient", None), ("teaching others", None), (None, "below-level"),
    ("unheard of", "below-level")])
def test_a_least_level_is_by_the_rubrics_order(level: str | None, expected: str | None) -> None:
    least = stated({"achievement": ONE, "levels": [{"criterion": "Formulas", "level": "proficient"}]})
    found = recognition.judge(least, [earned(level=level)], version(), NOW)
    assert [each.lack for each in found.missing] == ([expected] if expected else [])


def test_a_level_counts_by_the_version_that_it_was_earned_by() -> None:
    least = stated({"achievement": ONE, "levels": [{"criterion": "Formulas", "level": "proficient"}]})
    upside_down = ({**RUBRIC[0], "levels": RUBRIC[0]["levels"][::-1]},)
    versions = {**version(), **version(2, upside_down), **version(3, ())}
    words = [recognition.judge(least, [earned(level="teaching others", version=each)], versions, NOW).word
             for each in (1, 2, 3, 4)]
    assert words == ["reached", "open", "open", "open"]


def test_of_several_lacks_the_one_that_is_mended_soonest_is_told() -> None:
    statement = stated({"achievement": ONE, "within_days": 30})
    gone, old, halted = earned(status="revoked"), earned(days_ago=99), earned(days_ago=2, status="suspended")
    assert lack(statement, gone, old) == "too-old"
    assert lack(statement, gone, old, halted) == "suspended"


@pytest.mark.parametrize(("since", "until", "expected"), [
    (None, None, True), (NOW, None, True), (NOW + timedelta(seconds=1), None, False),
    (None, NOW + timedelta(seconds=1), True)])
def test_it_applies_from_and_until(since: Any, until: Any, expected: bool) -> None:
    statement = stated(ONE, applies_from=since, applies_until=until)
    assert recognition.applies(statement, NOW) is expected
    assert recognition.applies(statement, NOW + timedelta(days=1)) is (until is None)
    assert not recognition.applies(recognition.ended(statement, NOW), NOW)


def a_reach() -> dict[str, Any]:
    return reaches.reached(stated(ONE, TWO), PATRON, [earned(days_ago=3), earned(TWO, owner="demo.hill")], NOW)


def test_a_reach_belongs_to_who_issued_the_newest_and_its_id_follows() -> None:
    made = a_reach()
    assert (made["owner"], made["_id"]) == ("demo.hill", a_reach()["_id"])
    other = reaches.reach_id({**stated(ONE), "version": 2}, PATRON)
    assert len({made["_id"], other, reaches.reach_id(stated(ONE), THREE)}) == 3


def test_each_state_is_told_once_and_a_loss_only_after_a_reaching() -> None:
    made = a_reach()
    assert reaches.is_to_tell(made)
    lost_untold = reaches.judged_again(made, [], False, NOW)
    assert not reaches.is_to_tell(lost_untold)
    assert reaches.is_to_tell(reaches.judged_again(lost_untold, [earned()], True, NOW))
    told = reaches.told(made)
    assert not reaches.is_to_tell(told)
    same = [earned(days_ago=3), earned(TWO, owner="demo.hill")]
    assert reaches.judged_again(told, same, True, NOW) is told
    lost = reaches.judged_again(told, [], False, NOW)
    assert reaches.is_to_tell(lost)
    assert not reaches.is_to_tell(reaches.told(lost))
    assert [each["sequence"] for each in (made, lost, reaches.judged_again(lost, [earned()], True, NOW))] == [1, 2, 3]


def test_an_answer_is_for_good() -> None:
    told = reaches.told(a_reach())
    granted = reaches.answered(told, "granted", None, NOW)
    assert reaches.answered(granted, "granted", None, NOW) is granted
    assert reaches.judged_again(granted, [], False, NOW) is granted
    for answer, reason in (("refused", "Too late."), ("granted", "Welcome.")):
        with pytest.raises(AnswerFinal):
            reaches.answered(granted, answer, reason, NOW)
    with pytest.raises(ReachUnknown):
        reaches.answered(a_reach(), "granted", None, NOW)
    with pytest.raises(RecognitionLost):
        reaches.answered(reaches.judged_again(told, [], False, NOW), "granted", None, NOW)


def test_facts_are_as_their_contracts_say_and_tell_no_reason() -> None:
    told = reaches.told(a_reach())
    lost = reaches.judged_again(told, [], False, NOW)
    answers = [reaches.answered(told, answer, "Because.", NOW) for answer in ("granted", "refused")]
    for fact in (*map(facts.recognition_told, (told, lost)), *map(facts.recognition_answered, answers)):
        event_types.check(fact.type, fact.data)
        assert set(fact.data) == set(event_types.all_types()[fact.type].schema["properties"])
        assert "Because" not in str(fact)


def test_what_is_stated_again_makes_no_version() -> None:
    statement = stated(ONE)
    body = {name: statement[name] for name in recognition.STATED if statement[name] is not None}
    assert recognition.following(statement, body, NOW) is statement
    assert recognition.following(statement, {**body, "title": "More"}, NOW)["version"] == 2
    with pytest.raises(Refusal):
        recognition.following(recognition.ended(statement, NOW), body, NOW)


@pytest.mark.parametrize(("owner", "kind", "is_fit"), [
    ("demo.college", "engagement", True), ("demo.college", "competency", False),
    ("demo.riverside", "engagement", False), ("demo", "engagement", False),
    ("demo.college.north", "engagement", False)])
def test_a_recognition_awards_taking_part_that_is_the_colleges_own(owner: str, kind: str, is_fit: bool) -> None:
    statement = stated(ONE, gives={"kind": "waiver", "awards": TWO})
    assert recognition.named_in(statement) == [ONE, TWO]
    known = {TWO: Achievement(TWO, owner, "Ready", "d", "c", kind)}
    if is_fit:
        recognition.check_awards(statement, known)
        return
    with pytest.raises(NotAwardable) as no:
        recognition.check_awards(statement, known)
    assert [each["field"] for each in no.value.errors] == ["/gives/awards"]


def test_what_is_granted_is_earned_at_the_college_by_what_counted() -> None:
    statement = stated(ONE, gives={"kind": "waiver", "awards": TWO})
    met = {**reaches.reached(statement, PATRON, [earned(issuer="demo.mill")], NOW), "told": "reached"}
    assert (met["owner"], met["credentials"][0]["issuer"]) == ("demo.riverside", "demo.mill")
    assert reaches.awarded(met, "r-9") is None
    assert reaches.awarded(reaches.answered(met, "refused", "No.", NOW), "r-9") is None
    granted = reaches.answered(met, "granted", None, NOW)
    found = reaches.awarded(granted, "r-9")
    assert isinstance(found, Recognised)
    assert (found.reached, found.issuer, found.owner) == (met["_id"], "demo.college", "demo.riverside")
    assert found.counted == [earned()["_id"]]
    assert earning.read(earning.kept(found)) == found
    assert consents.consent_needed(found) == f"{PATRON}|award-credentials|demo.college"
    assert reaches.awarded({**granted, "gives": {"kind": "waiver"}}, "r-9") is None
