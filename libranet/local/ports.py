"""Ports on the loopback address, chosen once and remembered, so that what was killed returns to the same place.

They lie below the range from which the kernel takes the ports of outgoing connections: in that range a client that
keeps calling a dead server may connect to itself and hold the port. Two platforms that start for the first time in
the same second meet with a chance of about one in seven hundred.
"""

import json
import random
import socket
from collections.abc import Mapping

from libranet.local.home import Home
from libranet.local.parts import GATEWAY, PORTS
from libranet.whole_file import whole

LOOPBACK = "127.0.0.1"
FIRST, LAST = 20_000, 32_000
BLOCK = 16  # a platform's ports lie together, so that two platforms meet in all of them or in none


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` of the loopback address now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def remembered(home: Home) -> dict[str, int]:
    """The ports of the last start, or nothing."""
    try:
        found = json.loads(home.memory.read_text(encoding="utf-8"))["ports"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return {str(name): int(port) for name, port in found.items()}


def choose(home: Home, gateway_port: int) -> dict[str, int]:
    """The ports for a new start: the last ones while all are free, else a free block; 0 picks the gateway's too."""
    ports = remembered(home)
    inner = [name for name in PORTS if name != GATEWAY or not gateway_port]
    if not all(name in ports and FIRST <= ports[name] <= LAST and is_free(ports[name]) for name in inner):
        ports = _free_block()
    if gateway_port:
        ports[GATEWAY] = gateway_port
    remember(home, ports)
    return ports


def remember(home: Home, ports: Mapping[str, int]) -> None:
    """Write the ports down in one step, so that no reader sees half of them."""
    with whole(home.memory) as out:
        out.write(json.dumps({"ports": dict(ports)}, indent=2).encode() + b"\n")


def _free_block() -> dict[str, int]:
    starts = list(range(FIRST, LAST - BLOCK, BLOCK))
    random.shuffle(starts)
    for start in starts:
        block = range(start, start + BLOCK)
        if all(is_free(port) for port in block):
            return dict(zip(PORTS, block, strict=False))
    raise OSError(f"No {BLOCK} free ports in a row between {FIRST} and {LAST} on {LOOPBACK}.")
