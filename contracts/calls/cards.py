"""Calls that the profiles service answers about library cards: the connection to a library's system, and sign-in.

The INTERNAL ones are for the gateway and operators' commands; they are not published. A PIN is in bodies only.
"""

from marshmallow import Schema, fields, validate

from contracts.call import Call
from contracts.calls.org import node_id
from contracts.calls.shapes import Strict, TrueOrFalse, line

GATEWAY = "gateway:sign-in"
"""A scope that the gateway alone gives itself; no API client can have it."""
LIBRARIANS = ("cards:write", "nodes:write")
RULES = ("expired", "privileges-denied", "reported-lost", "too-many-overdue", "too-many-claimed-returned",
         "too-many-lost", "recall-overdue")
HOST = validate.Regexp(r"^[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?$",
                       error="Write a host name or an address, without a port.")
LONGEST_SECRET = 200


class CardLogin(Strict):
    """What the library's system knows us by. Kept sealed, never shown again."""

    user = line(LONGEST_SECRET)
    password = line(LONGEST_SECRET)
    terminal_password = line(LONGEST_SECRET)


class CardDialect(Strict):
    """How the system speaks SIP2; the defaults fit most."""

    checksum = TrueOrFalse(load_default=True, metadata={"description": "Error detection: AY and AZ."})
    line_end = fields.String(load_default="cr", validate=validate.OneOf(("cr", "crlf")))
    encoding = fields.String(load_default="utf-8", validate=validate.OneOf(("utf-8", "cp850")))
    zone = fields.String(load_default="blank", validate=validate.OneOf(("blank", "zero", "utc")),
                         metadata={"description": "What stands in the four characters between date and time."})


class SetCardConnection(Strict):
    """A library's own system, by SIP2. Without a login, the one that was set stays."""

    host = fields.String(required=True, validate=[validate.Length(1, 253), HOST])
    port = fields.Integer(required=True, strict=True, validate=validate.Range(1, 65535))
    tls = TrueOrFalse(load_default=True, metadata={
        "description": "False sends cards and PINs in plain text: for a tunnel of your own only."})
    tls_name = fields.String(validate=[validate.Length(1, 253), HOST], metadata={
        "description": "The name on the certificate, where it is not the host."})
    tls_authorities = fields.String(validate=validate.Length(1, 60_000), metadata={
        "description": "Certificates (PEM) to trust instead of the public authorities."})
    login = fields.Nested(CardLogin)
    location = line(LONGEST_SECRET)
    institution = line(LONGEST_SECRET)
    dialect = fields.Nested(CardDialect)
    asks_status = TrueOrFalse(load_default=True)
    patron_message = fields.String(load_default="63", validate=validate.OneOf(("63", "23")))
    ends_session = TrueOrFalse(load_default=True)
    deadline_seconds = fields.Float(load_default=3.0, validate=validate.Range(0.5, 6.0))
    places = fields.Integer(load_default=4, strict=True, validate=validate.Range(1, 32), metadata={
        "description": "How many connections at one time the system allows us."})
    card_prefixes = fields.List(fields.String(validate=validate.Regexp(r"^[!-{}~]{1,20}$")),
                                load_default=list, validate=validate.Length(0, 50), metadata={
        "description": "Only cards that begin so are this library's, where several share one system."})
    bars = fields.List(fields.String(validate=validate.OneOf(RULES)), load_default=lambda: ["expired"],
                       validate=validate.Length(0, len(RULES)), metadata={
        "description": "What keeps a valid card from signing in. Money owed never does."})


class CardConnection(Schema):
    """As it is set, without its secrets."""

    node = fields.String()
    host = fields.String()
    port = fields.Integer()
    tls = fields.Boolean()
    tls_name = fields.String()
    tls_authorities = fields.String()
    has_login = fields.Boolean()
    location = fields.String()
    institution = fields.String()
    dialect = fields.Dict()
    asks_status = fields.Boolean()
    patron_message = fields.String()
    ends_session = fields.Boolean()
    deadline_seconds = fields.Float()
    places = fields.Integer()
    card_prefixes = fields.List(fields.String())
    bars = fields.List(fields.String())
    changed_at = fields.AwareDateTime()
    networks = fields.List(fields.String(), metadata={
        "description": "Networks beyond the public internet that the operator allows."})


class TestCardConnection(Strict):
    """Without a card as far as the status goes; with one, its PIN too."""

    card = line(100)
    pin = line(100)


class CardStep(Schema):
    """One step, redacted: no card, PIN, name or secret."""

    name = fields.String()
    outcome = fields.String(validate=validate.OneOf(("ok", "failed", "skipped")))
    note = fields.String()
    sent = fields.String()
    got = fields.String()
    milliseconds = fields.Float()


class CardTest(Schema):
    """How far a test of the connection came."""

    node = fields.String()
    works = fields.Boolean()
    steps = fields.List(fields.Nested(CardStep))


class LinkCard(Strict):
    """The number of a card that was reissued."""

    card = line(100, required=True)


class LinkedCards(Schema):
    patron = fields.UUID()
    cards = fields.Integer(metadata={"description": "How many cards lead to this patron."})


class SignInByCard(Strict):
    """`crowded`: too many tries failed at the caller's address, so only cards that were here before are tried."""

    node = node_id()
    card = line(200, required=True)
    pin = fields.String(required=True, validate=validate.Length(0, 200))
    crowded = TrueOrFalse(load_default=False)


class SignInByAccount(Strict):
    """Somebody whom the library's identity provider has named."""

    node = node_id()
    issuer = fields.String(required=True, validate=validate.Length(1, 500))
    subject = fields.String(required=True, validate=validate.Length(1, 500))


class SignedIn(Schema):
    patron = fields.UUID()
    node = fields.String()
    registered = fields.Boolean()


class SignInPlace(Schema):
    """A library or branch where people belong; `cards` says whether its cards are checked here."""

    node = fields.String()
    name = fields.String()
    cards = fields.Boolean()


class SignInPlaces(Schema):
    places = fields.List(fields.Nested(SignInPlace))


class CardNetwork(Strict):
    """A network in CIDR form."""

    network = fields.String(required=True, validate=validate.Length(1, 50))
    allowed = TrueOrFalse(required=True)


class CardNetworks(Schema):
    networks = fields.List(fields.String())


CARD_TEST_PATH = "/nodes/<node>/card-connection/test"
"""The page on which people test it."""
CONNECTION = "/v1/nodes/<node>/card-connection"
SET_CARD_CONNECTION = Call(
    name="set_card_connection", service="profiles", method="PUT", path=CONNECTION, body=SetCardConnection,
    answer=CardConnection, allows=LIBRARIANS, summary="Connect a library's own system, which checks cards",
    keyed=False)
GET_CARD_CONNECTION = Call(
    name="get_card_connection", service="profiles", method="GET", path=CONNECTION, answer=CardConnection,
    allows=LIBRARIANS, summary="See how a library's own system is connected; secrets are never shown")
REMOVE_CARD_CONNECTION = Call(
    name="remove_card_connection", service="profiles", method="DELETE", path=CONNECTION, allows=LIBRARIANS,
    status=204, summary="Take a library's system away; nobody signs in by card then", keyed=False)
TEST_CARD_CONNECTION = Call(
    name="test_card_connection", service="profiles", method="POST", path=f"{CONNECTION}/tests",
    body=TestCardConnection, answer=CardTest, allows=LIBRARIANS, keyed=False,
    summary="Test the connection step by step, redacted")
LINK_CARD = Call(
    name="link_card", service="profiles", method="POST", path="/v1/patrons/<patron>/cards", person="patron",
    status=201, body=LinkCard, answer=LinkedCards, allows=("patrons:write",),
    summary="Link a reissued card to its patron; only a keyed hash of the number is kept")
CALLS = (SET_CARD_CONNECTION, GET_CARD_CONNECTION, REMOVE_CARD_CONNECTION, TEST_CARD_CONNECTION, LINK_CARD)

SIGN_IN_BY_CARD = Call(
    name="sign_in_by_card", service="profiles", method="POST", path="/internal/sign-in-by-card", body=SignInByCard,
    answer=SignedIn, allows=(GATEWAY,), summary="Whom a card and its PIN name", keyed=False)
SIGN_IN_BY_ACCOUNT = Call(
    name="sign_in_by_account", service="profiles", method="POST", path="/internal/sign-in-by-account",
    body=SignInByAccount, answer=SignedIn, allows=(GATEWAY,), summary="Whom an identity provider's subject names",
    keyed=False)
LIST_SIGN_IN_PLACES = Call(
    name="list_sign_in_places", service="profiles", method="GET", path="/internal/sign-in-places", answer=SignInPlaces,
    allows=(GATEWAY,), summary="Where people can belong, and which of these take cards")
ALLOW_CARD_NETWORK = Call(
    name="allow_card_network", service="profiles", method="PUT", path="/internal/card-networks/<node>",
    body=CardNetwork, answer=CardNetworks, allows=("networks:write",), keyed=False,
    summary="Let a library's card connection reach a network that is not public (operators)")
INTERNAL = (SIGN_IN_BY_CARD, SIGN_IN_BY_ACCOUNT, LIST_SIGN_IN_PLACES, ALLOW_CARD_NETWORK)
