"""What the credentials service has decided, in the past tense. Ids and where to look; no documents, no
names of people."""

from datetime import datetime
from typing import Any

from libranet.clock import rfc3339
from libranet.cloudevent import Fact

PREFIX = "org.libranet.credentials."


def credential_issued(credential: dict[str, Any]) -> Fact:
    """`credential` is the stored document of issuing.record."""
    return Fact(
        f"{PREFIX}credential-issued.v1",
        credential["_id"],
        credential["owner"],
        {**_credential(credential), "completion": credential["because"]["id"]},
    )


def credential_shared(credential: dict[str, Any]) -> Fact:
    return Fact(
        f"{PREFIX}credential-shared.v1",
        credential["_id"],
        credential["owner"],
        {**_credential(credential), "shared_at": rfc3339(credential["shared_at"])},
        sequence=credential["sequence"],
    )


def patron_data_erased(patron: str, owner: str, erasure: str, deleted: int, erased_at: datetime) -> Fact:
    return Fact(
        f"{PREFIX}patron-data-erased.v1",
        patron,
        owner,
        {"patron": patron, "erasure": erasure, "erased_at": rfc3339(erased_at), "deleted": deleted},
    )


def _credential(credential: dict[str, Any]) -> dict[str, Any]:
    return {
        "credential": credential["_id"],
        "patron": credential["patron"],
        "achievement": credential["achievement"],
        "achievement_name": credential["achievement_name"],
        "kind": credential["kind"],
        "issuer": credential["owner"],
        "public_id": credential["public_id"],
        "public_url": credential["public_url"],
        "issued_at": rfc3339(credential["issued_at"]),
    }
