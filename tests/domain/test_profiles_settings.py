"""Settings' rules: what there is, what is inherited, what a lock does."""

from typing import Any

import pytest

from services.profiles.org.domain import settings
from services.profiles.org.domain.refusals import SettingLocked, SettingUnknown, SettingUnsuitable
from services.profiles.org.domain.settings import KNOWN, NodeSettings

DEMO, RIVERSIDE, CENTRAL = (NodeSettings(each) for each in ("demo", "demo.riverside", "demo.riverside.central"))


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_every_setting_says_what_it_is_and_its_default_fits(name: str) -> None:
    each = KNOWN[name]
    assert each.fits(each.default)
    assert each.meaning.endswith(".")
    assert len(each.type) > 5


def test_a_setting_is_inherited_from_the_nearest_node_that_sets_it() -> None:
    demo, riverside = settings.put(DEMO, [], "guest_days", 20, None), settings.put(RIVERSIDE, [], "guest_days", 7, None)
    for line, value, place in (([DEMO, RIVERSIDE], 30, None), ([demo, RIVERSIDE, CENTRAL], 20, "demo"),
                               ([demo, riverside, CENTRAL], 7, "demo.riverside")):
        counts = settings.effective("guest_days", line)
        assert (counts.value, counts.set_at, counts.locked_by) == (value, place, None)


def test_a_locked_setting_is_refused_below_and_the_refusal_names_who_locked_it() -> None:
    demo = settings.put(DEMO, [], "guest_days", 20, True)
    with pytest.raises(SettingLocked, match="demo has locked guest_days"):
        settings.put(RIVERSIDE, [demo], "guest_days", 7, None)
    with pytest.raises(SettingLocked):
        settings.unset(CENTRAL, [demo, RIVERSIDE], "guest_days")
    assert settings.put(demo, [], "guest_days", 10, None).locked == {"guest_days"}, "a lock stays"


def test_what_was_set_below_before_a_lock_counts_no_more_and_again_once_it_is_unlocked() -> None:
    riverside, demo = settings.put(RIVERSIDE, [], "guest_days", 7, True), settings.put(DEMO, [], "guest_days", 20, True)
    counts = settings.effective("guest_days", [demo, riverside])
    assert (counts.value, counts.locked_by) == (20, "demo")
    opened = settings.put(demo, [], "guest_days", 20, False)
    assert settings.effective("guest_days", [opened, riverside]).value == 7
    assert settings.effective("guest_days", [settings.unset(demo, [], "guest_days"), RIVERSIDE]).value == 30


def test_a_default_can_be_locked_by_setting_it() -> None:
    demo = settings.put(DEMO, [], "time_zone", "UTC", True)
    assert settings.effective("time_zone", [demo, RIVERSIDE]).locked_by == "demo"


def test_an_unknown_setting_is_answered_with_those_there_are() -> None:
    with pytest.raises(SettingUnknown, match=r"guest_days, .*time_zone"):
        settings.put(DEMO, [], "colour", "red", None)


@pytest.mark.parametrize(("name", "value"), [
    ("guest_days", 0), ("guest_days", 31), ("guest_days", True), ("guest_days", "7"), ("guest_days", 7.0),
    ("time_zone", "Mars/Olympus"), ("time_zone", 1), ("languages", []), ("languages", "en"), ("languages", ["e n"]),
    ("languages", [1]), ("guests_welcome", 1), ("guests_welcome", None), ("guests_welcome", "yes"),
    ("guardian_below_age_band", "12"), ("guardian_below_age_band", {}),
])
def test_a_value_that_does_not_fit_is_refused_with_what_would(name: str, value: Any) -> None:
    with pytest.raises(SettingUnsuitable, match=name):
        settings.put(DEMO, [], name, value, None)
