"""Each setting that a page names reaches its process on one machine, too, where nothing else is handed on."""

import re
from pathlib import Path

import pytest

from libranet.deployment import DATABASE_KEY
from libranet.local import environment
from libranet.local.home import REPOSITORY, Home
from libranet.local.parts import GATEWAY, OPERATOR, PORTS, RUNNERS, SERVICES

NAME = re.compile(r"`([A-Z]+(?:_[A-Z]+)+)(?:=[^` ]*)?`")
PAGES = {name: f"services/{name}/README.md" for name in SERVICES} | {
    GATEWAY: "gateway/README.md", "deliveries": "gateway/deliveries/README.md"}


def text(page: str) -> str:
    return (REPOSITORY / page).read_text(encoding="utf-8")


def given(process: str, home: Path, names: set[str], monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Those of the names that reach the process when somebody sets all of them; its secrets do as files."""
    for name in names - {"LIBRANET_HOME"}:
        monkeypatch.setenv(name, "told")
    at = Home.at(home)
    at.make()
    told = environment.of(process, at, {name: 20_000 + number for number, name in enumerate(PORTS)}, {})
    return {name for name in names if name in told or f"{name}_FILE" in told}


@pytest.mark.parametrize("process", PAGES)
def test_a_setting_of_a_process_reaches_it(process: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = set(NAME.findall(text(PAGES[process]).partition("\n## Settings\n")[2].partition("\n## ")[0]))
    assert given(process, tmp_path, named, monkeypatch) == named


def test_a_setting_that_operators_are_told_of_reaches_somebody(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = set(NAME.findall(text("docs/operations.md"))) - {DATABASE_KEY}
    reached = set[str]()
    for process in (*RUNNERS, GATEWAY, OPERATOR):
        reached |= given(process, tmp_path, named, monkeypatch)
    assert reached == named


def test_every_page_of_a_process_has_settings() -> None:
    assert set(PAGES) == {*RUNNERS, GATEWAY}
    assert all("\n## Settings\n" in text(page) for page in PAGES.values())
