"""An app that a patron lets in: registered as the standard asks, by a client of OAuth that is not ours (Authlib's for
requests), with a person at a browser who reads the pages and sends their forms.
"""

import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session

from contracts.calls.badge_connect import BASE, SCOPES
from gateway.examples import EXAMPLES

ALL = tuple(SCOPES)
METADATA = EXAMPLES["register_app"]
[CALLBACK] = METADATA["redirect_uris"]
[PREFIX] = EXAMPLES["set_card_connection"]["card_prefixes"]
RENEW_SECONDS = 1200
"""An access token is good for an hour; tests take longer than that together."""
FIELD = re.compile(r"<(?:input|button)[^>]*>")
ATTRIBUTE = re.compile(r'([a-z]+)(?:="([^"]*)")?')


class Browser:
    """Keeps cookies, follows links within the platform, and says where a form is from, as browsers do."""

    def __init__(self, gateway: str) -> None:
        self.gateway = gateway
        self._session = requests.Session()

    def open(self, url: str) -> requests.Response:
        return self._session.get(url, allow_redirects=False, timeout=20)

    def send(self, url: str, fields: list[tuple[str, str]], origin: str | None = None) -> requests.Response:
        return self._session.post(url, data=fields, headers={"Origin": origin or self.gateway}, allow_redirects=False,
                                  timeout=20)

    def sign_in(self, url: str, node: str, card: str, pin: str) -> requests.Response:
        """Back at the page where it was asked for."""
        sent = self.send(url, [("node", node), ("card", card), ("pin", pin), ("action", "sign-in")])
        assert sent.status_code == 303, sent.text
        return self.open(self.gateway + sent.headers["Location"])

    def allow(self, url: str, but: tuple[str, ...] = ()) -> requests.Response:
        """Leaves ticked what is ticked, but these."""
        page = self.open(url)
        assert page.status_code == 200, page.text
        ticked = [value for value in ticks(page.text) if value not in but]
        return self.send(url, [*(("scope", each) for each in ticked), ("action", "allow")])


def ticks(page: str) -> list[str]:
    """The values of the page's ticked boxes."""
    boxes = [dict(ATTRIBUTE.findall(each)) for each in FIELD.findall(page)]
    return [unescape(each["value"]) for each in boxes if each.get("type") == "checkbox" and "checked" in each]


def discovered(gateway: str) -> dict[str, Any]:
    found = requests.get(f"{gateway}{BASE}/discovery", timeout=20)
    assert found.status_code == 200, found.text
    return dict(found.json())


def endpoints(gateway: str) -> dict[str, Any]:
    """Where the service description says that things are."""
    scheme = discovered(gateway)["components"]["securitySchemes"]["OAuth2ACG"]
    return {**scheme["flows"]["authorizationCode"], "registrationUrl": scheme["x-imssf-registrationUrl"]}


def registered(gateway: str, **changes: Any) -> dict[str, Any]:
    answer = requests.post(endpoints(gateway)["registrationUrl"], json={**METADATA, **changes}, timeout=20)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@dataclass
class App:
    """One that is registered; `session` is that of the client library."""

    gateway: str
    client: dict[str, Any]
    scopes: tuple[str, ...] = ALL
    renewed_at: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.places = endpoints(self.gateway)
        self.session = OAuth2Session(
            self.client["client_id"], self.client["client_secret"], scope=" ".join(self.scopes), redirect_uri=CALLBACK,
            code_challenge_method="S256", token_endpoint_auth_method="client_secret_basic",
            revocation_endpoint_auth_method="client_secret_basic")
        self.verifier = generate_token(64)

    def asks(self, **more: str) -> str:
        """Where it sends the patron's browser; each time with a challenge of its own."""
        self.verifier = generate_token(64)
        url, self.state = self.session.create_authorization_url(
            self.places["authorizationUrl"], code_verifier=self.verifier, **more)
        return str(url)

    def take(self, back: requests.Response) -> dict[str, Any]:
        """Tokens for what the browser brought back."""
        token = self.session.fetch_token(self.places["tokenUrl"], authorization_response=back.headers["Location"],
                                         code_verifier=self.verifier, state=self.state)
        self.renewed_at = time.monotonic()
        return dict(token)

    def refresh(self) -> dict[str, Any]:
        token = self.session.refresh_token(self.places["refreshUrl"])
        self.renewed_at = time.monotonic()
        return dict(token)

    @property
    def token(self) -> str:
        """One that is good now."""
        if time.monotonic() - self.renewed_at > RENEW_SECONDS:
            self.refresh()
        return str(self.session.token["access_token"])

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        return requests.request(method, f"{self.gateway}{BASE}{path}", timeout=20, **{
            **more, "headers": {"Authorization": f"Bearer {self.token}", **more.get("headers", {})}})


def brought(back: requests.Response) -> dict[str, str]:
    """The query with which the browser goes back to the app."""
    assert back.status_code == 302, back.text
    return _query_of(back.headers["Location"])


def brought_by_link(page: str) -> dict[str, str]:
    """The query of the one link on a page, which goes back to the app."""
    [address] = re.findall('href="([^"]*)"', page)
    return _query_of(unescape(address))


def _query_of(address: str) -> dict[str, str]:
    assert address.startswith(f"{CALLBACK}?"), address
    return {name: values[-1] for name, values in parse_qs(urlsplit(address).query).items()}


@dataclass(frozen=True)
class Patron:
    """Somebody with a card, before a browser of their own."""

    id: str
    node: str
    card: str
    pin: str
    gateway: str

    def browser(self, url: str) -> Browser:
        """Signed in, at this page."""
        browser = Browser(self.gateway)
        assert browser.sign_in(url, self.node, self.card, self.pin).status_code == 200
        return browser

    def lets_in(self, app: App, but: tuple[str, ...] = ()) -> App:
        url = app.asks()
        app.take(self.browser(url).allow(url, but))
        return app


def with_card(ask: Callable[..., Any], patron: str, node: str, pin: str, gateway: str) -> Patron:
    """The patron with a new card; `ask` is that of their library."""
    card = f"{PREFIX}{uuid.uuid4().int % 10**9:09}"
    ask("POST", f"/v1/patrons/{patron}/cards", {"card": card})
    return Patron(patron, node, card, pin, gateway)
