"""Calls that the gateway answers itself: signing in by card, signing out, and a library's own identity provider."""

from marshmallow import Schema, ValidationError, fields, validate

from contracts.call import PUBLIC, Call
from contracts.calls.cards import LIBRARIANS
from contracts.calls.org import node_id
from contracts.calls.people import Session
from contracts.calls.shapes import Strict, line

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
"""Signatures with a public key. Nothing that a client's own secret could sign (HS256), and never `none`."""


def an_issuer(value: str) -> None:
    """OpenID Connect Discovery 1.0, 3: no query and no fragment."""
    if "?" in value or "#" in value:
        raise ValidationError("An issuer has no query and no fragment.")


class SignIn(Strict):
    """`node` is the library or branch that the card is of."""

    node = node_id()
    card = line(200, required=True)
    pin = fields.String(required=True, validate=validate.Length(1, 200))


class PatronSession(Session):
    """The session, and whose it is: somebody who signs in does not know it yet."""

    patron = fields.UUID()
    node = fields.String()


class SetSignInProvider(Strict):
    """An OpenID Connect provider. Without a `client_secret`, the one that was set stays."""

    issuer = fields.Url(required=True, schemes={"http", "https"}, require_tld=False,
                        validate=[validate.Length(1, 500), an_issuer])
    client_id = line(500, required=True)
    client_secret = line(500)
    client_auth = fields.String(load_default="client_secret_basic", validate=validate.OneOf(
        ("client_secret_basic", "client_secret_post", "none")))
    scopes = fields.List(fields.String(validate=validate.Regexp(r"^[!#-\[\]-~]{1,100}$")),
                         load_default=list, validate=validate.Length(0, 20), metadata={
                             "description": "What is asked for besides openid, which makes it a sign-in."})
    subject_claim = fields.String(
        load_default="sub", validate=validate.Regexp(r"^[A-Za-z0-9_.:/-]{1,200}$"), metadata={
            "description": "Which claim of the ID token names the person: a stable one, never given to another."})
    algorithms = fields.List(fields.String(validate=validate.OneOf(ALGORITHMS)),
                             load_default=lambda: ["RS256", "ES256"], validate=validate.Length(1, len(ALGORITHMS)))


class SignInProvider(Schema):
    """As it is set, without its secret."""

    node = fields.String()
    issuer = fields.String()
    client_id = fields.String()
    has_secret = fields.Boolean()
    client_auth = fields.String()
    scopes = fields.List(fields.String())
    subject_claim = fields.String()
    algorithms = fields.List(fields.String())
    redirect_uri = fields.String(metadata={"description": "Register this address with the provider."})
    start_uri = fields.String(metadata={"description": "Send people here to sign in; `return_to` is where they go on."})


PROVIDER = "/v1/nodes/<node>/sign-in-provider"
START_PATH, CALLBACK_PATH = "/v1/sign-in/<node>/start", "/v1/sign-in/<node>/callback"
SIGN_IN = Call(
    name="sign_in", service="gateway", method="POST", path="/v1/sessions", status=201, body=SignIn,
    answer=PatronSession, allows=(PUBLIC,), summary="Sign in with a library card and its PIN", keyed=False,
    refused=(403, 404, 503),
    description="An unknown card and a wrong PIN are answered alike. The first sign-in of a card registers a patron.")
SET_PROVIDER = Call(
    name="set_sign_in_provider", service="gateway", method="PUT", path=PROVIDER, body=SetSignInProvider,
    answer=SignInProvider, allows=LIBRARIANS, keyed=False,
    summary="Connect a library's identity provider (OpenID Connect)")
GET_PROVIDER = Call(
    name="get_sign_in_provider", service="gateway", method="GET", path=PROVIDER, answer=SignInProvider,
    allows=LIBRARIANS, summary="See a library's identity provider; its secret is never shown")
REMOVE_PROVIDER = Call(
    name="remove_sign_in_provider", service="gateway", method="DELETE", path=PROVIDER, status=204,
    allows=LIBRARIANS, summary="Take a library's identity provider away", keyed=False)
CALLS = (SIGN_IN, SET_PROVIDER, GET_PROVIDER, REMOVE_PROVIDER)

# walked through by browsers, so no part of the description for programs
START_SIGN_IN = Call(
    name="start_sign_in", service="gateway", method="GET", path=START_PATH, allows=(PUBLIC,), media_type="text/html",
    summary="Send a person to their library's identity provider")
FINISH_SIGN_IN = Call(
    name="finish_sign_in", service="gateway", method="GET", path=CALLBACK_PATH, allows=(PUBLIC,),
    summary="Take a person back from their library's identity provider", media_type="text/html")
