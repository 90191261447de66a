"""The org tree as callers meet it."""

import pytest

from libranet.testing import a_principal
from services.profiles.org.domain.refusals import NodeOutOfReach
from tests.services.profiles_desk import COLLEGE, HILL, OPERATOR, TREE, Desk, desk

__all__ = ["desk"]


def test_the_tree_tells_what_people_call_a_place(desk: Desk) -> None:
    (event, *_) = desk.planted
    assert (event.short_type, event.subject, event.data["title"]) == ("node-added", TREE[0][0], TREE[0][0].title())


def test_the_same_node_again_is_answered_with_200(desk: Desk) -> None:
    body = {"id": "demo.hill.north", "kind": "branch", "name": "North"}
    assert desk.call("add_node", OPERATOR, body).status == 201
    assert desk.call("add_node", OPERATOR, body).status == 200


def test_only_operators_build_beside_or_above_their_own_node(desk: Desk) -> None:
    with pytest.raises(NodeOutOfReach):
        desk.call("add_node", HILL, {"id": "demo.riverside.east", "kind": "branch", "name": "East"})
    assert desk.call("add_node", HILL, {"id": "demo.hill.east", "kind": "branch", "name": "East"}).status == 201


def test_nodes_are_listed_page_by_page_within_the_consortium(desk: Desk) -> None:
    first = desk.call("list_nodes", COLLEGE, query={"limit": 3}).body
    rest = desk.call("list_nodes", COLLEGE, query={"limit": 3, "cursor": first["next"]}).body
    assert [each["id"] for each in first["items"] + rest["items"]] == [
        "demo", "demo.hill", "demo.lakeside-college", "demo.riverside"]
    assert rest["next"] is None
    assert len(desk.call("list_nodes", OPERATOR, query={"limit": 200}).body["items"]) == len(TREE)


def test_somebody_of_no_node_sees_no_tree(desk: Desk) -> None:
    with pytest.raises(NodeOutOfReach):
        desk.call("list_nodes", a_principal(""), query={"limit": 50})
