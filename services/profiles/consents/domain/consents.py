"""Consents: a patron lets a recipient use their data for a purpose. Off until given, and withdrawn as easily.

Purposes are data: a new one is a new row of PURPOSES.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from libranet.ids import keyed_id
from services.profiles.consents.domain.refusals import (
    ConsentEndsBeforeItBegins,
    PurposeUnknown,
    RecipientUnsuitable,
    WithdrawalHasNoEnd,
)
from services.profiles.org.domain.nodes import Node
from services.profiles.patrons.domain.patrons import Patron


@dataclass(frozen=True, slots=True)
class Purpose:
    """`explanation` tells a patron in plain words what they allow; `{recipient}` stands for the node's name.

    The recipient is the patron's own library where `recipient_kinds` is empty, else a node of those kinds in the
    patron's consortium; `offered_for` are the kinds that a patron is asked about unasked.
    """

    name: str
    explanation: str
    recipient_kinds: frozenset[str] = frozenset()
    offered_for: frozenset[str] = frozenset()

    def explained(self, recipient: str) -> str:
        return self.explanation.format(recipient=recipient)


PURPOSES = {purpose.name: purpose for purpose in (
    Purpose("issue-credentials",
            "{recipient} may make a signed credential in your name whenever you earn one, and keep it for you. "
            "Nobody else sees it until you share it."),
    Purpose("share-credentials",
            "{recipient} may be told about the credentials that you earn: what was earned, when, and where to see it.",
            recipient_kinds=frozenset({"partner", "library"}), offered_for=frozenset({"partner"})),
)}


@dataclass(frozen=True, slots=True)
class Consent:
    """What a patron decided last about one purpose and recipient; `sequence` counts their decisions."""

    patron: str
    owner: str
    purpose: str
    recipient: str
    granted: bool
    decided_at: datetime
    sequence: int
    expires_at: datetime | None = None

    @property
    def id(self) -> str:
        return keyed_id("consent", self.patron, self.purpose, self.recipient)

    def holds(self, at: datetime) -> bool:
        """Whether it is given and not expired."""
        return self.granted and (self.expires_at is None or at < self.expires_at)


def purpose_named(name: str) -> Purpose:
    """Raises PurposeUnknown, which lists the purposes there are."""
    if name not in PURPOSES:
        known = " ".join(f"{each.name}: {each.explained('The recipient')}" for each in PURPOSES.values())
        raise PurposeUnknown(f"Consents are given for these purposes. {known}")
    return PURPOSES[name]


def check_recipient(purpose: Purpose, patron: Patron, recipient: Node) -> None:
    """Raises RecipientUnsuitable unless the purpose concerns this node of the patron's consortium."""
    if not purpose.recipient_kinds:
        if recipient.id != patron.owner:
            raise RecipientUnsuitable(f"{purpose.name} is decided for the patron's own library, {patron.owner}.")
    elif recipient.kind not in purpose.recipient_kinds:
        kinds = " or a ".join(sorted(purpose.recipient_kinds))
        raise RecipientUnsuitable(f"{purpose.name} is decided for a {kinds}; {recipient.id} is a {recipient.kind}.")


def offers(patron: Patron, nodes: Iterable[Node]) -> list[tuple[Purpose, Node]]:
    """What to ask a patron about, of the nodes of their consortium: purpose by recipient."""
    nodes = list(nodes)
    return [(purpose, node) for purpose in PURPOSES.values() for node in nodes
            if (node.kind in purpose.offered_for if purpose.recipient_kinds else node.id == patron.owner)]


def decide(current: Consent | None, asked: Consent) -> Consent:
    """The consent after what is asked for (whose `sequence` is ignored); `current` itself when that changes nothing.

    A first no is kept too, as proof that the patron was asked. Raises WithdrawalHasNoEnd or ConsentEndsBeforeItBegins.
    """
    if not asked.granted and asked.expires_at is not None:
        raise WithdrawalHasNoEnd("Send expires_at only with granted true.", "/expires_at")
    asked = replace(asked, expires_at=_kept(asked.expires_at))
    if current is not None and (current.granted, current.expires_at) == (asked.granted, asked.expires_at):
        return current
    if asked.expires_at is not None and asked.expires_at <= asked.decided_at:
        raise ConsentEndsBeforeItBegins("Send an expires_at in the future, or none.", "/expires_at")
    return replace(asked, sequence=(current.sequence if current else 0) + 1)


def _kept(moment: datetime | None) -> datetime | None:
    """UTC in milliseconds, as it is read back: the same time asked for again is the same decision."""
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)
