"""`python -m gateway.describe` writes contracts/openapi.json from the routes of the app."""

from typing import cast

from gateway.app import Parts, create_app
from gateway.badge_connect.store import AppStore, GrantStore
from gateway.deliveries.feed import Feed
from gateway.deliveries.subscription_store import SubscriptionStore
from gateway.openapi import COPY, document, text
from gateway.principals import private_key
from gateway.roles import RoleStore
from gateway.routes.publish import published
from gateway.services import Services
from gateway.sessions import SessionStore
from gateway.sign_in.providers import ProviderStore
from gateway.store import ClientStore


def described() -> str:
    """The description as it is committed. No part is used, so none has to be there."""
    app = create_app(Parts(clients=cast(ClientStore, None), sessions=cast(SessionStore, None),
                           roles=cast(RoleStore, None), subscriptions=cast(SubscriptionStore, None),
                           feed=cast(Feed, None), providers=cast(ProviderStore, None), services=Services({}),
                           private_key=private_key, apps=cast(AppStore, None), grants=cast(GrantStore, None)))
    return text(document(published(app).values()))


if __name__ == "__main__":
    COPY.write_text(described(), encoding="utf-8")
