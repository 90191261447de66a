"""The AchievementCredential of Open Badges 3.0 (VCDM 2.0): one shape per achievement and issuer, with holes.

No member is null and none is an empty list; `id` holes take absolute addresses, times carry a zone.
"""

from dataclasses import dataclass
from typing import Any

from services.credentials.domain import status_lists
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.proofs import SigningKey
from services.credentials.domain.skeletons import id_hole, number_hole, time_hole

CONTEXTS = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
)
CREDENTIAL = id_hole("credential")
SUBJECT = id_hole("subject")
VALID_FROM = time_hole(1)
AWARDED = time_hole(2)
CREATED = time_hole(3)
VALID_UNTIL = time_hole(4)
STATUS_LIST = id_hole("status-list")
STATUS_INDEX = number_hole("status-index")
STATUS = f"{STATUS_LIST}#{STATUS_INDEX}"
HOLES = frozenset({CREDENTIAL, SUBJECT, VALID_FROM, AWARDED, VALID_UNTIL, STATUS, STATUS_LIST, STATUS_INDEX})


@dataclass(frozen=True)
class Issuer:
    """A node of the org tree that signs: its name for people, its key."""

    node: str
    name: str
    key: SigningKey


def name_of(node: str) -> str:
    """What people read as the issuer while the org tree has not told its name: the last slug in words."""
    return node.rpartition(".")[2].replace("-", " ").title()


def shape(achievement: Achievement, issuer: Issuer) -> dict[str, Any]:
    """The unsigned credential with holes for what differs from learner to learner."""
    until = {} if achievement.validity is None else {"validUntil": VALID_UNTIL}
    return {
        "@context": list(CONTEXTS),
        "id": CREDENTIAL,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": issuer.key.did, "type": ["Profile"], "name": issuer.name},
        "validFrom": VALID_FROM,
        **until,
        "awardedDate": AWARDED,
        "name": achievement.name,
        "credentialSubject": {
            "id": SUBJECT,
            "type": ["AchievementSubject"],
            "achievement": _achievement(achievement),
        },
        "credentialStatus": status_lists.entry(STATUS_LIST, STATUS_INDEX),
    }


def fill(document: dict[str, Any], values: dict[str, str]) -> dict[str, Any]:
    """The document of one learner; `values` has the text for each of the shape's holes."""
    until = {"validUntil": values[VALID_UNTIL]} if "validUntil" in document else {}
    subject = {**document["credentialSubject"], "id": values[SUBJECT]}
    return {
        **document,
        "id": values[CREDENTIAL],
        "validFrom": values[VALID_FROM],
        **until,
        "awardedDate": values[AWARDED],
        "credentialSubject": subject,
        "credentialStatus": status_lists.entry(values[STATUS_LIST], values[STATUS_INDEX]),
    }


def profile(issuer: Issuer) -> dict[str, Any]:
    """The issuer for anyone: Open Badges Profile with its key as Multikey (Controlled Identifiers 1.0)."""
    return {
        "id": issuer.key.did,
        "type": ["Profile"],
        "name": issuer.name,
        "node": issuer.node,
        "verificationMethod": [
            {
                "id": issuer.key.method,
                "type": "Multikey",
                "controller": issuer.key.did,
                "publicKeyMultibase": issuer.key.did.removeprefix("did:key:"),
            }
        ],
        "assertionMethod": [issuer.key.method],
    }


def _achievement(achievement: Achievement) -> dict[str, Any]:
    document: dict[str, Any] = {
        "id": f"urn:uuid:{achievement.id}",
        "type": ["Achievement"],
        "achievementType": achievement.achievement_type,
        "name": achievement.name,
        "description": achievement.description,
        "criteria": {"narrative": achievement.criteria},
    }
    if achievement.language is not None:
        document["inLanguage"] = achievement.language
    return document
