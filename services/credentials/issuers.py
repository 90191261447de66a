"""Calls about issuers and their keys, for anyone; and who an issuer is under today's public address."""

import orjson

from contracts.calls import credentials as calls
from libranet import settings
from libranet.calls import Answer, CallRequest, answers
from services.credentials import views
from services.credentials.domain import issuers, vouchers
from services.credentials.domain.endorsing import ISSUER, about
from services.credentials.domain.issuers import Issuer
from services.credentials.domain.keys import KeyKeeper, SigningKey
from services.credentials.domain.refusals import IssuerUnknown
from services.credentials.store import CredentialStore


class IssuerCalls:
    """What is published of every node that has signed something."""

    keys: KeyKeeper

    @answers(calls.GET_ISSUER)
    def get_issuer(self, request: CallRequest, store: CredentialStore) -> Answer:
        issuer, ring = published(request, store, self.keys)
        said = store.endorsements.signed(about(ISSUER, issuer.node))
        document = issuers.profile(issuer, ring, platform_address())
        return views.public(
            orjson.dumps(vouchers.with_endorsements(document, vouchers.shown(document, said))), request,
            "application/json")

    @answers(calls.GET_ISSUER_DID)
    def get_issuer_did(self, request: CallRequest, store: CredentialStore) -> Answer:
        issuer, ring = published(request, store, self.keys)
        document = issuers.did_document(issuer, ring, platform_address())
        return views.public(orjson.dumps(document), request, calls.GET_ISSUER_DID.media_type)

    @answers(calls.GET_ISSUER_KEYS)
    def get_issuer_keys(self, request: CallRequest, store: CredentialStore) -> Answer:
        issuer, ring = published(request, store, self.keys)
        body = orjson.dumps(issuers.jwk_set(ring, platform_address(), issuer.node))
        return views.public(body, request, calls.GET_ISSUER_KEYS.media_type)

    @answers(calls.GET_ISSUER_KEY)
    def get_issuer_key(self, request: CallRequest, store: CredentialStore) -> Answer:
        issuer, ring = published(request, store, self.keys)
        key = next((each for each in ring if each.id == request.path["key"]), None)
        if key is None:
            raise IssuerUnknown("This issuer has no such key. GET /issuers/{node}/jwks.json lists them.")
        document = issuers.key_document(key, issuer.did, platform_address(), issuer.node)
        return views.public(orjson.dumps(document), request, "application/json")


def issuer_of(node: str, store: CredentialStore, keys: KeyKeeper) -> Issuer:
    """The node as an issuer, with a key that is made now where it has none."""
    return issuers.issuer_of(node, name_of(node, store), keys.signing_key(node), platform_address())


def name_of(node: str, store: CredentialStore) -> str:
    """What people call the node."""
    return store.title_of(node) or issuers.name_of(node)


def platform_address() -> str:
    """Where the platform is reached from outside."""
    return settings.get("PUBLIC_URL").rstrip("/")


def published(
    request: CallRequest, store: CredentialStore, keys: KeyKeeper
) -> tuple[Issuer, tuple[SigningKey, ...]]:
    """An issuer that has signed something, and all its keys."""
    node = request.path["node"]
    ring = keys.keys_of(node)
    if not ring:
        raise IssuerUnknown("No issuer of this name has issued here.")
    return issuer_of(node, store, keys), ring
