"""The platform's keys and passwords: files of mode 0600 in the home, created once, never overwritten.

Who gets which file is decided in `environment.py`. A second live key of a kind is added by hand (operations.md,
issuers.md).
"""

import json
import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from libranet.local.home import Home
from libranet.whole_file import unless_there, whole

PRIVATE_KEY = "PRINCIPAL_PRIVATE_KEY"
PUBLIC_KEYS = "PRINCIPAL_PUBLIC_KEYS"
RECEIPT_KEYS = "RECEIPT_KEYS"
PEM_FILES = (PRIVATE_KEY, PUBLIC_KEYS, RECEIPT_KEYS)
RANDOM_KEYS = (
    "ID_KEY",
    "CREDENTIALS_KEK",
    "PSEUDONYM_KEY",
    "WEBHOOK_KEK",
    "CARD_KEY",
    "CARD_KEK",
    "SIGN_IN_KEK",
)  # 32 random bytes as 64 hexadecimal digits


def path_of(home: Home, name: str) -> Path:
    """The file of the secret `name`."""
    ending = ".pem" if name in PEM_FILES else ".key"
    return home.secrets / (name.lower().replace("_", "-") + ending)


def make_keys(home: Home) -> None:
    """Create the keys that are missing; the principal's public key follows from its private one."""
    for name in RANDOM_KEYS:
        make_random_key(home, name)
    _create(path_of(home, RECEIPT_KEYS), _new_signing_key())
    private = path_of(home, PRIVATE_KEY)
    _create(private, _new_signing_key())
    if not path_of(home, PUBLIC_KEYS).exists():
        _create(path_of(home, PUBLIC_KEYS), _public_half(private.read_bytes()))


def make_random_key(home: Home, name: str) -> None:
    """Create one key of 32 random bytes, written as hexadecimal digits, where it is missing."""
    _create(path_of(home, name), secrets.token_hex(32) + "\n")


def passwords(home: Home, part: str, users: Iterable[str]) -> dict[str, str]:
    """The password of each of `users` at `part` (broker or database); makes those that are missing."""
    file = _passwords_file(home, part)
    known: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    wanted = list(users)
    if missing := [user for user in wanted if user not in known]:
        known |= {user: secrets.token_urlsafe(24) for user in missing}
        with whole(file) as out:
            out.write(json.dumps(known, indent=2).encode() + b"\n")
    return {user: known[user] for user in wanted}


def has_passwords(home: Home) -> bool:
    """Whether a platform's passwords were made here."""
    return _passwords_file(home, "broker").exists()


def cookie(home: Home, directory: Path) -> None:
    """Create the Erlang cookie, by which the node and its tools know each other, in the node's own home."""
    _create(directory / ".erlang.cookie", secrets.token_hex(16), mode=0o400)


def _passwords_file(home: Home, part: str) -> Path:
    return home.secrets / f"{part}-passwords.json"


def _create(file: Path, text: str, mode: int = 0o600) -> None:
    """Unless it is there."""
    with suppress(FileExistsError), whole(file, unless_there) as out:
        os.fchmod(out.fileno(), mode)
        out.write(text.encode())


def _new_signing_key() -> str:
    return (
        Ed25519PrivateKey.generate()
        .private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        .decode()
    )


def _public_half(pem: bytes) -> str:
    private = serialization.load_pem_private_key(pem, password=None)
    return (
        private.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )
