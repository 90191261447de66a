# ruff: noqa: N999 - gunicorn looks for this name
"""How the gateway is served: threads, because its requests wait for services; never monkey-patched.

Settings: `GATEWAY_BIND` (an address and port, or a list of them with commas), else 127.0.0.1 and `GATEWAY_PORT`;
`WEB_CONCURRENCY` workers; `GATEWAY_THREADS`. One worker is the default: rate limits and figures are counted in each.
"""

import os
import socket
import struct

from libranet.logs import configure

SLOW_CLIENT_SECONDS = 5
"""A client that sends nothing for so long in the middle of a request, or takes nothing, gives its thread back.
Whoever drips can still hold threads: on the open internet a proxy that buffers requests stands in front."""

bind = os.environ.get("GATEWAY_BIND") or f"127.0.0.1:{os.environ.get('GATEWAY_PORT') or 8080}"
worker_class = "gateway.worker.Worker"
workers = int(os.environ.get("WEB_CONCURRENCY") or 1)
threads = int(os.environ.get("GATEWAY_THREADS") or 24)
worker_connections = 1000
backlog = 512
keepalive = 30
timeout = 60
graceful_timeout = 15
limit_request_line = 8190
limit_request_fields = 60
limit_request_field_size = 8190
control_socket_disable = True
"""A control socket would need a writable home, and nobody here uses it."""
accesslog = None
"""The app writes its own line, with route templates instead of paths."""
logconfig_dict = {"filters": {"silent": {"()": "gateway.worker.SilentClients"}}, "loggers": {
    "gunicorn.error": {"level": "WARNING", "handlers": [], "propagate": True, "qualname": "gunicorn.error",
                       "filters": ["silent"]},
    "gunicorn.access": {"level": "ERROR", "handlers": [], "propagate": True, "qualname": "gunicorn.access"}}}
"""What gunicorn has to say goes where everything goes: to libranet.logs."""
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - a heartbeat file, not data
forwarded_allow_ips = ""  # the app alone reads forwarding headers (GATEWAY_PROXIES)


def on_starting(server):  # type: ignore[no-untyped-def]
    """After gunicorn's own set-up of logging, before any worker."""
    configure("gateway")


def when_ready(server):  # type: ignore[no-untyped-def]
    """Accepted sockets inherit these deadlines from the one that listens (Linux)."""
    deadline = struct.pack("ll", SLOW_CLIENT_SECONDS, 0)
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, deadline)
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, deadline)
