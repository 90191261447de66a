"""Credentials from elsewhere as contracts/calls/credential_imports.py describes them."""

from typing import Any

from libranet.clock import rfc3339
from libranet.collection import Document
from services.credentials.domain.imported import given_of

NAMES = ("patron", "standard", "issuer", "issuer_name", "credential_id", "name", "description", "binding",
         "verification")
TIMES = ("awarded_at", "valid_until", "verified_at", "imported_at")


def imported(row: Document) -> dict[str, Any]:
    """Without the credential itself; what it does not say is left out."""
    times = {name: rfc3339(row[name]) for name in TIMES if row[name] is not None}
    return {"id": row["_id"], **{name: row[name] for name in NAMES if row[name]}, **times}


def whole(row: Document) -> dict[str, Any]:
    return {**imported(row), "jws" if row["form"] == "jws" else "credential": given_of(row)}
