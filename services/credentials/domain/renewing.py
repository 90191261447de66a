"""A credential signed anew under its own id, for longer or with another key.

The day on which it was earned stays, and of two of one id the later validFrom counts (Open Badges 3.0 REST API,
upsertCredential). What was signed before stays on record with why, so that a copy of it can still be judged.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson

from contracts.calls.achievements import COMPETENCY
from libranet.clock import rfc3339
from services.credentials.domain import documents, issuing, life, mappings, status_lists, vouchers
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.earning import Assessed, kept
from services.credentials.domain.issuers import Issuer
from services.credentials.domain.life import Credential
from services.credentials.domain.refusals import AssessmentNeeded, StatusFinal
from services.credentials.domain.status_lists import StatusPlace
from services.credentials.domain.vouchers import Vouchers


def check_renewable(credential: Credential, extend: bool) -> None:
    """Raises StatusFinal for one that was revoked or is suspended, AssessmentNeeded for a competency that would hold
    for longer."""
    if credential["status"] != life.ISSUED:
        raise StatusFinal(f"It is {credential['status']}. Reinstate a suspended one first; a revoked one stays so.")
    if extend and credential["kind"] == COMPETENCY:
        raise AssessmentNeeded("It holds for longer once evidence is submitted, judged and accepted again: "
                               "POST /v1/patrons/{id}/submissions.", "/extend")


def speaks_as(credential: Credential, issuer: Issuer) -> bool:
    """Whether it was issued under the name that the issuer has now, so that its place in a list stays good."""
    return bool(credential["status_place"] and document_of(credential)["issuer"]["id"] == issuer.did)


def document_of(credential: Credential) -> dict[str, Any]:
    """The document without its proofs."""
    document: dict[str, Any] = orjson.loads(credential["document"])
    return {name: each for name, each in document.items() if name != "proof"}


def of_same(credential: Credential) -> dict[str, Any]:
    """What a document about the same takes over."""
    return {"id": credential["public_url"], "awardedDate": credential["awarded_at"]}


def renew(credential: Credential, document: dict[str, Any], achievement: Achievement, issuer: Issuer, address: str,
          place: StatusPlace, at: datetime, until: datetime | None, vouched: Vouchers) -> Credential:
    """The record with `document`, an unsigned one about the same, signed in its place, with what others say of it now.
    `achievement` is the version that it names. Raises DocumentUnsound."""
    moment = rfc3339(at)
    ends = {} if until is None else {"validUntil": rfc3339(until)}
    shown = documents.corresponding(document, mappings.applied(achievement, vouched.mappings))
    anew = vouchers.carry({
        **{name: each for name, each in shown.items() if name != "validUntil"},
        **of_same(credential),
        "issuer": documents.issuer_profile(issuer),
        "validFrom": moment,
        **ends,
        "credentialStatus": status_lists.entry(address, place),
    }, vouched)
    former = {"document": credential["document"], "because": credential["because"]}
    return {
        **life.lived(credential, life.REVALIDATED, at),
        "status_place": asdict(place),
        "valid_until": until,
        "due_at": None if until is None else life.notice_at(at, until),
        "revalidated_at": at,
        "document": orjson.dumps(issuing.sign(anew, issuer, moment)).decode(),
        "former": [*credential.get("former", ()), former],
    }


def shown_again(credential: Credential, earned_by: Assessed, achievement: Achievement) -> Credential:
    """The record with what was found when the competency was shown again."""
    because = {**kept(earned_by), "achievement_version": achievement.version}
    return {**credential, "achievement_name": achievement.name, "because": because}
