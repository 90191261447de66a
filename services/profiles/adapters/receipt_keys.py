"""The keys that receipts and certificates are signed with: read once, so that a missing one is noticed at the start."""

from typing import Any

from nameko.extensions import DependencyProvider

from libranet import settings
from libranet.jws import SigningKeys


class ReceiptKeys(DependencyProvider):
    """SigningKeys from the secret `RECEIPT_KEYS`. A process without them, or without the public address that receipts
    carry, does not start."""

    def setup(self) -> None:
        settings.get("PUBLIC_URL")
        self._keys = SigningKeys(settings.secret("RECEIPT_KEYS"))

    def get_dependency(self, worker_ctx: Any) -> SigningKeys:
        return self._keys
