"""An issuer's signing keys, and the port behind which they rest.

A key signs through `sign` and nothing here reads its private part, so it may rest where nobody can read it (a KMS).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from services.credentials.domain import didkeys

ED25519, RSA, P256 = "Ed25519", "RSA", "P-256"
KINDS = (ED25519, RSA, P256)
"""For Data Integrity proofs, for 1EdTech's JWS (RS256), for wallets' JWTs (ES256)."""
RSA_BITS = 2048
P256_BYTES = 32
PrivateKey = Ed25519PrivateKey | RSAPrivateKey | EllipticCurvePrivateKey
PublicKey = Ed25519PublicKey | RSAPublicKey | EllipticCurvePublicKey
JOSE_KEYS: Mapping[str, Any] = {ED25519: OKPKey, RSA: RSAKey, P256: ECKey}


@dataclass(frozen=True)
class SigningKey:
    """A key of one node. `sign` gives the signature as JOSE and Data Integrity write it; `controller` is the DID that
    the key belongs to; times are RFC 3339. A retired key signs no more, and what it signed holds."""

    kind: str
    public: PublicKey
    sign: Callable[[bytes], bytes] = field(repr=False, compare=False)
    id: str
    controller: str
    made_at: str = ""
    retired_at: str | None = None
    compromised_at: str | None = None

    @classmethod
    def of(cls, private: PrivateKey, made_at: str = "") -> "SigningKey":
        """An Ed25519 or P-256 key is its own controller (`did:key`) until it is given another."""
        public = private.public_key()
        own_id = id_of(public)
        return cls(kind_of(public), public, _signer(private), own_id, f"did:key:{own_id}", made_at)

    @property
    def method(self) -> str:
        """The name of the key in its controller's document."""
        return f"{self.controller}#{self.id}"

    @property
    def did(self) -> str:
        """The `did:key` of an Ed25519 key."""
        return f"did:key:{self.id}"

    @property
    def signs(self) -> bool:
        return self.retired_at is None and self.compromised_at is None

    def controlled_by(self, did: str) -> "SigningKey":
        return replace(self, controller=did)


class KeyKeeper(Protocol):
    """Where the keys rest: a folder here (adapters/key_folder.py), a KMS elsewhere."""

    def signing_key(self, node: str, kind: str = ED25519) -> SigningKey:
        """The key that signs now, made where there is none. Raises KeyUnusable, or ValueError for no name of a node."""

    def keys_of(self, node: str) -> tuple[SigningKey, ...]:
        """All keys that the node has or had, the newest of each kind first; none where it never signed."""

    def known(self) -> Mapping[str, tuple[SigningKey, ...]]:
        """The keys of every node; the same object until something changes."""

    def rotate(self, node: str, kind: str) -> SigningKey:
        """A new key; the one before retires."""

    def mark_compromised(self, node: str, key_id: str, since: datetime) -> SigningKey:
        """Marks a key that others may have had since then, and gives the one that signs now."""


def make(kind: str) -> PrivateKey:
    """A new private key."""
    if kind == ED25519:
        return Ed25519PrivateKey.generate()
    if kind == RSA:
        return rsa.generate_private_key(65537, RSA_BITS)
    return ec.generate_private_key(ec.SECP256R1())


def jwk(public: PublicKey) -> dict[str, Any]:
    """The public key as a JSON Web Key (RFC 7517)."""
    found: dict[str, Any] = jose(public).as_dict(private=False)
    return {name: value for name, value in found.items() if name in ("kty", "crv", "x", "y", "n", "e")}


def from_jwk(document: dict[str, Any]) -> PublicKey:
    """The public key of a JWK. Raises KeyUnreadable for what is none of KINDS, is too short, or gives a private key
    away."""
    if "d" in document:
        raise didkeys.KeyUnreadable("it is a private key")
    reader: Any = {"OKP": OKPKey, "RSA": RSAKey, "EC": ECKey}.get(str(document.get("kty")))
    try:
        public = reader.import_key(document).public_key if reader else None
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise didkeys.KeyUnreadable("it is no JWK that can be read") from error
    return _of_our_kinds(public)


def from_pem(text: str) -> PublicKey:
    """The public key of a PEM block. Raises KeyUnreadable for what is none of KINDS, or is too short."""
    try:
        return _of_our_kinds(serialization.load_pem_public_key(text.encode()))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise didkeys.KeyUnreadable("it is no public key in PEM that can be read") from error


def _of_our_kinds(public: object) -> PublicKey:
    if isinstance(public, RSAPublicKey) and public.key_size >= RSA_BITS:
        return public
    if isinstance(public, Ed25519PublicKey):
        return public
    if isinstance(public, EllipticCurvePublicKey) and isinstance(public.curve, ec.SECP256R1):
        return public
    raise didkeys.KeyUnreadable(f"it is neither Ed25519, nor P-256, nor RSA of {RSA_BITS} bits or more")


def kind_of(public: PublicKey) -> str:
    if isinstance(public, Ed25519PublicKey):
        return ED25519
    return RSA if isinstance(public, RSAPublicKey) else P256


def jose(public: PublicKey) -> Any:
    """The key as joserfc takes it."""
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return JOSE_KEYS[kind_of(public)].import_key(pem)


def id_of(public: PublicKey) -> str:
    """Multikey where the kind has one, else the thumbprint of RFC 7638."""
    return str(jose(public).thumbprint()) if isinstance(public, RSAPublicKey) else didkeys.multikey_of(public)


def _signer(private: PrivateKey) -> Callable[[bytes], bytes]:
    if isinstance(private, RSAPrivateKey):
        rsa_key = private
        return lambda message: rsa_key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    if isinstance(private, EllipticCurvePrivateKey):
        curve_key = private
        return lambda message: _joined(curve_key.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))
    return private.sign


def _joined(signature: bytes) -> bytes:
    """r and s one after the other (RFC 7518, 3.4)."""
    return b"".join(number.to_bytes(P256_BYTES, "big") for number in decode_dss_signature(signature))
