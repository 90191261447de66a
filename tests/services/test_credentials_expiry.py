"""What ends is told ahead of time, and when it has ended; what nobody has seen, after a while; each once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from libranet.cloudevent import Event
from libranet.testing import MemoryWork
from services.credentials.adapters import expiry
from services.credentials.domain import claims
from services.credentials.store import COLLECTIONS
from tests.services.credentials_stage import (
    PATRON,
    Platform,
    changed,
    completed,
    consent,
    erased,
    issued_and_shared,
    platform,
)

__all__ = ["platform"]


def told(platform: Platform, moment: datetime) -> list[Event]:
    """What is told at this time."""
    work: Any = MemoryWork(COLLECTIONS, "credentials", platform.state)
    while expiry.tell(work, moment) == expiry.BATCH:
        pass
    return list(work.events)


@pytest.fixture
def until(platform: Platform) -> datetime:
    """Until when the patron's only credential is valid."""
    platform.defined(validity=365)
    platform.hear("consents", consent())
    platform.hear("completions", completed())
    [row] = platform.state["credentials"].values()
    moment: datetime = row["valid_until"]
    return moment


def test_an_achievement_says_after_how_many_days_its_credentials_expire(platform: Platform, until: datetime) -> None:
    [shown] = platform.call("list_achievements").body["items"]
    assert shown["validity"] == 365
    [earned] = platform.listed()["items"]
    assert earned["valid_until"] == earned["credential"]["validUntil"]
    assert until - datetime.fromisoformat(earned["issued_at"]) == timedelta(days=365)


def test_it_is_told_a_month_ahead_and_again_when_it_is_over(platform: Platform, until: datetime) -> None:
    ahead = until - timedelta(days=30)
    assert told(platform, ahead - timedelta(seconds=1)) == []
    [expiring] = told(platform, ahead)
    assert (expiring.short_type, expiring.sequence, expiring.actor) == ("credential-expiring", 2, "credentials")
    assert datetime.fromisoformat(expiring.data["valid_until"]) == until
    assert told(platform, until - timedelta(seconds=1)) == []
    [expired] = told(platform, until)
    assert (expired.short_type, expired.sequence) == ("credential-expired", 3)
    assert told(platform, until + timedelta(days=400)) == []


def test_what_expired_while_nobody_looked_is_told_once(platform: Platform, until: datetime) -> None:
    assert [each.short_type for each in told(platform, until)] == ["credential-expired"]
    assert told(platform, until) == []


def test_a_credential_reads_as_expired_once_its_time_is_over(platform: Platform, until: datetime) -> None:
    [row] = platform.state["credentials"].values()
    row["valid_until"] = datetime(2020, 1, 1, tzinfo=UTC)
    assert platform.listed()["items"][0]["status"] == "expired"


def test_of_a_revoked_credential_no_end_is_told(platform: Platform, until: datetime) -> None:
    changed(platform, platform.listed()["items"][0], "revoke")
    assert told(platform, until) == []


def test_of_an_erased_patron_nothing_is_told(platform: Platform, until: datetime) -> None:
    platform.hear("patrons", erased())
    assert told(platform, until) == []
    assert PATRON not in str(platform.state)


def test_without_an_end_nothing_is_ever_told(platform: Platform) -> None:
    document = issued_and_shared(platform)["credential"]
    assert "validUntil" not in document
    assert platform.verified(document)["dates"] == "valid"
    assert told(platform, datetime(2999, 1, 1, tzinfo=UTC)) == []


def test_many_are_told_batch_by_batch(platform: Platform) -> None:
    platform.defined(validity=10)
    patrons = [f"0190b3a0-1111-7111-8111-{number:012d}" for number in range(expiry.BATCH + 20)]
    platform.hear("consents", *[consent(patron=patron) for patron in patrons])
    platform.hear("completions", *[completed(n, patron) for n, patron in enumerate(patrons)])
    assert len({each.subject for each in told(platform, datetime(2999, 1, 1, tzinfo=UTC))}) == len(patrons)


# what nobody has seen

def reminded(platform: Platform, moment: datetime) -> list[Event]:
    """What is told of credentials that were issued by then."""
    work: Any = MemoryWork(COLLECTIONS, "credentials", platform.state)
    while expiry.remind(work, moment) == expiry.BATCH:
        pass
    return list(work.events)


def test_a_credential_that_nobody_has_seen_is_told_of_once(platform: Platform, until: datetime) -> None:
    issued_at = datetime.fromisoformat(platform.listed()["items"][0]["issued_at"])
    assert reminded(platform, issued_at - timedelta(seconds=1)) == []
    [told] = reminded(platform, issued_at)
    assert (told.short_type, told.sequence, told.actor) == ("credential-unclaimed", 2, "credentials")
    assert told.data["patron"] == PATRON
    assert reminded(platform, issued_at + timedelta(days=100)) == []


def test_what_was_shared_claimed_revoked_or_erased_is_not_told_of(platform: Platform) -> None:
    platform.defined()
    patrons = [f"0190b3a0-1111-7111-8111-{number:012d}" for number in range(4)]
    platform.hear("consents", *[consent(patron=patron) for patron in patrons])
    platform.hear("completions", *[completed(n, patron) for n, patron in enumerate(patrons)])
    shared, taken, revoked, gone = ({row["patron"]: row for row in platform.state["credentials"].values()}[patron]
                                    for patron in patrons)
    platform.call("share_credential", credential=shared["_id"])
    platform.state["credentials"][taken["_id"]] = claims.claimed(taken, datetime.now(UTC))
    changed(platform, {"id": revoked["_id"]}, "revoke")
    platform.hear("patrons", erased(gone["patron"]))
    assert reminded(platform, datetime.now(UTC)) == []
    assert not any(row.get("unclaimed_since") for row in platform.state["credentials"].values())
