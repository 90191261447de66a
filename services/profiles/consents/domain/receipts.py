"""The receipt of a decision, by the terms of ISO/IEC TS 27560:2023, with W3C DPV's words where there are any.

The same decision always has the same receipt. It names the patron by an id that is of use at their library only.
"""

from datetime import datetime
from typing import Any

from libranet.clock import rfc3339
from libranet.ids import keyed_id
from services.profiles.consents.domain.consents import Consent
from services.profiles.consents.domain.purposes import DATA_CLASSES, Purpose
from services.profiles.org.domain.nodes import Node

SCHEMA_VERSION = "ISO/IEC TS 27560:2023"
DPV = "https://w3id.org/dpv#"
LAWFUL_BASIS = {"consent": f"{DPV}Consent", "own-duty": f"{DPV}PublicTask"}
EVENT_TYPES = {
    ("consent", True): f"{DPV}ConsentGiven", ("consent", False): f"{DPV}ConsentWithdrawn",
    ("own-duty", True): "objection-ended", ("own-duty", False): "objection-made"}
LANGUAGE = "en"


def receipt(consent: Consent, purpose: Purpose, controller: Node, recipient: Node, address: str,
            jurisdiction: str | None = None) -> dict[str, Any]:
    """`controller` is the patron's library, `address` where this platform is reached from outside."""
    state = "given" if consent.granted else "withdrawn"
    event = {
        "event_type": EVENT_TYPES[purpose.basis, consent.granted], "event_state": state,
        "event_time": rfc3339(consent.decided_at), "entity_id": _decider(consent),
        "validity_duration": _validity(consent.decided_at, consent.expires_at) if consent.granted else None,
    }
    return {
        "schema_version": SCHEMA_VERSION,
        "record_id": keyed_id("receipt", consent.id, str(consent.sequence)),
        "pii_principal_id": pairwise_id(consent.patron, controller.id),
        "privacy_notice": f"{address}/v1/consent-purposes",
        "language": LANGUAGE,
        "purposes": [_purpose(consent, purpose, controller, recipient, address, jurisdiction)],
        "events": [{name: value for name, value in event.items() if value is not None}],
        "party_identification": _parties(consent, controller, recipient),
    }


def pairwise_id(patron: str, node: str) -> str:
    """By what a receipt names the patron: the same at one library each time, and of no use elsewhere."""
    return keyed_id("principal", node, patron)


def _purpose(consent: Consent, purpose: Purpose, controller: Node, recipient: Node, address: str,
             jurisdiction: str | None) -> dict[str, Any]:
    place = f"{address}/v1/patrons/{consent.patron}/consents/{consent.purpose}/{consent.recipient}"
    return {
        "purpose": purpose.name, "purpose_description": purpose.explained(recipient.name),
        "lawful_basis": LAWFUL_BASIS[purpose.basis],
        "pii_information": [{"pii_type": each, "pii_description": DATA_CLASSES[each]}
                            for each in consent.data_classes],
        "pii_controllers": [controller.id],
        "recipient_third_parties": [recipient.id] if recipient.id != controller.id else [],
        "withdrawal_method": f"DELETE {place}, or ask at {controller.name}. It costs nothing and needs no reason.",
        "jurisdictions": [jurisdiction] if jurisdiction else [],
        "retention_period": "Until you withdraw it, it ends by itself, or you have your record erased.",
    }


def _parties(consent: Consent, controller: Node, recipient: Node) -> list[dict[str, str]]:
    parties = [{"party_id": controller.id, "party_name": controller.name, "party_role": f"{DPV}DataController"}]
    if recipient.id != controller.id:
        parties.append({"party_id": recipient.id, "party_name": recipient.name, "party_role": f"{DPV}Recipient"})
    if consent.guardian:
        parties.append({"party_id": "guardian", "party_role": f"{DPV}GuardianOfDataSubject",
                        "relation": consent.guardian.relation,
                        "confirmed_at": rfc3339(consent.guardian.confirmed_at)})
    return parties


def _decider(consent: Consent) -> str:
    return "guardian" if consent.guardian and consent.granted else "pii_principal"


def _validity(begins: datetime, ends: datetime | None) -> str:
    """An interval of ISO 8601; without an end it holds until it is withdrawn."""
    return f"{rfc3339(begins)}/{rfc3339(ends) if ends else '..'}"
