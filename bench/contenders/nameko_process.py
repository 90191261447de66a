"""A stock nameko service as a process, without the platform's runner. The caller has patched the standard library."""

import logging
import os
import signal
from typing import Any

import eventlet
from nameko.containers import ServiceContainer


def run(service: type) -> None:
    """Runs until SIGTERM. `BENCH_WORKERS` is nameko's max_workers (10 by default, as there)."""
    logging.basicConfig(level=logging.WARNING)
    container = ServiceContainer(service, {
        "AMQP_URI": os.environ["AMQP_URI"], "max_workers": int(os.environ.get("BENCH_WORKERS", "10")),
        "WEB_SERVER_ADDRESS": os.environ.get("LISTEN", "127.0.0.1:0")})

    def stop(_number: int, _frame: Any) -> None:
        eventlet.spawn_n(container.stop)

    signal.signal(signal.SIGTERM, stop)
    container.start()
    container.wait()
