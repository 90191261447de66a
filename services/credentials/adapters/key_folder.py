"""Signing keys as encrypted files outside the database: one Ed25519 key per issuing node.

A key is made when its node first needs it, and of several processes that make one at the same time exactly
one wins. Each file is AES-256-GCM under the key-encryption key, bound to its node and key. Does not guard
against whoever holds both the folder and the key-encryption key. Replicas on several machines need a shared
folder.
"""

import os
import re
import secrets
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from libranet import settings
from libranet.clock import now, rfc3339
from services.credentials.domain.proofs import SigningKey

NODE = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")
LONGEST_NODE = 200
NONCE_BYTES = 12
KEK_NAMES = ("CREDENTIALS_KEK", "CREDENTIALS_KEK_PREVIOUS")


class KeyUnusable(RuntimeError):
    """A key file is there and cannot be opened; the text says what an operator does."""


class KeyFolder:
    """The signing keys in one folder. `keks` are the key-encryption keys: the first encrypts, all decrypt."""

    def __init__(self, folder: Path, keks: tuple[bytes, ...]) -> None:
        self._folder = folder
        self._keks = keks
        self._opened: dict[str, SigningKey] = {}

    @classmethod
    def from_settings(cls) -> "KeyFolder":
        """`CREDENTIALS_KEYS_DIR` (default: `keys` in `LIBRANET_HOME`), secrets `CREDENTIALS_KEK` and,
        while it is exchanged, `CREDENTIALS_KEK_PREVIOUS`: 64 hexadecimal digits each."""
        folder = Path(settings.get("CREDENTIALS_KEYS_DIR", str(settings.home() / "keys")))
        return cls(folder, tuple(_kek(name) for name in KEK_NAMES if name == KEK_NAMES[0] or _is_set(name)))

    def find_key(self, node: str) -> SigningKey | None:
        """The node's key, or None where none was made yet. Raises KeyUnusable."""
        if node not in self._opened:
            if not NODE.fullmatch(node) or len(node) > LONGEST_NODE:
                return None
            try:
                sealed = self._path(node).read_bytes()
            except FileNotFoundError:
                return None
            self._opened[node] = self._open(node, sealed)
        return self._opened[node]

    def signing_key(self, node: str) -> SigningKey:
        """The node's key, made now where there is none. Raises KeyUnusable, or ValueError for no name of a
        node."""
        key = self.find_key(node)
        if key is None:
            if not NODE.fullmatch(node) or len(node) > LONGEST_NODE:
                raise ValueError(f"{node[:80]!r} is not the name of a node")
            self._make(node)
            key = self.find_key(node)
        if key is None:
            raise KeyUnusable(f"The key of {node} vanished from {self._folder}. Restore it from a backup.")
        return key

    def known(self) -> dict[str, str]:
        """The node of every DID that signs here. Raises KeyUnusable."""
        nodes = [path.stem for path in self._folder.glob("*.json")]
        keys = {node: self.find_key(node) for node in sorted(nodes)}
        return {key.did: node for node, key in keys.items() if key is not None}

    def _path(self, node: str) -> Path:
        return self._folder / f"{node}.json"

    def _make(self, node: str) -> None:
        """Writes a whole file under another name and links it into place: the link is made once or not at
        all."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self._folder / f".{node}.{secrets.token_hex(8)}"
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(self._seal(node, Ed25519PrivateKey.generate()))
                file.flush()
                os.fsync(file.fileno())
            os.link(unfinished, self._path(node))
        except FileExistsError:
            pass  # another process was first; its key counts
        finally:
            unfinished.unlink()
        self._sync_folder()

    def _sync_folder(self) -> None:
        handle = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _seal(self, node: str, private: Ed25519PrivateKey) -> bytes:
        key_id = SigningKey.of(private).did
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(self._keks[0]).encrypt(nonce, private.private_bytes_raw(), _bound_to(node, key_id))
        return orjson.dumps(
            {
                "node": node,
                "key": key_id,
                "algorithm": "Ed25519",
                "made_at": rfc3339(now()),
                "nonce": b64encode(nonce).decode(),
                "sealed": b64encode(sealed).decode(),
            }
        )

    def _open(self, node: str, text: bytes) -> SigningKey:
        try:
            file: dict[str, Any] = orjson.loads(text)
            nonce, sealed, key_id = b64decode(file["nonce"]), b64decode(file["sealed"]), str(file["key"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise KeyUnusable(f"{self._path(node)} is damaged. Restore it from a backup.") from error
        for kek in self._keks:
            try:
                raw = AESGCM(kek).decrypt(nonce, sealed, _bound_to(node, key_id))
            except (InvalidTag, ValueError):
                continue
            return SigningKey.of(Ed25519PrivateKey.from_private_bytes(raw))
        raise KeyUnusable(
            f"No key-encryption key opens {self._path(node)}. Set CREDENTIALS_KEK to the one it was "
            "made with; while it is exchanged, the old one as CREDENTIALS_KEK_PREVIOUS."
        )


def _bound_to(node: str, key_id: str) -> bytes:
    return f"libranet credentials key|{node}|{key_id}".encode()


def _kek(name: str) -> bytes:
    text = settings.secret(name)
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raw = b""
    if len(raw) != 32:
        raise settings.SettingMissing(f"{name} must be 32 random bytes as 64 hexadecimal digits.")
    return raw


def _is_set(name: str) -> bool:
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))
