"""Patrons' rules: who registers them."""

from datetime import UTC, datetime

import pytest

from services.profiles.org.domain.nodes import Node
from services.profiles.patrons.domain import patrons
from services.profiles.patrons.domain.patrons import Patron
from services.profiles.patrons.domain.refusals import OnlyLibrariesRegister, RegisteringNodeUnknown

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
DEMO = Node("demo", "consortium", "Demo consortium")
RIVERSIDE = Node("demo.riverside", "library", "Riverside Library")
CENTRAL = Node("demo.riverside.central", "branch", "Central")
COLLEGE = Node("demo.lakeside-college", "partner", "Lakeside College")


@pytest.mark.parametrize("node", [RIVERSIDE, CENTRAL])
def test_a_library_and_a_branch_register_patrons_of_their_own(node: Node) -> None:
    assert patrons.register("p1", "Ana", node.id, node, NOW) == Patron("p1", node.id, NOW, "Ana")


@pytest.mark.parametrize("node", [DEMO, COLLEGE])
def test_a_consortium_and_a_partner_register_nobody(node: Node) -> None:
    with pytest.raises(OnlyLibrariesRegister):
        patrons.register("p1", None, node.id, node, NOW)


def test_a_place_that_the_tree_does_not_have_registers_nobody() -> None:
    with pytest.raises(RegisteringNodeUnknown, match=r"demo\.gone"):
        patrons.register("p1", None, "demo.gone", None, NOW)
