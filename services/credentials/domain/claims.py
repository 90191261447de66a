"""Offers of a credential to its learner's wallet, and what becomes of them (OpenID4VCI 1.0, pre-authorized code flow).

A credential has one offer at a time, and of its codes and token only keyed hashes are kept. Each copy that a wallet
takes is the same credential (same id, same place in the status list) as of a later `validFrom`, whose subject is the
wallet's key; see docs/decisions.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import orjson

from libranet.clock import rfc3339
from libranet.ids import keyed_id, new_id, public_id
from services.credentials.domain import issuers, life
from services.credentials.domain.claims_refusals import ClaimRefused
from services.credentials.domain.keys import SigningKey
from services.credentials.domain.refusals import NotClaimable

TX_CODE_DIGITS = 6
MOST_WRONG_TRIES = 5
"""Of a million codes: whoever saw the QR code gets in once in 200,000 times."""
TOKEN_SECONDS = 900
"""Time for the person to look at what the wallet shows, and for the wallet to tell what became of it."""
MOST_COPIES = 5
"""Of one offer: both formats, and what was lost on the way."""
SECRET_BYTES = 32
ACCEPTED = "credential_accepted"
NOTIFICATIONS = (ACCEPTED, "credential_deleted", "credential_failure")
Credential = dict[str, Any]
"""The stored document of issuing.issue."""


@dataclass(frozen=True)
class Offer:
    """Of one credential, at the addresses of `owner`, its issuer. `code`, `tx_code` and `token` are keyed hashes; there
    is a code until it is taken or was guessed at too often, and a token from then on."""

    credential: str
    patron: str
    owner: str
    formats: tuple[str, ...]
    code: str | None
    tx_code: str
    expires_at: datetime
    wrong_tries: int = 0
    token: str | None = None
    token_until: datetime | None = None
    copies: int = 0

    def is_open(self, at: datetime) -> bool:
        """Whether a wallet may still take it."""
        return self.code is not None and self.expires_at > at


@dataclass(frozen=True)
class Secrets:
    """What is told once: `offer` is in the link, `tx_code` is not."""

    offer: str
    tx_code: str


def is_claimable(credential: Credential, at: datetime) -> bool:
    """Whether others would accept it: it is not suspended, revoked or expired."""
    return life.holds_at(credential, at)


def make_offer(credential: Credential, formats: Iterable[str], minutes: int, at: datetime) -> tuple[Offer, Secrets]:
    """An offer that is good for so many minutes. Raises NotClaimable."""
    if not is_claimable(credential, at):
        raise NotClaimable(f"It is {life.status_at(credential, at)}: nobody would accept what the wallet gets.")
    told = Secrets(secrets.token_urlsafe(SECRET_BYTES), f"{secrets.randbelow(10**TX_CODE_DIGITS):0{TX_CODE_DIGITS}}")
    own_id = credential["_id"]
    offer = Offer(
        credential=own_id,
        patron=credential["patron"],
        owner=issuers.node_of(credential),
        formats=tuple(formats),
        code=code_hash(code_of(told.offer)),
        tx_code=_tx_code_hash(own_id, told.tx_code),
        expires_at=at + timedelta(minutes=minutes),
    )
    return offer, told


def code_of(offer_secret: str) -> str:
    """The pre-authorized code: it follows from the secret in the link, which leads to the offer each time."""
    return public_id("pre-authorized code", offer_secret)


def code_hash(code: str) -> str:
    return keyed_id("pre-authorized code", code)


def token_hash(token: str) -> str:
    return keyed_id("wallet token", token)


def take(offer: Offer, tx_code: str, at: datetime) -> tuple[Offer, str | None]:
    """The offer's next state, and the access token; none where the transaction code was wrong, which ends the offer in
    the end (13.6.3)."""
    if _tx_code_hash(offer.credential, tx_code) != offer.tx_code:
        tries = offer.wrong_tries + 1
        return replace(offer, wrong_tries=tries, code=offer.code if tries < MOST_WRONG_TRIES else None), None
    token = secrets.token_urlsafe(SECRET_BYTES)
    until = at + timedelta(seconds=TOKEN_SECONDS)
    return replace(offer, code=None, token=token_hash(token), token_until=until), token


def with_another_copy(offer: Offer, form: str) -> Offer:
    """The offer once another copy is given out. Raises ClaimRefused."""
    if form not in offer.formats:
        raise ClaimRefused("unknown_credential_configuration", "The offer names other credential configurations.")
    if offer.copies >= MOST_COPIES:
        raise ClaimRefused("credential_request_denied", "This offer was used up. Ask for a new one.")
    return replace(offer, copies=offer.copies + 1)


def copy_for(credential: Credential, holder: str, at: datetime) -> dict[str, Any]:
    """The unsigned copy for whoever holds a key: to others an update of the same credential, as its id is the
    same and its `validFrom` later (Open Badges 3.0, credential equality)."""
    document = orjson.loads(credential["document"])
    subject = {**document["credentialSubject"], "id": holder}
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    return {**unsigned, "validFrom": rfc3339(at), "credentialSubject": subject}


def claim_of(offer: Offer, form: str, unsigned: dict[str, Any], at: datetime) -> dict[str, Any]:
    """What is kept of a copy; its id is the wallet's notification_id (8.3)."""
    return {
        "_id": new_id(),
        "credential": offer.credential,
        "patron": offer.patron,
        "owner": offer.owner,
        "format": form,
        "document": orjson.dumps(unsigned).decode(),
        "claimed_at": at,
        "notified": None,
        "notified_at": None,
    }


def key_for(credential: Credential, ring: Iterable[SigningKey], signing: SigningKey) -> SigningKey:
    """The key that signs a copy: it speaks under the name that issued the credential, as its status list does. Raises
    ClaimRefused where others may have had it."""
    key = issuers.key_speaking_as(orjson.loads(credential["document"])["issuer"]["id"], ring, signing)
    if key.compromised_at:
        raise ClaimRefused("credential_request_denied", "Its issuer has to issue it anew: the key is compromised.")
    return key


def claimed(credential: Credential, at: datetime) -> Credential:
    """The credential once a wallet has it; the first claim's time stays."""
    if credential.get("claimed_at"):
        return credential
    return {**life.lived(credential, life.CLAIMED, at), "claimed_at": at}


def activated(credential: Credential, event: str, at: datetime) -> Credential:
    """The credential once a wallet said that it keeps it; the first time stays."""
    if event != ACCEPTED or credential.get("activated_at"):
        return credential
    return {**credential, "activated_at": at}


def is_unclaimed(credential: Credential, at: datetime) -> bool:
    """Whether it would still be of use to its learner, and nobody has seen it."""
    seen = credential["shared_at"] or credential.get("claimed_at")
    return not seen and is_claimable(credential, at)


def reminded(credential: Credential) -> Credential:
    """The credential once it was told that nobody has seen it."""
    return {**credential, "unclaimed_since": None, "sequence": credential["sequence"] + 1}


def _tx_code_hash(credential: str, tx_code: str) -> str:
    return keyed_id("transaction code", credential, tx_code)
