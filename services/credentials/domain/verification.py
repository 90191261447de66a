"""Judges a credential, ours or a stranger's: signature, dates, status and issuer each by itself,
three-valued.

`unknown` means that it could not be told, with the reason; it never stands for yes. Nothing is fetched here but what
`read_list` gives, and nothing that is handed in raises: what cannot be read is invalid.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any

from libranet.clock import parse_rfc3339
from services.credentials.domain import didkeys, guard, keys, linked_data, proofs, status_check, tokens
from services.credentials.domain.canonical_json import NotCanonical
from services.credentials.domain.didkeys import KeyUnreadable
from services.credentials.domain.guard import Unreadable
from services.credentials.domain.issuers import Book, KnownKey
from services.credentials.domain.keys import PublicKey
from services.credentials.domain.linked_data import ContextUnknown, NotCovered, TooAmbiguous
from services.credentials.domain.status_check import ListReader
from services.credentials.domain.tokens import Token
from services.credentials.domain.verdicts import INVALID, UNKNOWN, VALID, Verdict

MOST_PROOFS = 4
Recorded = Callable[[str], dict[str, Any] | None]
OWN_KEYS = ("did:key:", "did:web:")
"""Their keys are named below them."""
BASE_CONTEXT = "https://www.w3.org/ns/credentials/v2"


@dataclass(frozen=True)
class Verification:
    signature: Verdict
    dates: Verdict
    status: Verdict
    issuer: Verdict

    def as_dict(self) -> dict[str, dict[str, str]]:
        return asdict(self)


def verify(
    document: object,
    now: datetime,
    book: Book,
    status_lookup: Callable[[str], str | None],
    read_list: ListReader,
    recorded: Recorded = lambda credential: None,
) -> Verification:
    """Four verdicts on a credential with embedded proofs (VCDM 2.0, 7.1).

    `book` has the issuers and keys that this deployment knows. `status_lookup` gives the status that we keep of a
    credential by its `id` (`issued`, `suspended`, `revoked`, `erased`) and `recorded` its document, None for one that
    is not ours; `read_list` gives what is at the address of a status list.
    """
    if not isinstance(document, dict):
        return _unread(Verdict(INVALID, "It is not a JSON object."))
    signature = partial(_signature, document, now, book, recorded)
    return _judged(document, now, book, status_lookup, read_list, recorded, _provers(document), signature)


def verify_token(
    text: str,
    now: datetime,
    book: Book,
    status_lookup: Callable[[str], str | None],
    read_list: ListReader,
    recorded: Recorded = lambda credential: None,
) -> Verification:
    """The same verdicts on a credential as compact JWS (Open Badges 3.0, 8.2)."""
    try:
        token = tokens.read(text)
    except tokens.TokenUnreadable as error:
        return _unread(Verdict(INVALID, f"It cannot be read: {error}."))
    signature = partial(_token, token, book, recorded)
    return _judged(
        token.credential, now, book, status_lookup, read_list, recorded, _signers(token, book), signature)


def _unread(verdict: Verdict) -> Verification:
    return Verification(verdict, verdict, verdict, verdict)


def _judged(
    document: dict[str, Any], now: datetime, book: Book, status_lookup: Callable[[str], str | None],
    read_list: ListReader, recorded: Recorded, signers: set[str], signature: Callable[[], Verdict],
) -> Verification:
    try:
        for _ in guard.members(document):
            pass
    except Unreadable as error:
        return _unread(Verdict(UNKNOWN, f"Not judged: {error}."))
    return Verification(
        _guarded(signature),
        _guarded(_dates, document, now),
        _guarded(_status, document, now, book, status_lookup, read_list, recorded),
        _guarded(_issuer, document, book.nodes, signers),
    )


def _guarded(judge: Callable[..., Verdict], *arguments: Any) -> Verdict:
    """The judge's verdict; what nobody foresaw is a malformed document, and never an error of ours."""
    try:
        verdict = judge(*arguments)
        return Verdict(verdict.verdict, verdict.reason.encode("utf-8", "replace").decode())
    except (ContextUnknown, NotCanonical, TooAmbiguous, Unreadable) as error:
        return Verdict(UNKNOWN, f"Cannot be told: {error}.")
    except NotCovered as error:
        return Verdict(INVALID, f"The signature does not cover all that stands here: {error}.")
    except Exception as error:  # noqa: BLE001 - any shape of hostile JSON may come in
        return Verdict(INVALID, f"It cannot be read as a credential ({type(error).__name__}).")


def _signature(document: dict[str, Any], now: datetime, book: Book, recorded: Recorded) -> Verdict:
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
    verdicts = [_one_proof(unsigned, proof, now, book, recorded) for proof in ours]
    return next((each for each in verdicts if each.verdict != VALID), verdicts[0])


def _one_proof(
    unsigned: dict[str, Any], proof: dict[str, Any], now: datetime, book: Book, recorded: Recorded
) -> Verdict:
    if "previousProof" in proof:
        return Verdict(UNKNOWN, "Chains of proofs are not checked here.")
    if proof.get("proofPurpose") != "assertionMethod":
        return Verdict(INVALID, "Its proof was made for another purpose than issuing.")
    for name in ("created", "expires"):
        if name in proof and not guard.is_time(proof[name]):
            return Verdict(INVALID, f"Its proof's '{name}' is not a time with a zone.")
    if "expires" in proof and parse_rfc3339(proof["expires"]) <= now:
        return Verdict(INVALID, f"Its proof expired on {proof['expires']}.")
    guard.check_own_words(proof)
    if not isinstance(proof.get("verificationMethod"), str) or not isinstance(proof.get("proofValue"), str):
        return Verdict(INVALID, "Its proof lacks a verificationMethod or a proofValue as text.")
    method = proof["verificationMethod"]
    known = book.keys.get(method)
    try:
        key = known.key.public if known else didkeys.public_key_of(method)
        holds = proofs.holds(unsigned, proof, key)
    except KeyUnreadable as error:
        is_at_hand = known is not None or method.startswith("did:key:")
        return Verdict(INVALID if is_at_hand else UNKNOWN, f"The key cannot be read: {error}.")
    if not holds:
        return Verdict(INVALID, "The signature does not match: the credential was changed, or another key signed it.")
    if known and known.key.compromised_at:
        return _by_compromised(unsigned, str(proof.get("created")), known.key.compromised_at, recorded)
    return Verdict(VALID, f"Signed with {method.partition('#')[0]}.")


def _by_compromised(unsigned: dict[str, Any], signed_at: str, since: str, recorded: Recorded) -> Verdict:
    """Whoever has the key can write any time: only what is on record here was signed before."""
    if not guard.is_time(signed_at) or parse_rfc3339(signed_at) >= parse_rfc3339(since):
        return Verdict(INVALID, f"Others may have had its key since {since}, and it does not say that it is older.")
    own_id = unsigned.get("id")
    kept = recorded(own_id) if isinstance(own_id, str) else None
    if kept is not None and {name: value for name, value in kept.items() if name != "proof"} == unsigned:
        return Verdict(VALID, f"On record here as signed before others may have had its key ({since}).")
    return Verdict(UNKNOWN, f"Others may have had its key since {since}; it says that it is older, as anybody could.")


def _token(token: Token, book: Book, recorded: Recorded) -> Verdict:
    if token.algorithm not in tokens.ALGORITHMS:
        read = ", ".join(tokens.ALGORITHMS)
        return Verdict(INVALID if token.algorithm == "none" else UNKNOWN, f"Only {read} are checked here.")
    name, attached = token.header.get("kid"), token.header.get("jwk")
    known = book.keys.get(name) if isinstance(name, str) else None
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
        return _by_compromised(token.credential, valid_from, known.key.compromised_at, recorded)
    return Verdict(VALID, f"Signed with {name}." if isinstance(name, str) else "Signed with the key that came with it.")


def _key_of_token(name: object, attached: object, known: KnownKey | None) -> PublicKey:
    if known:
        return known.key.public
    if isinstance(name, str):
        return didkeys.public_key_of(name)
    if isinstance(attached, dict):
        return keys.from_jwk(attached)
    raise KeyUnreadable("its header names none")


def _signers(token: Token, book: Book) -> set[str]:
    """The DIDs that the key speaks for; none for a key that only came with the token."""
    name = token.header.get("kid")
    if not isinstance(name, str):
        return set()
    known = book.keys.get(name)
    own = {did for did, node in book.nodes.items() if known and node == known.node}
    return own | {name.partition("#")[0]}


def _dates(document: dict[str, Any], now: datetime) -> Verdict:
    for name in ("validFrom", "validUntil"):
        if name in document and not guard.is_time(document[name]):
            return Verdict(INVALID, f"'{name}' is not a time with a zone.")
    if "validFrom" not in document:
        return Verdict(INVALID, "'validFrom' is missing.")
    if parse_rfc3339(document["validFrom"]) > now:
        return Verdict(INVALID, f"It is valid only from {document['validFrom']}.")
    if "validUntil" not in document:
        return Verdict(VALID, f"Valid since {document['validFrom']}, without an end.")
    if parse_rfc3339(document["validUntil"]) <= now:
        return Verdict(INVALID, f"It expired on {document['validUntil']}.")
    return Verdict(VALID, f"Valid from {document['validFrom']} until {document['validUntil']}.")


def _status(
    document: dict[str, Any],
    now: datetime,
    book: Book,
    status_lookup: Callable[[str], str | None],
    read_list: ListReader,
    recorded: Recorded,
) -> Verdict:
    own_id = document.get("id")
    kept = status_lookup(own_id) if isinstance(own_id, str) else None
    if kept == "issued":
        return Verdict(VALID, "Not revoked, by this platform's own record.")
    if kept in ("revoked", "suspended"):
        return Verdict(INVALID, f"This platform's own record says: {kept}.")
    listed = _listed(document, now, book, read_list, recorded)
    if listed is not None and listed.verdict == INVALID:
        return listed
    if kept is not None:
        return Verdict(UNKNOWN, f"This platform's own record says: {kept}.")
    if _issuer_id(document) in book.nodes:
        return Verdict(UNKNOWN, "An issuer of this platform is named, but no such credential is on record.")
    return listed or Verdict(VALID, "Its issuer publishes no status, so it cannot have been revoked.")


def _listed(
    document: dict[str, Any], now: datetime, book: Book, read_list: ListReader, recorded: Recorded
) -> Verdict | None:
    """What the lists say that it names, None where it names none."""
    if "credentialStatus" not in document:
        return None

    def fault(status_list: dict[str, Any]) -> str | None:
        for _ in guard.members(status_list):
            pass
        checks = (
            _guarded(_signature, status_list, now, book, recorded),
            _guarded(_dates, status_list, now),
            _guarded(_issuer, status_list, {str(_issuer_id(status_list)): ""}, _provers(status_list)),
        )
        return next((each.reason.rstrip(".") for each in checks if each.verdict != VALID), None)

    return status_check.judge(document["credentialStatus"], _issuer_id(document), read_list, fault)


def _issuer(document: dict[str, Any], known_issuers: Mapping[str, str], signers: set[str]) -> Verdict:
    issuer = _issuer_id(document)
    if issuer is None:
        return Verdict(INVALID, "It names no issuer.")
    if issuer.startswith(OWN_KEYS) and issuer not in signers:
        return Verdict(INVALID, "Another key signed it than that of the issuer it names.")
    if issuer not in known_issuers:
        return Verdict(UNKNOWN, "The issuer is not among those that this platform knows.")
    return Verdict(VALID, f"Issued by {known_issuers[issuer]}.")


def _provers(document: dict[str, Any]) -> set[str]:
    """The DIDs in whose names its proofs were made, whether they hold or not."""
    return {str(each.get("verificationMethod")).partition("#")[0] for each in _proofs(document) if _is_ours(each)}


def _proofs(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The proofs, whether it carries one or a list; none at all when one of them is not readable."""
    given = document.get("proof")
    listed: list[Any] = given if isinstance(given, list) else [given]
    readable = all(isinstance(each, dict) and isinstance(each.get("type"), str) for each in listed)
    return listed if readable else []


def _is_ours(proof: dict[str, Any]) -> bool:
    """Whether the proof is of the kind that is checked here; others say nothing about who signed."""
    return proof.get("type") == "DataIntegrityProof" and proof.get("cryptosuite") in proofs.SUITES


def _issuer_id(document: dict[str, Any]) -> str | None:
    issuer = document.get("issuer")
    named = issuer.get("id") if isinstance(issuer, dict) else issuer
    return named if isinstance(named, str) and named else None
