"""A partner's queue: its name, its limits, and what its user may do, which is to read it.

It lies in a virtual host of its own; the deliveries lay messages into it by its name. No exchange of ours leads there,
and nothing there leads to us.
"""

import re
from typing import Any

from contracts.topology import PARTNER_VHOST

MOST_MESSAGES = 10_000
"""More are refused, so that the delivery is tried again later and the partner's lag shows as failures."""
MESSAGE_DAYS = 3
"""A weekend. What nobody fetched by then is dropped; the pull feed and a replay still have it."""
GIVE_BACKS = 1000
"""RabbitMQ 4 would drop a message after 20; partners may reconnect often."""
ARGUMENTS: dict[str, Any] = {
    "x-queue-type": "quorum", "x-max-length": MOST_MESSAGES, "x-overflow": "reject-publish",
    "x-message-ttl": MESSAGE_DAYS * 24 * 3600 * 1000, "x-delivery-limit": GIVE_BACKS,
}
LIMITS = {"max-connections": 8, "max-channels": 32}
"""For each partner's user: enough for a few readers, too few to exhaust the broker."""


def queue(node: str) -> str:
    """The queue's name: the partner's node."""
    return node


def user(node: str) -> str:
    """The user's name; no service is called so, for those have no dot in their names."""
    return f"partner.{node}"


def permissions(node: str) -> dict[str, str]:
    """To read the one queue: not to declare, bind or publish anything."""
    return {"configure": "^$", "write": "^$", "read": f"^{re.escape(queue(node))}$"}


def definitions(node: str, password_hash: str) -> dict[str, Any]:
    """All of it in RabbitMQ's form of definitions; importing it again only changes the password."""
    return {
        "vhosts": [{"name": PARTNER_VHOST}],
        "users": [{"name": user(node), "password_hash": password_hash, "tags": "", "limits": LIMITS,
                   "hashing_algorithm": "rabbit_password_hashing_sha256"}],
        "permissions": [{"user": user(node), "vhost": PARTNER_VHOST, **permissions(node)}],
        "queues": [{"name": queue(node), "vhost": PARTNER_VHOST, "durable": True, "auto_delete": False,
                    "arguments": ARGUMENTS}],
    }
