"""Wires the gateway together; nothing else does. `application` is what gunicorn serves.

Settings: `MONGO_URI`, `PRINCIPAL_PRIVATE_KEY`, `<SERVICE>_URL`, `PUBLIC_URL`, `SIGN_IN_KEK`, `RATE_…`, `SESSION_…`,
`PLATFORM_NAME`, `PRIVACY_POLICY_URL`, `TERMS_OF_SERVICE_URL`, `GATEWAY_DEADLINE_SECONDS`, `GATEWAY_CALLS_PER_SERVICE`,
`GATEWAY_PROXIES` (how many proxies in front are trusted to name the caller's address).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from joserfc.jwk import OKPKey
from werkzeug.middleware.proxy_fix import ProxyFix

from gateway import failures, figures, hardening, leftovers, openapi, pages, principals, services, store, tracing
from gateway.auth import Authenticator
from gateway.badge_connect.description import Publisher
from gateway.badge_connect.server import AppServer
from gateway.badge_connect.store import AppStore, GrantStore
from gateway.cookies import Cookies
from gateway.deliveries.feed import Feed
from gateway.deliveries.subscription_store import SubscriptionStore
from gateway.guard import Guard
from gateway.inside import Inside
from gateway.pages import authorize, card_test, verify
from gateway.pages import sign_in as sign_in_pages
from gateway.passage import Passage
from gateway.principals import Signer
from gateway.query import read_once
from gateway.rates import Rates, RateSettings
from gateway.roles import Roles, RoleStore
from gateway.routes import (
    badge_connect,
    calls,
    collected,
    events,
    first_visit,
    meta,
    sign_in,
    subscriptions,
    wallets,
)
from gateway.routes.publish import published
from gateway.services import Services
from gateway.sessions import SessionSettings, SessionStore
from gateway.sign_in.providers import ProviderStore
from gateway.store import ClientStore
from gateway.ways_in import AccessTokens, KeysAndSessions
from libranet import settings, spans


@dataclass(frozen=True)
class Parts:
    """What the gateway works with; tests bring their own."""

    clients: ClientStore
    sessions: SessionStore
    roles: RoleStore
    subscriptions: SubscriptionStore
    providers: ProviderStore
    apps: AppStore
    grants: GrantStore
    feed: Feed
    services: Services
    private_key: Callable[[], OKPKey]
    rates: RateSettings = field(default_factory=RateSettings)
    proxies: int = 0
    publisher: Publisher = field(default_factory=lambda: Publisher("http://localhost"))


def create_app(parts: Parts) -> Flask:
    """The gateway as a WSGI application. Touches neither the network nor the environment."""
    app = Flask("gateway", static_folder=None, template_folder="pages")
    app.url_map.merge_slashes = False
    rates, cookies = Rates(parts.rates), Cookies(parts.publisher.base)
    way_in = KeysAndSessions(Authenticator(parts.clients), parts.sessions, Roles(parts.roles), rates)
    guard = Guard(way_in, rates, cookies)
    passage = Passage(parts.services, Signer(parts.private_key))
    inside = Inside(passage)
    sign_ins = sign_in.SignIns(parts.sessions, parts.providers, inside, rates, cookies)
    for part in (tracing, figures, hardening, leftovers, failures):
        part.install(app)
    calls.install(app, guard, passage, first_visit.COMPOSED)
    first_visit.install(app, guard, passage, parts.sessions, rates)
    collected.install(app, guard, passage, parts.apps)
    wallets.install(app, guard, passage, rates)
    sign_in.install(app, guard, sign_ins)
    app_server = AppServer(parts.apps, parts.grants, cookies.base, inside)
    apps_guard = Guard(AccessTokens(parts.grants, rates), rates, cookies)
    badge_connect.install(app, guard, apps_guard, passage, rates, app_server)
    authorize.install(app, guard, authorize.Consents(app_server, sign_ins, parts.sessions, cookies))
    subscriptions.install(app, guard, parts.subscriptions)
    events.install(app, guard, parts.subscriptions, parts.feed)
    described = openapi.Described(lambda: published(app).values())
    meta.install(app, guard, described.json)
    badge_connect.install_description(app, guard, described.document, parts.publisher)
    pages.install(app, guard, described.document)
    sign_in_pages.install(app, guard, sign_ins)
    card_test.install(app, guard, inside)
    verify.install(app, guard, inside)
    meta.install_probes(app, parts.clients, parts.services, parts.private_key)
    app.wsgi_app = read_once(app.wsgi_app)  # type: ignore[method-assign]
    if parts.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=parts.proxies, x_proto=0)  # type: ignore[method-assign]
    return app


def parts_from_environment() -> Parts:
    """The real parts. Raises SettingMissing; waits for nothing."""
    principals.private_key()
    database = store.connect()
    return Parts(
        clients=ClientStore(database), subscriptions=SubscriptionStore(database), feed=Feed(database),
        roles=RoleStore(database), sessions=SessionStore(database, SessionSettings.from_environment()),
        private_key=principals.private_key, rates=RateSettings.from_environment(),
        services=Services(services.urls_from_environment(), settings.number("GATEWAY_DEADLINE_SECONDS", 8),
                          settings.number("GATEWAY_CALLS_PER_SERVICE", 16)),
        proxies=settings.number("GATEWAY_PROXIES", 0), providers=ProviderStore(database), apps=AppStore(database),
        grants=GrantStore(database), publisher=Publisher.from_environment())


def __getattr__(name: str) -> Any:
    """`application` is made when gunicorn asks for it, after its fork; importing this module asks for no setting."""
    if name != "application":
        raise AttributeError(name)
    spans.begin("gateway")
    return create_app(parts_from_environment())
