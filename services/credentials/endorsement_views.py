"""Endorsements as contracts/calls/endorsements.py shows them."""

from typing import Any

from contracts.calls.endorsements import ACCEPTED, ASKED, DECLINED, OFFERED, TAKEN_BACK
from libranet.clock import rfc3339
from services.credentials.domain.endorsing import Endorsement
from services.credentials.issuers import name_of
from services.credentials.store import CredentialStore

GIVEN = ("version", "comment", "note", "reason")
STATED = ("kind", "of", "name", "state")


def endorsement(found: Endorsement, store: CredentialStore) -> dict[str, Any]:
    """For both sides; what it does not have yet does not stand there."""
    return {
        "id": found["_id"],
        "endorser": found["owner"],
        "endorser_name": name_of(found["owner"], store),
        "owner": found["target_owner"],
        **{name: found[name] for name in STATED},
        **{name: found[name] for name in GIVEN if found[name] is not None},
        "co_issued": found["co_issued"],
        "changed_at": rfc3339(found["changed_at"]),
        **({"public_url": found["public_url"]} if found["document"] else {}),
        "next_step": _next_step(found),
    }


def of_patron(found: Endorsement, store: CredentialStore) -> dict[str, Any]:
    """For whoever decides on behalf of the patron, or is the patron."""
    path = f"/v1/patrons/{found['patron']}/endorsements/{found['_id']}"
    step = {"next_step": f"Accept or decline it: PUT {path}."} if found["state"] == OFFERED else {}
    return {**endorsement(found, store), **step}


def _next_step(found: Endorsement) -> str:
    decided = ("Its learner decides." if found["patron"]
               else f"Whoever is endorsed decides: PUT /v1/endorsements/{found['_id']}/decision.")
    return {
        ASKED: f"{found['owner']} answers: POST /v1/endorsements with a comment.",
        OFFERED: decided,
        ACCEPTED: "It is part of what is issued from now on.",
        DECLINED: "It is not shown. Whoever is endorsed may accept it later, if it was offered.",
        TAKEN_BACK: "Its endorser may offer another one.",
    }[found["state"]]
