"""The AchievementCredential of Open Badges 3.0 (VCDM 2.0): what the guard lets pass.

No member is null and none is an empty list; ids are absolute addresses, times carry a zone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.credentials.domain import alignments, endorsements, rubrics
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.drawing import Label
from services.credentials.domain.issuers import Issuer

CONTEXTS = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
)
RUBRIC = "resultDescription"


@dataclass(frozen=True)
class Award:
    """What differs from learner to learner: the credential's address, the learner's id, the entry in a status list,
    RFC 3339 times; `image` is the address of the achievement's picture; of a competency, what was shown, who judged it,
    and the levels that were reached."""

    credential: str
    subject: str
    status: dict[str, Any]
    valid_from: str
    awarded: str
    valid_until: str | None = None
    image: str | None = None
    evidence: Sequence[dict[str, Any]] = ()
    source: dict[str, Any] | None = None
    levels: Mapping[str, str] | None = None


def credential(achievement: Achievement, issuer: Issuer, award: Award) -> dict[str, Any]:
    """The unsigned credential."""
    subject = {
        "source": award.source,
        "result": rubrics.results(achievement.rubric, award.levels or {}, achievement.id, achievement.version),
    }
    return {
        "@context": list(CONTEXTS),
        "id": award.credential,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": issuer_profile(issuer),
        "validFrom": award.valid_from,
        **_given({"validUntil": award.valid_until}),
        "awardedDate": award.awarded,
        "name": achievement.name,
        "credentialSubject": {
            "id": award.subject,
            "type": ["AchievementSubject"],
            "achievement": {**_achievement(achievement), **_image(achievement, issuer, award.image)},
            **_given(subject),
        },
        **_given({"evidence": list(award.evidence)}),
        "credentialStatus": award.status,
    }


def corresponding(document: dict[str, Any], achievement: Achievement) -> dict[str, Any]:
    """The credential with what the achievement corresponds to now, as a whole and by level."""
    subject = document["credentialSubject"]
    rest = {name: each for name, each in subject["achievement"].items() if name not in ("alignment", RUBRIC)}
    return {**document, "credentialSubject": {**subject, "achievement": {**rest, **_correspondences(achievement)}}}


def endorsement(url: str, name: str, comment: str, issuer: Issuer, subject: str, status: dict[str, Any],
                valid_from: str) -> dict[str, Any]:
    """The unsigned EndorsementCredential (B.1.10) of what has the id `subject`."""
    return {
        "@context": list(CONTEXTS),
        "id": url,
        "type": ["VerifiableCredential", endorsements.TYPE],
        "name": name,
        "issuer": issuer_profile(issuer),
        "validFrom": valid_from,
        "credentialSubject": {"id": subject, "type": ["EndorsementSubject"], "endorsementComment": comment},
        "credentialStatus": status,
    }


def issuer_profile(issuer: Issuer) -> dict[str, Any]:
    return {"id": issuer.did, "type": ["Profile"], "name": issuer.name}


def _image(achievement: Achievement, issuer: Issuer, address: str | None) -> dict[str, Any]:
    caption = Label(achievement.name, issuer.name, achievement.kind).alternative_text
    return {} if address is None else {"image": {"id": address, "type": "Image", "caption": caption}}


def _given(members: dict[str, Any]) -> dict[str, Any]:
    """Without those that are empty."""
    return {name: each for name, each in members.items() if each}


def _achievement(achievement: Achievement) -> dict[str, Any]:
    optional = {
        "inLanguage": achievement.language,
        "tag": list(achievement.tags),
    }
    return {
        "id": f"urn:uuid:{achievement.id}",
        "type": ["Achievement"],
        "achievementType": achievement.achievement_type,
        "name": achievement.name,
        "description": achievement.description,
        "criteria": {"narrative": achievement.criteria},
        "version": str(achievement.version),
        **_given(optional),
        **_correspondences(achievement),
    }


def _correspondences(achievement: Achievement) -> dict[str, Any]:
    return _given({
        "alignment": alignments.documents(achievement.alignments),
        RUBRIC: rubrics.descriptions(achievement.rubric, achievement.id, achievement.version)})
