"""Hands the key folder to the service's methods; it is opened once per process, so public parts stay in
memory."""

from typing import Any

from nameko.extensions import DependencyProvider

from libranet import settings
from services.credentials.adapters.key_folder import KeyFolder


class SigningKeys(DependencyProvider):
    """A KeyFolder from the settings. A process without its key-encryption key, or without the public
    address that credentials carry, does not start."""

    def setup(self) -> None:
        settings.get("PUBLIC_URL")
        self._folder = KeyFolder.from_settings()

    def get_dependency(self, worker_ctx: Any) -> KeyFolder:
        return self._folder
