"""What checkov is not to ask, it is told with a reason."""

import re

from tests.deploy.rendered import OVERLAYS, ROOT, overlay

ENOUGH = 40
"""A reason is at least so long."""


def test_what_is_asked_of_no_manifest_has_a_reason_above_it() -> None:
    lines = (ROOT / "deploy" / "checkov.yaml").read_text(encoding="utf-8").splitlines()
    skipped = [number for number, line in enumerate(lines) if re.search(r"- CKV", line)]
    assert skipped
    for number in skipped:
        assert lines[number - 1].strip().startswith("#"), lines[number]
        assert len(lines[number - 1]) > ENOUGH


def test_what_is_not_asked_of_one_part_has_a_reason_there() -> None:
    notes = [text for name in OVERLAYS for each in overlay(name)
             for key, text in each["metadata"].get("annotations", {}).items() if key.startswith("checkov.io/skip")]
    assert notes
    for note in notes:
        check, _, reason = note.partition("=")
        assert re.fullmatch(r"CKV\w+", check)
        assert len(reason) > ENOUGH
