"""Statements of real producers, where they lie beside the repository: each is read as its producer means it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.learning.domain.refusals import StatementsInvalid
from services.learning.domain.statements import Receipt, receive

SAMPLES = Path(__file__).parents[2].parent / "shared" / "data" / "xapi"
RECEIPT = Receipt(datetime(2026, 11, 21, tzinfo=UTC), {"mbox": "mailto:lrs@example.org"}, "1.0.3")
FINISHING = {
    "edx.course.grade.passed.first_time.json", "core__course_completed__completing_existing_course__statements.json",
}
NOT_POSTABLE = {"appendix_07.json", "appendix_09.json"}
"""A bare sub-statement; a signature whose file would have to be sent beside it."""


def test_real_statements_are_read_as_their_producers_mean_them() -> None:
    for path in sorted(SAMPLES.glob("*/*.json")):
        body: Any = json.loads(path.read_text(encoding="utf-8"))
        if path.name in NOT_POSTABLE:
            with pytest.raises(StatementsInvalid):
                receive(body, RECEIPT)
        else:
            finishing = [statement.verdict.finishes for statement in receive(body, RECEIPT)]
            assert any(finishing) is (path.name in FINISHING), path.name
