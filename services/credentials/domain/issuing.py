"""What was earned becomes a credential: when consent is there at once, otherwise it waits for it.

Ids follow from what earned it and the achievement by a keyed hash, so hearing of a completion twice makes no twin.
"""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import orjson

from contracts.calls.submissions import MOST_EVIDENCE
from libranet.clock import rfc3339
from libranet.ids import keyed_id, public_id
from services.credentials.domain import (
    alignments,
    documents,
    earning,
    evidence,
    issuers,
    life,
    mappings,
    proofs,
    rubrics,
    status_lists,
    vouchers,
)
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.assessing import check_award
from services.credentials.domain.canonical_json import NotCanonical
from services.credentials.domain.documents import Award
from services.credentials.domain.earning import Assessed, Earning
from services.credentials.domain.issuers import Issuer
from services.credentials.domain.linked_data import ContextUnknown, NotCovered, TooAmbiguous
from services.credentials.domain.refusals import DocumentUnsound
from services.credentials.domain.status_lists import StatusPlace
from services.credentials.domain.vouchers import Vouchers

SAMPLE_TIME = "2026-11-21T00:00:00Z"
SAMPLE = Award(
    credential="urn:libranet:sample",
    subject="urn:libranet:sample:learner",
    status=status_lists.entry("urn:libranet:sample", StatusPlace("list", 0)),
    valid_from=SAMPLE_TIME,
    awarded=SAMPLE_TIME,
    valid_until=SAMPLE_TIME,
    image="urn:libranet:sample:image",
)
SAMPLE_EVIDENCE = [
    {"type": ["Evidence"], "id": f"urn:libranet:sample:{number}", "name": "a", "narrative": "b", "description": "c"}
    for number in range(MOST_EVIDENCE)]
SAMPLE_SOURCE = {"id": "urn:libranet:sample:evaluators", "type": ["Profile"], "name": "Evaluators"}
SIGNING_ADDS = ("validFrom", "validUntil", "credentialStatus")


def credential_id(earned_by: Earning, achievement: Achievement) -> str:
    """The same for the same completion and achievement, however often either is heard of."""
    return keyed_id("credential", earned_by.id, achievement.id)


def waiting(earned_by: Earning, achievement: Achievement, since: datetime) -> dict[str, Any]:
    """What is kept of an earned achievement until the patron consents."""
    return {
        "_id": credential_id(earned_by, achievement),
        "owner": earned_by.owner,
        "patron": earned_by.patron,
        "achievement": achievement.id,
        "achievement_version": achievement.version,
        "achievement_name": achievement.name,
        "recipient": earning.issuer_of(earned_by),
        "earning": earning.kept(earned_by),
        "since": since,
    }


def issue(
    earned_by: Earning,
    achievement: Achievement,
    issuer: Issuer,
    address: str,
    issued_at: datetime,
    place: StatusPlace,
    vouched: Vouchers = vouchers.NONE,
) -> dict[str, Any]:
    """The record of a newly signed credential, with why it was issued: its patron's library owns it, whoever issues
    it. Nobody outside sees it until it is shared.

    `address` is where the platform is reached from outside; `place` is this credential's own; `vouched` is what
    others say of it and its parts. `document` is the credential's JSON text: it is kept as it was signed and never
    written anew. Raises what `check_award` raises, as a completion shows no competency, and DocumentUnsound.
    """
    until = achievement.end_after(issued_at)
    award = replace(
        _award(earned_by, achievement, issuer, address),
        status=status_lists.entry(address, place),
        valid_from=rfc3339(issued_at),
        valid_until=None if until is None else rfc3339(until),
    )
    shown = mappings.applied(achievement, vouched.mappings)
    signed = sign(vouchers.carry(documents.credential(shown, issuer, award), vouched), issuer, award.valid_from)
    return {
        "_id": credential_id(earned_by, achievement),
        "public_id": award.credential.rpartition("/")[2],
        "public_url": award.credential,
        "owner": earned_by.owner,
        "issuer": issuer.node,
        "sequence": 1,
        "status": life.ISSUED,
        "status_since": issued_at,
        "status_reason": None,
        "life": [life.entry(life.ISSUED, issued_at)],
        "status_place": asdict(place),
        "issued_at": issued_at,
        "valid_until": until,
        "due_at": None if until is None else life.notice_at(issued_at, until),
        "shared_at": None,
        "document": orjson.dumps(signed).decode(),
        **_about(earned_by, achievement),
    }


def preview(earned_by: Assessed, achievement: Achievement, issuer: Issuer, address: str,
            vouched: Vouchers = vouchers.NONE) -> dict[str, Any]:
    """What would be signed and may become public, without what the moment of signing adds."""
    shown = mappings.applied(achievement, vouched.mappings)
    document = vouchers.carry(unsigned(earned_by, shown, issuer, address), vouched)
    return {name: each for name, each in document.items() if name not in SIGNING_ADDS}


def unsigned(earned_by: Earning, achievement: Achievement, issuer: Issuer, address: str) -> dict[str, Any]:
    """With dates and a place in a status list that stand for others. Raises what `check_award` raises."""
    return documents.credential(achievement, issuer, _award(earned_by, achievement, issuer, address))


def check_signable(achievement: Achievement, issuer: Issuer) -> None:
    """Raises DocumentUnsound when no credential could be signed for the achievement, however much is shown for it."""
    judged = {each["name"]: each["required_level"] for each in achievement.rubric}
    award = replace(SAMPLE, levels=judged, evidence=SAMPLE_EVIDENCE, source=SAMPLE_SOURCE) if judged else SAMPLE
    document = documents.credential(achievement, issuer, award)
    sign(vouchers.carry(document, _sample_vouchers(issuer)), issuer, award.valid_from)


def sign(document: dict[str, Any], issuer: Issuer, created: str, are_named: bool = False) -> dict[str, Any]:
    """The document with its proofs (`proofs.add_proofs`). Raises DocumentUnsound."""
    try:
        return proofs.add_proofs(document, issuer.key, created, are_named=are_named)
    except (ContextUnknown, NotCanonical, NotCovered, TooAmbiguous) as error:
        raise DocumentUnsound(f"A signature would not cover it all: {error}.") from error


def address_of(earned_by: Earning, achievement: Achievement, address: str) -> str:
    """Where the credential will be, which is its id for others."""
    return f"{address}/credentials/{public_id('credential', credential_id(earned_by, achievement))}"


def share(credential: dict[str, Any], shared_at: datetime) -> dict[str, Any]:
    """The record of the credential made public; the first sharing's time stays."""
    if credential["shared_at"]:
        return credential
    return {**life.lived(credential, life.SHARED, shared_at), "shared_at": shared_at}


def _award(earned_by: Earning, achievement: Achievement, issuer: Issuer, address: str) -> Award:
    """What the credential says of its learner whenever it is signed. Raises what `check_award` raises."""
    award = replace(
        SAMPLE,
        credential=address_of(earned_by, achievement, address),
        subject=f"urn:uuid:{keyed_id('subject', issuer.node, earned_by.patron)}",
        awarded=earned_by.completed_at,
        image=None if achievement.image is None else address + achievement.image,
    )
    if not isinstance(earned_by, Assessed):
        check_award(achievement)
        return award
    levels = rubrics.by_criterion(earned_by.levels)
    check_award(achievement, earned_by.evidence, earned_by.evaluated_at, levels)
    return replace(
        award,
        evidence=evidence.documents(earned_by.evidence, earned_by.is_secret),
        source={"id": issuers.address_of(address, earned_by.evaluated_at), "type": ["Profile"],
                "name": earned_by.evaluators},
        levels=levels,
    )


def _sample_vouchers(issuer: Issuer) -> Vouchers:
    """As many endorsements as there may ever be, in the form that takes more room."""
    return Vouchers(issuer=tuple(_sample_endorsement(number, issuer) for number in range(vouchers.MOST_CARRIED)))


def _sample_endorsement(number: int, issuer: Issuer) -> dict[str, Any]:
    url = f"urn:libranet:sample:endorsement:{number}"
    document = documents.endorsement(
        url, "a", "b", issuer, issuer.did, status_lists.entry(url, StatusPlace("list", number)), SAMPLE_TIME)
    return {**document, "proof": [{
        "id": f"{url}:proof", "type": "DataIntegrityProof", "cryptosuite": proofs.RDFC, "created": SAMPLE_TIME,
        "verificationMethod": issuer.key.method, "proofPurpose": "assertionMethod", "proofValue": f"z{number}"}]}


def _about(earned_by: Earning, achievement: Achievement) -> dict[str, Any]:
    return {
        "patron": earned_by.patron,
        "achievement": achievement.id,
        "achievement_name": achievement.name,
        "kind": achievement.kind,
        "skills": alignments.skills(achievement.alignments),
        "awarded_at": earned_by.completed_at,
        "because": {**earning.kept(earned_by), "achievement_version": achievement.version},
    }
