"""Roles' rules: where they are granted, until when, and what an end means."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.calls.org import ROLES
from services.profiles.org.domain import facts, roles
from services.profiles.org.domain.nodes import Node
from services.profiles.org.domain.refusals import HolderUnknown, RoleEndsBeforeItBegins, RoleMisplaced, RoleUnknown
from services.profiles.org.domain.roles import NODE_KINDS, RoleGrant

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
CLIENT = "k_aaaaaaaaaaaaaaaa"
SUMMER = datetime(2027, 6, 30, tzinfo=UTC)
RIVERSIDE = Node("demo.riverside", "library", "Riverside Library")
COLLEGE = Node("demo.lakeside-college", "partner", "Lakeside College")


def granted(ends_at: datetime = SUMMER, current: RoleGrant | None = None, at: datetime = NOW) -> RoleGrant:
    return roles.grant(current, RIVERSIDE, "analyst", CLIENT, ends_at, at)


def test_every_role_has_kinds_of_nodes() -> None:
    assert set(NODE_KINDS) == set(ROLES)


def test_a_role_counts_until_its_end_and_no_longer() -> None:
    grant = granted()
    assert grant.holds(NOW)
    assert grant.holds(SUMMER - timedelta(milliseconds=1))
    assert not grant.holds(SUMMER)


def test_the_same_grant_again_changes_nothing_and_another_end_is_the_next_state() -> None:
    grant = granted()
    assert granted(current=grant) is grant
    longer = granted(SUMMER + timedelta(days=1), grant, NOW + timedelta(days=1))
    assert (longer.sequence, longer.granted_at, longer.id) == (2, NOW, grant.id)


def test_an_ended_role_stays_ended_until_it_is_granted_again() -> None:
    ended = roles.end(granted(), NOW + timedelta(days=1))
    assert not ended.holds(NOW + timedelta(days=1))
    assert roles.end(ended, NOW + timedelta(days=2)) is ended
    again = granted(current=ended, at=NOW + timedelta(days=3))
    assert (again.holds(NOW + timedelta(days=4)), again.sequence) == (True, 3)
    assert again.granted_at == NOW + timedelta(days=3)


@pytest.mark.parametrize("ends_at", [NOW, NOW - timedelta(days=1), NOW + timedelta(days=4 * 366)])
def test_a_role_ends_in_the_future_and_not_too_far(ends_at: datetime) -> None:
    with pytest.raises(RoleEndsBeforeItBegins):
        granted(ends_at)


def test_people_are_served_at_libraries_and_partners_teach_and_employ() -> None:
    for role, node in (("librarian", COLLEGE), ("employer", RIVERSIDE)):
        with pytest.raises(RoleMisplaced, match=node.kind):
            roles.grant(None, node, role, CLIENT, SUMMER, NOW)
    with pytest.raises(HolderUnknown):
        roles.grant(None, RIVERSIDE, "librarian", "amina@example.org", SUMMER, NOW)
    with pytest.raises(RoleUnknown, match="librarian"):
        roles.grant(None, RIVERSIDE, "king", CLIENT, SUMMER, NOW)


def test_facts_of_a_role_carry_its_state() -> None:
    grant = granted()
    fact, ended = facts.role_granted(grant), facts.role_ended(roles.end(grant, NOW + timedelta(days=1)))
    assert (fact.subject, fact.owner, fact.data["ends_at"]) == (grant.id, "demo.riverside", "2027-06-30T00:00:00.000Z")
    assert (ended.subject, ended.sequence, ended.data["holder"]) == (grant.id, 2, CLIENT)
