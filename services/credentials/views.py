"""Stored documents as the calls of contracts/calls/credentials.py show them."""

from typing import Any

import orjson
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from contracts.calls.credentials import FORMS
from libranet.clock import rfc3339

JSON_LD, JWS, JWT_VC_JSON = FORMS
JSON_LD_TYPE, JWT_TYPE = "application/vc+ld+json", "application/jwt"
FORM_OF_TYPE = {
    JSON_LD_TYPE: JSON_LD, "application/vc": JSON_LD, "application/ld+json": JSON_LD, "application/json": JSON_LD,
    JWT_TYPE: JWS, "text/plain": JWS}
"""Open Badges 3.0 hands a compact JWS over as text/plain (its REST API)."""
HELD = {
    "credentials": "The credentials made in your name, with the signed document.",
    "waiting": "What you earned and has not become a credential, as you have not agreed.",
    "consents": "What you decided about making credentials, as this service knows it.",
}
"""What a person is told of each collection that is about them."""


def achievement(document: dict[str, Any]) -> dict[str, Any]:
    names = ("owner", "name", "description", "criteria", "kind", "course")
    shown: dict[str, Any] = {key: document[key] for key in names if key in document}
    return {"id": document["_id"], **shown, "defined_at": rfc3339(document["defined_at"])}


def credential(document: dict[str, Any]) -> dict[str, Any]:
    """The record with the signed document; `public_url` answers once it is shared."""
    shown = {
        key: document[key]
        for key in ("patron", "achievement", "achievement_name", "kind", "status", "public_id", "public_url")
    }
    shared_at = {"shared_at": rfc3339(document["shared_at"])} if document["shared_at"] else {}
    return {
        "id": document["_id"],
        **shown,
        "issuer": document["owner"],
        "issued_at": rfc3339(document["issued_at"]),
        "shared": bool(document["shared_at"]),
        **shared_at,
        "credential": orjson.loads(document["document"]),
    }


def form_asked(named: str | None, accept: str | None) -> tuple[str, str]:
    """The form of a credential and its media type: what the query names, else what the header likes best. Whoever likes
    nothing that there is gets JSON-LD, as browsers do."""
    if named is not None:
        return named, JSON_LD_TYPE if named == JSON_LD else JWT_TYPE
    liked = parse_accept_header(accept or "*/*", MIMEAccept).best_match(FORM_OF_TYPE, JSON_LD_TYPE)
    form = FORM_OF_TYPE[liked]
    return form, JSON_LD_TYPE if form == JSON_LD else liked


def waiting(document: dict[str, Any]) -> dict[str, Any]:
    path = f"/v1/patrons/{document['patron']}/consents/issue-credentials/{document['recipient']}"
    return {
        "achievement": document["achievement"],
        "achievement_name": document["achievement_name"],
        "reason": "Earned, and the patron has not agreed to a credential.",
        "next_step": f"PUT {path} with granted true; the credential is then issued by itself.",
    }


def page(items: list[dict[str, Any]], limit: int) -> dict[str, Any]:
    """`items` holds one more than asked for when there is a next page; `next` is the cursor for it."""
    more = len(items) > limit
    return {"items": items[:limit], "next": items[limit - 1]["id"] if more else None}
