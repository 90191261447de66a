"""The OAuth 2.0 authorization server, by way of Authlib: registration (RFC 7591), authorization code with PKCE (RFC
6749, 7636), refresh, revocation (RFC 7009), its metadata (RFC 8414). Here is only what these need of us: where things
are kept, and the few rules that Open Badges 3.0 adds (7.1).
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import AuthorizationServer, OAuth2Error
from authlib.oauth2.rfc6749 import InvalidClientError, InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7591 import ClientRegistrationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oauth2.rfc9207 import IssuerParameter
from flask import Response, g

from contracts.calls import badge_connect as calls
from contracts.calls.cards import GATEWAY
from contracts.calls.collected import APP_LET_IN, APP_SHUT_OUT
from contracts.principal import Principal
from gateway import figures
from gateway.badge_connect import apps, grants
from gateway.badge_connect.apps import App, AppMetadata
from gateway.badge_connect.grants import Grant
from gateway.badge_connect.requests import AppRequest, Registration
from gateway.badge_connect.store import UNUSED_LIFE, AppStore, GrantStore
from gateway.clients import hash_of, new_secret
from gateway.guard import Asked
from gateway.inside import Inside, Relayed
from libranet import audit
from libranet.clock import now
from libranet.ids import public_id
from libranet.logs import log
from libranet.problems import NotFound

LONGEST_STATE = 500
NOT_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}
logging.getLogger("authlib").setLevel(logging.INFO)  # its debugging lines have tokens in them


class CodeGrant(AuthorizationCodeGrant):
    """A code for a patron's yes; it is good once, with the verifier that goes with its challenge."""

    def create_authorization_response(self, redirect_uri: str, grant_user: Principal | None) -> Any:
        """With the scopes that the patron left ticked, as the standard asks (Open Badges 3.0, 7.1.2.2)."""
        allowed = [each for each in self.request.scope.split() if each in (*self.request.chosen, calls.OFFLINE)]
        self.request.scope = " ".join(allowed)
        is_allowed = grant_user is not None and bool(set(allowed) & set(calls.SCOPES))
        status, body, headers = super().create_authorization_response(redirect_uri, grant_user if is_allowed else None)
        [(name, location)] = headers
        return status, body, [(name, add_params_to_uri(location, [("scope", self.request.scope)]))]

    def generate_authorization_code(self) -> str:
        return grants.new_token(grants.CODE)

    def save_authorization_code(self, code: str, request: AppRequest) -> None:
        grant = grants.begin(request.client, request.user, tuple(request.scope.split()), code,
                             request.payload.redirect_uri, request.payload.data["code_challenge"], now())
        self.server.grants.add(
            grant, audit.entry(request.user, APP_LET_IN, grant.patron, g.request_id, grant.app))
        self.server.apps.note_use(request.client, now())

    def query_authorization_code(self, code: str, client: App) -> Grant | None:
        grant: Grant | None = self.server.grants.find_by("code", hash_of(code))
        if grant is None or grant.app != client.id:
            return None
        if grant.is_redeemed:
            self.server.end_reused(grant, figures.CODE)
        return None if grant.is_redeemed or grant.is_over(now()) else grant

    def delete_authorization_code(self, authorization_code: Grant) -> None:
        """It stays with the grant, to be known when it comes again."""

    def authenticate_user(self, authorization_code: Grant) -> str:
        return str(self.server.patron_of(authorization_code))


class RefreshGrant(RefreshTokenGrant):
    """New tokens for a refresh token, which is good once as well."""

    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> Grant | None:
        hashed = hash_of(refresh_token)
        grant: Grant | None = self.server.grants.find_by("refresh", hashed)
        spent = self.server.grants.find_by("spent", hashed) if grant is None else None
        if spent is not None and spent.check_client(self.request.client):
            self.server.end_reused(spent, figures.REFRESH_TOKEN)
        return None if grant is None or grant.is_over(now()) else grant

    def authenticate_user(self, refresh_token: Grant) -> str:
        return str(self.server.patron_deciding(refresh_token))

    def revoke_old_credential(self, refresh_token: Grant) -> None:
        """Done: the grant has no place for two."""


class RequiredChallenge(CodeChallenge):
    """PKCE with S256, and a state, from every app (Open Badges 3.0, 7.1.2.1)."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_challenge(self, grant: CodeGrant, redirect_uri: str) -> None:
        sent = grant.request.payload.data
        if not sent.get("code_challenge") or sent.get("code_challenge_method") != "S256":
            raise InvalidRequestError("code_challenge and code_challenge_method S256 are required.")
        if not 0 < len(sent.get("state", "")) <= LONGEST_STATE:
            raise InvalidRequestError(f"state is required, of at most {LONGEST_STATE} characters.")
        super().validate_code_challenge(grant, redirect_uri)


class Registrations(ClientRegistrationEndpoint):
    """Open to anybody, as the standard has it: without an initial access token."""

    def __init__(self, server: "AppServer") -> None:
        super().__init__(server, [AppMetadata])

    def authenticate_token(self, request: Registration) -> bool:
        return True

    def get_server_metadata(self) -> dict[str, Any]:
        return {name: value for name, value in self.server.metadata.items() if name != "scopes_supported"}

    def generate_client_id(self, request: Registration) -> str:
        return f"a_{public_id('app', new_secret())}"

    def generate_client_secret(self, request: Registration) -> str:
        return new_secret()

    def save_client(self, client_info: dict[str, Any], client_metadata: dict[str, Any], request: Registration) -> App:
        at = now()
        texts = {name: client_metadata[name] for name in apps.TEXTS if name != "scope"}
        app = App(
            id=client_info["client_id"], secret=hash_of(client_info["client_secret"]), **texts,
            redirect_uris=tuple(client_metadata["redirect_uris"]), scopes=tuple(client_metadata["scope"].split()),
            grant_types=tuple(client_metadata["grant_types"]), registered_at=at, kept_until=at + UNUSED_LIFE)
        self.server.apps.add(app)
        return app


class Revocations(RevocationEndpoint):
    """Either token ends the grant with all of its tokens."""

    def query_token(self, token_string: str, token_type_hint: str | None) -> Grant | None:
        hashed, store = hash_of(token_string), self.server.grants
        found: Grant | None = store.find_by("access", hashed) or store.find_by("refresh", hashed)
        return found

    def revoke_token(self, token: Grant, request: AppRequest) -> None:
        self.server.end(token, grants.giver_of(token))


class Issuer(IssuerParameter):
    """Says in every answer to a browser whose it is (RFC 9207)."""

    def __init__(self, base: str) -> None:
        self._base = base

    def get_issuer(self) -> str:
        return self._base


class AppServer(AuthorizationServer):
    """Threads share it."""

    def __init__(self, apps_known: AppStore, grants_given: GrantStore, base: str, inside: Inside) -> None:
        super().__init__(apps.SUPPORTED_SCOPES)
        self.apps, self.grants, self.base, self._inside = apps_known, grants_given, base, inside
        self.metadata = metadata_of(base)
        self.issuer = Issuer(base)
        self.issuer(self)
        self.register_token_generator("default", BearerTokenGenerator(
            lambda **_: grants.new_token(grants.ACCESS), lambda **_: grants.new_token(grants.REFRESH),
            int(grants.ACCESS_LIFE.total_seconds())))
        self.register_grant(CodeGrant, [RequiredChallenge(required=True)])
        self.register_grant(RefreshGrant)
        self.register_endpoint(Registrations(self))
        self.register_endpoint(Revocations)

    # what an endpoint answers

    def registration(self, asked: Asked) -> Response:
        return self._answered(lambda: self.create_endpoint_response(Registrations.ENDPOINT_NAME, asked))

    def token(self, asked: Asked) -> Response:
        return self._answered(lambda: self.create_token_response(asked))

    def revocation(self, asked: Asked) -> Response:
        return self._answered(lambda: self.create_endpoint_response(Revocations.ENDPOINT_NAME, asked))

    def _answered(self, answer: Callable[[], Response]) -> Response:
        """Some of what is wrong shows before Authlib looks at it, as an OAuth2Error or a ValueError."""
        try:
            return answer()
        except OAuth2Error as error:
            return self._told(error)
        except ValueError:
            return self._told(InvalidClientError("The credentials cannot be read.", status_code=401))

    def _told(self, error: OAuth2Error) -> Response:
        response: Response = self.handle_error_response(None, error)
        return response

    def consent_asked(self, asked: Asked, chosen: tuple[str, ...] = ()) -> CodeGrant:
        """The request that a browser brought, once it is a good one. Raises OAuth2Error."""
        grant: CodeGrant = self.get_consent_grant(AppRequest(asked, self.base, chosen))
        return grant

    def decided(self, grant: CodeGrant, patron: Principal | None) -> Response:
        """Back to the app: with a code, or with the patron's no."""
        answer: Response = self.create_authorization_response(grant.request, patron, grant)
        return answer

    def address_of(self, error: OAuth2Error) -> str:
        """The app's, with what is wrong."""
        response = self._told(error)
        self.issuer.add_issuer_parameter(self, response)
        return str(response.headers["Location"])

    def who_lets_in(self, patron: Principal) -> dict[str, Any]:
        """What they are called, and whether they decide alone, as it is now. Raises Relayed for somebody whom profiles
        does not know, and ServiceAway."""
        asks = replace(patron, scopes=(GATEWAY,))
        found: dict[str, Any] = self._inside.ask(calls.WHO_LETS_IN, {}, patron.node, asks)
        return found

    # what Authlib asks of a server

    def query_client(self, client_id: str) -> App | None:
        return self.apps.find(client_id)

    def patron_of(self, grant: Grant) -> str:
        """Whose it is. Raises InvalidGrantError for somebody who was erased."""
        if self.grants.is_erased(grant.patron):
            self.end(grant)
            raise InvalidGrantError("It is over.")
        return grant.patron

    def patron_deciding(self, grant: Grant) -> str:
        """Whose it is, who would be let decide today as well: bands and a library's rules change while an app stays.
        Raises InvalidGrantError where not, and ServiceAway, which leaves the grant as it is."""
        patron = self.patron_of(grant)
        try:
            decides = not self.who_lets_in(grants.giver_of(grant))["needs_guardian"]
        except Relayed as refusal:
            if refusal.status != NotFound.status:
                raise
            decides = False
        if not decides:
            self.end(grant)
            raise InvalidGrantError("It is over.")
        return patron

    def end(self, grant: Grant, by: Principal | None = None) -> None:
        """Its tokens open nothing from now on. Without `by`, the audit says that the platform ended it."""
        who = by or Principal(actor="gateway", kind="gateway", node=grant.node)
        self.grants.end(grant, audit.entry(who, APP_SHUT_OUT, grant.patron, g.request_id, grant.app))

    def end_reused(self, grant: Grant, kind: str) -> None:
        """Ends what was opened with a code or refresh token that came again: somebody else may have seen it."""
        self.end(grant)
        figures.APP_TOKENS_REUSED.labels(kind).inc()
        log().warning("what an app was allowed has ended: it showed something a second time", kind=kind, app=grant.app,
                      connection=grant.id)

    def save_token(self, token: dict[str, Any], request: AppRequest) -> None:
        """Raises InvalidGrantError where the same code or refresh token was used at the same time."""
        before: Grant = request.authorization_code or request.refresh_token
        after = grants.opened(before, token["access_token"], token.get("refresh_token"), token["scope"], now())
        if not self.grants.replace(before, after):
            self.end_reused(before, figures.REFRESH_TOKEN if before.is_redeemed else figures.CODE)
            raise InvalidGrantError("It was used before.")
        if not before.is_redeemed:
            self.grants.end_earlier(after)
        self.apps.note_use(request.client, now())

    def create_oauth2_request(self, asked: Asked | AppRequest) -> AppRequest:
        return asked if isinstance(asked, AppRequest) else AppRequest(asked, self.base)

    def create_json_request(self, asked: Asked) -> Registration:
        return Registration(asked, self.base)

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Response:
        text = orjson.dumps(body) if isinstance(body, dict) else body
        return Response(text, status=status, headers={**dict(headers), **NOT_STORED})

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""


def metadata_of(base: str) -> AuthorizationServerMetadata:
    """RFC 8414, 2."""
    return AuthorizationServerMetadata({
        "issuer": base,
        "authorization_endpoint": base + calls.AUTHORIZE_PATH,
        "token_endpoint": base + calls.REQUEST_APP_TOKEN.path,
        "registration_endpoint": base + calls.REGISTER_APP.path,
        "revocation_endpoint": base + calls.REVOKE_APP_TOKEN.path,
        "scopes_supported": list(apps.SUPPORTED_SCOPES),
        "response_types_supported": [apps.RESPONSE_TYPE],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(apps.GRANT_TYPES),
        "token_endpoint_auth_methods_supported": [apps.AUTH_METHOD],
        "revocation_endpoint_auth_methods_supported": [apps.AUTH_METHOD],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    })
