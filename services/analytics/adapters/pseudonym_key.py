"""The secret behind the pseudonyms: read once, when the process starts, so that a missing one is noticed there."""

from typing import Any

from nameko.extensions import DependencyProvider

from libranet import settings
from services.analytics.domain.pseudonyms import Pseudonyms


class PseudonymKey(DependencyProvider):
    """Gives the service its Pseudonyms under `PSEUDONYM_KEY`. The process does not start without that secret."""

    def setup(self) -> None:
        self._pseudonyms = Pseudonyms(settings.secret("PSEUDONYM_KEY"))

    def get_dependency(self, worker_ctx: Any) -> Pseudonyms:
        return self._pseudonyms
