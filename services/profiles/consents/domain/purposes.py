"""What a patron may be asked to allow: each purpose in words for everybody, with its limits. The whole table is here.

A new purpose is a new row; whoever uses data for a purpose asks for a live consent of that name each time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from services.profiles.consents.domain.refusals import DataClassUnsuitable, PurposeUnknown, RecipientUnsuitable
from services.profiles.org.domain.nodes import Node
from services.profiles.patrons.domain.patrons import Patron

DATA_CLASSES = {
    "credentials": "What you earned: its name, who gave it, when, and its web address.",
    "skills": "The skills on your list, and how we know of them.",
    "goal": "The job you hope for.",
    "name": "Your name.",
    "messages": "That a message for you may be handed on. Your address stays with the library.",
    "participation": "That somebody took part, when, and where. Not who: you get a made-up number.",
}
"""Kinds of data, in words. Who gets a class gets no other one with it."""
BY_CONSENT = "consent"
OWN_DUTY = "own-duty"
"""The library does it on its own responsibility, and a patron may object."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """`explanation` tells a patron in plain words what they allow; `{recipient}` stands for the node's name.

    The recipient is the patron's own library where `recipient_kinds` is empty, else a node of those kinds in the
    patron's consortium; `offered_for` are the kinds that a patron is asked about unasked. `default_days` is for how
    long it is given when nobody says, `longest_days` how long it may be at most; None is until it is withdrawn.
    `basis` is BY_CONSENT (off until given) or OWN_DUTY (on until the patron objects). Where `guardian` is true, a
    minor's consent needs a guardian.
    """

    name: str
    explanation: str
    data_classes: tuple[str, ...]
    recipient_kinds: frozenset[str] = frozenset()
    offered_for: frozenset[str] = frozenset()
    default_days: int | None = None
    longest_days: int | None = None
    basis: str = BY_CONSENT
    guardian: bool = True

    def explained(self, recipient: str) -> str:
        return self.explanation.format(recipient=recipient)

    @property
    def default_length(self) -> timedelta | None:
        return timedelta(days=self.default_days) if self.default_days else None

    @property
    def longest(self) -> timedelta | None:
        return timedelta(days=self.longest_days) if self.longest_days else None

    @property
    def is_on_unasked(self) -> bool:
        return self.basis == OWN_DUTY


OUTSIDE = frozenset({"partner", "library"})
PURPOSES = {purpose.name: purpose for purpose in (
    Purpose("issue-credentials",
            "{recipient} may make a signed credential in your name whenever you earn one, and keep it for you. "
            "Nobody else sees it until you share it.",
            ("credentials",)),
    Purpose("award-credentials",
            "{recipient} may make a signed credential in your name when it grants you something for what you earned. "
            "It is kept with your others, and nobody else sees it until you share it.",
            ("credentials",), frozenset({"partner"}), default_days=730, longest_days=5 * 365),
    Purpose("share-credentials",
            "{recipient} may be told about the credentials that you earn: what was earned, when, and where to see it.",
            ("credentials",), OUTSIDE, frozenset({"partner"}), default_days=730, longest_days=5 * 365),
    Purpose("analytics",
            "{recipient} may count you when it counts how many people took part. It uses a made-up number in place "
            "of you, and shows no group of fewer than ten. You can say no, and nothing else changes for you.",
            ("participation",), basis=OWN_DUTY, guardian=False),
    Purpose("contact",
            "{recipient} may send you a message about a course or a job that fits you. Your library hands it on; "
            "{recipient} does not get your address.",
            ("messages", "goal"), OUTSIDE, default_days=180, longest_days=365),
    Purpose("employer-introduction",
            "Your library may tell {recipient} about you for a job that you want. You choose what it may tell.",
            ("name", "skills", "goal", "credentials"), frozenset({"partner"}), default_days=90, longest_days=365),
)}

OFFERED_FOR = frozenset(kind for purpose in PURPOSES.values() for kind in purpose.offered_for)
"""Kinds of nodes that a patron is asked about unasked, besides the patron's own library."""


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


def chosen_classes(purpose: Purpose, asked: Iterable[str] | None) -> tuple[str, ...]:
    """The data classes that a consent covers: those asked for, all of the purpose's where none are named."""
    if asked is None:
        return purpose.data_classes
    wanted = set(asked)
    if not wanted or not wanted <= set(purpose.data_classes):
        raise DataClassUnsuitable(f"Choose one or more of {', '.join(purpose.data_classes)}.", "/data_classes")
    return tuple(each for each in purpose.data_classes if each in wanted)


def offers(patron: Patron, nodes: Iterable[Node]) -> list[tuple[Purpose, Node]]:
    """What to ask a patron about, of the nodes of their consortium: purpose by recipient."""
    nodes = list(nodes)
    return [(purpose, node) for purpose in PURPOSES.values() for node in nodes
            if (node.kind in purpose.offered_for if purpose.recipient_kinds else node.id == patron.owner)]
