"""One taxonomy of several sources; what labels mean; curators' corrections; what official bundles look like."""

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.jobs.skills.adapters import esco, onet
from services.jobs.skills.adapters.everyday import everyday
from services.jobs.skills.adapters.tables import Bundle, NoSuchTable
from services.jobs.skills.domain.corrections import ADD, BLOCK, Correction, Corrections
from services.jobs.skills.domain.finding import SkillFinder
from services.jobs.skills.domain.resolving import Resolver
from services.jobs.skills.domain.taxonomy import Occupation, Skill, Source, joined

OURS = everyday()
ESCO = Source("esco", "1.1.1", (
    Skill("http://data.europa.eu/esco/skill/f", "operate forklift", ("drive forklift",)),
    Skill("http://data.europa.eu/esco/skill/s", "use spreadsheets software"),
    Skill("http://data.europa.eu/esco/skill/o", "operating systems", ("Linux",)),
    Skill("http://data.europa.eu/esco/skill/p", "Python (computer programming)")),
    (Occupation("http://data.europa.eu/esco/occupation/c", "cashier", ("till operator", "checkout operator")),))
BOTH = joined([ESCO, OURS])
RESOLVER = Resolver(joined([OURS]))
FORKLIFT = "urn:libranet:skill:forklift"

UNDERSTOOD = {
    "Spreedsheets": "spreadsheets", "power point": "presentation software", "custmer service": "customer service",
    "forklft": "forklift", "fork lift driving": "forklift", "weldng": "welding", "Pyhton": "Python",
    "javascrpt": "JavaScript", "phelbotomy": "phlebotomy", "bookeeping": "bookkeeping", "HVAC": "HVAC",
    "accounts recievable": "accounts receivable", "housekeping": "housekeeping", "soldring": "soldering",
    "data entery": "data entry", "child care": "childcare", "public speeking": "public speaking",
    "drivers licence": "driver's license", "negotation": "negotiation", "cna": "certified nursing assistant",
    "I can cook": "cooking", "using Excel": "spreadsheets", "good with Excel": "spreadsheets", "excel": "spreadsheets",
    "Micorsoft Word": "word processing", "landscapping": "landscaping", "carpentery": "carpentry",
    "plumming": "plumbing", "electrican": "electrical wiring", "exel": "spreadsheets", "dat entry": "data entry",
    "date entry": "data entry", "teem work": "teamwork", "photosop": "Adobe Photoshop", "custmer servise":
    "customer service", "use of exel": "spreadsheets", "wrod": "word processing",
    "communication skils": "communication", "managment of projects": None, "teh": None}
"""How people write, and what they mean; None where it is better to say nothing."""
NOTHING = ("hola", "cocina", "gesundheit", "Kundenservice", "servicio al cliente", "quantum basket weaving", "xyz",
           "12345", "asdfgh", "house of cards", "first ade", "OSHA 11", "the", "!!!", "привет", "电脑", "travail",
           "the plant", "cok", "paid", "quick fox")


@pytest.mark.parametrize(("asked", "meant"), UNDERSTOOD.items())
def test_a_slip_of_the_keys_is_understood(asked: str, meant: str | None) -> None:
    found = RESOLVER.resolve(asked)
    assert (found.skill.label if found else None) == meant


@pytest.mark.parametrize("asked", NOTHING)
def test_what_is_no_skill_means_nothing(asked: str) -> None:
    assert RESOLVER.resolve(asked) is None


def test_a_slip_in_a_word_that_says_nothing_does_not_count() -> None:
    resolver = Resolver(joined([OURS, Source("esco", "1", (Skill("e:1", "communication"),))]))
    found = resolver.resolve("communication skils")
    assert found
    assert found.skill.uri == "e:1"


def test_what_may_be_either_of_two_skills_is_neither() -> None:
    resolver = Resolver(joined([OURS, Source("esco", "1", (Skill("e:1", "tend grapes"), Skill("e:2", "tend graves")))]))
    assert resolver.resolve("tend graqes") is None
    found = resolver.resolve("tend grappes")
    assert found
    assert found.skill.uri == "e:1"


def test_a_big_taxonomys_words_do_not_draw_short_words_to_them() -> None:
    resolver = Resolver(joined([OURS, Source("onet", "1", (Skill("o:1", "PID"), Skill("o:2", "Spoon")))]))
    assert resolver.resolve("paid") is None
    assert resolver.resolve("soon") is None


def test_every_name_means_a_skill_that_has_it() -> None:
    names_of = {skill.uri: set(skill.names) for skill in OURS.skills}
    for name in (name for skill in OURS.skills for name in skill.names):
        found = RESOLVER.resolve(name)
        assert found, name
        assert found.score == 1
        assert name in names_of[found.skill.uri]


@pytest.mark.parametrize(("said", "score"), [
    ("pay, leave and rosters", 1), ("pay leave and rosters", 0.95), ("Pay, leave, and rosters.", 0.95),
    ("pay, leave and rostres", 0.941)])
def test_a_name_with_a_comma_is_understood_with_it_and_without(said: str, score: float) -> None:
    resolver = Resolver(joined([OURS, Source("esco", "1", (Skill("e:1", "pay, leave and rosters"),))]))
    found = resolver.resolve(said)
    assert found
    assert (found.skill.uri, found.score) == ("e:1", score)


def test_names_that_differ_in_a_comma_alone_keep_their_skills() -> None:
    resolver = Resolver(joined([OURS, Source("esco", "1", (Skill("e:1", "pay, leave"), Skill("e:2", "pay leave")))]))
    found = [resolver.resolve(said) for said in ("pay, leave", "pay leave")]
    assert [each and each.skill.uri for each in found] == ["e:1", "e:2"]


@given(st.text(max_size=100))
def test_any_text_is_answered(text: str) -> None:
    found = RESOLVER.resolve(text)
    assert found is None or 0 < found.score <= 1


def test_a_skill_that_two_sources_know_has_the_official_uri_and_all_names() -> None:
    assert BOTH.canonical(FORKLIFT) == "http://data.europa.eu/esco/skill/f"
    assert BOTH.get(FORKLIFT) is BOTH.meant_by("lift truck")
    assert BOTH.canonical("urn:libranet:skill:python") == "http://data.europa.eu/esco/skill/p"
    assert [each.uri for each in SkillFinder(BOTH).find("", "Excel spreadsheets")] == [
        "http://data.europa.eu/esco/skill/s"]


def test_a_name_in_common_alone_does_not_make_two_skills_one() -> None:
    assert BOTH.canonical("urn:libranet:skill:linux") == "urn:libranet:skill:linux"


def test_a_goal_is_known_by_what_its_occupation_is_called() -> None:
    assert BOTH.goal_titles("Till operators") == ("till operator", "cashier", "checkout operator")
    assert BOTH.goal_titles("astronaut") == ("astronaut",)


def correction(action: str, skill: str = FORKLIFT, label: str | None = None, posting: str | None = None,
               owner: str = "demo") -> Correction:
    return Correction(f"{owner}{action}{label}{posting}", owner, action, skill, "forklift", label, posting,
                      datetime(2026, 1, 1, tzinfo=UTC))


def corrected(*corrections: Correction, text: str = "Must drive a forklift",
              owner: str = "demo.riverside") -> list[str]:
    found = SkillFinder(joined([OURS])).find("", text)
    return [each.label for each in Corrections(corrections).applied(found, "", text, owner, "posting-1")]


def test_a_curators_label_is_found_too() -> None:
    assert corrected(correction(ADD, label="Stapler jockey"), text="Stapler jockeys wanted") == ["forklift"]


def test_a_curators_label_comes_with_whole_words_around_it() -> None:
    text = f"{'Somewhere else '*9}Stapler jockeys wanted {'nobody else '*9}"
    [found] = Corrections([correction(ADD, label="Stapler jockey")]).applied((), "", text, "demo", "posting-1")
    assert "else Stapler jockeys wanted nobody" in found.words
    assert set(found.words.split()) <= set(text.split())


def test_a_blocked_label_is_not_found_and_others_of_the_skill_are() -> None:
    blocked = correction(BLOCK, label="forklift")
    assert corrected(blocked) == []
    assert corrected(blocked, text="Must operate a lift truck") == ["forklift"]


def test_a_skill_is_blocked_in_one_posting_alone() -> None:
    assert corrected(correction(BLOCK, posting="posting-1")) == []
    assert corrected(correction(BLOCK, posting="posting-2")) == ["forklift"]


def test_a_correction_counts_for_its_owner_and_below_and_the_nearer_one_wins() -> None:
    blocked = correction(BLOCK, label="forklift")
    assert corrected(blocked, owner="other.library") == ["forklift"]
    ours = correction(ADD, label="forklift", owner="demo.riverside")
    assert corrected(blocked, ours) == ["forklift"]
    assert corrected(blocked, ours, owner="demo.hill") == []


SKILLS_11 = ("conceptType,conceptUri,skillType,reuseLevel,preferredLabel,altLabels,hiddenLabels,status\n"
             'KnowledgeSkillCompetence,e:1,knowledge,,Tie knots,"knotting\ntie  knots well",,released\n'
             "KnowledgeSkillCompetence,e:2,knowledge,,Old thing,,,obsolete\n")
SKILLS_12 = ("conceptUri,conceptType,preferredLabel,altLabels,status\n"
             "e:1,KnowledgeSkillCompetence,Tie knots,knotting | splice,released\n")
OCCUPATIONS = ("conceptType,conceptUri,iscoGroup,preferredLabel,altLabels,status\n"
               "Occupation,o:1,1,sailor,deckhand,released\n")
RELATIONS = "occupationUri,relationType,skillType,skillUri\no:1,essential,knowledge,e:1\no:1,optional,knowledge,e:2\n"


def test_esco_bundles_of_both_column_shapes_are_read_from_zips_and_folders(tmp_path: Path) -> None:
    labels, relations = tmp_path / "labels.zip", tmp_path / "relations.zip"
    with zipfile.ZipFile(labels, "w") as archive:
        archive.writestr("v1.1/skills_en.csv", SKILLS_11)
        archive.writestr("v1.1/occupations_en.csv", OCCUPATIONS)
    with zipfile.ZipFile(relations, "w") as archive:
        archive.writestr("occupationSkillRelations.csv", RELATIONS)
    old = esco.read(Bundle([labels, relations]), "1.1")
    assert old.skills == (Skill("e:1", "Tie knots", ("knotting", "tie  knots well")),)
    assert old.occupations == (Occupation("o:1", "sailor", ("deckhand",), ("e:1",)),)
    folder = tmp_path / "v1.2"
    folder.mkdir()
    (folder / "skills_en.csv").write_text("\ufeff" + SKILLS_12, encoding="utf-8")
    assert esco.read(Bundle([folder]), "1.2").skills == (Skill("e:1", "Tie knots", ("knotting", "splice")),)


def test_onet_text_gives_tools_and_technology_once_and_titles(tmp_path: Path) -> None:
    head = "O*NET-SOC Code\tExample\tCommodity Code\tCommodity Title\n"
    (tmp_path / "Tools Used.txt").write_text(head + "1\tForklifts\t1\tTrucks\n2\tForklift\t1\tTrucks\n")
    (tmp_path / "Technology Skills.txt").write_text(head + '1\tStructured query language SQL\t1\t"Quoted" title\n')
    (tmp_path / "Occupation Data.txt").write_text("O*NET-SOC Code\tTitle\tDescription\n1\tDrivers\tDrive.\n")
    (tmp_path / "Alternate Titles.txt").write_text("O*NET-SOC Code\tAlternate Title\n1\tForklift Operator\n")
    source = onet.read(Bundle([tmp_path]), "29")
    assert [(each.label, each.labels) for each in source.skills] == [
        ("Structured query language SQL", ("SQL",)), ("Forklifts", ())]
    assert source.occupations == (Occupation("urn:libranet:onet:1", "Drivers", ("Forklift Operator",)),)


def test_what_is_no_bundle_says_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear library")
    with pytest.raises(NoSuchTable, match=r"letter\.txt"):
        esco.read(Bundle([tmp_path]), "1")
