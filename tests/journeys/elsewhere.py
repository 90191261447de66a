"""Credentials of an issuer whom nobody here knows."""

import uuid
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.examples import EXAMPLES
from services.credentials.domain import documents, proofs
from services.credentials.domain.keys import SigningKey

KEY = SigningKey.of(Ed25519PrivateKey.generate())
MADE = "2026-11-20T10:00:00Z"


def credential(mark: str) -> dict[str, Any]:
    """A new one, issued to the person of the description's example."""
    return proofs.add_proofs({
        "@context": list(documents.CONTEXTS), "id": f"urn:uuid:{uuid.uuid4()}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"], "issuer": {"id": KEY.did, "type": ["Profile"]},
        "validFrom": MADE, "credentialSubject": {
            "id": f"urn:uuid:{uuid.uuid4()}", "type": ["AchievementSubject"],
            "identifier": [{"type": "IdentityObject", "hashed": False, "identityType": "emailAddress",
                            "identityHash": EXAMPLES["import_credential"]["identity"]}],
            "achievement": {"id": f"urn:uuid:{uuid.uuid4()}", "type": ["Achievement"],
                            "name": f"From elsewhere {mark}", "description": mark,
                            "criteria": {"narrative": mark}}}}, KEY, MADE)
