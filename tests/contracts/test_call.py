"""Who a call admits: by scope, or as the person whom it is about."""

import pytest

from contracts.call import PUBLIC, SELF, Call
from contracts.principal import PERSONS, Principal

OWN = Call(name="own", service="profiles", method="GET", path="/v1/patrons/<patron>", person="patron", summary="",
           allows=("patrons:read", SELF))
SCOPED = Call(name="scoped", service="profiles", method="GET", path="/v1/patrons/<patron>/x", person="patron",
              summary="", allows=("patrons:read",))
OPEN = Call(name="open", service="profiles", method="GET", path="/x", summary="", allows=(PUBLIC,))
LIBRARY = Principal(actor="client-1", kind="library", node="demo.riverside", scopes=("patrons:read",))


def person(kind: str = "patron", *scopes: str) -> Principal:
    return Principal(actor="p1", kind=kind, node="demo.riverside", scopes=scopes)


@pytest.mark.parametrize("kind", PERSONS)
def test_a_person_makes_the_calls_about_themselves_and_public_ones(kind: str) -> None:
    assert OWN.admits(person(kind), {"patron": "p1"})
    assert OPEN.admits(person(kind), {})
    assert not SCOPED.admits(person(kind), {"patron": "p1"})
    assert SCOPED.admits(person(kind, "patrons:read"), {"patron": "p1"})


@pytest.mark.parametrize("kind", PERSONS)
def test_a_person_makes_no_call_about_somebody_else_and_learns_of_nobody(kind: str) -> None:
    assert not OWN.admits(person(kind), {"patron": "p2"})
    assert not OWN.admits(person(kind), {})
    assert OWN.hides(person(kind))
    assert not SCOPED.hides(person(kind))


@pytest.mark.parametrize("kind", ["library", "platform", "college", "operator"])
def test_a_program_with_a_persons_id_is_not_that_person(kind: str) -> None:
    assert not OWN.admits(Principal(actor="p1", kind=kind, node="demo.riverside"), {"patron": "p1"})
    assert OWN.admits(LIBRARY, {"patron": "p2"})


@pytest.mark.parametrize("kind", PERSONS)
def test_a_person_sees_only_what_is_about_themselves(kind: str) -> None:
    assert person(kind).sees("demo.riverside", "p1")
    assert not person(kind).sees("demo.riverside", "p2")
    assert not person(kind).sees("demo.riverside")
    assert not Principal(actor="", kind=kind, node="demo").sees("demo", "")
    assert LIBRARY.sees("demo.riverside.central", "p2")
    assert person(kind).shares("demo")


def test_a_role_counts_at_its_node_and_below() -> None:
    analyst = Principal(actor="c", kind="college", node="demo.x", roles=("analyst@demo.riverside", "librarian@other"))
    assert analyst.holds("analyst", "demo.riverside.central")
    assert not analyst.holds("analyst", "demo")
    assert not analyst.holds("analyst", "demo.riversides")
    assert not analyst.holds("librarian", "demo.riverside")
