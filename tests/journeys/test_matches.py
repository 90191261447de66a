"""From a board's file to the jobs that somebody is ready for, and to the course that closes a gap."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.stage import OTHER_COLLEGE, OTHER_LIBRARY, Keys, Stage, libranet
from tests.patience import until

pytestmark = pytest.mark.real


class Jobs:
    """A library's own feed of a few jobs, which nobody else has anything to do with."""

    def __init__(self, stage: Stage) -> None:
        self.library, self.mark = stage.library, f"mark{uuid.uuid4().hex[:8]}"
        self.feed = self.library.ask("POST", "/v1/job-feeds", {"name": "Board", "format": "lever"})["id"]

    def imports(self, **texts: str) -> None:
        """The board now lists these: title to what is asked for."""
        body = [{"id": title, "text": f"{title} {self.mark}", "descriptionPlain": text, "createdAt": 1767225600000,
                 "hostedUrl": f"https://jobs.lever.co/acme/{title}", "categories": {"location": "Lansing, MI"}}
                for title, text in texts.items()]
        self.library.ask("POST", f"/v1/job-feeds/{self.feed}/imports?whole=true", body)

    def matches(self, *labels: str, **members: Any) -> dict[str, list[dict[str, Any]]]:
        """Ready and near, of this board only."""
        skills = [{"label": label, "bases": ["claimed"]} for label in labels]
        answer = self.library.ask("POST", "/v1/matches", {"skills": skills, "limit": 50, **members})
        return {kind: [each for each in answer[kind] if self.mark in each["job"]["title"]]
                for kind in ("ready", "near")}

    def titles(self, *labels: str) -> tuple[list[str], list[str]]:
        found = self.matches(*labels)
        ready, near = (sorted(each["job"]["title"].split()[0] for each in found[kind]) for kind in ("ready", "near"))
        return ready, near

    def found(self, query: str) -> list[str]:
        return [each["title"].split()[0] for each in self.library.ask("GET", f"/v1/jobs?{query}")["items"]]


@pytest.fixture
def jobs(stage: Stage) -> Iterator[Jobs]:
    jobs = Jobs(stage)
    yield jobs
    stage.library.ask("DELETE", f"/v1/job-feeds/{jobs.feed}")


def test_imported_jobs_are_ready_or_near_with_the_course_that_teaches_what_is_missing(stage: Stage, jobs: Jobs) -> None:
    jobs.imports(Clerk="Requirements:\n- Spreadsheets and data entry are required.",
                 Stocker="You must be forklift certified. Must use spreadsheets.", Poet="Must rhyme.")
    until(lambda: jobs.titles("spreadsheets", "data entry") == (["Clerk"], ["Stocker"]), what="the jobs")
    course = stage.course(title="Forklift basics", teaches=[{"label": "Fork lift"}])
    until(lambda: bool(jobs.matches("Spreedsheets")["near"]), what="the near jobs")

    def taught() -> list[str]:
        [near] = [each for each in jobs.matches("spreadsheets")["near"] if each["job"]["title"].startswith("Stocker")]
        [missing] = near["missing"]
        return [each["course"] for each in missing["courses"]]

    until(lambda: course["id"] in taught(), what="the course")
    [ready] = jobs.matches("spreadsheets", "forklift", goal={"label": "stocker"}, near="48933")["ready"]
    assert ready["score"] == 1
    assert "It fits what you hope for: stocker." in ready["why"]
    until(lambda: jobs.found(f"q={jobs.mark}&skill=forklift&near=Lansing,%20MI") == ["Stocker"], what="the stocker")
    until(lambda: jobs.found(f"q={jobs.mark}%20clerk") == ["Clerk"], what="the clerk")


def test_a_job_that_left_its_board_is_found_no_more(jobs: Jobs) -> None:
    jobs.imports(Clerk="Spreadsheets required", Welder="Welding required")
    until(lambda: set(jobs.found(f"q={jobs.mark}")) == {"Clerk", "Welder"}, what="both")
    jobs.imports(Welder="Welding required, CPR required")
    until(lambda: jobs.found(f"q={jobs.mark}") == ["Welder"] and jobs.titles("welding", "CPR")[0] == ["Welder"],
          what="the change")
    assert jobs.titles("spreadsheets") == ([], [])


def test_a_correction_reaches_jobs_that_are_open(jobs: Jobs) -> None:
    word = f"zorbing {jobs.mark}"
    jobs.imports(Guide=f"Must do {word}.")
    until(lambda: jobs.found(f"q={jobs.mark}") == ["Guide"], what="the job")
    assert jobs.titles("tour guiding") == ([], [])
    correction = jobs.library.ask("PUT", "/v1/skills/corrections", {
        "action": "add", "skill": "tour guiding", "label": word})
    until(lambda: jobs.titles("tour guiding")[0] == ["Guide"], what="the correction")

    def meant() -> str:
        [resolved] = jobs.library.ask("POST", "/v1/skills/resolve", {"labels": [word.title()]})["items"]
        return str(resolved["label"])

    until(lambda: meant() == "tour guiding", what="the correction where labels are resolved")
    jobs.library.ask("DELETE", f"/v1/skills/corrections/{correction['id']}")
    until(lambda: jobs.titles("tour guiding") == ([], []), what="the end of the correction")


def bundle(folder: Path, mark: str) -> str:
    """A small taxonomy in ESCO's columns."""
    folder.mkdir()
    (folder / "skills_en.csv").write_text(
        "conceptType,conceptUri,preferredLabel,altLabels,hiddenLabels,status\n"
        f"KnowledgeSkillCompetence,http://data.europa.eu/esco/skill/{mark},juggle {mark},juggling of {mark},,released\n"
        "KnowledgeSkillCompetence,http://data.europa.eu/esco/skill/s,use spreadsheets,,,released\n", encoding="utf-8")
    return str(folder)


def test_an_imported_taxonomy_is_looked_for_in_open_jobs_and_keeps_what_people_have(
        stage: Stage, jobs: Jobs, tmp_path: Path) -> None:
    jobs.imports(Clown=f"Juggling of {jobs.mark} and spreadsheets required.")
    until(lambda: jobs.titles("spreadsheets")[0] == ["Clown"], what="the job")
    told = libranet(stage.platform, "jobs", "taxonomy", "import", bundle(tmp_path / "esco", jobs.mark))
    assert "2 skills" in told
    assert "European Commission" in libranet(stage.platform, "jobs", "taxonomy", "list")

    def uris() -> set[str]:
        found = jobs.matches("spreadsheets", f"juggle {jobs.mark}")["ready"]
        return {skill["uri"] for each in found for skill in each["matched"]}

    until(lambda: uris() == {"http://data.europa.eu/esco/skill/s", f"http://data.europa.eu/esco/skill/{jobs.mark}"},
          what="the new skills")
    until(lambda: (f"http://data.europa.eu/esco/skill/{jobs.mark}", 1) in {
        (each["uri"], each["wanted"]) for each in jobs.library.ask("GET", "/v1/measures?by=skill")["items"]},
        what="the demand for the new skills")

    def near_by_former_uri() -> bool:
        found = jobs.library.ask("POST", "/v1/matches", {"limit": 50, "skills": [
            {"label": "x", "uri": "urn:libranet:skill:spreadsheets"}]})
        return any(jobs.mark in each["job"]["title"] for each in found["near"])

    until(near_by_former_uri, what="the job by the skill's former URI")


def test_another_library_sees_nothing_of_it(stage: Stage, jobs: Jobs, keys: Keys) -> None:
    jobs.imports(Clerk="Spreadsheets required")
    until(lambda: jobs.found(f"q={jobs.mark}") == ["Clerk"], what="the job")
    with Stage(stage.platform, keys, OTHER_LIBRARY, OTHER_COLLEGE) as other:
        assert other.library.ask("GET", f"/v1/jobs?q={jobs.mark}")["items"] == []
        answer = other.library.ask("POST", "/v1/matches", {"skills": [{"label": "spreadsheets"}]})
        assert not any(jobs.mark in each["job"]["title"] for each in (*answer["ready"], *answer["near"]))
