"""Hands the key folder to the service's methods; it is opened once per process, so public parts stay in
memory."""

from typing import Any

from nameko.extensions import DependencyProvider

from services.credentials.adapters.key_folder import KeyFolder


class SigningKeys(DependencyProvider):  # type: ignore[misc]
    """A KeyFolder from the settings. A process without its key-encryption key does not start."""

    def setup(self) -> None:
        self._folder = KeyFolder.from_settings()

    def get_dependency(self, worker_ctx: Any) -> KeyFolder:
        return self._folder
