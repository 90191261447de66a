"""The credentials service's state in MongoDB: credentials and all about them; evidence
that was submitted; status lists, which know nobody."""

from services.credentials.store.credential_store import COLLECTIONS, CredentialStore

__all__ = ["COLLECTIONS", "CredentialStore"]
