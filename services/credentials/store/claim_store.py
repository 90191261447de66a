"""Offers to wallets, the copies that wallets took, and the nonces that were used for them."""

from dataclasses import asdict
from datetime import datetime

from libranet.collection import Collection, Document, Index, Retention
from libranet.work import Work
from services.credentials.domain import claims_nonces
from services.credentials.domain.claims import Offer

COLLECTIONS = (
    Collection(
        "offers",
        Retention.of_days(1, "expires_at", "a token outlives its offer by minutes; hashes only"),
        (Index("patron"), Index("code"), Index("token")),
        personal=True,
    ),
    Collection(
        "claims",
        Retention.forever("it tells a wallet's copy from a forgery once a key was lost; erased with the patron"),
        (Index("patron"), Index("credential")),
        personal=True,
    ),
    Collection("used_nonces", Retention.of_days(1, "used_at", "longer than a nonce is good for; nothing of anybody")),
)


class ClaimStore:
    """One unit of work's view of claims."""

    def __init__(self, work: Work) -> None:
        self._work = work

    # offers

    def save_offer(self, offer: Offer) -> None:
        """Puts it in place of the credential's offer before."""
        row = asdict(offer)
        self._work.replace("offers", {"_id": row.pop("credential"), **row})

    def end_offer(self, credential: str) -> None:
        self._work.delete("offers", {"_id": credential})

    def offer_of(self, credential: str) -> Offer | None:
        row = self._work.get("offers", credential)
        return _offer(row) if row else None

    def offer_by_code(self, node: str, code_hash: str) -> Offer | None:
        return self._offer_by("code", code_hash, node)

    def offer_by_token(self, node: str, token_hash: str) -> Offer | None:
        return self._offer_by("token", token_hash, node)

    def _offer_by(self, member: str, value: str, node: str) -> Offer | None:
        found = self._work.find("offers", {member: value, "owner": node}, limit=1)
        return _offer(found[0]) if found else None

    # claims

    def save_claim(self, claim: Document) -> None:
        self._work.replace("claims", claim)

    def find_claim(self, claim: str) -> Document | None:
        return self._work.get("claims", claim)

    def claims_of(self, credential: str) -> list[Document]:
        """The oldest first."""
        return self._work.find("claims", {"credential": credential}, [("_id", 1)])

    # nonces

    def use_nonce(self, nonce: str, used_at: datetime) -> bool:
        """Whether it was not used before."""
        own_id = claims_nonces.spent(nonce)
        if self._work.get("used_nonces", own_id) is not None:
            return False
        self._work.insert("used_nonces", {"_id": own_id, "used_at": used_at})
        return True


def _offer(row: Document) -> Offer:
    members = {name: row[name] for name in Offer.__dataclass_fields__ if name not in ("credential", "formats")}
    return Offer(credential=row["_id"], formats=tuple(row["formats"]), **members)
