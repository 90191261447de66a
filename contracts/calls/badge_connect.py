"""Calls of the Open Badges 3.0 API ("Badge Connect"): what an app reads and adds for a patron who allowed it, and how
it is allowed to (OAuth 2.0). The words are the standard's; an app is what OAuth calls a client.

Refusals below BASE are the standard's `Imsx_StatusInfo`; those of the endpoints of OAuth have that standard's words.
"""

from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from contracts.call import PUBLIC, SELF, Call
from contracts.calls.cards import GATEWAY
from contracts.calls.shapes import IdPageQuery, Strict, line, page_of

BASE = "/ims/ob/v3p0"
SCOPE = "https://purl.imsglobal.org/spec/ob/v3p0/scope/"
READ_CREDENTIALS, UPSERT_CREDENTIAL = f"{SCOPE}credential.readonly", f"{SCOPE}credential.upsert"
READ_PROFILE, UPDATE_PROFILE = f"{SCOPE}profile.readonly", f"{SCOPE}profile.update"
SCOPES = {
    READ_CREDENTIALS: "See all your credentials, and copy them.",
    UPSERT_CREDENTIAL: "Add credentials that you earned elsewhere, and put newer ones in their place.",
    READ_PROFILE: "See your name.",
    UPDATE_PROFILE: "Change your name.",
}
"""What a patron is told of each (Open Badges 3.0, 6.2.1)."""
OFFLINE = "offline_access"
"""Apps may ask for it as well, as the standard's examples do. It opens nothing."""
CONTEXT = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
JSON_TYPES = ("application/json", "application/vc+ld+json")
JWS_TYPE = "text/plain"
FORM_TYPE = "application/x-www-form-urlencoded"
REQUIRED = ("@context", "id", "type", "issuer", "validFrom", "credentialSubject")
"""Of an AchievementCredential (Open Badges 3.0, B.1.1)."""
MOST_CREDENTIALS = 200
"""On one page, however many are asked for."""


class ImsxCodeMinorField(Schema):
    name = fields.String(required=True, data_key="imsx_codeMinorFieldName", metadata={
        "description": "A JSON pointer into the request, or `request`."})
    value = fields.String(required=True, data_key="imsx_codeMinorFieldValue", validate=validate.OneOf([
        "forbidden", "fullsuccess", "internal_server_error", "invalid_data", "invalid_query_parameter",
        "misdirected_request", "not_acceptable", "not_allowed", "not_found", "not_modified", "server_busy",
        "unauthorizedrequest", "unknown"]))


class ImsxCodeMinor(Schema):
    places = fields.List(fields.Nested(ImsxCodeMinorField), required=True, data_key="imsx_codeMinorField")


class ImsxStatusInfo(Schema):
    """Why a request was refused, in the words of 1EdTech."""

    code_major = fields.String(required=True, data_key="imsx_codeMajor", validate=validate.OneOf([
        "failure", "processing", "success", "unsupported"]))
    severity = fields.String(required=True, data_key="imsx_severity", validate=validate.OneOf([
        "error", "status", "warning"]))
    description = fields.String(data_key="imsx_description")
    code_minor = fields.Nested(ImsxCodeMinor, data_key="imsx_codeMinor")


class CredentialsQuery(Strict):
    """Which of the patron's credentials."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1), metadata={
        "description": f"How many on a page; at most {MOST_CREDENTIALS} come, and fewer where they are long."})
    offset = fields.Integer(load_default=0, validate=validate.Range(0), metadata={
        "description": "How many of them to pass over, from the oldest on."})
    since = fields.AwareDateTime(
        validate=validate.Range(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)),
        metadata={"description": "Those that were issued after this time."})


class GetOpenBadgeCredentialsResponse(Schema):
    """Credentials with proofs in them, and those that are signed as a whole."""

    credential = fields.List(fields.Dict(), required=True)
    compact_jws_string = fields.List(fields.String(), required=True, data_key="compactJwsString")


def _a_profile(value: Any) -> None:
    if value != "Profile" and value != ["Profile"]:
        raise ValidationError('Write ["Profile"].')


def _contexts(value: Any) -> None:
    each = [value] if isinstance(value, str) else value
    if not isinstance(each, list) or not each or not all(isinstance(one, str) for one in each):
        raise ValidationError("Write the address of the context, or a list of such.")


class OpenBadgeProfile(Strict):
    """A Profile of Open Badges 3.0. Of what that can say, a patron has a name here; `id` is what the credentials of
    the patron's library name as their subject."""

    context = fields.Raw(data_key="@context", validate=_contexts)
    id = fields.String(required=True)
    type = fields.Raw(required=True, validate=_a_profile)
    name = line(200)


class RegisteredApp(Schema):
    """What was registered, with the secret, which is shown this once (RFC 7591, 3.2.1)."""

    client_id = fields.String(required=True)
    client_secret = fields.String(required=True)
    client_id_issued_at = fields.Integer(required=True)
    client_secret_expires_at = fields.Integer(required=True, metadata={"description": "0: it does not."})
    client_name = fields.String()
    client_uri = fields.String()
    logo_uri = fields.String()
    tos_uri = fields.String()
    policy_uri = fields.String()
    software_id = fields.String()
    software_version = fields.String()
    redirect_uris = fields.List(fields.String())
    scope = fields.String()
    token_endpoint_auth_method = fields.String()
    grant_types = fields.List(fields.String())
    response_types = fields.List(fields.String())


class AppToken(Schema):
    """RFC 6749, 5.1."""

    access_token = fields.String(required=True)
    token_type = fields.String(required=True)
    expires_in = fields.Integer(required=True)
    refresh_token = fields.String(metadata={"description": "Good once: the answer to it has the next one."})
    scope = fields.String(required=True)


class AppRefusal(Schema):
    """Why an endpoint of OAuth refused (RFC 6749, 5.2; RFC 7591, 3.2.2)."""

    error = fields.String(required=True)
    error_description = fields.String()


class LettingIn(Schema):
    """`needs_guardian`: they are younger than their library lets decide alone."""

    name = fields.String()
    needs_guardian = fields.Boolean()


class Connection(Schema):
    """An app that a patron let in; `ends_at` moves on while the app is in use."""

    id = fields.UUID()
    app = fields.String()
    app_name = fields.String()
    app_uri = fields.String()
    scopes = fields.List(fields.String())
    granted_at = fields.AwareDateTime()
    ends_at = fields.AwareDateTime()


ConnectionList = page_of(Connection)

GET_SERVICE_DESCRIPTION = Call(
    name="get_service_description", service="gateway", method="GET", path=f"{BASE}/discovery", allows=(PUBLIC,),
    summary="The service description document: what an app reads first",
    description="An OpenAPI 3.0 description of the Open Badges 3.0 API, with the endpoints of OAuth in it.")
GET_CREDENTIALS = Call(
    name="get_credentials", service="credentials", method="GET", path=f"{BASE}/credentials",
    query=CredentialsQuery, answer=GetOpenBadgeCredentialsResponse, allows=(READ_CREDENTIALS,),
    summary="The patron's credentials, for an app",
    description="Those issued here and those that were handed in, the oldest first. `X-Total-Count` says how many "
                "there are, `Link` where the other pages are.")
POST_CREDENTIAL = Call(
    name="upsert_credential", service="credentials", method="POST", path=f"{BASE}/credentials", raw=True,
    keyed=False, status=201, other_statuses=(200,), allows=(UPSERT_CREDENTIAL,),
    summary="Hand in a credential that was earned elsewhere, for an app",
    description="As JSON with proofs in it, or as compact JWS (text/plain). It is verified first, like any that is "
                "handed in. 201: it is new; 200: it stands in the place of one of the same issuer and id. One that "
                "was made before the one that is kept is refused.")
GET_PROFILE = Call(
    name="get_profile", service="profiles", method="GET", path=f"{BASE}/profile", answer=OpenBadgeProfile,
    allows=(READ_PROFILE,), summary="The patron's profile, for an app")
PUT_PROFILE = Call(
    name="put_profile", service="profiles", method="PUT", path=f"{BASE}/profile", body=OpenBadgeProfile,
    answer=OpenBadgeProfile, keyed=False, allows=(UPDATE_PROFILE,), summary="Replace the patron's profile, for an app",
    description="The whole of it: a name that is left out is taken away. Anything else that a Profile could say is "
                "refused by name.")
API = (GET_CREDENTIALS, POST_CREDENTIAL, GET_PROFILE, PUT_PROFILE)
"""Open to apps alone, by an access token."""

MAX_BYTES = 64 * 2**10
"""Of what is sent to an endpoint of OAuth."""
AUTHORIZE_PATH = "/oauth/authorize"
GET_APP_METADATA = Call(
    name="get_app_metadata", service="gateway", method="GET", path="/.well-known/oauth-authorization-server",
    allows=(PUBLIC,), summary="Where apps register, are allowed in, and get and end their tokens (RFC 8414)")
REGISTER_APP = Call(
    name="register_app", service="gateway", method="POST", path="/oauth/register", raw=True, raw_bytes=MAX_BYTES,
    keyed=False, status=201, answer=RegisteredApp, allows=(PUBLIC,), summary="Register an app (RFC 7591)",
    description="An app that no patron lets in is forgotten after a week.")
REQUEST_APP_TOKEN = Call(
    name="request_app_token", service="gateway", method="POST", path="/oauth/token", raw=True, raw_bytes=MAX_BYTES,
    keyed=False, answer=AppToken, allows=(PUBLIC,),
    summary="Tokens for an authorization code or a refresh token (RFC 6749)",
    description="The app signs in with HTTP Basic; a code needs its code_verifier (RFC 7636).")
REVOKE_APP_TOKEN = Call(
    name="revoke_app_token", service="gateway", method="POST", path="/oauth/revoke", raw=True, raw_bytes=MAX_BYTES,
    keyed=False, allows=(PUBLIC,), summary="End what a patron allowed an app, by one of its tokens (RFC 7009)")
APP_ENDPOINTS = (REGISTER_APP, REQUEST_APP_TOKEN, REVOKE_APP_TOKEN)
OWN = (GET_SERVICE_DESCRIPTION, GET_APP_METADATA, *APP_ENDPOINTS)
"""Answered by the gateway itself."""
AUTHORIZE_FORM = Call(
    name="authorize_form", service="gateway", method="GET", path=AUTHORIZE_PATH, allows=(PUBLIC,),
    media_type="text/html", summary="Ask a patron whether an app may come in")
AUTHORIZE_RESULT = Call(
    name="authorize_result", service="gateway", method="POST", path=AUTHORIZE_PATH, allows=(PUBLIC,), raw=True,
    raw_bytes=MAX_BYTES, keyed=False, media_type="text/html", summary="What the patron says to that")

WHO_LETS_IN = Call(
    name="who_lets_in", service="profiles", method="GET", path="/internal/letting-in", answer=LettingIn,
    allows=(GATEWAY,), summary="Whether the patron who acts may let an app in, and what they are called")

CONNECTIONS = "/v1/patrons/<patron>/connections"
LIST_CONNECTIONS = Call(
    name="list_connections", service="deliveries", method="GET", path=CONNECTIONS, person="patron", query=IdPageQuery,
    answer=ConnectionList, allows=("patrons:read", SELF), summary="List the apps that a patron let in")
END_CONNECTION = Call(
    name="end_connection", service="deliveries", method="DELETE", path=f"{CONNECTIONS}/<connection>", person="patron",
    status=204, keyed=False, allows=("patrons:write", SELF),
    summary="Shut an app out; its tokens end at once")
OF_CONNECTIONS = (LIST_CONNECTIONS, END_CONNECTION)
CALLS = (*API, *OF_CONNECTIONS)
"""Answered by services."""
