"""Issuers: nodes of the org tree that sign, and what anybody may read of them and their keys."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from libranet.clock import parse_rfc3339
from services.credentials.domain import keys
from services.credentials.domain.didkeys import web_did
from services.credentials.domain.keys import ED25519, SigningKey

DID_CONTEXTS = (
    "https://www.w3.org/ns/did/v1",
    "https://w3id.org/security/multikey/v1",
    "https://w3id.org/security/jwk/v1",
)
ALGORITHMS = {ED25519: "EdDSA", keys.RSA: "RS256", keys.P256: "ES256"}

SHOWN_IN_DID = ("id", "verificationMethod", "assertionMethod")


@dataclass(frozen=True)
class Issuer:
    """A node that signs: its name for people, the key of its proofs."""

    node: str
    name: str
    key: SigningKey

    @property
    def did(self) -> str:
        return self.key.controller


@dataclass(frozen=True)
class KnownKey:
    """A key of this platform, and whose it is."""

    node: str
    key: SigningKey


@dataclass(frozen=True)
class Book:
    """Whom this platform knows as issuers: the node of every DID, and every key by each of its names.

    A node keeps the DIDs that it had: an earlier key's `did:key`, and both kinds before and after a public https
    address is set.
    """

    nodes: Mapping[str, str]
    keys: Mapping[str, KnownKey]

    @classmethod
    def of(cls, known: Mapping[str, tuple[SigningKey, ...]], address: str) -> "Book":
        nodes: dict[str, str] = {}
        named: dict[str, KnownKey] = {}
        for node, ring in known.items():
            own_did = web_did(address, node)
            nodes |= {own_did: node} if own_did else {}
            nodes |= {key.did: node for key in ring if key.kind == ED25519}
            for key in ring:
                names = {method_of(key, address, node), key_address(key, address, node)}
                named |= dict.fromkeys(names | ({key.method} if key.kind == ED25519 else set()), KnownKey(node, key))
        return cls(nodes, named)


def node_of(signed: Mapping[str, Any]) -> str:
    """The node that signed this credential, record or endorsement: its owner where it names no `issuer`, as credentials
    of before colleges issued, and all others, do not."""
    return str(signed.get("issuer", signed["owner"]))


def name_of(node: str) -> str:
    """What people read as the issuer while the org tree has not told its name: the last slug in words."""
    return node.rpartition(".")[2].replace("-", " ").title()


def issuer_of(node: str, name: str, key: SigningKey, address: str) -> Issuer:
    """Under the node's `did:web` once the public address is https, else under the `did:key` of its key."""
    return Issuer(node, name, key.controlled_by(web_did(address, node) or key.did))


def key_speaking_as(did: str, ring: Iterable[SigningKey], signing: SigningKey) -> SigningKey:
    """The key that signs under a name that the node has or had: a `did:key` is spoken for by its own key, retired or
    not, everything else by the one that signs now."""
    return next((key for key in ring if key.did == did), signing).controlled_by(did)


def method_of(key: SigningKey, address: str, node: str) -> str:
    """The name of a key as the issuer's own documents have it."""
    own_did = web_did(address, node)
    if own_did is None:
        return key.method if key.kind == ED25519 else key_address(key, address, node)
    return key.controlled_by(own_did).method


def key_address(key: SigningKey, address: str, node: str) -> str:
    """Where anybody reads the key: what a JWS names (1EdTech's verifiers follow addresses, not DIDs)."""
    return f"{address_of(address, node)}/keys/{key.id}"


def address_of(address: str, node: str) -> str:
    """Where anybody reads the profile."""
    return f"{address}/issuers/{node}"


def profile(issuer: Issuer, ring: Iterable[SigningKey], address: str) -> dict[str, Any]:
    """The issuer for anyone: Open Badges Profile with its keys (Controlled Identifiers 1.0). Retired keys stay, so
    that what they signed can be verified; a compromised one has the time from which on it counts for nothing
    (`revoked`)."""
    methods = [_method(key, issuer.did, method_of(key, address, issuer.node)) for key in ring]
    return {
        "id": issuer.did,
        "type": ["Profile"],
        "name": issuer.name,
        "node": issuer.node,
        "verificationMethod": methods,
        "assertionMethod": [each["id"] for each in methods],
    }


def did_document(issuer: Issuer, ring: Iterable[SigningKey], address: str) -> dict[str, Any]:
    """What the issuer's DID stands for; without a public https address that is its key's `did:key`."""
    shown = profile(issuer, ring, address)
    return {"@context": list(DID_CONTEXTS), **{name: shown[name] for name in SHOWN_IN_DID}}


def jwk_set(ring: Iterable[SigningKey], address: str, node: str) -> dict[str, Any]:
    """The keys as a JWK Set; `revoked` is the parameter of OpenID Federation's historical keys."""
    return {"keys": [_jwk(key, address, node) for key in ring]}


def key_document(key: SigningKey, did: str, address: str, node: str) -> dict[str, Any]:
    """One key at its own address: a JWK; an Ed25519 key as Multikey."""
    if key.kind != ED25519:
        return _jwk(key, address, node)
    return {"@context": DID_CONTEXTS[1], **_method(key, did, key_address(key, address, node))}


def _jwk(key: SigningKey, address: str, node: str) -> dict[str, Any]:
    own = {"kid": key_address(key, address, node), "use": "sig", "alg": ALGORITHMS[key.kind]}
    document = {**keys.jwk(key.public), **own}
    if key.compromised_at:
        since = int(parse_rfc3339(key.compromised_at).timestamp())
        document["revoked"] = {"revoked_at": since, "reason": "compromised"}
    return document


def _method(key: SigningKey, did: str, name: str) -> dict[str, Any]:
    method: dict[str, Any] = {"id": name, "controller": did}
    if key.kind == ED25519:
        method |= {"type": "Multikey", "publicKeyMultibase": key.id}
    else:
        method |= {"type": "JsonWebKey", "publicKeyJwk": keys.jwk(key.public)}
    return {**method, "revoked": key.compromised_at} if key.compromised_at else method
