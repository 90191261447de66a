"""Ports on the loopback address, chosen once and remembered, so that what was killed returns to the same place.

They lie below the range from which the kernel takes the ports of outgoing connections: in that range a client that
keeps calling a dead server may connect to itself and hold the port. Until a platform listens on all of its ports, its
starter holds the last port of their block, so that two that start at the same time do not choose the same one. A port
that somebody wants for the gateway is not in a block.
"""

import json
import random
import socket
from collections.abc import Iterable, Mapping

from libranet.local.home import Home
from libranet.local.parts import GATEWAY, PORTS
from libranet.whole_file import whole

LOOPBACK = "127.0.0.1"
FIRST, LAST = 20_000, 32_000
BLOCK = 16
"""A platform's ports lie together, so that two platforms meet in all of them or in none. The last is the claim."""


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


def choose(home: Home, gateway_port: int) -> tuple[dict[str, int], socket.socket]:
    """The ports for a new start, and the claim to them, which is held until all are listened on.

    They are the last ones while all are free, else a free block; `gateway_port` 0 picks the gateway's, too.
    """
    ports = remembered(home)
    inner = [name for name in PORTS if name != GATEWAY or not gateway_port]
    first = ports.get(PORTS[0], 0)
    block = range(first, first + BLOCK)
    ours = [ports[name] for name in inner if ports.get(name) in block]
    is_whole = len(ours) == len(inner) and FIRST <= first < LAST - BLOCK and gateway_port not in block
    claim = _claimed(block, ours) if is_whole else None
    if not claim:
        block, claim = _free_block(gateway_port)
        ports = dict(zip(PORTS, block[:-1], strict=False))
    if gateway_port:
        ports[GATEWAY] = gateway_port
    remember(home, ports)
    return ports, claim


def remember(home: Home, ports: Mapping[str, int]) -> None:
    """Write the ports down in one step, so that no reader sees half of them."""
    with whole(home.memory) as out:
        out.write(json.dumps({"ports": dict(ports)}, indent=2).encode() + b"\n")


def _free_block(but_for: int) -> tuple[range, socket.socket]:
    starts = list(range(FIRST, LAST - BLOCK, BLOCK))
    random.shuffle(starts)
    for start in starts:
        block = range(start, start + BLOCK)
        if but_for not in block and (claim := _claimed(block, block[:-1])):
            return block, claim
    raise OSError(f"No {BLOCK} free ports in a row between {FIRST} and {LAST} on {LOOPBACK}.")


def _claimed(block: range, wanted: Iterable[int]) -> socket.socket | None:
    """The last port of `block`, bound, if it and those that are wanted are free."""
    claim = socket.socket()  # without SO_REUSEADDR: nobody else can bind it
    try:
        claim.bind((LOOPBACK, block[-1]))
    except OSError:
        claim.close()
        return None
    if all(is_free(port) for port in wanted):
        return claim
    claim.close()
    return None
