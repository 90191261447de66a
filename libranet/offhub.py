"""Work that takes more than a few milliseconds of CPU leaves the eventlet hub: it runs in a native thread meanwhile.

What runs there must not touch the database, the broker or anything else that waits on the hub's sockets and locks.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from eventlet import tpool
from eventlet.patcher import is_monkey_patched

Result = TypeVar("Result")


def off_hub(work: Callable[..., Result], *arguments: Any) -> Result:
    """What `work` gives, or raises; other calls are answered meanwhile. Outside a service process it runs here."""
    if not is_monkey_patched("thread"):
        return work(*arguments)
    result: Result = tpool.execute(work, *arguments)
    return result
