"""Calls about a credential's public face: sharing it, and what anybody gets at its address, in every form."""

import orjson

from contracts.calls import credentials as calls
from contracts.calls.claims import GET_CREDENTIAL_FILE
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now
from libranet.collection import Document
from libranet.offhub import off_hub
from services.credentials import views
from services.credentials.domain import baking, drawing, issuers, issuing, keys, life, qr, tokens
from services.credentials.domain.drawing import Label
from services.credentials.domain.keys import KeyKeeper
from services.credentials.domain.pictures import name_in
from services.credentials.issuers import platform_address
from services.credentials.life import learners_credential, own_credential, shared_credential
from services.credentials.store import CredentialStore

KIND_OF_FORM = {views.JWS: keys.RSA, views.JWT_VC_JSON: keys.P256}
IN_PICTURES = {views.PNG: views.JSON_LD, views.SVG: views.JSON_LD, views.PNG_JWS: views.JWS, views.SVG_JWS: views.JWS}
"""The form of the credential in a picture."""


class SharingCalls:
    """What a learner shows to others."""

    keys: KeyKeeper

    @answers(calls.SHARE_CREDENTIAL)
    def share_credential(self, request: CallRequest, store: CredentialStore) -> Answer:
        found = own_credential(request, store)
        shared = issuing.share(found, now())
        if shared is not found:
            store.touch([found["patron"]])
            store.save_shared(shared, request.cause)
        return Answer(views.credential(shared, now()), about=shared["patron"])

    @answers(calls.GET_PUBLIC_CREDENTIAL)
    def get_public_credential(self, request: CallRequest, store: CredentialStore) -> Answer:
        found = shared_credential(request.path["public_id"], store)
        form, media_type = views.form_asked(request.query.get("form"), request.headers.get("Accept"))
        headers = {views.STATUS_HEADER: life.status_at(found, now()), "Vary": "Accept"}
        return views.public(self._in_form(found, form, store), request, media_type, headers=headers)

    @answers(GET_CREDENTIAL_FILE)
    def get_credential_file(self, request: CallRequest, store: CredentialStore) -> Answer:
        found, form = learners_credential(request, store), request.query["form"]
        return views.file(self._in_form(found, form, store), found, form, now())

    def _in_form(self, credential: Document, form: str, store: CredentialStore) -> bytes:
        if form in IN_PICTURES:
            text = self._in_form(credential, IN_PICTURES[form], store).decode()
            return off_hub(baking.bake, _picture(credential, views.TYPE_OF_FORM[form], store), text)
        if form == views.JSON_LD:
            return str(credential["document"]).encode()
        if form == views.QR:
            return off_hub(qr.svg, credential["public_url"], credential["achievement_name"])
        return token_of(credential, form, self.keys)


def token_of(credential: Document, form: str, keeper: KeyKeeper) -> bytes:
    """The credential, or record, as JWS, signed with the key of today."""
    node, address = issuers.node_of(credential), platform_address()
    key = off_hub(keeper.signing_key, node, KIND_OF_FORM[form])  # the first RSA key of a node takes 0.1 s
    name = issuers.key_address if form == views.JWS else issuers.method_of
    return tokens.sign(orjson.loads(credential["document"]), key, name(key, address, node)).encode()


def _picture(credential: Document, media_type: str, store: CredentialStore) -> bytes:
    """The one that the credential names if it is of this type; else one that is drawn."""
    document = orjson.loads(credential["document"])
    achievement = document["credentialSubject"]["achievement"]
    named = store.pictures.find(credential["achievement"], name_in(achievement.get("image", {}).get("id", "")))
    if named is not None and named.media_type == media_type:
        return named.content
    label = Label(achievement["name"], document["issuer"]["name"], credential["kind"])
    return off_hub(drawing.png_of if media_type == baking.PNG else drawing.svg, label)
