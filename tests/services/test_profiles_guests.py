"""Guests as callers meet them: a start, a code to come back with, an end."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.principal import PUBLIC, Principal
from libranet.clock import parse_rfc3339
from libranet.ids import new_id
from services.profiles.guests.domain.codes import new_code
from services.profiles.guests.domain.refusals import GuestsNotWelcome, GuestUnknown, ResumeCodeUnknown
from services.profiles.org.domain.refusals import NodeUnknown
from services.profiles.patrons.domain.refusals import OnlyLibrariesRegister
from tests.services.profiles_desk import CONSORTIUM, HILL, RIVERSIDE, Desk
from tests.services.profiles_desk import desk as desk

SAID = {"skills": [{"label": "welding"}], "goal": {"label": "welder"}, "languages": ["es"]}


def start(desk: Desk, node: str = "demo.riverside", **said: Any) -> dict[str, Any]:
    return dict(desk.call("start_guest", PUBLIC, {"node": node, **said}).body)


def as_guest(guest: dict[str, Any]) -> Principal:
    return Principal(actor=guest["id"], kind="guest", node=guest["owner"])


def test_a_guest_starts_with_what_they_say_and_a_code_that_is_not_kept(desk: Desk) -> None:
    guest = start(desk, **SAID)
    assert ([each["label"] for each in guest["skills"]], guest["goal"], guest["languages"]) == (
        ["welding"], {"label": "welder"}, ["es"])
    assert guest["resume_code"] not in repr(desk.rows())
    assert guest["resume_code"].replace("-", "") not in repr(desk.rows())
    assert parse_rfc3339(guest["expires_at"]) - parse_rfc3339(guest["started_at"]) == timedelta(days=30)
    assert desk.events == []


def test_the_code_brings_the_guest_back_however_it_is_typed(desk: Desk) -> None:
    guest = start(desk, **SAID)
    start(desk)
    code = guest.pop("resume_code")
    for typed in (code, code.lower().replace("-", " ")):
        assert desk.call("resume_guest", PUBLIC, {"code": typed}).body == guest


@pytest.mark.parametrize("typed", ["", "nonsense", "0000-0000-0000", "é" * 12])
def test_a_wrong_code_opens_nothing(desk: Desk, typed: str) -> None:
    start(desk)
    for code in (typed, new_code()):
        with pytest.raises(ResumeCodeUnknown):
            desk.call("resume_guest", PUBLIC, {"code": code})


def test_a_guest_whose_time_is_over_is_gone_for_everybody(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.call("set_node_setting", RIVERSIDE, {"value": 1}, node="demo.riverside", setting="guest_days")
    guest = start(desk)
    over = parse_rfc3339(guest["expires_at"])
    assert over - parse_rfc3339(guest["started_at"]) == timedelta(days=1)
    for module in ("store", "service"):
        monkeypatch.setattr(f"services.profiles.guests.{module}.now", lambda: over)
    with pytest.raises(ResumeCodeUnknown):
        desk.call("resume_guest", PUBLIC, {"code": guest["resume_code"]})
    for who in (RIVERSIDE, as_guest(guest)):
        with pytest.raises(GuestUnknown):
            desk.call("get_guest", who, guest=guest["id"])


def test_a_guest_belongs_to_themselves_and_to_the_library(desk: Desk) -> None:
    guest, other = start(desk), start(desk)
    for who in (RIVERSIDE, CONSORTIUM, as_guest(guest)):
        assert desk.call("get_guest", who, guest=guest["id"]).body["id"] == guest["id"]
    for who in (HILL, as_guest(other), Principal(actor="x", kind="patron", node="demo.riverside")):
        for method in ("get_guest", "tell_guest", "end_guest", "register_guest"):
            with pytest.raises(GuestUnknown):
                desk.call(method, who, {}, guest=guest["id"])
    with pytest.raises(GuestUnknown):
        desk.call("get_guest", RIVERSIDE, guest=new_id())


def test_a_guest_says_everything_anew(desk: Desk) -> None:
    guest = start(desk, **SAID)
    told = desk.call("tell_guest", as_guest(guest), {"skills": [{"label": "Welding"}, {"label": "baking"}]},
                     guest=guest["id"]).body
    assert [each["label"] for each in told["skills"]] == ["Welding", "baking"]
    assert "goal" not in told
    assert desk.call("get_guest", RIVERSIDE, guest=guest["id"]).body == told


def test_a_guest_who_ends_leaves_nothing(desk: Desk) -> None:
    guest = start(desk)
    desk.remember_answer(guest["id"], "a stored answer")
    desk.call("end_guest", as_guest(guest), guest=guest["id"])
    assert guest["id"] not in repr(desk.rows())


@pytest.mark.parametrize("by_themselves", [True, False])
def test_a_guest_becomes_a_patron_with_skills_and_goal(desk: Desk, by_themselves: bool) -> None:
    guest = start(desk, **SAID)
    who = as_guest(guest) if by_themselves else RIVERSIDE
    answer = desk.call("register_guest", who, {"name": "Ana"}, guest=guest["id"])
    patron = answer.body
    assert (answer.status, patron["owner"], patron["name"]) == (201, "demo.riverside", "Ana")
    assert ([each["label"] for each in patron["skills"]], patron["goal"]) == (["welding"], {"label": "welder"})
    assert desk.told() == ["patron-registered", "goal-set"]
    assert desk.call("get_patron", RIVERSIDE, patron=patron["id"]).body == patron
    with pytest.raises(ResumeCodeUnknown):
        desk.call("resume_guest", PUBLIC, {"code": guest["resume_code"]})


def test_guests_start_at_libraries_that_welcome_them(desk: Desk) -> None:
    for place in ("demo.nowhere", "nowhere"):
        with pytest.raises(NodeUnknown):
            start(desk, place)
    for place in ("demo", "demo.lakeside-college"):
        with pytest.raises(OnlyLibrariesRegister):
            start(desk, place)
    desk.call("set_node_setting", CONSORTIUM, {"value": False}, node="demo", setting="guests_welcome")
    with pytest.raises(GuestsNotWelcome):
        start(desk)
