"""The org tree's rules: where nodes belong."""

from dataclasses import replace

import pytest

from services.profiles.org.domain import nodes
from services.profiles.org.domain.nodes import Node
from services.profiles.org.domain.refusals import NodeMisplaced, NodeTaken

DEMO = Node("demo", "consortium", "Demo consortium")
RIVERSIDE = Node("demo.riverside", "library", "Riverside Library")
CENTRAL = Node("demo.riverside.central", "branch", "Central")
COLLEGE = Node("demo.lakeside-college", "partner", "Lakeside College")


@pytest.mark.parametrize(("node", "parent"), [(DEMO, None), (RIVERSIDE, DEMO), (COLLEGE, DEMO), (CENTRAL, RIVERSIDE)])
def test_a_node_is_added_below_one_of_the_fitting_kind(node: Node, parent: Node | None) -> None:
    assert nodes.add(node, parent, None) == node


@pytest.mark.parametrize(("node", "parent"), [
    (Node("demo.inner", "consortium", "x"), DEMO), (Node("alone", "library", "x"), None), (RIVERSIDE, None),
    (CENTRAL, COLLEGE), (Node("demo.branch", "branch", "x"), DEMO),
    (Node("demo.riverside.p", "partner", "x"), RIVERSIDE),
])
def test_a_node_that_does_not_fit_its_place_is_refused(node: Node, parent: Node | None) -> None:
    with pytest.raises(NodeMisplaced):
        nodes.add(node, parent, None)


def test_the_same_node_again_changes_nothing_and_another_with_its_id_is_refused() -> None:
    assert nodes.add(RIVERSIDE, DEMO, RIVERSIDE) is RIVERSIDE
    with pytest.raises(NodeTaken):
        nodes.add(replace(RIVERSIDE, name="Other"), DEMO, RIVERSIDE)
