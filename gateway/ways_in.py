"""Who shows an Authorization header: programs by their keys, people by their sessions, apps by what patrons gave them.

What opens one door opens no other: an app's token counts at the calls for apps alone, and nothing else counts there.
"""

import re
from dataclasses import dataclass

from flask import g, request
from pymongo.errors import PyMongoError

from contracts.principal import Principal
from gateway.auth import Authenticator
from gateway.badge_connect import grants
from gateway.badge_connect.store import GrantStore
from gateway.clients import hash_of
from gateway.rates import Rates
from gateway.refusals import token_needed
from gateway.roles import ACTING_AS, Roles
from gateway.sessions import SessionStore, token_of
from gateway.sessions import sign_in as session_of
from libranet.clock import now
from libranet.problems import ServiceAway

ACCESS_TOKEN = re.compile(r"Bearer +(o_[A-Za-z0-9_-]{43})", re.IGNORECASE)


@dataclass(frozen=True)
class KeysAndSessions:
    """A program by its key, or a person by their session: these share the limits of their network."""

    authenticator: Authenticator
    sessions: SessionStore
    roles: Roles
    rates: Rates

    def __call__(self, authorization: str | None) -> Principal:
        token = token_of(authorization)
        if token is not None:
            principal = session_of(self.sessions, token)
            g.client_id = principal.kind
            self.rates.count_address(request.remote_addr or "")
            return self.roles.acting(principal, request.headers.get(ACTING_AS))
        client = self.authenticator.sign_in(authorization)
        g.client_id = client.id
        self.rates.count_client(client.id, client.node)
        return self.roles.acting(client.principal(), request.headers.get(ACTING_AS))


@dataclass(frozen=True)
class AccessTokens:
    """The patron whom an app's access token stands for, within what they allowed it. It shares the limits of its
    network: what one app asks for must not keep a library's own systems out."""

    grants: GrantStore
    rates: Rates

    def __call__(self, authorization: str | None) -> Principal:
        shown = ACCESS_TOKEN.fullmatch((authorization or "").strip())
        try:
            grant = self.grants.find_by("access", hash_of(shown[1])) if shown else None
        except PyMongoError:
            raise ServiceAway("What the token opens cannot be looked up now; nothing was changed. Try again.") from None
        principal = grants.principal_of(grant, now()) if grant else None
        if grant is None or principal is None:
            raise token_needed(is_shown=authorization is not None)
        g.client_id = grant.app
        self.rates.count_address(request.remote_addr or "")
        return principal
