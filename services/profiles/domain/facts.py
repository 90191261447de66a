"""What profiles has decided, in the past tense. Ids, purposes and times; of names only those of places."""

from typing import Any

from libranet.clock import rfc3339
from libranet.cloudevent import Fact
from services.profiles.domain.consents import Consent
from services.profiles.domain.erasures import Erasure
from services.profiles.domain.nodes import Node
from services.profiles.domain.patrons import Patron

PREFIX = "org.libranet.profiles."


def node_added(node: Node) -> Fact:
    return Fact(f"{PREFIX}node-added.v1", node.id, node.id, {"node": node.id, "kind": node.kind, "title": node.name})


def patron_registered(patron: Patron) -> Fact:
    return Fact(f"{PREFIX}patron-registered.v1", patron.id, patron.owner,
                {"patron": patron.id, "registered_at": rfc3339(patron.registered_at)})


def consent_decided(before: Consent | None, after: Consent) -> list[Fact]:
    """Consent given or withdrawn. Nothing when nothing changed, or when a first decision is a no: it was off before."""
    if after is before or (before is None and not after.granted):
        return []
    past = "consent-given" if after.granted else "consent-withdrawn"
    data: dict[str, Any] = {"patron": after.patron, "purpose": after.purpose, "recipient": after.recipient,
                            "decided_at": rfc3339(after.decided_at)}
    if after.expires_at is not None:
        data["expires_at"] = rfc3339(after.expires_at)
    return [Fact(f"{PREFIX}{past}.v1", after.id, after.owner, data, after.sequence)]


def patron_erased(erasure: Erasure) -> Fact:
    """The second and last state of a patron, hence its sequence."""
    return Fact(f"{PREFIX}patron-erased.v1", erasure.patron, erasure.owner, {
        "patron": erasure.patron, "erasure": erasure.id, "requested_at": rfc3339(erasure.requested_at)}, sequence=2)
