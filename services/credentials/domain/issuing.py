"""A completion becomes a credential: when consent is there at once, otherwise it waits for it.

Ids follow from completion and achievement by a keyed hash, so hearing of a completion twice makes no twin.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from libranet.clock import rfc3339
from libranet.ids import keyed_id, public_id
from services.credentials.domain import documents, life, proofs, status_lists
from services.credentials.domain.achievements import Achievement, check_award
from services.credentials.domain.documents import (
    AWARDED,
    CREATED,
    CREDENTIAL,
    STATUS,
    STATUS_INDEX,
    STATUS_LIST,
    SUBJECT,
    VALID_FROM,
    VALID_UNTIL,
    Issuer,
)
from services.credentials.domain.skeletons import skeleton_of
from services.credentials.domain.status_lists import REVOCATION, StatusPlace


@dataclass(frozen=True)
class Completion:
    """A course completed: `owner` is the patron's library, `event` the one that told, `completed_at` RFC
    3339."""

    id: str
    patron: str
    course: str
    owner: str
    completed_at: str
    event: str


def may_earn(achievement: Achievement, completion: Completion) -> bool:
    """Whether the completion earns it: same course, and defined by the patron's library or a node above
    it."""
    above = completion.owner == achievement.owner or completion.owner.startswith(achievement.owner + ".")
    return achievement.course == completion.course and above


def credential_id(completion: Completion, achievement: Achievement) -> str:
    """The same for the same completion and achievement, however often either is heard of."""
    return keyed_id("credential", completion.id, achievement.id)


def waiting(completion: Completion, achievement: Achievement, since: datetime) -> dict[str, Any]:
    """What is kept of an earned achievement until the patron consents."""
    return {
        "_id": credential_id(completion, achievement),
        "owner": completion.owner,
        "patron": completion.patron,
        "achievement": achievement.id,
        "achievement_name": achievement.name,
        "recipient": completion.owner,
        "completion": asdict(completion),
        "since": since,
    }


def issue(
    completion: Completion,
    achievement: Achievement,
    issuer: Issuer,
    address: str,
    issued_at: datetime,
    place: StatusPlace,
) -> dict[str, Any]:
    """The record of a newly signed credential, with why it was issued. Nobody outside sees it until it is
    shared.

    `address` is where the platform is reached from outside; `place` is this credential's own. `document` is the
    credential's JSON text: it is kept as it was signed and never written anew. Raises CompetencyWithoutAssessment for a
    competency, which a completion does not show, and DocumentUnsound.
    """
    check_award(achievement)
    own_id = credential_id(completion, achievement)
    opaque = public_id("credential", own_id)
    public_url = f"{address}/credentials/{opaque}"
    until = None if achievement.validity is None else issued_at + timedelta(days=achievement.validity)
    status_list = status_lists.list_address(address, place.list, REVOCATION)
    values = {
        CREDENTIAL: public_url,
        SUBJECT: f"urn:uuid:{keyed_id('subject', issuer.node, completion.patron)}",
        VALID_FROM: rfc3339(issued_at),
        AWARDED: completion.completed_at,
        STATUS: f"{status_list}#{place.index}",
        STATUS_LIST: status_list,
        STATUS_INDEX: str(place.index),
    }
    values |= {} if until is None else {VALID_UNTIL: rfc3339(until)}
    signed = _signed(documents.shape(achievement, issuer), values, issuer)
    return {
        "_id": own_id,
        "public_id": opaque,
        "public_url": public_url,
        "owner": issuer.node,
        "sequence": 1,
        "status": life.ISSUED,
        "status_since": issued_at,
        "status_reason": None,
        "status_place": asdict(place),
        "issued_at": issued_at,
        "valid_until": until,
        "due_at": None if until is None else life.notice_at(issued_at, until),
        "shared_at": None,
        "document": orjson.dumps(signed).decode(),
        **_about(completion, achievement),
    }


def share(credential: dict[str, Any], shared_at: datetime) -> dict[str, Any]:
    """The record of the credential made public; the first sharing's time stays."""
    if credential["shared_at"]:
        return credential
    return {**credential, "shared_at": shared_at, "sequence": credential["sequence"] + 1}


def _about(completion: Completion, achievement: Achievement) -> dict[str, Any]:
    return {
        "patron": completion.patron,
        "achievement": achievement.id,
        "achievement_name": achievement.name,
        "kind": achievement.kind,
        "course": completion.course,
        "awarded_at": completion.completed_at,
        "because": asdict(completion),
    }


def _signed(shape: dict[str, Any], values: dict[str, str], issuer: Issuer) -> dict[str, Any]:
    created = values[VALID_FROM]
    proof_shape = {"@context": shape["@context"], **proofs.options(issuer.key.method, CREATED)}
    options_digest = skeleton_of(proof_shape, frozenset({CREATED})).digest({CREATED: created})
    value = proofs.sign(skeleton_of(shape, documents.HOLES).digest(values), options_digest, issuer.key)
    document = documents.fill(shape, values)
    document["proof"] = [{**proofs.options(issuer.key.method, created), "proofValue": value}]
    return document
