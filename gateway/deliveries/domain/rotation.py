"""A webhook's secrets: the newest signs, and those before it sign beside it until their overlap ends."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

MOST_FORMER = 2
"""Each secret is one more signature in a header; who rotates again within the overlap keeps the newest two of them."""


def in_use(subscription: Mapping[str, Any], moment: datetime) -> list[bytes]:
    """The sealed secrets to sign with, the newest first."""
    former = [each["sealed"] for each in subscription["former_secrets"] if each["until"] > moment]
    return [bytes(subscription["secret"]), *map(bytes, former)]


def rotated(subscription: Mapping[str, Any], fresh: bytes, moment: datetime, overlap: timedelta) -> dict[str, Any]:
    """The members of a subscription whose secret is `fresh` from now on."""
    until = moment + overlap
    former = [{"sealed": subscription["secret"], "until": until}, *subscription["former_secrets"]]
    live = [{**each, "until": min(each["until"], until)} for each in former]
    return {"secret": fresh, "former_secrets": [each for each in live if each["until"] > moment][:MOST_FORMER]}


def former_until(subscription: Mapping[str, Any]) -> datetime | None:
    """When the last of the former secrets ends; None where there is none."""
    return max((each["until"] for each in subscription["former_secrets"]), default=None)
