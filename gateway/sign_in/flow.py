"""The authorization code flow of OpenID Connect Core 1.0, 3.1, with PKCE (RFC 7636, S256), by way of Authlib.

What one sign-in has to remember travels in the browser's own cookie, sealed: so it is bound to that browser, and
nothing is kept of those that are never finished. An ID token counts only with the right signature by an allowed
algorithm, issuer, audience, nonce and time.
"""

import base64
import binascii
import secrets
import time
from dataclasses import asdict, dataclass
from hmac import compare_digest
from typing import Any
from urllib.parse import urlencode

import orjson
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError

from gateway.sign_in.fetching import Fetched, Fetcher, ProviderAway
from gateway.sign_in.provider_keys import Discovery
from gateway.sign_in.providers import Provider
from libranet.problems import NotAllowed
from libranet.sealing import Sealing, SecretSealedOtherwise

FLOW_SECONDS = 600
LEEWAY_SECONDS = 60
RANDOM_BYTES = 32
LONGEST_SUBJECT = 400
LONGEST_PATH = 2000
"""The sealed flow has to fit into a cookie, of which browsers keep 4096 bytes."""
_sealing = Sealing("SIGN_IN_KEK")


class SignInNotAccepted(NotAllowed):
    """Something about the way back is not as it was begun. `reason` is for the log, not for the browser."""

    title = "This sign-in was not accepted"

    def __init__(self, reason: str) -> None:
        super().__init__("Start again from your library's page. If it happens again, tell your library.")
        self.reason = reason


@dataclass(frozen=True)
class Flow:
    """One sign-in under way, in one browser."""

    node: str
    state: str
    nonce: str
    verifier: str
    return_to: str
    expires_at: int

    @classmethod
    def begin(cls, node: str, return_to: str) -> "Flow":
        state, nonce, verifier = (secrets.token_urlsafe(RANDOM_BYTES) for _ in range(3))
        return cls(node, state, nonce, verifier, return_to, int(time.time()) + FLOW_SECONDS)

    def sealed(self) -> str:
        return base64.urlsafe_b64encode(_sealing.seal(orjson.dumps(asdict(self)).decode(), "sign-in flow")).decode()


def opened(cookie: str | None, node: str, state: str | None) -> Flow:
    """The flow that this browser began for this node and state. Raises SignInNotAccepted."""
    try:
        text = _sealing.unseal(base64.urlsafe_b64decode(cookie or ""), "sign-in flow")
        flow = Flow(**orjson.loads(text))
    except (binascii.Error, SecretSealedOtherwise, ValueError, TypeError):
        raise SignInNotAccepted("this browser began no sign-in") from None
    if flow.expires_at < time.time():
        raise SignInNotAccepted("it took too long")
    if flow.node != node or not state or not compare_digest(flow.state.encode(), state.encode()):
        raise SignInNotAccepted("the state is another one")
    return flow


def safe_path(text: str | None) -> str:
    """A path on this host to go on at, else the empty text. Nothing that a browser could read as another host."""
    path = text or ""
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and len(path) <= LONGEST_PATH
    return path if fine and all("!" <= each <= "~" and each != "\\" for each in path) else ""


class Posts:
    """Stands where Authlib expects a session of requests: every request goes through the Fetcher."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher

    def post(self, url: str, data: dict[str, str], headers: dict[str, str], auth: Any) -> Fetched:
        uri, sent, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        return self._fetcher.send("POST", uri, sent, body.encode())


class OpenIdConnect:
    """Begins and finishes sign-ins at one provider."""

    def __init__(self, provider: Provider, fetcher: Fetcher, discovery: Discovery, redirect_uri: str) -> None:
        self._provider = provider
        self._fetcher = fetcher
        self._discovery = discovery
        self._client = OAuth2Client(
            Posts(fetcher), provider.client_id, provider.client_secret, provider.client_auth, redirect_uri=redirect_uri,
            scope=" ".join(provider.scopes), code_challenge_method="S256")

    def begin(self, flow: Flow) -> str:
        """Where to send the browser. Raises ProviderAway."""
        metadata = self._discovery.metadata(self._provider, self._fetcher)
        self._fetcher.checked(metadata["authorization_endpoint"])
        url, _ = self._client.create_authorization_url(
            metadata["authorization_endpoint"], flow.state, flow.verifier, nonce=flow.nonce)
        return str(url)

    def finish(self, flow: Flow, came_back: dict[str, str]) -> str:
        """The subject who signed in. Raises SignInNotAccepted or ProviderAway."""
        metadata = self._discovery.metadata(self._provider, self._fetcher)
        self._check_issuer(metadata, came_back.get("iss"))
        if "error" in came_back or not came_back.get("code"):
            raise SignInNotAccepted("the provider did not sign them in")
        try:
            token = self._client.fetch_token(metadata["token_endpoint"], grant_type="authorization_code",
                                             code=came_back["code"], code_verifier=flow.verifier)
        except OAuth2Error:
            raise SignInNotAccepted("the provider did not take the code") from None
        except ValueError:
            raise ProviderAway("the token answer is none") from None
        return self._subject(metadata, token, flow)

    def _check_issuer(self, metadata: dict[str, Any], named: str | None) -> None:
        """RFC 9207: an answer of another provider is not taken for this one's."""
        required = metadata.get("authorization_response_iss_parameter_supported") is True
        if (named is None and required) or (named is not None and named != self._provider.issuer):
            raise SignInNotAccepted("another issuer answered")

    def _subject(self, metadata: dict[str, Any], token: dict[str, Any], flow: Flow) -> str:
        raw = token.get("id_token")
        if not isinstance(raw, str):
            raise SignInNotAccepted("there is no ID token")
        try:
            decoded = self._decoded(metadata, raw)
            claims = CodeIDToken(
                decoded.claims, decoded.header,
                {"iss": {"essential": True, "value": self._provider.issuer},
                 "aud": {"essential": True, "value": self._provider.client_id}},
                {"nonce": flow.nonce, "client_id": self._provider.client_id, "access_token": token.get("access_token")})
            claims.validate(leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise SignInNotAccepted(f"the ID token is not accepted: {type(error).__name__}") from None
        return self._named(claims)

    def _named(self, claims: dict[str, Any]) -> str:
        subject = claims.get(self._provider.subject_claim)
        if not isinstance(subject, str) or not subject.strip() or len(subject) > LONGEST_SUBJECT:
            raise SignInNotAccepted("the ID token names nobody")
        return subject

    def _decoded(self, metadata: dict[str, Any], raw: str) -> jwt.Token:
        """The checked token. A key that is not known, or no longer right, may be a new one: they are read again."""
        uri, algorithms = metadata["jwks_uri"], list(self._provider.algorithms)
        try:
            return jwt.decode(raw, self._discovery.keys(uri, self._fetcher), algorithms=algorithms)
        except (InvalidKeyIdError, BadSignatureError):
            return jwt.decode(raw, self._discovery.keys(uri, self._fetcher, doubted=True), algorithms=algorithms)
