"""The words of the published description that belong to no single call."""

from typing import Any

from marshmallow import Schema

from contracts.calls import badge_connect, cards, sign_in
from gateway.roles import ACTING_AS

ABOUT = """\
Libranet connects a library consortium with learning platforms, colleges and employers: what a patron completed \
becomes a credential that anyone can verify.

**Sign in** with an API key from your operator: `Authorization: Bearer <client id>.<secret>`, or Basic with the client \
id as user name and the secret as password. A key acts for one library or partner and sees its records only. People \
sign in themselves (`/v1/sessions`) and act for themselves; whoever holds a role acts in it by `Libranet-Acting-As`.

**Errors** are problem documents (RFC 9457): `detail` says what to do, `errors` names each place in the request.

**Repeat safely**: send the same `Idempotency-Key` with the same request, and a repetition gets the first answer.

**Lists** come in pages: pass `next` on as `cursor`, until it is null.

**Trace**: every answer carries `X-Request-Id`; send your own, or tell your operator ours.
"""

TAGS = (
    ("/v1/subscriptions", "Subscriptions"),
    ("/v1/guests", "Guests"),
    ("/v1/sessions", "Signing in"),
    ("/v1/events", "Subscriptions"),
    (sign_in.PROVIDER, "Signing in"),
    (cards.CONNECTION, "Signing in"),
    (badge_connect.BASE, "Open Badges 3.0 API"),
    ("/oauth", "Open Badges 3.0 API"),
    ("/.well-known/oauth", "Open Badges 3.0 API"),
    (badge_connect.CONNECTIONS, "Open Badges 3.0 API"),
    ("/v1/nodes", "The consortium"),
    ("/v1/patrons", "Patrons, consents"),
    ("profiles", "Patrons, consents"),
    ("learning", "Courses and statements"),
    ("/v1/recogni", "Recognition by colleges"),
    ("/v1/endorsement", "Endorsements, co-issuing, mappings"),
    ("/v1/co-issuings", "Endorsements, co-issuing, mappings"),
    ("/v1/mappings", "Endorsements, co-issuing, mappings"),
    ("credentials", "Achievements and credentials"),
    ("analytics", "Measures"),
    ("/v1/skills", "Skills"),
    ("/v1/matches", "Matches"),
    ("jobs", "Jobs"),
    ("gateway", "This API"),
)
"""Headings for callers, by the beginning of a path or by service; the first that fits."""

UUID: dict[str, Any] = {"type": "string", "format": "uuid"}
PARAMETERS: dict[str, dict[str, Any]] = {
    "patron": {"schema": UUID, "description": "The patron's id."},
    "guest": {"schema": UUID, "description": "The guest's id."},
    "course": {"schema": UUID, "description": "The course's id."},
    "achievement": {"schema": UUID, "description": "The achievement's id."},
    "version": {"schema": {"type": "integer"}, "description": "The number of a version, from 1.", "example": 1},
    "known_issuer": {"schema": UUID, "description": "The id of an issuer that the consortium knows."},
    "picture": {"schema": {"type": "string"}, "description": "The last part of the picture's address."},
    "credential": {"schema": UUID, "description": "The credential's id."},
    "batch": {"schema": UUID, "description": "The id of a list of awards."},
    "imported": {"schema": UUID, "description": "The imported credential's id."},
    "submission": {"schema": UUID, "description": "The submission's id."},
    "file": {"schema": UUID, "description": "The id of a file of evidence."},
    "reconsideration": {"schema": UUID, "description": "The id of a credential's reconsideration."},
    "recognition": {"schema": UUID, "description": "The recognition's id."},
    "feed": {"schema": UUID, "description": "The job feed's id."},
    "job_import": {"schema": UUID, "description": "The import's id."},
    "job": {"schema": UUID, "description": "The job posting's id."},
    "correction": {"schema": UUID, "description": "The correction's id."},
    "erasure": {"schema": UUID, "description": "The erasure's id."},
    "proof": {"schema": {"type": "string"}, "description": "The last part of the address of an erasure's proof."},
    "subscription": {"schema": UUID, "description": "The subscription's id."},
    "delivery": {"schema": UUID, "description": "The delivery's id."},
    "public_id": {"schema": {"type": "string"}, "description": "The last part of the credential's public address."},
    "endorsement": {"schema": UUID, "description": "The endorsement's id."},
    "co_issuing": {"schema": UUID, "description": "The co-issuing's id."},
    "mapping": {"schema": UUID, "description": "The mapping's id."},
    "public_endorsement": {
        "schema": {"type": "string"}, "description": "The last part of the endorsement's public address."},
    "record": {"schema": UUID, "description": "The record's id."},
    "public_record": {"schema": {"type": "string"}, "description": "The last part of the record's public address."},
    "status_list": {"schema": {"type": "string"}, "description": "The status list's id."},
    "status_purpose": {"schema": {"type": "string", "enum": ["revocation", "suspension"]},
                       "description": "What a set bit means."},
    "key": {"schema": {"type": "string"}, "description": "The key's id, as in the issuer's jwks.json."},
    "node": {"schema": {"type": "string"}, "description": "A place in the consortium, like demo.riverside.",
             "example": "demo.riverside"},
    "connection": {"schema": UUID, "description": "The connection's id."},
    "purpose": {"schema": {"type": "string"}, "description": "What for, like issue-credentials.",
                "example": "issue-credentials"},
    "recipient": {"schema": {"type": "string"}, "description": "For whom: a place in the consortium.",
                  "example": "demo.riverside"},
    "setting": {"schema": {"type": "string"}, "description": "A setting's name.", "example": "guest_days"},
    "role": {"schema": {"type": "string"}, "description": "A role's name.", "example": "analyst"},
    "holder": {"schema": {"type": "string"}, "description": "The id of an API client or of a patron."},
    "Idempotency-Key": {
        "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
        "description": "Makes a repetition safe: the same key and request get the first answer."},
    ACTING_AS: {
        "schema": {"type": "string"}, "example": "librarian@demo.riverside",
        "description": "One of the roles that the person or the API client holds, as GET /v1/me lists them. The call "
                       "is then made at that role's place with what it alone opens; without it, a person acts for "
                       "themselves and a client for its own node."},
    "X-Experience-API-Version": {
        "schema": {"type": "string", "pattern": r"^(1|2)\.0(\.[0-9]+)?$"}, "required": True, "example": "1.0.3",
        "description": "1.0.3, or another of 1.0 or 2.0."},
}

TIME: dict[str, Any] = {"type": "string", "format": "date-time"}
IRI: dict[str, Any] = {"type": "string"}
QUERY_OF_RAW_CALLS: dict[str, list[dict[str, Any]]] = {
    "get_statements": [
        {"name": "statementId", "schema": UUID, "description": "One statement; stands alone."},
        {"name": "voidedStatementId", "schema": UUID, "description": "One that was voided; stands alone."},
        {"name": "agent", "schema": {"type": "string"}, "description": "An Agent as JSON."},
        {"name": "verb", "schema": IRI, "description": "A verb's id."},
        {"name": "activity", "schema": IRI, "description": "An activity's id."},
        {"name": "registration", "schema": UUID, "description": "A registration."},
        {"name": "since", "schema": TIME, "description": "Stored after this time."},
        {"name": "until", "schema": TIME, "description": "Stored at this time or before."},
        {"name": "limit", "schema": {"type": "integer", "minimum": 0}, "description": "0 for as many as there may be."},
        {"name": "ascending", "schema": {"type": "boolean"}, "description": "The oldest first."},
    ],
}
"""Raw calls have no shape of ours to read their query from; these names are the standard's (xAPI 1.0.3, 2.1.3)."""
ACHIEVEMENT_CREDENTIAL: dict[str, Any] = {
    "type": "object", "required": list(badge_connect.REQUIRED), "additionalProperties": True,
    "description": "An AchievementCredential of Open Badges 3.0 with its proofs."}
CONTENT_OF_RAW_CALLS: dict[str, dict[str, Any]] = {
    badge_connect.POST_CREDENTIAL.name: {
        **{media_type: {"schema": ACHIEVEMENT_CREDENTIAL} for media_type in badge_connect.JSON_TYPES},
        badge_connect.JWS_TYPE: {"schema": {"type": "string", "description": "A compact JWS of one."}}},
    badge_connect.REGISTER_APP.name: {"application/json": {"schema": {
        "type": "object", "additionalProperties": True,
        "required": ["client_name", "client_uri", "logo_uri", "tos_uri", "policy_uri", "software_id",
                     "software_version", "redirect_uris", "scope"],
        "description": "Client metadata (RFC 7591, 2). All addresses are of https and of one host."}}},
    badge_connect.REQUEST_APP_TOKEN.name: {badge_connect.FORM_TYPE: {"schema": {
        "type": "object", "required": ["grant_type"], "additionalProperties": True, "properties": {
            "grant_type": {"type": "string", "enum": ["authorization_code", "refresh_token"]},
            "code": {"type": "string"}, "redirect_uri": {"type": "string"}, "code_verifier": {"type": "string"},
            "refresh_token": {"type": "string"}, "scope": {"type": "string"}}}}},
    badge_connect.REVOKE_APP_TOKEN.name: {badge_connect.FORM_TYPE: {"schema": {
        "type": "object", "required": ["token"], "additionalProperties": True, "properties": {
            "token": {"type": "string"},
            "token_type_hint": {"type": "string", "enum": ["access_token", "refresh_token"]}}}}},
}
"""Bodies of other standards, by media type."""
CONTENT_OF_ANSWERS = {name: CONTENT_OF_RAW_CALLS[name] for name in (badge_connect.POST_CREDENTIAL.name,)}
"""What comes back as it was sent."""
OTHER_REFUSALS: dict[str, tuple[str, type[Schema]]] = {
    "ImsxStatusInfo": ("Refused, in the words of 1EdTech.", badge_connect.ImsxStatusInfo),
    "AppRefusal": ("Refused, in the words of OAuth 2.0.", badge_connect.AppRefusal),
}
RAW_BODY: dict[str, Any] = {"type": ["object", "array"], "items": {"type": "object"}}

PROBLEMS: dict[int | str, str] = {
    400: "The body or a header cannot be read.",
    401: "No key, or a wrong one.",
    403: "The key lacks the scope.",
    404: "Unknown, or somebody else's.",
    409: "In conflict with what is stored.",
    410: "It was there, and its learner had it erased.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "A member is not as documented, or a rule forbids it; errors names the places.",
    429: "Too many requests; wait as long as Retry-After says.",
    503: "A part of the platform does not answer; try again after Retry-After.",
    "default": "Anything else that went wrong.",
}

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Why something was not done (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "The kind of problem, always the same."},
        "title": {"type": "string", "description": "The kind in words."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened this time, and what to do."},
        "instance": {"type": "string", "description": "The address that was asked."},
        "request_id": {"type": "string", "description": "To find it in the operator's logs."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {
                    "field": {"type": "string", "description": "A JSON pointer into the request (RFC 6901)."},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
