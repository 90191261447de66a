"""Skills' rules: what is one skill, how it is known, and what a patron may take back."""

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest

from services.profiles.patrons.domain import facts, patrons, skills
from services.profiles.patrons.domain.patrons import MOST_SKILLS, Goal, Patron
from services.profiles.patrons.domain.refusals import TooManySkills
from services.profiles.patrons.domain.skills import Basis, Mention, Skills, said_by_others

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
PATRON = Patron("p1", "demo.riverside", NOW)
URI = "http://data.europa.eu/esco/skill/1"
SAID = {"label": "my welding", "uri": URI, "known_as": "to weld"}
TAUGHT = Basis("taught", "course-1", NOW)


def claimed(*labels: str) -> Skills:
    return skills.claim((), [Mention(each) for each in labels], NOW)


def shown(held: Skills) -> list[tuple[str, str | None, list[str]]]:
    return [(each.mention.label, each.mention.uri, each.kinds) for each in held]


@pytest.mark.parametrize(("one", "other"), [
    (Mention("Welding"), Mention("  welding ")), (Mention("arc  welding"), Mention("ARC WELDING")),
    (Mention("ｗelding"), Mention("welding")), (Mention("Straße"), Mention("STRASSE")),
    (Mention("to weld", URI), Mention("welding", URI)), (Mention("welding", URI), Mention("Welding")),
])
def test_two_mentions_of_one_skill_merge(one: Mention, other: Mention) -> None:
    assert one.means(other)
    assert other.means(one)
    assert len(skills.claim((), [one, other], NOW)) == 1


def test_different_skills_stay_apart() -> None:
    assert not Mention("welding").means(Mention("wedding"))
    assert not Mention("welding", URI).means(Mention("soldering", URI + "2"))


def test_a_merged_skill_keeps_its_first_label_and_learns_the_uri_that_it_lacks() -> None:
    held = skills.add(claimed("welding"), Mention("Welding", URI), TAUGHT)
    assert shown(held) == [("welding", URI, ["claimed", "taught"])]
    assert skills.add(held, Mention("welding", URI + "2"), TAUGHT) == held


def test_the_same_basis_again_changes_nothing() -> None:
    held = skills.add((), Mention("welding"), TAUGHT)
    assert skills.add(held, Mention("welding"), Basis("taught", "course-1", LATER)) is held
    assert len(skills.add(held, Mention("welding"), Basis("taught", "course-2", LATER))[0].bases) == 2


def test_a_claim_can_be_taken_back_and_what_was_taught_or_shown_stays() -> None:
    held = skills.add(claimed("welding", "cooking"), Mention("welding"), TAUGHT)
    held = skills.add(held, Mention("baking"), Basis("demonstrated", "credential-1", NOW))
    assert shown(skills.claim(held, [], LATER)) == [("welding", None, ["taught"]), ("baking", None, ["demonstrated"])]


def test_a_claim_that_is_made_again_keeps_its_time() -> None:
    again = skills.claim(claimed("welding"), [Mention("Welding"), Mention("cooking")], LATER)
    assert [each.bases[0].since for each in again] == [NOW, LATER]


def test_each_label_is_folded_once_however_many_it_is_compared_with(monkeypatch: pytest.MonkeyPatch) -> None:
    folded: list[str] = []
    real = unicodedata.normalize
    monkeypatch.setattr(unicodedata, "normalize", lambda form, text: folded.append(text) or real(form, text))
    first, others = [f"skill {number}" for number in range(100)], [f"other {number}" for number in range(100)]
    held = claimed(*first)
    assert folded == first
    skills.claim(held, [Mention(each) for each in others], LATER)
    assert sorted(folded) == sorted([*first, *others])


def test_a_profile_changes_only_where_something_was_said() -> None:
    told = patrons.tell(PATRON, {"name": "Ana", "languages": ["es", "es"], "goal": {"label": "clerk"}}, NOW)
    assert (told.name, told.languages, told.goal, told.sequence) == ("Ana", ("es",), Goal("clerk"), 2)
    assert patrons.tell(told, {"name": "Ana"}, LATER) is told
    assert patrons.tell(told, {"skills": [{"label": "welding"}]}, LATER).name == "Ana"
    assert patrons.tell(told, {"goal": None, "name": None}, LATER).goal is None


def test_the_first_visit_is_the_first_state_whatever_it_brings() -> None:
    told = patrons.first_told(PATRON, {"skills": [SAID], "goal": {"label": "clerk"}}, NOW)
    assert told.sequence == 1
    assert [(each.type.split(".")[3], each.sequence) for each in facts.patron_registered(told)] == [
        ("patron-registered", 1), ("skills-changed", 1), ("goal-set", 1)]
    assert [each.type.split(".")[3] for each in facts.patron_registered(PATRON)] == ["patron-registered"]


def test_facts_of_a_profile_carry_the_whole_state_and_no_name() -> None:
    learnt = patrons.learn(PATRON, [said_by_others("welding", URI), said_by_others("cooking")], TAUGHT)
    [fact] = facts.profile_changed(PATRON, learnt)
    assert fact.data["skills"] == [{"uri": URI, "label": "welding", "bases": ["taught"]},
                                   {"label": "cooking", "bases": ["taught"]}]
    assert (fact.subject, fact.sequence) == ("p1", 2)
    named = patrons.tell(learnt, {"name": "Ana", "interests": ["chess"], "age_band": "25-39"}, LATER)
    assert facts.profile_changed(learnt, named) == []


def test_a_second_course_that_teaches_the_same_is_told_to_nobody() -> None:
    learnt = patrons.learn(PATRON, [said_by_others("welding")], TAUGHT)
    more = patrons.learn(learnt, [said_by_others("welding")], Basis("taught", "course-2", LATER))
    assert more.sequence == 3
    assert facts.profile_changed(learnt, more) == []


def test_nothing_leaves_in_the_patrons_own_words() -> None:
    told = patrons.first_told(PATRON, {"skills": [SAID, {"label": "canary", "uri": URI + "canary"}],
                                       "goal": {"label": "canary"}, "interests": ["canary"]}, NOW)
    learnt = patrons.learn(told, [said_by_others("Canary")], TAUGHT)
    assert "canary" not in repr([*facts.patron_registered(told), *facts.profile_changed(told, learnt)])
    assert facts.patron_registered(told)[1].data["skills"] == [{"uri": URI, "label": "to weld", "bases": ["claimed"]}]
    assert facts.profile_changed(told, learnt)[0].data["skills"][1] == {
        "label": "Canary", "bases": ["claimed", "taught"]}


def test_an_ended_goal_is_told_without_one() -> None:
    with_goal = patrons.tell(PATRON, {"goal": {"label": "clerk", "uri": URI}}, NOW)
    assert facts.profile_changed(PATRON, with_goal)[0].data == {"patron": "p1", "has_goal": True}
    assert facts.profile_changed(with_goal, patrons.tell(with_goal, {"goal": None}, NOW))[0].data["has_goal"] is False


def test_a_profile_is_bounded() -> None:
    many = [Mention(f"skill {number}") for number in range(MOST_SKILLS)]
    full = patrons.learn(PATRON, many, TAUGHT)
    assert patrons.learn(full, [Mention("one more")], Basis("taught", "course-2", NOW)) is full
    with pytest.raises(TooManySkills):
        patrons.tell(full, {"skills": [{"label": "one more"}]}, NOW)
