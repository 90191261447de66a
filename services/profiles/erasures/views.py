"""What callers are shown of an erasure."""

from typing import Any

from libranet.clock import rfc3339
from services.profiles.erasures.domain.erasures import Erasure

PENDING = "pending"


def erasure_path(erasure_id: str) -> str:
    return f"/v1/erasures/{erasure_id}"


def erasure(shown: Erasure) -> dict[str, Any]:
    return {
        "id": shown.id, "patron": shown.patron, "requested_at": rfc3339(shown.requested_at),
        "complete": shown.complete, "href": erasure_path(shown.id), "proof": f"/v1/erasure-proofs/{shown.proof}",
        "answers": {service: PENDING if each is None else rfc3339(each.at)
                    for service, each in sorted(shown.answers.items())},
    }
