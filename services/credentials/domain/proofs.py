"""Ed25519 DataIntegrityProofs with the cryptosuites `eddsa-rdfc-2022` and `eddsa-jcs-2022` (W3C vc-di-eddsa 1.0).

The first signs what the document says as linked data, the second its JSON: together they are a proof set, and each
holds by itself.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from libranet.ids import new_id
from services.credentials.domain import didkeys, signable, skeletons
from services.credentials.domain.canonical_json import canonical
from services.credentials.domain.keys import PublicKey, SigningKey
from services.credentials.domain.shapes import Apart

RDFC = "eddsa-rdfc-2022"
JCS = "eddsa-jcs-2022"
SUITES = (RDFC, JCS)
SIGNATURE_BYTES = 64


def add_proofs(
    document: dict[str, Any], key: SigningKey, created: str, suites: Sequence[str] = SUITES, are_named: bool = False
) -> dict[str, Any]:
    """The signed document; `proof` is a list, as the 1EdTech schema wants. Proofs of what others carry inside theirs
    `are_named`: without ids, copies of one would look alike (RDFC-1.0). Raises DocumentUnsound and what
    `skeletons.digest` raises: nothing is signed that verifiers would read in different ways."""
    apart = signable.taken_apart(document)
    names = [{"id": f"urn:uuid:{new_id()}"} if are_named else {} for _ in suites]
    return {**document, "proof": [
        _proof(document, apart, key, created, suite, name) for suite, name in zip(suites, names, strict=True)]}


def holds(
    document: dict[str, Any], proof: dict[str, Any], key: PublicKey, pause: Callable[[], object] = lambda: None
) -> bool:
    """Whether the proof's signature covers the document (3.2.2, 3.3.2). `document` has no proof; a record is read with
    pauses.

    Raises KeyUnreadable (for a key that is not Ed25519 too), NotCanonical, NotCovered, ContextUnknown, TooAmbiguous or
    Unreadable when that cannot be told.
    """
    if not isinstance(key, Ed25519PublicKey):
        raise didkeys.KeyUnreadable("it is not an Ed25519 key")
    signature = didkeys.decode_base58(proof["proofValue"])
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    if len(signature) != SIGNATURE_BYTES or not _speaks_of(document, options):
        return False
    try:
        key.verify(signature, _signed_bytes(document, options, pause))
    except InvalidSignature:
        return False
    return True


def _proof(
    document: dict[str, Any], apart: Apart, key: SigningKey, created: str, suite: str, name: dict[str, str]
) -> dict[str, Any]:
    options = {
        **name,
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": created,
        "verificationMethod": key.method,
        "proofPurpose": "assertionMethod",
    }
    if suite == JCS:
        options["@context"] = document["@context"]
    signature = key.sign(_signed_bytes(document, options, apart=apart))
    return {**options, "proofValue": didkeys.encode_base58(signature)}


def _signed_bytes(
    document: dict[str, Any], options: dict[str, Any], pause: Callable[[], object] = lambda: None,
    apart: Apart | None = None,
) -> bytes:
    """Both digests, that of the proof's options first (3.2.4, 3.3.4)."""
    if options["cryptosuite"] == JCS:
        seen = {**document, "@context": options["@context"]} if "@context" in options else document
        return sha256(canonical(options)).digest() + sha256(canonical(seen)).digest()
    options = {**options, "@context": document["@context"]}
    return skeletons.digest(options) + skeletons.digest(document, pause, apart)


def _speaks_of(document: dict[str, Any], options: dict[str, Any]) -> bool:
    """Whether the document's contexts begin with those in its jcs proof (3.3.2, 4)."""
    if options["cryptosuite"] != JCS or "@context" not in options:
        return True
    signed, shown = _listed(options["@context"]), _listed(document["@context"])
    return shown[: len(signed)] == signed


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
