"""Is this process alive, and is it ready? Parts report by name; one that reports a reason makes it unready."""

import threading


class Health:
    """What each part of the process last said of itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reasons: dict[str, str | None] = {}

    def expect(self, part: str) -> None:
        """The part has to report before the process counts as ready."""
        with self._lock:
            self._reasons.setdefault(part, "starting")

    def well(self, part: str) -> None:
        with self._lock:
            self._reasons[part] = None

    def ill(self, part: str, reason: str) -> bool:
        """True when this is news (worth a log line)."""
        with self._lock:
            news = self._reasons.get(part) != reason
            self._reasons[part] = reason
            return news

    def count_ill(self) -> int:
        """How many parts are not well."""
        with self._lock:
            return sum(reason is not None for reason in self._reasons.values())

    def report(self) -> tuple[bool, dict[str, str]]:
        """Whether all parts are well, and what each says."""
        with self._lock:
            reasons = dict(self._reasons)
        return all(reason is None for reason in reasons.values()), {
            part: reason or "ok" for part, reason in sorted(reasons.items())}


HEALTH = Health()
"""This process."""
