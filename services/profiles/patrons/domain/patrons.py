"""Patrons: people as their library knows them. The smallest profile holds nothing but an optional name."""

from dataclasses import dataclass
from datetime import datetime

from services.profiles.org.domain.nodes import Node
from services.profiles.patrons.domain.refusals import OnlyLibrariesRegister, RegisteringNodeUnknown

REGISTERING_KINDS = frozenset({"library", "branch"})


@dataclass(frozen=True, slots=True)
class Patron:
    """`owner` is the node that registered the patron: their own library."""

    id: str
    owner: str
    registered_at: datetime
    name: str | None = None


def register(patron_id: str, name: str | None, owner: str, node: Node | None, at: datetime) -> Patron:
    """A new patron of `owner`; `node` is what the org tree knows under that id.

    Raises RegisteringNodeUnknown or OnlyLibrariesRegister.
    """
    if node is None:
        raise RegisteringNodeUnknown(f"Ask your operator to add {owner or 'your library'} with `libranet org add`.")
    if node.kind not in REGISTERING_KINDS:
        raise OnlyLibrariesRegister(f"{node.id} is a {node.kind}: use an API key of a library or of a branch.")
    return Patron(patron_id, node.id, at, name)
