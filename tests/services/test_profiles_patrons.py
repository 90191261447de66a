"""Patrons as callers meet them."""

import pytest

from libranet.ids import new_id
from libranet.testing import a_principal
from services.profiles.patrons.domain.refusals import OnlyLibrariesRegister, PatronUnknown
from tests.services.profiles_desk import COLLEGE, CONSORTIUM, HILL, RIVERSIDE, Desk, desk

__all__ = ["desk"]


def test_a_registered_patron_belongs_to_the_library_and_is_asked_what_there_is_to_decide(desk: Desk) -> None:
    answer = desk.call("register_patron", RIVERSIDE, {"name": "Ana"})
    patron = answer.body["id"]
    assert (answer.status, answer.headers, answer.about) == (201, {"Location": f"/v1/patrons/{patron}"}, patron)
    assert (answer.body["owner"], answer.body["name"]) == ("demo.riverside", "Ana")
    assert [(each["purpose"], each["recipient"], each["granted"]) for each in answer.body["consents"]] == [
        ("issue-credentials", "demo.riverside", False), ("share-credentials", "demo.lakeside-college", False)]
    assert answer.body["consents"][0]["href"] == f"/v1/patrons/{patron}/consents/issue-credentials/demo.riverside"
    assert desk.call("get_patron", RIVERSIDE, patron=patron).body == answer.body


def test_no_name_leaves_with_the_fact_of_a_registration(desk: Desk) -> None:
    patron = desk.register(name="Ana")
    (event,) = desk.events
    assert (event.type, event.subject, event.owner) == (
        "org.libranet.profiles.patron-registered.v1", patron, "demo.riverside")
    assert "Ana" not in repr(event)


def test_a_patron_without_a_name_has_none(desk: Desk) -> None:
    assert "name" not in desk.call("get_patron", RIVERSIDE, patron=desk.register()).body


def test_a_consortium_and_a_partner_register_nobody(desk: Desk) -> None:
    for who in (CONSORTIUM, COLLEGE):
        with pytest.raises(OnlyLibrariesRegister):
            desk.register(who)


def test_the_patron_of_another_library_is_as_unknown_as_nobody(desk: Desk) -> None:
    patron = desk.register()
    for who, asked in ((HILL, patron), (COLLEGE, patron), (a_principal("demo.river"), patron), (RIVERSIDE, new_id())):
        for method in ("get_patron", "erase_patron"):
            with pytest.raises(PatronUnknown):
                desk.call(method, who, patron=asked)
        with pytest.raises(PatronUnknown):
            desk.decide(asked, True, who)
    assert desk.call("get_patron", CONSORTIUM, patron=patron).body["id"] == patron
