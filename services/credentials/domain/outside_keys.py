"""Keys of strangers, in the documents at the addresses that their names lead to: `did:web`, and https addresses of a
JWK, a JWK Set, a Multikey or a controlled identifier document (Controlled Identifiers 1.0; Open Badges 3.0, 8.2).

A document speaks for nothing but its own id, and only by the keys that it lists for assertions.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from services.credentials.domain import didkeys, guard, keys
from services.credentials.domain.didkeys import KeyUnreadable
from services.credentials.domain.keys import PublicKey
from services.credentials.domain.reading import Reader, Unread

WEB = "did:web:"
HTTPS = "https://"
MOST_METHODS = 100


class KeyDisowned(KeyUnreadable):
    """Whoever the key is said to belong to publishes no such key."""


@dataclass(frozen=True)
class OutsideKey:
    """`revoked` is the time from which on it counts for nothing, if it has one."""

    public: PublicKey
    revoked: str | None = None


def find(name: str, read: Reader) -> OutsideKey:
    """The key of this name: `did:key`, whose name is the key; `did:web` and https are read. Raises KeyUnreadable, or
    KeyDisowned."""
    if not name.startswith((WEB, HTTPS)):
        return OutsideKey(didkeys.public_key_of(name))
    owner = name.partition("#")[0]
    return _key(_method_named(name, _document(owner, read)))


def owns(did: str, key: PublicKey, read: Reader) -> bool:
    """Whether the document of a `did:web` lists the key, under whatever name. Raises KeyUnreadable."""
    for method in _methods(_document(did, read)):
        try:
            if keys.jwk(_key(method).public) == keys.jwk(key):
                return True
        except KeyUnreadable:
            continue
    return False


def address_of(owner: str) -> str:
    """Where a `did:web` is read (did:web, 3.2); an https address is read as it is. Raises KeyUnreadable."""
    if owner.startswith(HTTPS):
        return owner
    host, *path = owner.removeprefix(WEB).split(":")
    if not host or "/" in unquote(host) or not all(path):
        raise KeyUnreadable("it is no did:web that can be read")
    return f"{HTTPS}{unquote(host)}/{'/'.join(path) or '.well-known'}/did.json"


def _document(owner: str, read: Reader) -> dict[str, Any]:
    try:
        found = read(address_of(owner))
    except Unread as reason:
        raise KeyUnreadable(f"{owner[:200]}: {reason}") from None
    if not isinstance(found, dict):
        raise KeyUnreadable("what is at its address is no JSON object")
    try:
        guard.check_size(found, guard.LIMITS)
    except guard.Unreadable as error:
        raise KeyUnreadable(f"what is at its address is not read: {error}") from None
    if owner.startswith(WEB) and found.get("id") != owner:
        raise KeyDisowned("the document at its address is of another id")
    return found


def _method_named(name: str, document: dict[str, Any]) -> dict[str, Any]:
    if "kty" in document or "publicKeyMultibase" in document or "publicKeyJwk" in document:
        if document.get("kid", document.get("id", name)) != name:
            raise KeyDisowned("the key at its address has another name")
        return document
    if isinstance(document.get("keys"), list):
        candidates = [each for each in document["keys"] if isinstance(each, dict)]
        found = [each for each in candidates if each.get("kid") in (name, name.partition("#")[2])]
    else:
        found = [each for each in _methods(document) if each.get("id") in (name, f"#{name.partition('#')[2]}")]
    if not found:
        raise KeyDisowned("its owner publishes no such key for assertions")
    return found[0]


def _methods(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Those for assertions, written there or referred to."""
    assertions, methods = (
        each[:MOST_METHODS] if isinstance(each, list) else []
        for each in (document.get("assertionMethod"), document.get("verificationMethod")))
    named = {_absolute(each, document) for each in assertions if isinstance(each, str)}
    listed = [each for each in methods if isinstance(each, dict) and _absolute(each.get("id"), document) in named]
    return [each for each in assertions if isinstance(each, dict)] + listed


def _absolute(name: object, document: dict[str, Any]) -> str:
    text = str(name)
    return f"{document.get('id')}{text}" if text.startswith("#") else text


def _key(method: dict[str, Any]) -> OutsideKey:
    revoked = method.get("revoked")
    since = str(revoked) if revoked is not None else None
    multibase, written = method.get("publicKeyMultibase"), method.get("publicKeyJwk", method)
    if isinstance(multibase, str):
        return OutsideKey(didkeys.key_of_multikey(multibase), since)
    if not isinstance(written, dict):
        raise KeyUnreadable("it is no JWK that can be read")
    return OutsideKey(keys.from_jwk(written), since)
