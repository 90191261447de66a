"""Is this process alive, and is it ready? Parts report by name; one that reports a reason makes it unready, but for one
that only waits for a person (decision 34)."""

import threading


class Health:
    """What each part of the process last said of itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reasons: dict[str, str | None] = {}
        self._paused: set[str] = set()

    def expect(self, part: str) -> None:
        """The part has to report before the process counts as ready."""
        with self._lock:
            self._reasons.setdefault(part, "starting")

    def well(self, part: str) -> None:
        self._said(part, None)

    def ill(self, part: str, reason: str) -> bool:
        """True when this is news (worth a log line)."""
        return self._said(part, reason)

    def paused(self, part: str, reason: str) -> bool:
        """The part could work and waits for a person: told as `ill` is, but the process counts as ready."""
        return self._said(part, reason, paused=True)

    def count_ill(self) -> int:
        """How many parts are not well."""
        with self._lock:
            return sum(reason is not None for reason in self._reasons.values())

    def report(self) -> tuple[bool, dict[str, str]]:
        """Whether all parts are well or paused, and what each says."""
        with self._lock:
            reasons, paused = dict(self._reasons), set(self._paused)
        return all(reason is None or part in paused for part, reason in reasons.items()), {
            part: reason or "ok" for part, reason in sorted(reasons.items())}

    def _said(self, part: str, reason: str | None, paused: bool = False) -> bool:
        with self._lock:
            news = self._reasons.get(part) != reason
            self._reasons[part] = reason
            self._paused = self._paused | {part} if paused else self._paused - {part}
            return news


HEALTH = Health()
"""This process."""
