"""Ed25519 DataIntegrityProof with the cryptosuite `eddsa-rdfc-2022` (W3C vc-di-eddsa 1.0, 3.2)."""

from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.credentials.domain import didkeys
from services.credentials.domain.linked_data import digest

CRYPTOSUITE = "eddsa-rdfc-2022"
SIGNATURE_BYTES = 64


@dataclass(frozen=True)
class SigningKey:
    """An issuer's Ed25519 key with the `did:key` that names it."""

    private: Ed25519PrivateKey
    did: str

    @classmethod
    def of(cls, private: Ed25519PrivateKey) -> "SigningKey":
        return cls(private, didkeys.did_of(private.public_key().public_bytes_raw()))

    @property
    def method(self) -> str:
        return didkeys.method_of(self.did)


def options(method: str, created: str) -> dict[str, Any]:
    """The proof without its value."""
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": CRYPTOSUITE,
        "created": created,
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }


def sign(document_digest: bytes, options_digest: bytes, key: SigningKey) -> str:
    """The proofValue: the signature over both digests, options first (3.2.4), as multibase base58btc."""
    return didkeys.encode_base58(key.private.sign(options_digest + document_digest))


def add_proof(document: dict[str, Any], key: SigningKey, created: str) -> dict[str, Any]:
    """The signed document, by the way that needs no preparation; `proof` is a list, as the 1EdTech schema
    wants."""
    proof = options(key.method, created)
    options_digest = digest({"@context": document["@context"], **proof})
    value = sign(digest(document), options_digest, key)
    return {**document, "proof": [{**proof, "proofValue": value}]}


def holds(document: dict[str, Any], proof: dict[str, Any]) -> bool:
    """Whether the proof's signature covers the document (3.2.2). `document` has no proof.

    Raises KeyUnreadable, NotCovered, ContextUnknown or TooAmbiguous when that cannot be told.
    """
    public_key = didkeys.public_key_of(proof["verificationMethod"])
    signature = didkeys.decode_base58(proof["proofValue"])
    if len(signature) != SIGNATURE_BYTES:
        return False
    unsigned = {key: value for key, value in proof.items() if key != "proofValue"}
    options_digest = digest({**unsigned, "@context": document["@context"]})
    try:
        public_key.verify(signature, options_digest + digest(document))
    except InvalidSignature:
        return False
    return True
