"""`libranet jobs parse`: what would be imported on stdout, what would be rejected on stderr."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.jobs.cli import job_commands

FILES = Path(__file__).parents[1] / "fixtures" / "job_feeds"


def test_postings_are_json_lines_and_rejects_are_told_with_their_position(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ID_KEY")
    ran = CliRunner().invoke(job_commands, ["parse", str(FILES / "greenhouse.json")])
    assert ran.exit_code == 0
    lines = [json.loads(each) for each in ran.stdout.splitlines()]
    assert [(each["position"], each["title"]) for each in lines] == [
        (1, "Library Technician"), (4, "Bookmobile Driver"), (6, "Archivist")]
    assert "2: it is a post for prospects" in ran.stderr
    assert "5: it has no id" in ran.stderr


def test_a_closing_time_that_cannot_be_read_is_told_with_its_position(tmp_path: Path) -> None:
    neogov = (FILES / "neogov.rss").read_text().replace("Sun, 20 Sep 2099 04:59:00:0", "Invalid Date")
    (tmp_path / "file").write_text(neogov)
    ran = CliRunner().invoke(job_commands, ["parse", str(tmp_path / "file")])
    assert [json.loads(each)["position"] for each in ran.stdout.splitlines()] == [1, 2]
    assert ran.stderr.splitlines() == [
        "1: its closing time cannot be read; it stays open until the board drops it", "3: it has no title"]


def test_url_and_format_may_be_said() -> None:
    ran = CliRunner().invoke(job_commands, [
        "parse", str(FILES / "job_page.html"), "--url", "https://foods.example.org/", "--format", "job-page"])
    assert json.loads(ran.stdout.splitlines()[0])["url"] == "https://foods.example.org/jobs/lc-7"


@pytest.mark.parametrize(("content", "code"), [("hello", 1), ('{"jobs": [{"id": 1}]}', 1), ('{"jobs": []}', 0)])
def test_only_a_file_of_which_nothing_could_be_read_fails(tmp_path: Path, content: str, code: int) -> None:
    (tmp_path / "file").write_text(content)
    ran = CliRunner().invoke(job_commands, ["parse", str(tmp_path / "file")])
    assert ran.exit_code == code
    assert ran.stdout == ""
    assert bool(ran.stderr) == bool(code)


def test_a_file_of_another_format_than_is_said_is_refused_by_its_name() -> None:
    ran = CliRunner().invoke(job_commands, ["parse", str(FILES / "lever.json"), "--format", "greenhouse"])
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert "looks like lever" in ran.stderr
    assert "expected is greenhouse" in ran.stderr
