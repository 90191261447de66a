"""Public keys as `did:key` (W3C CCG, did:key Method) and Multikey (Controlled Identifiers 1.0, 2.2.2); `did:web`."""

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
VALUE_OF = {character: value for value, character in enumerate(ALPHABET)}
PAIRS = [high + low for high in ALPHABET for low in ALPHABET]
TEN_PLACES = 58**10
"""Division of large numbers is what costs."""
ED25519_PREFIX = b"\xed\x01"
P256_PREFIX = b"\x80\x24"
KEY_BYTES = 32
LONGEST_TEXT = 200
"""Longer base58 text is no key or signature; decoding costs the square of the length."""


class KeyUnreadable(ValueError):
    """The text names no key that can be read without a network."""


def encode_base58(raw: bytes) -> str:
    """Multibase `z` (base58btc) with its prefix."""
    number, places = int.from_bytes(raw, "big"), []
    while number:
        number, ten = divmod(number, TEN_PLACES)
        for _ in range(5):
            ten, rest = divmod(ten, len(PAIRS))
            places.append(PAIRS[rest])
    zeros = len(raw) - len(raw.lstrip(b"\0"))
    return "z" + "1" * zeros + "".join(reversed(places)).lstrip("1")


def decode_base58(text: str) -> bytes:
    """The bytes of multibase `z` text; raises KeyUnreadable for anything else."""
    if not text.startswith("z") or len(text) > LONGEST_TEXT:
        raise KeyUnreadable("it is not base58btc text that begins with z")
    number = 0
    for character in text[1:]:
        if character not in VALUE_OF:
            raise KeyUnreadable("it holds a character that base58btc does not have")
        number = number * 58 + VALUE_OF[character]
    zeros = len(text) - 1 - len(text[1:].lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def multikey(public_key: bytes) -> str:
    """`z6Mk…`: the Ed25519 public key of 32 bytes with its multicodec prefix."""
    return encode_base58(ED25519_PREFIX + public_key)


def multikey_of(public: Ed25519PublicKey | EllipticCurvePublicKey) -> str:
    """`z6Mk…` or `zDn…`."""
    if isinstance(public, Ed25519PublicKey):
        return multikey(public.public_bytes_raw())
    return encode_base58(P256_PREFIX + public.public_bytes(Encoding.X962, PublicFormat.CompressedPoint))


def did_of(public_key: bytes) -> str:
    """`did:key:z6Mk…`."""
    return f"did:key:{multikey(public_key)}"


def method_of(did: str) -> str:
    """The one verification method of a `did:key`: `did:key:z6Mk…#z6Mk…`."""
    return f"{did}#{did.removeprefix('did:key:')}"


def public_key_of(verification_method: str) -> Ed25519PublicKey | EllipticCurvePublicKey:
    """The key that a `did:key` verification method names; raises KeyUnreadable with the reason for
    anything else."""
    did, _, fragment = verification_method.partition("#")
    if not did.startswith("did:key:"):
        method = ":".join(did.split(":")[:2])[:40]
        raise KeyUnreadable(f"only did:key is read without a network, and the key is at {method!r}")
    if fragment and fragment != did.removeprefix("did:key:"):
        raise KeyUnreadable("the fragment of the did:key is another key than its own")
    return key_of_multikey(did.removeprefix("did:key:"))


def key_of_multikey(text: str) -> Ed25519PublicKey | EllipticCurvePublicKey:
    """The key of a Multikey's `publicKeyMultibase`. Raises KeyUnreadable."""
    raw = decode_base58(text)
    if raw.startswith(ED25519_PREFIX) and len(raw) == len(ED25519_PREFIX) + KEY_BYTES:
        return Ed25519PublicKey.from_public_bytes(raw[len(ED25519_PREFIX) :])
    if raw.startswith(P256_PREFIX):
        try:
            return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), raw[len(P256_PREFIX) :])
        except ValueError as error:
            raise KeyUnreadable("the key is no point of P-256") from error
    raise KeyUnreadable("the key is neither an Ed25519 nor a P-256 key")


def web_did(address: str, node: str) -> str | None:
    """`did:web` of an issuer below the public address, whose document is `/issuers/{node}/did.json` there; None unless
    that address is https (did:web, 3.2)."""
    scheme, _, place = address.partition("://")
    if scheme != "https":
        return None
    host, *path = place.rstrip("/").split("/")
    return ":".join(["did:web", host.replace(":", "%3A"), *path, "issuers", node])
