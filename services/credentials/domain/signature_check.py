"""Whether a credential's signature holds, and in whose name it was made: embedded proofs and compact JWS.

Keys are those that this platform knows, and those that stand in what is checked (`did:key`, `jwk`); none is fetched.
"""

from typing import Any

from libranet.clock import parse_rfc3339
from services.credentials.domain import didkeys, guard, keys, linked_data, proofs, tokens
from services.credentials.domain.didkeys import KeyUnreadable
from services.credentials.domain.issuers import Book, KnownKey
from services.credentials.domain.keys import PublicKey
from services.credentials.domain.sources import Sources
from services.credentials.domain.tokens import Token
from services.credentials.domain.verdicts import INVALID, UNKNOWN, VALID, Verdict

MOST_PROOFS = 4
BASE_CONTEXT = "https://www.w3.org/ns/credentials/v2"


def of_document(document: dict[str, Any], sources: Sources) -> Verdict:
    """Of several proofs each has to hold."""
    listed = _proofs(document)
    if not listed:
        return Verdict(INVALID, "It carries no proof that can be read.")
    ours = [each for each in listed if _is_ours(each)]
    if not ours or len(listed) > MOST_PROOFS:
        found = sorted({str(each.get("cryptosuite", each.get("type")))[:60] for each in listed})
        return Verdict(
            UNKNOWN,
            f"Only up to {MOST_PROOFS} proofs with {' or '.join(proofs.SUITES)} are checked here; "
            f"it carries {len(listed)} with {', '.join(found)}.",
        )
    named = document.get("@context")
    if not isinstance(named, list) or not named:
        return Verdict(INVALID, "It names no list of contexts.")
    if named[0] != BASE_CONTEXT:
        return Verdict(UNKNOWN, f"Only credentials whose first context is {BASE_CONTEXT} are checked here.")
    linked_data.kept_contexts(document)
    unsigned = {key: value for key, value in document.items() if key != "proof"}
    guard.check_own_words(unsigned)
    verdicts = [_one_proof(unsigned, proof, sources) for proof in ours]
    return next((each for each in verdicts if each.verdict != VALID), verdicts[0])


def of_token(token: Token, sources: Sources) -> Verdict:
    """The signature, and that the claims beside the credential say the same as it does."""
    if token.algorithm not in tokens.ALGORITHMS:
        read = ", ".join(tokens.ALGORITHMS)
        return Verdict(INVALID if token.algorithm == "none" else UNKNOWN, f"Only {read} are checked here.")
    name, attached = token.header.get("kid"), token.header.get("jwk")
    known = sources.book.keys.get(name) if isinstance(name, str) else None
    try:
        key = _key_of_token(name, attached, known)
    except KeyUnreadable as error:
        is_at_hand = attached is not None or str(name).startswith("did:key:")
        return Verdict(INVALID if is_at_hand else UNKNOWN, f"The key cannot be read: {error}.")
    if not tokens.holds(token, key):
        return Verdict(INVALID, "The signature does not match: the credential was changed, or another key signed it.")
    if (claim := tokens.contradiction(token)) is not None:
        return Verdict(INVALID, f"Its claim '{claim}' is missing or says something else than the credential.")
    if known and known.key.compromised_at:
        valid_from = str(token.credential.get("validFrom"))
        return _by_compromised(token.credential, valid_from, known.key.compromised_at, sources)
    return Verdict(VALID, f"Signed with {name}." if isinstance(name, str) else "Signed with the key that came with it.")


def signers_of(document: dict[str, Any]) -> set[str]:
    """The DIDs in whose names its proofs were made, whether they hold or not."""
    return {str(each.get("verificationMethod")).partition("#")[0] for each in _proofs(document) if _is_ours(each)}


def signers_of_token(token: Token, book: Book) -> set[str]:
    """The DIDs that the key speaks for; none for a key that only came with the token."""
    name = token.header.get("kid")
    if not isinstance(name, str):
        return set()
    known = book.keys.get(name)
    own = {did for did, node in book.nodes.items() if known and node == known.node}
    return own | {name.partition("#")[0]}


def _one_proof(unsigned: dict[str, Any], proof: dict[str, Any], sources: Sources) -> Verdict:
    if "previousProof" in proof:
        return Verdict(UNKNOWN, "Chains of proofs are not checked here.")
    if proof.get("proofPurpose") != "assertionMethod":
        return Verdict(INVALID, "Its proof was made for another purpose than issuing.")
    for name in ("created", "expires"):
        if name in proof and not guard.is_time(proof[name]):
            return Verdict(INVALID, f"Its proof's '{name}' is not a time with a zone.")
    if "expires" in proof and parse_rfc3339(proof["expires"]) <= sources.now:
        return Verdict(INVALID, f"Its proof expired on {proof['expires']}.")
    guard.check_own_words(proof)
    if not isinstance(proof.get("verificationMethod"), str) or not isinstance(proof.get("proofValue"), str):
        return Verdict(INVALID, "Its proof lacks a verificationMethod or a proofValue as text.")
    method = proof["verificationMethod"]
    known = sources.book.keys.get(method)
    try:
        key = known.key.public if known else didkeys.public_key_of(method)
        holds = proofs.holds(unsigned, proof, key, sources.pause)
    except KeyUnreadable as error:
        is_at_hand = known is not None or method.startswith("did:key:")
        return Verdict(INVALID if is_at_hand else UNKNOWN, f"The key cannot be read: {error}.")
    if not holds:
        return Verdict(INVALID, "The signature does not match: the credential was changed, or another key signed it.")
    if known and known.key.compromised_at:
        return _by_compromised(unsigned, str(proof.get("created")), known.key.compromised_at, sources)
    return Verdict(VALID, f"Signed with {method.partition('#')[0]}.")


def _by_compromised(unsigned: dict[str, Any], signed_at: str, since: str, sources: Sources) -> Verdict:
    """Whoever has the key can write any time: only what is on record here was signed before."""
    if not guard.is_time(signed_at) or parse_rfc3339(signed_at) >= parse_rfc3339(since):
        return Verdict(INVALID, f"Others may have had its key since {since}, and it does not say that it is older.")
    own_id = unsigned.get("id")
    kept = sources.recorded(own_id) if isinstance(own_id, str) else None
    if kept is not None and {name: value for name, value in kept.items() if name != "proof"} == unsigned:
        return Verdict(VALID, f"On record here as signed before others may have had its key ({since}).")
    return Verdict(UNKNOWN, f"Others may have had its key since {since}; it says that it is older, as anybody could.")


def _key_of_token(name: object, attached: object, known: KnownKey | None) -> PublicKey:
    if known:
        return known.key.public
    if isinstance(name, str):
        return didkeys.public_key_of(name)
    if isinstance(attached, dict):
        return keys.from_jwk(attached)
    raise KeyUnreadable("its header names none")


def _proofs(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The proofs, whether it carries one or a list; none at all when one of them is not readable."""
    given = document.get("proof")
    listed: list[Any] = given if isinstance(given, list) else [given]
    readable = all(isinstance(each, dict) and isinstance(each.get("type"), str) for each in listed)
    return listed if readable else []


def _is_ours(proof: dict[str, Any]) -> bool:
    """Whether the proof is of the kind that is checked here; others say nothing about who signed."""
    return proof.get("type") == "DataIntegrityProof" and proof.get("cryptosuite") in proofs.SUITES
