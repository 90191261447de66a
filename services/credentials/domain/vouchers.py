"""What others say of a credential, its achievement and its issuer, as a credential carries it (Open Badges 3.0,
`endorsement`)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.credentials.domain import endorsements, proofs
from services.credentials.domain.mappings import Mapping as Mapped

MOST_CARRIED = endorsements.MOST_ENDORSEMENTS
"""In one credential: no more are read."""
MEMBER, MEMBER_OF_TOKENS = "endorsement", "endorsementJwt"
Document = dict[str, Any]


@dataclass(frozen=True)
class Vouchers:
    """Signed EndorsementCredentials by what they are of, the oldest first. Those of the credential are JWS: an object
    about the credential inside it would describe the same node twice, which verifiers refuse. `mappings` are those
    that the achievement's owner accepted."""

    credential: tuple[str, ...] = ()
    achievement: tuple[Document, ...] = ()
    issuer: tuple[Document, ...] = ()
    mappings: tuple[Mapped, ...] = ()


NONE = Vouchers()


def carry(document: Mapping[str, Any], vouchers: Vouchers) -> Document:
    """The unsigned credential with these endorsements and no others. Where there are too many, those of the credential
    come first, then those of its achievement."""
    subject, issuer = document["credentialSubject"], document["issuer"]
    of_credential = list(vouchers.credential[:MOST_CARRIED])
    of_achievement = shown(subject["achievement"], vouchers.achievement)[:MOST_CARRIED - len(of_credential)]
    of_issuer = shown(issuer, vouchers.issuer)[:MOST_CARRIED - len(of_credential) - len(of_achievement)]
    achievement = with_endorsements(subject["achievement"], of_achievement)
    return {
        **with_endorsements(document, of_credential, MEMBER_OF_TOKENS),
        "issuer": with_endorsements(issuer, of_issuer),
        "credentialSubject": {**subject, "achievement": achievement},
    }


def shown(carrier: Mapping[str, Any], found: Iterable[Document]) -> list[Document]:
    """Those that speak of the carrier by the id that it has now, each with the one proof that readers of what is inside
    another document know: the other suite's has contexts of its own."""
    return [{**each, "proof": [proof for proof in each["proof"] if proof["cryptosuite"] == proofs.RDFC]}
            for each in found if each["credentialSubject"]["id"] == carrier["id"]]


def with_endorsements(carrier: Mapping[str, Any], inside: Sequence[Document | str], member: str = MEMBER) -> Document:
    """The carrier with these instead of those that it had."""
    rest = {name: value for name, value in carrier.items() if name != member}
    return {**rest, member: inside} if inside else rest
