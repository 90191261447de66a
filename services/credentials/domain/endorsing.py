"""Endorsements that nodes of this platform make: asked for, offered, accepted, declined, taken back.

Nothing is signed before both sides agree to the same words: an offer never changes, other words are another offer.
Each decision gives the endorsement's next state, the same object where it changes nothing.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import orjson

from contracts.calls.endorsements import (
    ACCEPTED,
    ACHIEVEMENT,
    ASKED,
    CREDENTIAL,
    DECLINED,
    ISSUER,
    OFFERED,
    TAKEN_BACK,
)
from contracts.places import is_within
from libranet.clock import rfc3339
from libranet.ids import keyed_id, public_id
from services.credentials.domain import documents, earning, issuers, issuing, life, status_lists, tokens
from services.credentials.domain.achievements import Achievement, check_texts
from services.credentials.domain.earning import Earning
from services.credentials.domain.endorsing_refusals import (
    EndorsedAlready,
    EndorsementFinal,
    NothingOffered,
    NotWanted,
    OfferedTooOften,
    OwnPraise,
)
from services.credentials.domain.issuers import Issuer
from services.credentials.domain.keys import SigningKey
from services.credentials.domain.status_lists import StatusPlace

MOST_TURNS = 20
"""Endorsements that one node began of one thing, all of them kept."""
Endorsement = dict[str, Any]
"""As it is stored: `owner` is the endorser's node, `target_owner` that which is endorsed. `sequence` counts its
states."""


@dataclass(frozen=True)
class Signer:
    """Who endorses, and the new endorsement's place in a status list. Of a credential it is signed as JWS, too, by
    `token_key`: that is the form in which the credential carries it (see docs/decisions)."""

    issuer: Issuer
    place: StatusPlace
    token_key: SigningKey | None

    def jws(self, document: dict[str, Any], address: str) -> str | None:
        key = self.token_key
        return None if key is None else tokens.sign(document, key, issuers.key_address(key, address, self.issuer.node))


@dataclass(frozen=True)
class Target:
    """What is endorsed: `of` is what callers name it by, `owner` the node that decides, with the `patron` whose
    credential it is. Of achievements one `version` is endorsed. `issuer` is who signed a credential, which does not
    praise it."""

    kind: str
    of: str
    owner: str
    name: str
    version: int | None = None
    patron: str | None = None
    issuer: str | None = None

    @property
    def about(self) -> str:
        """The same for all endorsements of it."""
        return about(self.kind, self.of, self.version)


def about(kind: str, of: str, version: int | None = None) -> str:
    return f"{kind}|{of}" if version is None else f"{kind}|{of}|{version}"


def of_achievement(achievement: Achievement) -> Target:
    return Target(ACHIEVEMENT, achievement.id, achievement.owner, achievement.name, achievement.version)


def of_issuer(node: str, name: str) -> Target:
    return Target(ISSUER, node, node, name)


def of_credential(credential: dict[str, Any]) -> Target:
    return Target(CREDENTIAL, credential["public_id"], credential["owner"], credential["achievement_name"],
                  patron=credential["patron"], issuer=issuers.node_of(credential))


def of_address(credential: str, earned_by: Earning, achievement: Achievement) -> Target:
    """A credential that is about to be issued, with this address."""
    return Target(CREDENTIAL, credential.rpartition("/")[2], earned_by.owner, achievement.name,
                  patron=earned_by.patron, issuer=earning.issuer_of(earned_by))


def check_not_own(target: Target, endorser: str) -> None:
    """Raises OwnPraise."""
    praised = target.issuer or target.owner
    if is_within(endorser, praised) or is_within(praised, endorser):
        raise OwnPraise(f"{praised} and {endorser} are one when it comes to praise. Ask somebody else.")


def asked(before: Sequence[Endorsement], target: Target, endorser: str, note: str | None,
          moment: datetime) -> Endorsement:
    """What stands after its owner asked: the newest one there is while that is open or signed, else another one.
    `before` are the endorser's of this, the oldest first. Raises OfferedTooOften."""
    newest = before[-1] if before else None
    if newest is not None and (newest["state"] in (ASKED, OFFERED, ACCEPTED) or _is_shown_no_more(newest)):
        return newest
    _check_room(before)
    return {**_begun(before, target, endorser, moment), "state": ASKED, "note": note}


def offered(before: Sequence[Endorsement], target: Target, endorser: str, comment: str, moment: datetime,
            ) -> list[Endorsement]:
    """What stands after the endorser offered these words, the last one being the offer; none of the others but what it
    replaces. Raises EndorsedAlready, NotWanted or OfferedTooOften."""
    check_texts({"comment": comment})
    newest = before[-1] if before else None
    if newest is None or newest["state"] == TAKEN_BACK:
        _check_room(before)
        return [{**_begun(before, target, endorser, moment), "state": OFFERED, "comment": comment}]
    if newest["state"] == ASKED:
        return [{**_next(newest, OFFERED, moment), "comment": comment}]
    if newest["comment"] == comment and newest["state"] != DECLINED:
        return [newest]
    if newest["state"] == ACCEPTED:
        raise EndorsedAlready("Take that endorsement back, then offer another one.", "/comment")
    if newest["state"] == DECLINED:
        raise NotWanted("It was declined. Offer another one once you are asked for it.")
    _check_room(before)
    replaced = taken_back(newest, "Replaced by another offer.", moment)
    return [replaced, {**_begun(before, target, endorser, moment), "state": OFFERED, "comment": comment}]


def declined(endorsement: Endorsement, moment: datetime) -> Endorsement:
    """Not wanted, or not shown any more; what was signed stays signed."""
    if endorsement["state"] in (DECLINED, TAKEN_BACK):
        return endorsement
    return _next(endorsement, DECLINED, moment)


def check_acceptable(endorsement: Endorsement) -> None:
    """Raises NothingOffered or EndorsementFinal."""
    if endorsement["state"] == TAKEN_BACK:
        raise EndorsementFinal("Its endorser took it back. GET /v1/endorsements shows what stands.")
    if endorsement["comment"] is None:
        raise NothingOffered("Its endorser has not answered yet.")


def accepted(endorsement: Endorsement, signer: Signer | None, subject: str, address: str,
             moment: datetime) -> Endorsement:
    """Signed by its endorser about what has the id `subject`; what was signed before is shown once more and has no
    signer. Raises DocumentUnsound."""
    after = _next(endorsement, ACCEPTED, moment)
    return after if signer is None else {**after, **_signed(after, signer, subject, address, moment)}


def taken_back(endorsement: Endorsement, reason: str, moment: datetime) -> Endorsement:
    """By its endorser, for good: revoked where it was signed. The first reason stays."""
    if endorsement["state"] == TAKEN_BACK:
        return endorsement
    status = {"status": life.REVOKED, "status_since": moment} if endorsement["document"] else {}
    return {**_next(endorsement, TAKEN_BACK, moment), "reason": reason, **status}


def is_co_issued(before: Sequence[Endorsement], version: int) -> bool:
    """Whether the co-issuer signed the credential under this version, even if that was taken back since."""
    return any(each["co_issued"] and each["version"] == version for each in before)


def co_issued(before: Sequence[Endorsement], credential: str, target: Target, achievement: Achievement, signer: Signer,
              address: str, moment: datetime) -> Endorsement:
    """What a co-issuer signs when a credential with this address is issued, or renewed. It agreed to this version
    alone. `before` are its own of the credential."""
    after = {**_begun(before, target, signer.issuer.node, moment), "state": ACCEPTED, "co_issued": True,
             "version": achievement.version,
             "comment": f"{signer.issuer.name} issues this credential together with the issuer that it names."}
    return {**after, **_signed(after, signer, credential, address, moment)}


def _is_shown_no_more(endorsement: Endorsement) -> bool:
    """Signed, and good: its owner may show it again."""
    return bool(endorsement["state"] == DECLINED and endorsement["document"])


def _check_room(before: Sequence[Endorsement]) -> None:
    """What a co-issuer signs is no turn of its own choice: no renewal fails for it. Raises OfferedTooOften."""
    if len(before) >= MOST_TURNS:
        raise OfferedTooOften(f"After {MOST_TURNS} times there is no other one.")


def _begun(before: Sequence[Endorsement], target: Target, endorser: str, moment: datetime) -> Endorsement:
    turn = before[-1]["turn"] + 1 if before else 0
    return {
        "_id": keyed_id("endorsement", endorser, target.about, str(turn)),
        "turn": turn,
        "owner": endorser,
        "target_owner": target.owner,
        "about": target.about,
        **{name: getattr(target, name) for name in ("kind", "of", "name", "version", "patron")},
        "sequence": 1,
        "changed_at": moment,
        "comment": None,
        "note": None,
        "reason": None,
        "co_issued": False,
        "document": None,
    }


def _next(endorsement: Endorsement, state: str, moment: datetime) -> Endorsement:
    return {**endorsement, "state": state, "sequence": endorsement["sequence"] + 1, "changed_at": moment}


def _signed(endorsement: Endorsement, signer: Signer, subject: str, address: str, moment: datetime) -> dict[str, Any]:
    opaque, since = public_id("endorsement", endorsement["_id"]), rfc3339(moment)
    url, issuer, place = f"{address}/endorsements/{opaque}", signer.issuer, signer.place
    unsigned = documents.endorsement(url, f"{issuer.name}: {endorsement['name']}", endorsement["comment"], issuer,
                                     subject, status_lists.entry(address, place), since)
    return {
        "public_id": opaque,
        "public_url": url,
        "status": life.ISSUED,
        "status_since": moment,
        "status_place": asdict(place),
        "since": moment,
        "document": orjson.dumps(issuing.sign(unsigned, issuer, since, are_named=True)).decode(),
        "jws": signer.jws(unsigned, address),
    }
