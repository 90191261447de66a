"""Calls by which a credential gets into a wallet: offers, and the endpoints of OpenID for Verifiable Credential
Issuance 1.0. What wallets ask is refused in that standard's words (`ClaimRefused`), and what was decided by then is
saved: a wrong code counts."""

from typing import Any

import orjson

from contracts.calls import claims as calls
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now
from libranet.collection import Document
from libranet.offhub import off_hub
from services.credentials import views
from services.credentials.domain import (
    claims,
    claims_metadata,
    claims_nonces,
    claims_proofs,
    issuers,
    keys,
    proofs,
    tokens,
)
from services.credentials.domain.claims import Offer
from services.credentials.domain.claims_refusals import ClaimRefused, token_refused
from services.credentials.domain.keys import KeyKeeper
from services.credentials.domain.refusals import OfferUnknown
from services.credentials.issuers import platform_address, published
from services.credentials.life import learners_credential
from services.credentials.oauth import JSON_TYPE, NOT_STORED, bearer, form_of, in_oauth, object_of
from services.credentials.store import CredentialStore


class ClaimCalls:
    """A learner, or their library, offers; whoever has the link and the transaction code takes."""

    keys: KeyKeeper

    @answers(calls.MAKE_OFFER)
    def make_offer(self, request: CallRequest, store: CredentialStore) -> Answer:
        found, asked = learners_credential(request, store), request.body
        formats = (asked["format"],) if "format" in asked else calls.FORMATS
        offer, told = claims.make_offer(found, formats, asked["valid_minutes"], now())
        store.touch([offer.patron])
        store.claims.save_offer(offer)
        address = claims_metadata.offer_address(platform_address(), offer.owner, told.offer)
        return Answer(views.offer(offer, told, address, claims_metadata.link(address)))

    @answers(calls.END_OFFER)
    def end_offer(self, request: CallRequest, store: CredentialStore) -> Answer:
        found = learners_credential(request, store)
        store.claims.end_offer(found["_id"])
        return Answer()

    @answers(calls.LIST_CLAIMS)
    def list_claims(self, request: CallRequest, store: CredentialStore) -> Answer:
        found = learners_credential(request, store)
        offer = store.claims.offer_of(found["_id"])
        shown = views.claims(store.claims.claims_of(found["_id"]), offer if offer and offer.is_open(now()) else None)
        return Answer(shown)

    @answers(calls.GET_ISSUER_METADATA)
    def get_issuer_metadata(self, request: CallRequest, store: CredentialStore) -> Answer:
        issuer, _ = published(request, store, self.keys)
        return views.public(orjson.dumps(claims_metadata.of_issuer(issuer, platform_address())), request, JSON_TYPE)

    @answers(calls.GET_SERVER_METADATA)
    def get_server_metadata(self, request: CallRequest, store: CredentialStore) -> Answer:
        issuer, _ = published(request, store, self.keys)
        metadata = claims_metadata.of_server(platform_address(), issuer.node)
        return views.public(orjson.dumps(metadata), request, JSON_TYPE)

    @answers(calls.GET_OFFER)
    def get_offer(self, request: CallRequest, store: CredentialStore) -> Answer:
        node, code = request.path["node"], claims.code_of(request.path["offer"])
        offer = _open_offer(node, code, store)
        if offer is None:
            raise OfferUnknown("It was taken, taken back or has run out. Make a new one.")
        return Answer(claims_metadata.offer(platform_address(), node, offer.formats, code), headers=NOT_STORED)

    @answers(calls.REQUEST_TOKEN)
    @in_oauth
    def request_token(self, request: CallRequest, store: CredentialStore) -> Answer:
        asked = form_of(request)
        if asked.get("grant_type") != claims_metadata.GRANT:
            raise _grant_unknown(asked)
        if not asked.get("pre-authorized_code") or not asked.get("tx_code"):
            raise ClaimRefused("invalid_request", "Send pre-authorized_code and tx_code: this code needs both.")
        found = _open_offer(request.path["node"], asked["pre-authorized_code"], store)
        if found is None or not claims.is_claimable(store.credential(found.credential), now()):
            raise ClaimRefused("invalid_grant", "The code is wrong, was used or has run out. Ask for a new offer.")
        offer, token = claims.take(found, asked["tx_code"], now())
        store.touch([offer.patron])
        store.claims.save_offer(offer)
        if token is None:
            raise ClaimRefused("invalid_grant", "The transaction code is wrong.")
        granted = {"access_token": token, "token_type": "Bearer", "expires_in": claims.TOKEN_SECONDS}
        return Answer(granted, headers=NOT_STORED, about=offer.patron)

    @answers(calls.REQUEST_NONCE)
    def request_nonce(self, request: CallRequest, store: CredentialStore) -> Answer:
        issuer, _ = published(request, store, self.keys)
        return Answer({"c_nonce": claims_nonces.make(issuer.node, now())}, headers=NOT_STORED)

    @answers(calls.REQUEST_CREDENTIAL)
    @in_oauth
    def request_credential(self, request: CallRequest, store: CredentialStore) -> Answer:
        node, at = request.path["node"], now()
        offer, asked = _authorized(request, store), object_of(request, "invalid_credential_request")
        form = _format_asked(asked)
        taken = claims.with_another_copy(offer, form)
        audience = claims_metadata.identifier(platform_address(), node)
        holder = claims_proofs.holder_of(asked.get("proofs"), audience, node, at)
        credential = store.credential(offer.credential)
        if not claims.is_claimable(credential, at):
            raise ClaimRefused("credential_request_denied", "The credential is suspended, revoked or has expired.")
        if not store.claims.use_nonce(holder.nonce, at):
            raise claims_proofs.nonce_refused()
        unsigned = claims.copy_for(credential, holder.did, at)
        signed = self._signed(credential, unsigned, form)
        claim = claims.claim_of(offer, form, unsigned, at)
        store.touch([offer.patron])
        store.claims.save_offer(taken)
        store.claims.save_claim(claim)
        claimed = claims.claimed(credential, at)
        if claimed is not credential:
            store.save_claimed(claimed, request.cause)
        return Answer({"credentials": [{"credential": signed}], "notification_id": claim["_id"]},
                      headers=NOT_STORED, about=offer.patron)

    @answers(calls.NOTIFY_ISSUER)
    @in_oauth
    def notify_issuer(self, request: CallRequest, store: CredentialStore) -> Answer:
        offer, asked = _authorized(request, store), object_of(request, "invalid_notification_request")
        event, claim_id = asked.get("event"), asked.get("notification_id")
        if event not in claims.NOTIFICATIONS or not isinstance(claim_id, str):
            raise ClaimRefused("invalid_notification_request", "Send notification_id and one of the known events.")
        claim, at = store.claims.find_claim(claim_id), now()
        if claim is None or claim["credential"] != offer.credential:
            raise ClaimRefused("invalid_notification_id", "The access token goes with no such notification_id.")
        if claim["notified"] != event:
            store.touch([offer.patron])
            store.claims.save_claim({**claim, "notified": event, "notified_at": at})
            credential = store.credential(offer.credential)
            activated = claims.activated(credential, event, at)
            if activated is not credential:
                store.save_seen(activated)
        return Answer(headers=NOT_STORED, about=offer.patron)

    def _signed(self, credential: Document, unsigned: Document, form: str) -> Any:
        """The copy as its format has it: an object with two proofs, or an ES256 JWS."""
        node = issuers.node_of(credential)
        key = claims.key_for(credential, self.keys.keys_of(node), self.keys.signing_key(node))
        if form == calls.LDP_VC:
            return proofs.add_proofs(unsigned, key, unsigned["validFrom"])
        wallet_key = off_hub(self.keys.signing_key, node, keys.P256)
        return tokens.sign(unsigned, wallet_key, issuers.method_of(wallet_key, platform_address(), node))


def _open_offer(node: str, code: str, store: CredentialStore) -> Offer | None:
    offer = store.claims.offer_by_code(node, claims.code_hash(code))
    return offer if offer and offer.is_open(now()) else None


def _authorized(request: CallRequest, store: CredentialStore) -> Offer:
    """The offer that the access token was given for."""
    token = bearer(request)
    offer = store.claims.offer_by_token(request.path["node"], claims.token_hash(token)) if token else None
    if offer is None or offer.token_until is None or offer.token_until <= now():
        raise token_refused()
    return offer


def _format_asked(asked: dict[str, Any]) -> str:
    if "credential_identifier" in asked or "credential_response_encryption" in asked:
        raise ClaimRefused("invalid_credential_request",
                           "Name the credential by credential_configuration_id; nothing is encrypted here.")
    if not isinstance(asked.get("credential_configuration_id"), str):
        raise ClaimRefused("invalid_credential_request", "credential_configuration_id is missing.")
    form = claims_metadata.format_of(asked["credential_configuration_id"])
    if form is None:
        raise ClaimRefused("unknown_credential_configuration", "The metadata list no such credential configuration.")
    return form


def _grant_unknown(asked: dict[str, str]) -> ClaimRefused:
    if not asked.get("grant_type"):
        return ClaimRefused("invalid_request", "grant_type is missing.")
    return ClaimRefused("unsupported_grant_type", f"Only {claims_metadata.GRANT} is taken here.")
