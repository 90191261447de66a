"""A learner's records in short sentences."""

from typing import Any

import pytest

from contracts.calls import records as calls
from libranet.calls import Answer
from libranet.problems import Refusal
from tests.services.credentials_stage import (
    PATRON,
    Platform,
    completed,
    consent,
)


def learner(platform: Platform, credentials: int = 2) -> list[dict[str, Any]]:
    """A patron who agreed and has so many credentials, of one achievement."""
    platform.defined()
    platform.hear("consents", consent())
    for number in range(credentials):
        platform.hear("completions", completed(number))
    return list(platform.listed()["items"])


def made(platform: Platform, node: str = "demo.riverside", patron: str = PATRON, **body: Any) -> Answer:
    return platform.call("make_record", calls.MakeRecord().load(body), node, patron=patron)


def found(platform: Platform, record: dict[str, Any], node: str = "demo.riverside", patron: str = PATRON) -> Any:
    return platform.call("get_record", node=node, patron=patron, record=record["id"]).body


def public(platform: Platform, record: dict[str, Any], headers: dict[str, str] | None = None, **query: str) -> Answer:
    return platform.call("get_public_record", headers=headers, query=query, public_record=record["public_id"])


def refusal(status: int, call: Any, *arguments: Any, **named: Any) -> Refusal:
    with pytest.raises(Refusal) as refused:
        call(*arguments, **named)
    assert refused.value.status == status
    return refused.value
