"""Whether a credential's signature holds, and in whose name it was made: embedded proofs and compact JWS.

Keys are those that this platform knows, those that stand in what is checked (`did:key`, `jwk`), and those that others
publish (`did:web`, https).
"""

from typing import Any

from libranet.clock import parse_rfc3339
from services.credentials.domain import guard, keys, linked_data, outside_keys, proofs, tokens
from services.credentials.domain.didkeys import KeyUnreadable
from services.credentials.domain.outside_keys import KeyDisowned, OutsideKey
from services.credentials.domain.sources import Sources
from services.credentials.domain.tokens import Token
from services.credentials.domain.verdicts import INVALID, UNKNOWN, VALID, Verdict

MOST_PROOFS = 4
AT_HAND = "did:key:"
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
    verdicts = [_one_proof(unsigned, proof, listed, sources) for proof in ours]
    return next((each for each in verdicts if each.verdict != VALID), verdicts[0])


def of_token(token: Token, sources: Sources) -> Verdict:
    """The signature, and that the claims beside the credential say the same as it does."""
    if token.algorithm not in tokens.ALGORITHMS:
        read = ", ".join(tokens.ALGORITHMS)
        return Verdict(INVALID if token.algorithm == "none" else UNKNOWN, f"Only {read} are checked here.")
    name, attached = token.header.get("kid"), token.header.get("jwk")
    try:
        key = _key_of_token(name, attached, sources)
    except KeyUnreadable as error:
        return _unread(error, attached is not None or str(name).startswith(AT_HAND))
    if not tokens.holds(token, key.public):
        return Verdict(INVALID, "The signature does not match: the credential was changed, or another key signed it.")
    if (claim := tokens.contradiction(token)) is not None:
        return Verdict(INVALID, f"Its claim '{claim}' is missing or says something else than the credential.")
    if key.revoked:
        return _by_compromised(token.credential, str(token.credential.get("validFrom")), key.revoked, sources)
    return Verdict(VALID, f"Signed with {name}." if isinstance(name, str) else "Signed with the key that came with it.")


def signers_of(document: dict[str, Any]) -> set[str]:
    """The DIDs in whose names its proofs were made, whether they hold or not."""
    return {str(each.get("verificationMethod")).partition("#")[0] for each in _proofs(document) if _is_ours(each)}


def named_by(token: Token) -> set[str]:
    """By whose key it is signed, once the signature holds: the key's name up to its fragment, else the key itself."""
    name, attached = token.header.get("kid"), token.header.get("jwk")
    if isinstance(name, str):
        return {name.partition("#")[0]}
    return {keys.id_of(keys.from_jwk(attached))} if isinstance(attached, dict) else set()


def signers_of_token(token: Token, sources: Sources) -> set[str]:
    """Those that the key speaks for: its name's own, and an issuer of `did:web` that publishes a key at an address;
    none for a key that only came with the token. Raises KeyUnreadable where that cannot be told."""
    name, book = token.header.get("kid"), sources.book
    if not isinstance(name, str):
        return set()
    known = book.keys.get(name)
    own = {did for did, node in book.nodes.items() if known and node == known.node}
    return own | {name.partition("#")[0]} | _publishers(token, name, sources)


def _publishers(token: Token, name: str, sources: Sources) -> set[str]:
    """Raises KeyUnreadable where that cannot be told."""
    issuer = token.claims.get("iss")
    if not isinstance(issuer, str) or not issuer.startswith(outside_keys.WEB) or issuer in sources.book.nodes:
        return set()
    if not name.startswith(outside_keys.HTTPS):
        return set()
    try:
        key = outside_keys.find(name, sources.read_keys)
        return {issuer} if outside_keys.owns(issuer, key.public, sources.read_keys) else set()
    except KeyDisowned:
        return set()


def _one_proof(
    unsigned: dict[str, Any], proof: dict[str, Any], listed: list[dict[str, Any]], sources: Sources
) -> Verdict:
    """Of the proofs that it continues each has a verdict of its own; here it shows whether they are what it covers."""
    before = _continued(proof, listed)
    if isinstance(before, Verdict):
        return before
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
    covered = {**unsigned, "proof": before} if before else unsigned
    try:
        key = _key_named(method, sources)
        holds = proofs.holds(covered, proof, key.public, sources.pause)
    except KeyUnreadable as error:
        return _unread(error, method in sources.book.keys or method.startswith(AT_HAND))
    if not holds:
        return Verdict(INVALID, "The signature does not match: the credential was changed, or another key signed it.")
    if key.revoked:
        return _by_compromised(unsigned, str(proof.get("created")), key.revoked, sources)
    return Verdict(VALID, f"Signed with {method.partition('#')[0]}.")


def _continued(proof: dict[str, Any], listed: list[dict[str, Any]]) -> list[dict[str, Any]] | Verdict:
    """The proofs that this one continues, which it covers besides the document (Data Integrity 1.0, 4.5); a verdict
    where they are not there to be checked."""
    if "previousProof" not in proof:
        return []
    given = proof["previousProof"]
    named = given if isinstance(given, list) else [given]
    if not named or not all(isinstance(each, str) for each in named):
        return Verdict(INVALID, "One of its proofs continues others that it does not name by their ids.")
    before = [each for each in listed if each.get("id") in named]
    if len(before) != len(named) or {each["id"] for each in before} != set(named):
        return Verdict(INVALID, "One of its proofs continues another one that is not there, or is there twice.")
    if not all(map(_is_ours, before)):
        return Verdict(UNKNOWN, "One of its proofs continues another one of a kind that is not checked here.")
    return before


def _by_compromised(unsigned: dict[str, Any], signed_at: str, since: str, sources: Sources) -> Verdict:
    """Whoever has the key can write any time: only what is on record here was signed before."""
    if not guard.is_time(since):
        return Verdict(UNKNOWN, "Its key is marked as one that counts for nothing, without a time.")
    if not guard.is_time(signed_at) or parse_rfc3339(signed_at) >= parse_rfc3339(since):
        return Verdict(INVALID, f"Others may have had its key since {since}, and it does not say that it is older.")
    own_id = unsigned.get("id")
    kept = sources.recorded(own_id) if isinstance(own_id, str) else []
    if any({name: value for name, value in each.items() if name != "proof"} == unsigned for each in kept):
        return Verdict(VALID, f"On record here as signed before others may have had its key ({since}).")
    return Verdict(UNKNOWN, f"Others may have had its key since {since}; it says that it is older, as anybody could.")


def _key_of_token(name: object, attached: object, sources: Sources) -> OutsideKey:
    if isinstance(name, str):
        return _key_named(name, sources)
    if isinstance(attached, dict):
        return OutsideKey(keys.from_jwk(attached))
    raise KeyUnreadable("its header names none")


def _key_named(name: str, sources: Sources) -> OutsideKey:
    """Raises KeyUnreadable; KeyDisowned for one in our own name that we do not have."""
    known = sources.book.keys.get(name)
    if known:
        return OutsideKey(known.key.public, known.key.compromised_at)
    if name.startswith(outside_keys.WEB) and name.partition("#")[0] in sources.book.nodes:
        raise KeyDisowned("this issuer of the platform has no such key")
    return outside_keys.find(name, sources.read_keys)


def _unread(error: KeyUnreadable, is_at_hand: bool) -> Verdict:
    is_wrong = is_at_hand or isinstance(error, KeyDisowned)
    return Verdict(INVALID if is_wrong else UNKNOWN, f"The key cannot be read: {error}.")


def _proofs(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The proofs, whether it carries one or a list; none at all when one of them is not readable."""
    given = document.get("proof")
    listed: list[Any] = given if isinstance(given, list) else [given]
    readable = all(isinstance(each, dict) and isinstance(each.get("type"), str) for each in listed)
    return listed if readable else []


def _is_ours(proof: dict[str, Any]) -> bool:
    """Whether the proof is of the kind that is checked here; others say nothing about who signed."""
    return proof.get("type") == "DataIntegrityProof" and proof.get("cryptosuite") in proofs.SUITES
