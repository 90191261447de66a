"""The tests' own process keeps its threads: what patches the standard library runs in processes of its own."""

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PATCHING = {"libranet.runner", "eventlet.monkey_patch"}
RUN_ALONE = {"integration/hearer.py"}
FILES = [path for path in sorted(TESTS.rglob("*.py")) if str(path.relative_to(TESTS)) not in RUN_ALONE]


def imported(text: str) -> set[str]:
    """Every name that is imported somewhere in it, with its module."""
    found: set[str] = set()
    for each in ast.walk(ast.parse(text)):
        if isinstance(each, ast.Import):
            found |= {alias.name for alias in each.names}
        elif isinstance(each, ast.ImportFrom):
            found |= {f"{each.module}.{alias.name}" for alias in each.names} | {str(each.module)}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TESTS)))
def test_no_test_imports_what_patches_the_standard_library(path: Path) -> None:
    assert not imported(path.read_text(encoding="utf-8")) & PATCHING
