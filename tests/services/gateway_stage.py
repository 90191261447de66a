"""The gateway with what it needs, on the loopback address: a service that says what a test wants, clients in memory."""

import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from flask.testing import FlaskClient
from joserfc.jwk import OKPKey
from pymongo.errors import ServerSelectionTimeoutError

from contracts.principal import HEADER, Principal, Verifier
from gateway.app import Parts, create_app
from gateway.auth import Authenticator
from gateway.badge_connect.apps import App
from gateway.badge_connect.grants import Grant
from gateway.clients import SCOPES_OF_KIND, ApiClient, Key, hash_of, new_client_id, new_secret
from gateway.cookies import Cookies
from gateway.guard import Guard
from gateway.rates import Rates, RateSettings
from gateway.roles import Held, Roles
from gateway.services import NAMES, Services
from gateway.sessions import PREFIX, SECRET_BYTES, Session
from gateway.sign_in.providers import Provider, ProviderUnknown
from gateway.ways_in import KeysAndSessions
from libranet.clock import now
from libranet.collection import Document

PRIVATE_KEY = OKPKey.generate_key("Ed25519")
VERIFIER = Verifier([OKPKey.import_key(PRIVATE_KEY.as_pem(private=False))])
DEADLINE_SECONDS = 20


class MemoryClients:
    """Stands in for gateway.store.ClientStore."""

    def __init__(self) -> None:
        self.rows: dict[str, ApiClient] = {}
        self.used: list[str] = []
        self.away = False

    def find(self, client_id: str) -> ApiClient | None:
        self.ping()
        return self.rows.get(client_id)

    def note_use(self, client_id: str, _key: Key) -> None:
        self.ping()
        self.used.append(client_id)

    def ping(self) -> None:
        if self.away:
            raise ServerSelectionTimeoutError("the database is away")

    def invite(self, kind: str = "library", node: str = "demo.riverside", keys: int = 1) -> list[str]:
        """A new client; its keys as `<id>.<secret>`."""
        secrets = [new_secret() for _ in range(keys)]
        client = ApiClient(new_client_id(), node, kind, "A client", SCOPES_OF_KIND[kind],
                           tuple(Key(hash_of(each), now()) for each in secrets))
        self.rows[client.id] = client
        return [f"{client.id}.{each}" for each in secrets]


class MemorySessions:
    """Stands in for gateway.sessions.SessionStore."""

    def __init__(self) -> None:
        self.rows: dict[str, Principal] = {}
        self.away = False

    def begin(self, kind: str, actor: str, node: str, scopes: tuple[str, ...] = ()) -> Session:
        if self.away:
            raise ServerSelectionTimeoutError("the database is away")
        token = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
        self.rows[token] = Principal(actor=actor, kind=kind, node=node, scopes=scopes)
        return Session(token, now() + timedelta(hours=12), timedelta(minutes=30))

    def find(self, token: str) -> Principal | None:
        if self.away:
            raise ServerSelectionTimeoutError("the database is away")
        return self.rows.get(token)

    def end(self, token: str) -> None:
        self.rows.pop(token, None)

    def end_all(self, actor: str) -> None:
        self.rows = {token: each for token, each in self.rows.items() if each.actor != actor}


class MemoryRoles:
    """Stands in for gateway.roles.RoleStore."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[Held, ...]] = {}
        self.away = False

    def held_by(self, holder: str) -> tuple[Held, ...]:
        if self.away:
            raise ServerSelectionTimeoutError("the database is away")
        return self.rows.get(holder, ())


class MemoryProviders:
    """Stands in for gateway.sign_in.providers.ProviderStore."""

    def __init__(self) -> None:
        self.rows: dict[str, Provider] = {}
        self.networks: tuple[Any, ...] = ()

    def get(self, node: str) -> Provider:
        if node not in self.rows:
            raise ProviderUnknown("This library has no sign-in provider here.")
        return self.rows[node]

    def nodes(self) -> set[str]:
        return set(self.rows)

    def save(self, provider: Provider) -> None:
        self.rows[provider.node] = provider

    def remove(self, node: str) -> None:
        self.rows.pop(node, None)

    def networks_of(self, _node: str) -> tuple[Any, ...]:
        return self.networks


class MemoryApps:
    """Stands in for gateway.badge_connect.store.AppStore."""

    def __init__(self) -> None:
        self.rows: dict[str, App] = {}

    def add(self, app: App) -> None:
        self.rows[app.id] = app

    def find(self, app_id: str) -> App | None:
        return self.rows.get(app_id)

    def note_use(self, app: App, at: datetime) -> None:
        pass


class MemoryGrants:
    """Stands in for gateway.badge_connect.store.GrantStore."""

    def __init__(self) -> None:
        self.rows: dict[str, Grant] = {}
        self.erased: set[str] = set()
        self.touches: list[Document] = []

    def add(self, grant: Grant, touch: Document) -> None:
        self.rows[grant.id] = grant
        self.touches.append(touch)

    def find_by(self, member: str, value: str) -> Grant | None:
        return next((each for each in self.rows.values()
                     if value == getattr(each, member) or (member == "spent" and value in each.spent)), None)

    def replace(self, before: Grant, after: Grant) -> bool:
        if self.rows.get(before.id) != before:
            return False
        self.rows[before.id] = after
        return True

    def end(self, grant: Grant, touch: Document) -> None:
        if self.rows.pop(grant.id, None):
            self.touches.append(touch)

    def end_earlier(self, grant: Grant) -> None:
        self.rows = {each.id: each for each in self.rows.values()
                     if each.id == grant.id or (each.patron, each.app) != (grant.patron, grant.app)
                     or each.granted_at > grant.granted_at}

    def is_erased(self, patron: str) -> bool:
        return patron in self.erased


@dataclass
class Heard:
    """What a service got."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def principal(self) -> Principal:
        """Who asked, by the gateway's signature."""
        return VERIFIER.verify(self.headers[HEADER])


@dataclass
class Said:
    """What a service answers; `before` runs first, and may sleep, or break the connection by raising."""

    status: int = 200
    body: bytes = b'{"items": [], "next": null}'
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    before: Callable[[], None] = lambda: None


class FakeService:
    """Listens on a free port. Answers with the Said of `script`, in turn, the last one for ever."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.script: list[Said] = [Said()]
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                service.heard.append(Heard(self.command, self.path, dict(self.headers), body))
                said = service.script.pop(0) if len(service.script) > 1 else service.script[0]
                try:
                    said.before()
                except ConnectionError:
                    self.close_connection = True
                    return
                self.send_response(said.status)
                for name, value in {**said.headers, "Content-Length": str(len(said.body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                with suppress(OSError):
                    self.wfile.write(said.body)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Stage:
    """A gateway before one fake service that stands for all."""

    clients: MemoryClients
    sessions: MemorySessions
    roles: MemoryRoles
    providers: MemoryProviders
    apps: MemoryApps
    grants: MemoryGrants
    service: FakeService
    http: FlaskClient

    def ask(self, method: str, path: str, key: str | None = None, body: Any = None, **more: Any) -> Any:
        """One request with a Bearer key; a body that is not bytes goes as JSON."""
        headers = {**({"Authorization": f"Bearer {key}"} if key else {}), **more.pop("headers", {})}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        return self.http.open(path, method=method, headers=headers, data=body, **more)


def a_guard(clients: MemoryClients) -> Guard:
    """A door with these clients and nobody signed in."""
    rates = Rates(RateSettings())
    way_in = KeysAndSessions(Authenticator(clients), MemorySessions(), Roles(MemoryRoles()), rates)  # type: ignore[arg-type]
    return Guard(way_in, rates, Cookies("http://localhost"))


@contextmanager
def staged(urls: dict[str, str] | None = None, rates: RateSettings | None = None, places: int = 4,
           subscriptions: Any = None, deadline_seconds: float = DEADLINE_SECONDS) -> Iterator[Stage]:
    """A stage; `urls` replaces where single services listen."""
    service, clients, sessions = FakeService(), MemoryClients(), MemorySessions()
    roles, providers, apps, grants = MemoryRoles(), MemoryProviders(), MemoryApps(), MemoryGrants()
    where = {**dict.fromkeys(NAMES, service.url), **(urls or {})}
    app = create_app(Parts(
        clients=clients, sessions=sessions, roles=roles, providers=providers, subscriptions=subscriptions,  # type: ignore[arg-type]
        apps=apps, grants=grants,  # type: ignore[arg-type]
        feed=None, services=Services(where, deadline_seconds, places),  # type: ignore[arg-type]
        private_key=lambda: PRIVATE_KEY, rates=rates or RateSettings()))
    try:
        yield Stage(clients, sessions, roles, providers, apps, grants, service, app.test_client())
    finally:
        service.stop()
