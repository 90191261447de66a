"""Which skills a posting asks for: whole words only, the longest name, required or wished by the words around it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.jobs.skills.adapters.everyday import everyday
from services.jobs.skills.domain.findable import STOPPED
from services.jobs.skills.domain.finding import SkillFinder
from services.jobs.skills.domain.taxonomy import Skill, Source, joined
from services.jobs.skills.domain.words import SNIPPET_CHARACTERS, fold, words_of

TAXONOMY = joined([everyday()])
FINDER = SkillFinder(TAXONOMY)
WAREHOUSE = """About us
We are a family business. Every new hire gets first aid training.

What you will do:
- Drive a forklift and load trucks
- Use spreadsheets to count inventory

Requirements:
- Must be forklift certified. CPR is not required
- Customer service; Spanish preferred

Nice to have:
- Welding

Benefits:
- Dental insurance, free massage therapy
"""


def found(text: str, title: str = "") -> dict[str, bool]:
    """Label to whether it is required."""
    return {each.label: each.required for each in FINDER.find(title, text)}


def test_a_posting_names_its_skills() -> None:
    skills = found(WAREHOUSE, "Warehouse Associate")
    assert skills["forklift"] is True
    assert skills["spreadsheets"] is True
    assert skills["customer service"] is True
    assert skills["Spanish"] is False
    assert skills["welding"] is False
    assert skills["CPR"] is False
    assert skills["warehouse work"] is True


def test_what_stands_under_benefits_or_about_us_is_not_asked_for() -> None:
    assert not {"first aid", "massage therapy"} & set(found(WAREHOUSE))


@pytest.mark.parametrize(("heading", "is_asked"), [
    ("About Acme", False), ("About the Library:", False), ("About you", True), ("About the role", True)])
def test_what_a_heading_is_about_tells_whether_it_is_asked_for(heading: str, is_asked: bool) -> None:
    assert ("welding" in found(f"{heading}\nWelding and more")) is is_asked


def test_each_skill_comes_with_the_words_that_it_was_found_by() -> None:
    words = {each.label: each.words for each in FINDER.find("", WAREHOUSE)}
    assert words["Spanish"] == "- Customer service; Spanish preferred"
    assert all(len(each) <= SNIPPET_CHARACTERS for each in words.values())


@pytest.mark.parametrize("text", ["Spreadsheets", "SPREADSHEET", "Google-sheets"])
def test_case_hyphens_and_plurals_do_not_count(text: str) -> None:
    assert "spreadsheets" in found(f"We use {text} daily")
    assert fold("Front-Desk") == fold("front desks")


@pytest.mark.parametrize("text", [
    "unspreadsheetlike", "rewelded", "customer. Service", "customer, service", "forklifting"])
def test_part_of_a_word_or_words_across_a_stop_are_no_name(text: str) -> None:
    assert not {"spreadsheets", "customer service", "forklift", "welding"} & set(found(text))


def test_the_longest_name_wins() -> None:
    assert set(found("Experience with medical billing")) == {"medical billing"}


@pytest.mark.parametrize(("text", "label"), [
    ("programs in Go and Python", "Go programming"), ("Go, React, Docker", "Go programming"),
    ("statistics in R, SAS", "R programming"), ("Proficient in Excel and Word", "word processing"),
    ("C++ and C#", "C#"), ("experience with .NET", "C#"), ("CNAs wanted", "certified nursing assistant")])
def test_a_short_name_counts_in_the_right_company_and_spelling(text: str, label: str) -> None:
    assert label in found(text)


@pytest.mark.parametrize("text", [
    "Go above and beyond", "Toys R Us", "We excel at service. Excel with us", "a word of thanks", "Access to a gym",
    "a cad and a bounder", "good communication and leadership", "We are hiring! Support our team"])
def test_everyday_words_are_no_skills(text: str) -> None:
    assert found(text) == {}


@pytest.mark.parametrize(("text", "label"), [
    ("Excel required.", "spreadsheets"), ("Must know EXCEL.", "spreadsheets"), ("Excel is a plus", "spreadsheets"),
    ("You need Excel and Photoshop.", "spreadsheets"), ("Requirements:\n- Excel\n- CDL", "spreadsheets"),
    ("Requirements:\nExcel\nWord\n", "word processing"), ("Skills: filing, Access, typing.", "database administration"),
    ("Knowledge of Outlook.", "email"), ("We do filing, data entry and Excel!", "spreadsheets"),
    ("Excel, data entry", "spreadsheets"), ("Requirements: strong Excel skills", "spreadsheets"),
    ("- Excel", "spreadsheets"), ("1. Excel", "spreadsheets"),
    ("We grow.\n• Access\n• Filing", "database administration")])
def test_an_ambiguous_name_counts_where_it_is_asked_for_or_listed_as_a_thing_of_its_own(text: str, label: str) -> None:
    assert label in found(text)


@pytest.mark.parametrize("text", [
    "We excel at service", "Excel with us", "EXCEL WITH US", "You must Excel at this", "Excel!", "Grow, Excel, lead.",
    "Access to a car is required", "Requirements:\nAccess to a car\nPositive Outlook on life", "Key Access required",
    "Must have a good Word for all", "Benefits:\nAccess", "Required: grades A, B and C", "MUST EXCEL AT SERVICE",
    "Duties:\n- React and respond to alarms\n- Access, update and keep files", "WE EXCEL AT SOFTWARE",
    "- Access to a gym", "- Word of mouth", "Benefits\n- Access", "Excel"])
def test_an_ambiguous_name_that_is_part_of_other_words_is_no_skill(text: str) -> None:
    assert found(text) == {}


def test_a_title_gives_an_ambiguous_name_only_in_company() -> None:
    assert "database administration" not in found("", "Access and Cataloging")


@pytest.mark.parametrize(("text", "required"), [
    ("CDL required", True), ("Must have a CDL", True), ("CDL preferred", False), ("A CDL is a plus", False),
    ("CDL is not required", False), ("We will train you for your CDL", False), ("CDL", True),
    ("Preferred qualifications\nCDL", False), ("Minimum Qualifications:\nCDL", True),
    ("Required: CPR. Preferred: CDL", False), ("CDL is required, Spanish is a plus", True)])
def test_words_near_the_mention_tell_whether_it_is_required(text: str, required: bool) -> None:
    assert found(text)["commercial driver's license"] is required


@pytest.mark.parametrize(("text", "required"), [
    ("Requirements: CDL, welding.", True), ("We grow. Requirements: teamwork. We like welding. CDL.", True),
    ("Minimum qualifications: welding, CDL.", True), ("What you need: CDL.", True), ("You have: a CDL.", True),
    ("**Requirements:** CDL.", True), ("Requirements: welding, CDL, Spanish preferred.", True),
    ("Requirements: Spanish preferred. CDL.", True), ("Requirements: CDL is a plus.", False),
    ("Requirements: welding. Nice-to-haves: CDL.", False), ("Must have: welding, nice to have: CDL.", False),
    ("Requirements: welding Bonus: CDL.", False), ("Desired: Spanish. CDL.", False), ("Not required: CDL.", False),
    ("Preferred qualifications: welding. Experience: CDL.", False), ("Experience: CDL.", True),
    ("Preferred:\nSkills: CDL.", False), ("Nice to have: welding.\nRequirements: CDL.", True),
    ("Requirements: welding.\nThe boss has a CDL.", False), ("Nice to have: welding\nCDL", True),
    ("Benefits: massage. Our drivers like the CDL.", False), ("Salary: good\nMust have a CDL.", True)])
def test_a_heading_before_a_colon_holds_to_the_next_one_or_the_end_of_its_line(text: str, required: bool) -> None:
    assert found(text)["commercial driver's license"] is required


@pytest.mark.parametrize(("text", "required"), [
    ("Requirements - CDL", True), ("Requirements – CDL, Spanish preferred", True), ("Preferred — CDL", False),
    ("Nice to have- CDL", False), ("We grow.\n* Desired - CDL", False),
    ("Requirements - welding\nThe boss has a CDL.", False), ("Salary - good\nMust have a CDL", True),
    ("CDL - Class A", True)])
def test_a_dash_behind_the_first_words_of_a_line_makes_them_a_heading_too(text: str, required: bool) -> None:
    assert found(text)["commercial driver's license"] is required


@pytest.mark.parametrize("text", [
    "Benefits: massage therapy, first aid training.", "We offer: welding classes.", "Benefits - massage therapy"])
def test_what_stands_behind_benefits_and_a_colon_is_not_asked_for(text: str) -> None:
    assert found(text) == {}


@pytest.mark.parametrize("text", [
    "No sales", "No sales.", "No cold calling, no sales!", "Must be kind, not a welding job",
    "You will never do welding", "There is no selling or welding involved", "This role doesn't involve welding.",
    "We cannot offer welding.", "Non-CDL driver", "Requirements:\n- No CDL\n", "No sales, CDL preferred"])
def test_what_is_denied_is_not_asked_for(text: str) -> None:
    assert not {"sales", "cold calling", "welding"} & set(found(text))
    assert found(text).get("commercial driver's license") is not True


@pytest.mark.parametrize(("text", "label"), [
    ("Spanish is not required", "Spanish"), ("Spanish isn’t necessary", "Spanish"),
    ("Welding is not a must", "welding"), ("No experience with forklifts of any kind necessary", "forklift"),
    ("No prior experience in customer service or sales is required", "sales"), ("No welding required", "welding"),
    ("You don't need Spanish", "Spanish"), ("This job does not require Spanish", "Spanish")])
def test_what_need_not_be_there_is_wished_at_most(text: str, label: str) -> None:
    assert found(text)[label] is False


@pytest.mark.parametrize("text", [
    "Duties include, but are not limited to, welding", "Not only filing but welding is required",
    "Welding; no weekends", "No less than two years of welding required", "No smoking, welding required",
    "Must not mind welding", "No one is hired without welding", "No weekends. Welding"])
def test_a_denial_of_something_else_takes_nothing_away(text: str) -> None:
    assert found(text)["welding"] is True


@pytest.mark.parametrize(("title", "skills"), [
    ("Driver (no CDL)", set()), ("Non-CDL Driver", set()), ("No experience welder", {"welding"}),
    ("Welder, no weekends", {"welding"})])
def test_a_title_denies_only_what_stands_right_behind(title: str, skills: set[str]) -> None:
    assert {"welding", "commercial driver's license"} & set(found("", title)) == skills


@pytest.mark.parametrize("text", [
    "You work with our sales and marketing team", "Explain it to clients and sales reps",
    "Partner with Sales, Solution Engineering, Product, and Marketing teams.",
    "Department of Human Services", "The Department of Health and Human Services", "The sales department is hiring",
    "You report directly to the Director of Marketing", "Department\nSales",
    "Work under the general supervision of the marketing manager", "Department: Sales", "Reports to: Sales lead",
    "Acme Sales & Marketing, Inc.", "Lakeside Sales LLC is a family business", "Our marketing specialists love it"])
def test_what_others_are_called_is_not_asked_for(text: str) -> None:
    assert not {"sales", "marketing", "social work"} & set(found(text))


@pytest.mark.parametrize("text", [
    "Lead the sales team", "Join our sales team", "Seeking sales professionals", "Be part of our sales team",
    "Manages marketing and sales staff", "Experience in a sales department", "Department\nLibrary\nDuties\nSales",
    "Sales team leadership", "Sales representatives wanted", "Our sales are growing, you will do sales"])
def test_whoever_is_among_such_people_or_over_them_knows_their_work(text: str) -> None:
    assert "sales" in found(text)


@pytest.mark.parametrize(("text", "is_asked"), [
    ("Acme is recruiting three nurses", False), ("We're currently recruiting for a cook", False),
    ("Your main duty is recruiting for us", True), ("You will be recruiting new volunteers", True),
    ("Our aim is recruiting", True)])
def test_what_the_employer_is_doing_is_not_asked_for(text: str, is_asked: bool) -> None:
    recruiting = Skill("e:1", "recruiting")
    assert ("recruiting" in found_of(text, recruiting)) is is_asked


@pytest.mark.parametrize("text", ["See https://example.org/welding/sales.html", "www.example.org/welding"])
def test_the_words_of_an_address_are_no_skills(text: str) -> None:
    assert found(text) == {}


def test_a_skill_that_is_required_once_is_required() -> None:
    assert found("A CDL is a plus.\nMust have a CDL.")["commercial driver's license"] is True


def test_what_the_title_names_is_required() -> None:
    assert found("Welding is a plus", "Welder") == {"welding": True}


def test_a_name_that_two_skills_share_is_found_for_neither_unless_it_is_ones_label() -> None:
    source = Source("esco", "1", (Skill("e:1", "tend vats", ("mind the vat",)), Skill("e:2", "guard vats", (
        "mind the vat",)), Skill("e:3", "polish vats", ("guard vats",))))
    finder = SkillFinder(joined([source]))
    assert [each.uri for each in finder.find("", "Mind the vat, and guard vats")] == ["e:2"]


def test_a_big_taxonomys_single_words_are_not_trusted() -> None:
    source = Source("esco", "1", (
        Skill("e:1", "manage musical staff", ("current", "musicals")), Skill("e:2", "chemistry"),
        Skill("e:3", "Swift (computer programming)", ("Swift",))))
    finder = SkillFinder(joined([source]))
    assert [each.uri for each in finder.find("", "Our current musical needs swift chemistry.")] == ["e:2"]
    assert [each.uri for each in finder.find("", "Apps in the Swift language")] == ["e:3"]


def found_of(text: str, *skills: Skill) -> dict[str, bool]:
    """Label to whether it is required, by a big taxonomy beside ours."""
    return {each.label: each.required for each in SkillFinder(joined([everyday(), Source("esco", "1", skills)])).find(
        "", text)}


def test_a_big_taxonomys_other_name_is_found_where_it_says_what_the_label_says() -> None:
    mentor = Skill("e:1", "mentor individuals", ("help people", "mentoring of individuals", "individual mentoring"))
    assert found_of("You help people and share commitment", mentor) == {}
    assert found_of("Individual mentoring", mentor) == {"mentor individuals": True}
    assert found_of("Mentoring of individuals", mentor) == {"mentor individuals": True}
    assert found_of("Our commitment to you", Skill("e:2", "show commitment", ("commitment",))) == {}
    assert found_of("Must show commitment", Skill("e:2", "show commitment", ("commitment",))) == {
        "show commitment": True}


def test_a_name_that_several_share_is_found_for_the_one_that_has_it_from_people() -> None:
    others = Skill("e:1", "keep diaries", ("schedule appointments",)), Skill("e:2", "lead clinics", (
        "schedule appointments",))
    assert found_of("Schedule appointments", *others) == {"calendar management": True}


@pytest.mark.parametrize(("text", "is_found"), [
    ("- Analyzes machine downtime", False), ("Sort mail. Analyzes risk", False), ("reports made in Analyze", True),
    ("- Analyze and other software", True)])
def test_the_capital_of_a_sentence_makes_no_name(text: str, is_found: bool) -> None:
    assert ("Analyze" in found_of(text, Skill("e:1", "Analyze"))) is is_found


def test_a_letter_alone_is_no_skill() -> None:
    assert found_of("recommendations for R&D, by 23 people", Skill("e:1", "R"), Skill("e:2", "23")) == {}


@pytest.mark.parametrize("text", [
    "Proficient in email", "Email and calendar", "- Email", "Must write e-mails", "Answer people by phone and email"])
def test_email_is_a_skill(text: str) -> None:
    assert found(text) == {"email": True}


@pytest.mark.parametrize("text", [
    "Email us at the library", "Send your resume by email", "Please e-mail a cover letter", "Email: jobs@example.org",
    "Include your email address", "No phone or email inquiries on application status", "Submit a résumé by email"])
def test_how_to_apply_is_no_skill(text: str) -> None:
    assert found(text) == {}


def test_work_with_other_peoples_applications_is_work() -> None:
    assert found("Duties include helping patrons with resumes and email") == {"email": True}
    assert found("Prepare and submit grant applications") == {"grant writing": True}


def test_what_is_only_told_is_not_required() -> None:
    told = "Acme builds welding robots. We ship by forklift!\n"
    assert found(told) == {"welding": False, "forklift": False}
    assert found(told + "Requirements:\nForklift. Welding.") == {"welding": True, "forklift": True}


@pytest.mark.parametrize("text", [
    "Welding, forklift", "- Welding for customers.", "1. Welding of frames.", "• Welding of frames.",
    "You will do welding.", "We seek somebody with experience in welding.", "Responsible for welding."])
def test_what_is_listed_or_asked_of_somebody_is_required(text: str) -> None:
    assert found(text)["welding"] is True


@given(st.text(max_size=300), st.text(max_size=2000))
def test_whatever_the_text_only_skills_of_the_taxonomy_come_out_each_once(title: str, text: str) -> None:
    skills = FINDER.find(title, text)
    assert len({each.uri for each in skills}) == len(skills)
    assert all(each.uri in TAXONOMY.skills and len(each.words) <= SNIPPET_CHARACTERS for each in skills)


@given(st.sampled_from([skill.label for skill in everyday().skills
                        if fold(skill.label) not in STOPPED and skill.label not in skill.shy]),
       st.sampled_from(["{}", "- {}", "({})", "Uses {}."]))
def test_every_label_of_ours_is_found_as_it_is_written(label: str, frame: str) -> None:
    assert label in {each.label for each in FINDER.find("", frame.format(label))}


@given(st.text(max_size=200))
def test_words_lie_in_the_text_in_order(text: str) -> None:
    words = words_of(text)
    assert all(word.start < word.end <= len(text) for word in words)
    assert all(one.end <= other.start for one, other in pairwise(words))
