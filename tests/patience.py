"""How tests wait, and how they hold a promise of time on a machine that may be busy."""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 60


def until(holds: Callable[[], bool], seconds: float = PATIENCE_SECONDS, what: str = "it") -> None:
    """Waits for something that must come about."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"{what} did not come about within {seconds} s"
        time.sleep(0.05)


def is_done_within(seconds: float, act: Callable[[], object], tries: int = 5) -> bool:
    """Whether it takes no longer, once in some tries: a machine that is busy for a moment breaks no promise of ours."""
    for _ in range(tries):
        began = time.monotonic()
        act()
        if time.monotonic() - began < seconds:
            return True
    return False
