"""What a patron allows an app: a code that is good once, then an access token for an hour and, where the app asked for
it, a refresh token that is replaced each time it is used. All are random and kept as hashes. Pure: no database.

A code or refresh token that is shown a second time was seen by somebody else: whoever finds that ends the grant.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, TokenMixin

from contracts.principal import Principal
from gateway.badge_connect.apps import App
from gateway.clients import hash_of
from libranet.ids import new_id

CODE_LIFE = timedelta(minutes=10)
"""As the standard recommends (Open Badges 3.0, 7.1.2)."""
ACCESS_LIFE = timedelta(hours=1)
REFRESH_LIFE = timedelta(days=30)
"""Shorter than an erased patron's tombstone stands, which is asked each time."""
SPENT_KEPT = 50
"""Refresh tokens that were used, so that one is known when it comes again."""
CODE, ACCESS, REFRESH = "c_", "o_", "r_"


@dataclass(frozen=True)
class Grant(AuthorizationCodeMixin, TokenMixin):
    """One patron's yes to one app. It is over at `expires_at`. `revision` counts its states."""

    id: str
    app: str
    patron: str
    node: str
    scopes: tuple[str, ...]
    code: str
    redirect_uri: str
    code_challenge: str
    granted_at: datetime
    expires_at: datetime
    access: str | None = None
    access_until: datetime | None = None
    access_scopes: tuple[str, ...] = ()
    refresh: str | None = None
    spent: tuple[str, ...] = ()
    revision: int = 1

    code_challenge_method = "S256"

    @property
    def is_redeemed(self) -> bool:
        """Whether its code was used."""
        return self.access is not None

    def is_over(self, at: datetime) -> bool:
        return self.expires_at <= at

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return " ".join(self.scopes)

    def check_client(self, client: App) -> bool:
        return client.id == self.app


def new_token(kind: str) -> str:
    """A code or token with 256 random bits; `kind` is CODE, ACCESS or REFRESH."""
    return kind + secrets.token_urlsafe(32)


def begin(app: App, patron: Principal, scopes: tuple[str, ...], code: str, redirect_uri: str, challenge: str,
          at: datetime) -> Grant:
    """What the patron has just allowed; until its code is used, it opens nothing."""
    return Grant(new_id(), app.id, patron.actor, patron.node, scopes, hash_of(code), redirect_uri, challenge, at,
                 at + CODE_LIFE)


def opened(grant: Grant, access: str, refresh: str | None, scope: str, at: datetime) -> Grant:
    """The grant with new tokens; those before are worth nothing."""
    until = at + ACCESS_LIFE
    spent = (*grant.spent, grant.refresh)[-SPENT_KEPT:] if grant.refresh else grant.spent
    return replace(
        grant, access=hash_of(access), access_until=until, access_scopes=tuple(scope.split()),
        refresh=hash_of(refresh) if refresh else None, spent=spent,
        expires_at=at + REFRESH_LIFE if refresh else until, revision=grant.revision + 1)


def giver_of(grant: Grant) -> Principal:
    """The patron whose yes it is, for whom the app acts; without any scope."""
    return Principal(actor=grant.patron, kind="patron", node=grant.node, app=grant.app)


def principal_of(grant: Grant, at: datetime) -> Principal | None:
    """Who acts by the access token: the patron, within what they allowed; None once its hour is over."""
    if grant.access_until is None or grant.access_until <= at or grant.is_over(at):
        return None
    return replace(giver_of(grant), scopes=grant.access_scopes)
