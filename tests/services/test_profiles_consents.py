"""Consents as callers meet them."""

import base64
import time
from datetime import timedelta
from typing import Any

import pytest

from contracts.principal import PUBLIC, Principal
from libranet import jws
from libranet.clock import now
from services.profiles.consents.domain.refusals import (
    AgeBandNotYours,
    ConsentUnknown,
    GuardianNeeded,
    GuardianNotYours,
)
from services.profiles.consents.store import COLLECTIONS
from services.profiles.org.domain.refusals import NodeUnknown
from tests.services.profiles_desk import CONSORTIUM, RIVERSIDE, Desk
from tests.services.profiles_desk import desk as desk


def test_a_consent_is_answered_with_a_receipt_and_told_once(desk: Desk) -> None:
    patron = desk.register()
    receipt = desk.decide(patron, True)
    assert (receipt["granted"], receipt["sequence"], receipt["recipient"]) == (True, 1, "demo.lakeside-college")
    assert "Demo.Lakeside-College may be told" in receipt["explanation"]
    assert f"/v1/patrons/{patron}/consents/share-credentials/demo.lakeside-college" in receipt["withdraw"]
    assert desk.decide(patron, True) == receipt
    assert desk.told() == ["patron-registered", "consent-given"]
    assert desk.events[-1].subject == receipt["id"]


def test_a_withdrawn_consent_is_off_and_the_next_state(desk: Desk) -> None:
    patron = desk.register()
    desk.decide(patron, True)
    assert desk.decide(patron, False)["sequence"] == 2
    assert (desk.events[-1].short_type, desk.events[-1].sequence) == ("consent-withdrawn", 2)
    shown = desk.call("get_patron", RIVERSIDE, patron=patron).body["consents"]
    assert {each["recipient"]: each["granted"] for each in shown}["demo.lakeside-college"] is False


def test_a_recipient_in_another_consortium_is_unknown(desk: Desk) -> None:
    for recipient in ("other.lib", "demo.nowhere"):
        with pytest.raises(NodeUnknown, match="GET /v1/nodes"):
            desk.decide(desk.register(), True, recipient=recipient)


def test_a_receipt_is_signed_and_anybody_can_check_it(desk: Desk) -> None:
    patron = desk.register()
    decided = desk.decide(patron, True)
    place = {"patron": patron, "purpose": "share-credentials", "recipient": "demo.lakeside-college"}
    got = desk.call("get_consent_receipt", RIVERSIDE, **place).body
    keys = desk.call("get_receipt_keys", PUBLIC).body
    assert jws.read(got["jws"], keys) == got["receipt"]
    assert got["receipt"]["events"][0]["event_time"] == decided["decided_at"]
    assert patron not in got["receipt"]["pii_principal_id"]
    assert desk.call("get_consent_receipt", RIVERSIDE, **place).body == got
    assert got["receipt"]["purposes"][0]["jurisdictions"] == []
    desk.call("set_node_setting", CONSORTIUM, {"value": "US-MA"}, node="demo", setting="jurisdiction")
    there = desk.call("get_consent_receipt", RIVERSIDE, **place).body
    assert there["receipt"]["purposes"][0]["jurisdictions"] == ["US-MA"]
    forged = got["jws"].split(".")
    forged[1] = jws_part(b'{"granted":true}')
    with pytest.raises(jws.NotSigned):
        jws.read(".".join(forged), keys)


def jws_part(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def test_what_was_never_decided_has_no_receipt(desk: Desk) -> None:
    with pytest.raises(ConsentUnknown):
        desk.call("get_consent_receipt", RIVERSIDE, patron=desk.register(), purpose="share-credentials",
                  recipient="demo.lakeside-college")


def test_withdrawing_takes_one_call_and_no_body(desk: Desk) -> None:
    patron = desk.register()
    desk.decide(patron, True)
    place = {"patron": patron, "purpose": "share-credentials", "recipient": "demo.lakeside-college"}
    withdrawn = desk.call("withdraw_consent", RIVERSIDE, **place).body
    assert (withdrawn["granted"], withdrawn["sequence"]) == (False, 2)
    assert desk.call("withdraw_consent", RIVERSIDE, **place).body == withdrawn
    assert desk.told().count("consent-withdrawn") == 1


def test_an_expired_consent_is_shown_as_not_given(desk: Desk) -> None:
    patron = desk.register()
    desk.call("decide_consent", RIVERSIDE, {"granted": True, "expires_at": now() + timedelta(seconds=1)},
              patron=patron, purpose="share-credentials", recipient="demo.lakeside-college")
    time.sleep(1.05)
    shown = desk.call("get_patron", RIVERSIDE, patron=patron).body["consents"]
    assert {each["recipient"]: each["granted"] for each in shown}["demo.lakeside-college"] is False


def test_counting_shows_as_on_and_an_objection_is_told(desk: Desk) -> None:
    patron = desk.register()

    def is_on() -> bool:
        shown = desk.call("get_patron", RIVERSIDE, patron=patron).body["consents"]
        return {each["purpose"]: each["granted"] for each in shown}["analytics"]

    assert is_on()
    desk.decide(patron, False, purpose="analytics", recipient="demo.riverside")
    assert not is_on()
    assert desk.told()[-1] == "consent-withdrawn"
    desk.decide(patron, True, purpose="analytics", recipient="demo.riverside")
    assert is_on()
    assert desk.told()[-1] == "consent-given"


def give(desk: Desk, patron: str, who: Principal = RIVERSIDE, **more: Any) -> Any:
    return desk.call("decide_consent", who, {"granted": True, **more}, patron=patron, purpose="share-credentials",
                     recipient="demo.lakeside-college").body


def test_below_the_age_that_the_library_sets_a_guardian_agrees_or_nothing_is_given(desk: Desk) -> None:
    patron = desk.register(age_band="13-15")
    with pytest.raises(GuardianNeeded):
        give(desk, patron)
    agreed = {"relation": "parent", "confirmed_at": now()}
    receipt = give(desk, patron, guardian=agreed)
    assert receipt["guardian"]["relation"] == "parent"
    assert desk.decide(patron, False)["granted"] is False, "a withdrawal needs nobody"
    desk.decide(patron, False, purpose="analytics", recipient="demo.riverside")
    desk.call("set_node_setting", CONSORTIUM, {"value": "13-15"}, node="demo", setting="guardian_below_age_band")
    assert "guardian" not in give(desk, patron)


def test_nobody_states_their_own_guardian(desk: Desk) -> None:
    patron = desk.register(age_band="under-13")
    themselves = Principal(actor=patron, kind="patron", node="demo.riverside", roles=("guardian@demo.riverside",))
    with pytest.raises(GuardianNotYours):
        give(desk, patron, themselves, guardian={"relation": "parent", "confirmed_at": now()})
    with pytest.raises(GuardianNeeded):
        give(desk, patron, themselves)


def test_nobody_grows_out_of_needing_a_guardian_by_saying_so(desk: Desk) -> None:
    patron = desk.register(age_band="13-15")
    themselves = Principal(actor=patron, kind="patron", node="demo.riverside")
    with pytest.raises(AgeBandNotYours):
        desk.call("change_profile", themselves, {"age_band": "65-plus"}, patron=patron)
    with pytest.raises(AgeBandNotYours):
        desk.call("replace_profile", themselves, {}, patron=patron)
    desk.call("change_profile", themselves, {"age_band": "under-13", "languages": ["so"]}, patron=patron)
    with pytest.raises(GuardianNeeded):
        give(desk, patron, themselves)
    desk.call("change_profile", RIVERSIDE, {"age_band": "16-17"}, patron=patron)
    assert desk.call("change_profile", themselves, {"age_band": "18-24"}, patron=patron).body["age_band"] == "18-24"
    assert give(desk, patron, themselves)["granted"] is True


def test_a_guardian_who_acts_needs_to_state_nothing(desk: Desk) -> None:
    patron = desk.register(age_band="under-13")
    guardian = Principal(actor="g1", kind="library", node="demo.riverside", roles=("guardian@demo.riverside",))
    assert give(desk, patron, guardian)["guardian"]["relation"] == "legal-guardian"


def test_the_purposes_are_explained_to_anybody(desk: Desk) -> None:
    shown = {each["name"]: each for each in desk.call("list_consent_purposes", PUBLIC).body["items"]}
    assert set(shown) == {"issue-credentials", "award-credentials", "share-credentials", "analytics", "contact",
                          "employer-introduction"}
    assert shown["issue-credentials"]["recipients"] == ["own-library"]
    assert shown["award-credentials"]["recipients"] == ["partner"]
    assert shown["analytics"]["basis"] == "own-duty"
    assert all(each["explanation"] and each["data_classes"] for each in shown.values())


def test_a_consent_of_the_first_version_covers_all_that_its_purpose_concerns() -> None:
    [collection] = COLLECTIONS
    row = collection.read({"_id": "p|share-credentials|n", "purpose": "share-credentials"})
    assert (row["data_classes"], row["guardian"], row["schema_version"]) == (["credentials"], None, 2)
