"""The org tree as callers meet it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.principal import Principal
from libranet.clock import now
from libranet.testing import a_principal
from services.profiles.org.domain.refusals import NodeOutOfReach, NodeUnknown, RoleNotGranted, SettingLocked
from services.profiles.patrons.domain.refusals import PatronUnknown
from tests.services.profiles_desk import COLLEGE, CONSORTIUM, HILL, OPERATOR, RIVERSIDE, TREE, Desk
from tests.services.profiles_desk import desk as desk


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


def settings_at(desk: Desk, node: str, who: Principal = CONSORTIUM) -> dict[str, Any]:
    return {each["name"]: each for each in desk.call("get_node_settings", who, node=node).body["settings"]}


def put(desk: Desk, node: str, name: str, value: Any, who: Principal = CONSORTIUM, **more: Any) -> Any:
    return desk.call("set_node_setting", who, {"value": value, **more}, node=node, setting=name).body


def test_a_setting_of_the_consortium_counts_at_a_library_until_it_sets_its_own(desk: Desk) -> None:
    put(desk, "demo", "languages", ["en", "es"])
    assert settings_at(desk, "demo.riverside")["languages"]["value"] == ["en", "es"]
    assert put(desk, "demo.riverside", "languages", ["vi"], RIVERSIDE)["set_at"] == "demo.riverside"
    assert settings_at(desk, "demo.riverside")["languages"]["value"] == ["vi"]
    assert settings_at(desk, "demo.hill")["languages"]["set_at"] == "demo"
    inherited = desk.call("unset_node_setting", RIVERSIDE, node="demo.riverside", setting="languages").body
    assert (inherited["value"], inherited["set_at"]) == (["en", "es"], "demo")


def test_a_setting_that_the_consortium_locked_is_refused_below_it(desk: Desk) -> None:
    put(desk, "demo", "guest_days", 14, locked=True)
    with pytest.raises(SettingLocked, match="demo has locked guest_days"):
        put(desk, "demo.riverside", "guest_days", 7, RIVERSIDE)
    assert settings_at(desk, "demo.riverside", RIVERSIDE)["guest_days"]["locked_by"] == "demo"
    put(desk, "demo", "guest_days", 14, locked=False)
    assert put(desk, "demo.riverside", "guest_days", 7, RIVERSIDE)["value"] == 7


def test_settings_of_another_library_are_neither_shown_nor_set(desk: Desk) -> None:
    for who, node in ((HILL, "demo.riverside"), (COLLEGE, "demo.hill"), (RIVERSIDE, "demo.nowhere"),
                      (RIVERSIDE, "demo.riverside.nowhere")):
        with pytest.raises(NodeUnknown):
            settings_at(desk, node, who)
        with pytest.raises(NodeUnknown):
            put(desk, node, "guest_days", 7, who)
    assert settings_at(desk, "demo", RIVERSIDE)
    with pytest.raises(NodeUnknown):
        put(desk, "demo", "guest_days", 7, RIVERSIDE)


CLIENT = "k_aaaaaaaaaaaaaaaa"
SUMMER = now() + timedelta(days=200)


def grant(desk: Desk, holder: str = CLIENT, who: Principal = CONSORTIUM, node: str = "demo.riverside",
          role: str = "analyst", ends_at: datetime = SUMMER) -> Any:
    return desk.call("grant_role", who, {"ends_at": ends_at}, node=node, role=role, holder=holder).body


def test_a_granted_role_is_told_and_listed_until_it_is_ended(desk: Desk) -> None:
    granted = grant(desk)
    assert (granted["holds"], granted["holder"]) == (True, CLIENT)
    assert grant(desk) == granted
    ended = desk.call("end_role", CONSORTIUM, node="demo.riverside", role="analyst", holder=CLIENT).body
    assert (ended["holds"], ended["id"]) == (False, granted["id"])
    assert desk.call("end_role", CONSORTIUM, node="demo.riverside", role="analyst", holder=CLIENT).body == ended
    listed = desk.call("list_roles", CONSORTIUM, query={"limit": 50}, node="demo.riverside").body
    assert listed == {"items": [ended], "next": None}
    assert [(each.short_type, each.subject, each.sequence) for each in desk.events] == [
        ("role-granted", granted["id"], 1), ("role-ended", granted["id"], 2)]


def test_roles_are_listed_page_by_page(desk: Desk) -> None:
    ids = {grant(desk, f"{CLIENT}{number}")["id"] for number in range(3)}
    grant(desk, node="demo.hill")
    first = desk.call("list_roles", CONSORTIUM, query={"limit": 2}, node="demo.riverside").body
    rest = desk.call("list_roles", CONSORTIUM, query={"limit": 2, "cursor": first["next"]}, node="demo.riverside").body
    assert {each["id"] for each in first["items"] + rest["items"]} == ids


def test_nobody_grants_or_ends_a_role_beside_or_above_their_own_node(desk: Desk) -> None:
    grant(desk)
    for node in ("demo.riverside", "demo", "other.lib"):
        with pytest.raises(NodeUnknown):
            grant(desk, who=HILL, node=node)
        with pytest.raises(NodeUnknown):
            desk.call("end_role", HILL, node=node, role="analyst", holder=CLIENT)
        with pytest.raises(NodeUnknown):
            desk.call("list_roles", HILL, query={"limit": 50}, node=node)


def test_a_role_that_was_never_granted_does_not_end(desk: Desk) -> None:
    with pytest.raises(RoleNotGranted):
        desk.call("end_role", CONSORTIUM, node="demo.riverside", role="analyst", holder=CLIENT)


def test_a_role_of_a_patron_is_granted_by_their_library_and_goes_with_them(desk: Desk) -> None:
    patron = desk.register()
    with pytest.raises(PatronUnknown):
        grant(desk, patron, HILL, "demo.hill", "navigator")
    grant(desk, patron, RIVERSIDE, "demo.riverside", "navigator")
    desk.call("erase_patron", RIVERSIDE, patron=patron)
    assert desk.rows()["role_grants"] == []
    with pytest.raises(PatronUnknown):
        grant(desk, patron, RIVERSIDE, "demo.riverside", "navigator")
