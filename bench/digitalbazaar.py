"""Credentials signed and verified by `@digitalbazaar/vc` (eddsa-rdfc-2022), where setup found node to install it."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts import standards
from services.credentials.domain import didkeys
from services.credentials.domain.keys import SigningKey

FOLDER = Path(__file__).parent / "contenders" / "digitalbazaar"
PATIENCE_SECONDS = 300
WARM_UP = 100
"""Documents that are done before the clock runs: node's compiler wants to have seen the work."""
SECRET_PREFIX = b"\x80\x26"
"""Of an Ed25519 private key as Multikey (Controlled Identifiers 1.0, 2.2.2)."""


def is_installed() -> bool:
    return (FOLDER / "node_modules").is_dir() and shutil.which("node") is not None


def issued(documents: Sequence[dict[str, Any]], private: Ed25519PrivateKey) -> dict[str, Any]:
    """The `documents` with a proof each, and the `seconds` and `cpu_seconds` that they took."""
    secret = didkeys.encode_base58(SECRET_PREFIX + private.private_bytes_raw())
    return _asked("issue", documents, [{**multikey(SigningKey.of(private).method), "secretKeyMultibase": secret}], {})


def verified(documents: Sequence[dict[str, Any]], multikeys: Sequence[dict[str, Any]],
             published: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """`verdicts`, None or the reason of a refusal each, and the `seconds` and `cpu_seconds` that they took.

    Args:
        published: what else can be fetched, by address: lists of states."""
    return _asked("verify", documents, multikeys, published or {})


def multikey(method: str) -> dict[str, Any]:
    """The public key that a verification method of a `did:key` names."""
    did, _, public = method.partition("#")
    return {"@context": "https://w3id.org/security/multikey/v1", "type": "Multikey", "id": method, "controller": did,
            "publicKeyMultibase": public}


def _asked(task: str, documents: Sequence[dict[str, Any]], keys: Sequence[dict[str, Any]],
           published: Mapping[str, Any]) -> dict[str, Any]:
    asked = {"task": task, "documents": documents, "warm_up": WARM_UP, "keys": keys,
             "published": {**standards.contexts(), **published}}
    done = subprocess.run(["node", str(FOLDER / "vc.mjs")], input=json.dumps(asked), text=True, capture_output=True,
                          timeout=PATIENCE_SECONDS)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))
