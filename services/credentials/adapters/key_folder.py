"""Signing keys as encrypted files outside the database: for each issuing node and kind, one after the other.

A key is made when its node first needs it, and of several processes that make one at the same time exactly
one wins. Each file is AES-256-GCM under the key-encryption key, bound to its name and key; the newest signs. It is
written again only to seal the same key under another key-encryption key. Does not guard against whoever holds both
the folder and the key-encryption key. Replicas on several machines need a shared folder.
"""

import os
import re
import secrets
import time
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from libranet import settings
from libranet.clock import now, rfc3339
from libranet.logs import log
from libranet.whole_file import unless_there, whole
from services.credentials.domain import keys
from services.credentials.domain.keys import ED25519, PrivateKey, SigningKey

NODE = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")
FILE = re.compile(
    rf"(?P<node>{NODE.pattern})(\.(?P<kind>{'|'.join(keys.KINDS)})-(?P<number>[1-9]\d{{0,5}}))?\.json")
"""A node's first Ed25519 key has no number: `demo.riverside.json`, then `demo.riverside.Ed25519-2.json`."""
COMPROMISED = ".compromised"
SETTLED_NS = 10**9
"""A folder that changed within the last second may change again without another time on it."""
LONGEST_NODE = 200
NONCE_BYTES = 12
KEK, PREVIOUS_KEK = "CREDENTIALS_KEK", "CREDENTIALS_KEK_PREVIOUS"


class KeyUnusable(RuntimeError):
    """A key file is there and cannot be opened; the text says what an operator does."""


@dataclass(frozen=True)
class Place:
    """The name of a key's file."""

    node: str
    kind: str
    number: int

    @property
    def stem(self) -> str:
        first = self.kind == ED25519 and self.number == 1
        return self.node if first else f"{self.node}.{self.kind}-{self.number}"

    def newest_first(self) -> tuple[str, str, int]:
        return self.node, self.kind, -self.number

    @classmethod
    def of(cls, name: str) -> "Place | None":
        found = FILE.fullmatch(name)
        return cls(found["node"], found["kind"] or ED25519, int(found["number"] or 1)) if found else None


@dataclass(frozen=True)
class Sealed:
    """A key's file as it was read."""

    key_id: str
    made_at: str
    nonce: bytes
    sealed: bytes


@dataclass(frozen=True)
class Resealed:
    """How many files are under the present key-encryption key by now, and those that no key opens."""

    anew: int
    already: int
    unusable: tuple[KeyUnusable, ...]


class KeyFolder:
    """The signing keys in one `folder`. `keks` are the key-encryption keys: the first encrypts, all decrypt."""

    def __init__(self, folder: Path, keks: tuple[bytes, ...]) -> None:
        self.folder = folder
        self._keks = keks
        self._opened: dict[Place, SigningKey] = {}
        self._seen = -1
        self._known: Mapping[str, tuple[SigningKey, ...]] = {}
        self._unusable: dict[str, KeyUnusable] = {}

    @classmethod
    def from_settings(cls) -> "KeyFolder":
        """`CREDENTIALS_KEYS_DIR` (default: `keys` in `LIBRANET_HOME`), secrets `CREDENTIALS_KEK` and,
        while it is exchanged, `CREDENTIALS_KEK_PREVIOUS`: 64 hexadecimal digits each."""
        folder = Path(settings.get("CREDENTIALS_KEYS_DIR", str(settings.home() / "keys")))
        present, previous = settings.secret(KEK), settings.find_secret(PREVIOUS_KEK)
        return cls(folder, (_kek(KEK, present), *([_kek(PREVIOUS_KEK, previous)] if previous else ())))

    def keys_of(self, node: str) -> tuple[SigningKey, ...]:
        """Raises KeyUnusable."""
        known = self.known()
        if node in self._unusable:
            raise self._unusable[node]
        return known.get(node, ())

    def signing_key(self, node: str, kind: str = ED25519) -> SigningKey:
        found = self._signing(node, kind)
        if found is not None:
            return found
        place = self._next(node, kind)  # before looking again: whoever is first then makes this one, and no second
        return self._signing(node, kind) or self._made(place)

    def known(self) -> Mapping[str, tuple[SigningKey, ...]]:
        """The keys of every node, read again when the folder has changed; nodes with a damaged file are left out."""
        try:
            changed = self.folder.stat().st_mtime_ns
        except FileNotFoundError:
            return {}
        if changed != self._seen:
            fresh = time.time_ns() - changed < SETTLED_NS
            self._known = self._read()
            self._seen = -1 if fresh else changed
        return self._known

    def unusable(self) -> Mapping[str, KeyUnusable]:
        """The nodes with a damaged file, or one that no key-encryption key opens, and what to do about each."""
        self.known()
        return self._unusable

    def rotate(self, node: str, kind: str) -> SigningKey:
        """A new key, or the one that another process made at the same moment. Raises KeyUnusable, or ValueError for no
        name of a node."""
        return self._made(self._next(node, kind))

    def mark_compromised(self, node: str, key_id: str, since: datetime) -> SigningKey:
        """Raises ValueError for a key that the node does not have. The new key is there before the old one is
        marked."""
        self.known()
        marked = next((place for place, key in self._opened.items() if (place.node, key.id) == (node, key_id)), None)
        if marked is None:
            raise ValueError(f"{node} has no key {key_id[:80]!r}")
        signing = self._signing(node, marked.kind)
        if signing is not None and signing.id == key_id:
            self.rotate(node, marked.kind)
        self._put(self._mark(marked), orjson.dumps({"since": rfc3339(since), "noted_at": rfc3339(now())}))
        self._seen = -1
        return self.signing_key(node, marked.kind)

    def reseal(self) -> Resealed:
        """Seals anew what the present key-encryption key does not open, for good when this returns. Whoever reads
        meanwhile finds a whole file, the old one or the new one; safe to stop and to repeat."""
        anew, already, unusable = 0, 0, []
        for place in sorted(self._places(), key=Place.newest_first):
            try:
                found = self._read_file(place)
                kek, raw = self._unseal(place, found)
            except KeyUnusable as error:
                unusable.append(error)
                continue
            if kek == self._keks[0]:
                already += 1
            else:
                self._replace(self._path(place), self._seal(place, found.key_id, raw, found.made_at))
                anew += 1
        return Resealed(anew, already, tuple(unusable))

    def _next(self, node: str, kind: str) -> Place:
        """Where the node's next key of this kind rests."""
        if not NODE.fullmatch(node) or len(node) > LONGEST_NODE:
            raise ValueError(f"{node[:80]!r} is not the name of a node")
        numbers = [place.number for place in self._places() if (place.node, place.kind) == (node, kind)]
        return Place(node, kind, max(numbers, default=0) + 1)

    def _made(self, place: Place) -> SigningKey:
        """The key that signs once there is one at this place."""
        private = keys.make(place.kind)
        self._put(self._path(place), self._seal(place, SigningKey.of(private).id, _raw(private), rfc3339(now())))
        self._seen = -1
        key = self._signing(place.node, place.kind)
        if key is None:
            raise KeyUnusable(f"The key of {place.node} vanished from {self.folder}. Restore it from a backup.")
        return key

    def _signing(self, node: str, kind: str) -> SigningKey | None:
        return next((key for key in self.keys_of(node) if key.kind == kind and key.signs), None)

    def _read(self) -> dict[str, tuple[SigningKey, ...]]:
        found: dict[str, tuple[SigningKey, ...]] = {}
        self._unusable = {}
        for node, places in groupby(sorted(self._places(), key=Place.newest_first), lambda each: each.node):
            try:
                found[node] = tuple(self._ring(places))
            except KeyUnusable as error:
                log().error("an issuer's key cannot be used", node=node, reason=str(error))
                self._unusable[node] = error
        return found

    def _ring(self, places: Iterable[Place]) -> Iterator[SigningKey]:
        """The keys of one node, the newest of each kind first."""
        newer: dict[str, str] = {}
        for place in places:
            if place not in self._opened:
                self._opened[place] = self._open(place)
            key = self._opened[place]
            yield replace(key, retired_at=newer.get(place.kind), compromised_at=self._compromised(place))
            newer[place.kind] = key.made_at

    def _places(self) -> list[Place]:
        found = (Place.of(path.name) for path in self.folder.glob("*.json"))
        return [place for place in found if place is not None]

    def _path(self, place: Place) -> Path:
        return self.folder / f"{place.stem}.json"

    def _mark(self, place: Place) -> Path:
        return self.folder / f"{place.stem}{COMPROMISED}"

    def _compromised(self, place: Place) -> str | None:
        try:
            return str(orjson.loads(self._mark(place).read_bytes())["since"])
        except FileNotFoundError:
            return None
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise KeyUnusable(f"{self._mark(place)} is damaged. Restore it from a backup.") from error

    def _put(self, path: Path, text: bytes) -> None:
        """Writes the file unless another process was first: its file counts then."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError), whole(path, unless_there) as file:
            file.write(text)

    def _replace(self, path: Path, text: bytes) -> None:
        """Writes a file anew. It stays its owner's, whoever does that: or the service could not read it any more."""
        with whole(path) as file:
            file.write(text)
            os.fchown(file.fileno(), path.stat().st_uid, path.stat().st_gid)

    def _seal(self, place: Place, key_id: str, raw: bytes, made_at: str) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(self._keks[0]).encrypt(nonce, raw, _bound_to(place, key_id))
        return orjson.dumps(
            {
                "node": place.node,
                "key": key_id,
                "algorithm": place.kind,
                "made_at": made_at,
                "nonce": b64encode(nonce).decode(),
                "sealed": b64encode(sealed).decode(),
            }
        )

    def _open(self, place: Place) -> SigningKey:
        found = self._read_file(place)
        _, raw = self._unseal(place, found)
        return SigningKey.of(_private(place.kind, raw), found.made_at)

    def _read_file(self, place: Place) -> Sealed:
        try:
            file: dict[str, Any] = orjson.loads(self._path(place).read_bytes())
            return Sealed(str(file["key"]), str(file["made_at"]), b64decode(file["nonce"]), b64decode(file["sealed"]))
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise KeyUnusable(f"{self._path(place)} is damaged. Restore it from a backup.") from error

    def _unseal(self, place: Place, found: Sealed) -> tuple[bytes, bytes]:
        """The key-encryption key that opens it, and what is in it."""
        for kek in self._keks:
            try:
                return kek, AESGCM(kek).decrypt(found.nonce, found.sealed, _bound_to(place, found.key_id))
            except (InvalidTag, ValueError):
                continue
        raise KeyUnusable(
            f"No key-encryption key opens {self._path(place)}. Set CREDENTIALS_KEK to the one it was "
            "made with; while it is exchanged, the old one as CREDENTIALS_KEK_PREVIOUS."
        )


def _raw(private: PrivateKey) -> bytes:
    if isinstance(private, Ed25519PrivateKey):
        return private.private_bytes_raw()
    form = serialization.PrivateFormat.PKCS8
    return private.private_bytes(serialization.Encoding.DER, form, serialization.NoEncryption())


def _private(kind: str, raw: bytes) -> PrivateKey:
    if kind == ED25519:
        return Ed25519PrivateKey.from_private_bytes(raw)
    private: Any = serialization.load_der_private_key(raw, None)
    made: PrivateKey = private
    return made


def _bound_to(place: Place, key_id: str) -> bytes:
    return f"libranet credentials key|{place.stem}|{key_id}".encode()


def _kek(name: str, text: str) -> bytes:
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raw = b""
    if len(raw) != 32:
        raise settings.SettingMissing(f"{name} must be 32 random bytes as 64 hexadecimal digits.")
    return raw
