"""Lists of which credentials are not to be accepted (Bitstring Status List 1.0), and the places in them.

Each issuing node has lists of its own, for each name under which it issued: others ask that list and credential have
the same issuer. A place is given to one credential and never to another, and the order of the indices says nothing of
the order of issuing; no list, index or row of them knows a credential or a person.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from libranet.clock import rfc3339
from libranet.ids import public_id
from services.credentials.domain import bitstring

REVOCATION, SUSPENSION = "revocation", "suspension"
PURPOSES = (REVOCATION, SUSPENSION)
ENTRY, LIST, LIST_CREDENTIAL = "BitstringStatusListEntry", "BitstringStatusList", "BitstringStatusListCredential"
CONTEXTS = ("https://www.w3.org/ns/credentials/v2",)
BLOCK = 256
"""Places that a process takes at a time. What it has not given out when it ends is never used."""
MOST_TAKEN = bitstring.SIZE * 7 // 8
"""A list that is used up would tell that each of its bits is somebody's."""
CACHE_SECONDS = 300
GOOD_FOR = timedelta(days=1)
"""An older copy, from before a revocation, is of no use for longer than this."""
LEFT_BITS, RIGHT_BITS = 8, 9
ROUNDS = 4


@dataclass(frozen=True)
class StatusList:
    """`issuer` is the DID under which the node signs it; `taken` places have been given to processes; `changes` counts
    how often a bit changed, the last time at `changed_at`. `key` scatters the places."""

    id: str
    node: str
    issuer: str
    number: int
    key: bytes
    changed_at: datetime
    taken: int = 0
    changes: int = 0


@dataclass(frozen=True)
class StatusPlace:
    """One credential's bit: the list's id, and the index in it."""

    list: str
    index: int


def new_list(node: str, issuer: str, number: int, key: bytes, made_at: datetime) -> StatusList:
    """The issuer's list of this number, the first being 1. `key` is 16 random bytes; no two lists have the same id,
    after a database was restored from a backup either."""
    return StatusList(public_id("status-list", node, key.hex()), node, issuer, number, key, made_at)


def has_room(status_list: StatusList) -> bool:
    """Whether another block may be taken from it."""
    return status_list.taken + BLOCK <= MOST_TAKEN


def reserve(status_list: StatusList) -> tuple[StatusList, list[StatusPlace]]:
    """The list with a block more taken, and the block's places."""
    numbers = range(status_list.taken, status_list.taken + BLOCK)
    places = [StatusPlace(status_list.id, scattered(number, status_list.key)) for number in numbers]
    return replace(status_list, taken=status_list.taken + BLOCK), places


def scattered(number: int, key: bytes) -> int:
    """A permutation of 0 … 131,071 that looks random without the key: a Feistel network of 8 and 9 bits."""
    left, right = number >> RIGHT_BITS, number & (1 << RIGHT_BITS) - 1
    for turn in range(ROUNDS):
        if turn % 2:
            right ^= _noise(turn, left, key) & (1 << RIGHT_BITS) - 1
        else:
            left ^= _noise(turn, right, key) & (1 << LEFT_BITS) - 1
    return left << RIGHT_BITS | right


def _noise(turn: int, half: int, key: bytes) -> int:
    return int.from_bytes(blake2b(bytes((turn, half >> 8, half & 0xFF)), digest_size=2, key=key).digest(), "big")


def list_address(platform: str, list_id: str, purpose: str) -> str:
    """Where anyone reads the list; `platform` is where the platform is reached from outside."""
    return f"{platform}/status-lists/{list_id}/{purpose}"


def entry(platform: str, place: StatusPlace) -> dict[str, Any]:
    """The one `credentialStatus` of a credential (2.1); Open Badges 3.0 allows no second. See docs/decisions."""
    address = list_address(platform, place.list, REVOCATION)
    return {
        "id": f"{address}#{place.index}",
        "type": ENTRY,
        "statusPurpose": REVOCATION,
        "statusListIndex": str(place.index),
        "statusListCredential": address,
    }


def start_of_hour(moment: datetime) -> datetime:
    """Lists are signed anew each hour, and each time a bit changes."""
    return moment.replace(minute=0, second=0, microsecond=0)


def list_credential(
    address: str, purpose: str, indices: Iterable[int], issuer: str, changed_at: datetime, now: datetime
) -> dict[str, Any]:
    """The unsigned list (2.2) with these bits set; the same for everybody who makes it within the same hour."""
    hour = start_of_hour(now)
    return {
        "@context": list(CONTEXTS),
        "id": address,
        "type": ["VerifiableCredential", LIST_CREDENTIAL],
        "issuer": issuer,
        "validFrom": rfc3339(max(hour, changed_at)),
        "validUntil": rfc3339(hour + GOOD_FOR),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": LIST,
            "statusPurpose": purpose,
            "encodedList": bitstring.encode(indices),
        },
    }
