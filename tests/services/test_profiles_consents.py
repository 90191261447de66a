"""Consents as callers meet them."""

import pytest

from services.profiles.org.domain.refusals import NodeUnknown
from tests.services.profiles_desk import RIVERSIDE, Desk, desk

__all__ = ["desk"]


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
