"""Sessions of patrons: by library card, or at their library's own identity provider. Nothing here logs a card, a PIN or
a subject."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, Response, request

from contracts.call import Call
from contracts.calls import cards, sign_in
from gateway.bulkhead import Bulkhead, NoRoom
from gateway.cookies import FLOW, SESSION, Cookies
from gateway.guard import SIGNED_IN, Asked, Guard
from gateway.inside import Inside, Relayed
from gateway.rates import Rates
from gateway.routes.answers import json_of, or_away
from gateway.routes.publish import publish
from gateway.sessions import PERSON_SCOPES, Session, SessionStore, token_of
from gateway.sign_in.fetching import Fetcher
from gateway.sign_in.flow import FLOW_SECONDS, Flow, OpenIdConnect, opened, safe_path
from gateway.sign_in.provider_keys import Discovery
from gateway.sign_in.providers import Provider, ProviderStore, ProviderUnknown
from libranet.problems import NotFound, ServiceAway

SIGN_OUT = Call(
    name="sign_out", service="gateway", method="DELETE", path="/v1/sessions/current", status=204, allows=(SIGNED_IN,),
    summary="Sign out: end the session that is used for this call", keyed=False)
PLACES = 8
"""Sign-ins at one time by card, and as many at providers: one that hangs must not hold the gateway's threads."""
AT_ONE_PROVIDER = 4
"""Of those places: one library's provider that hangs leaves the others theirs."""
NOT_ACCEPTED = "card-not-accepted"
CROWDED = "too-many-attempts"
AFTER_SIGN_IN = "/v1/me"


class SignIns:
    """The answers. Threads share it."""

    def __init__(self, sessions: SessionStore, providers: ProviderStore, inside: Inside, rates: Rates,
                 cookies: Cookies) -> None:
        self._sessions = sessions
        self._providers = providers
        self._inside = inside
        self._rates = rates
        self._cookies = cookies
        self._at_systems = Bulkhead(PLACES)
        self._at_providers = Bulkhead(PLACES)
        self._at_one: dict[str, Bulkhead] = {}
        self._discovery = Discovery()

    # by card

    def by_card(self, asked: Asked) -> Response:
        session, who = self.enter_by_card(asked.body)
        return json_of({**session.shown, "patron": who["patron"], "node": who["node"]}, 201)

    def enter_by_card(self, said: dict[str, Any]) -> tuple[Session, dict[str, Any]]:
        """A new session, and whose. A failure counts for the caller's address, which may be that of a whole branch: see
        Rates.is_crowded."""
        address = request.remote_addr or ""
        body = {**said, "crowded": self._rates.is_crowded(address)}
        try:
            with place_in(self._at_systems):
                who = self._inside.ask(cards.SIGN_IN_BY_CARD, body, said["node"])
        except Relayed as refusal:
            if refusal.slug in (NOT_ACCEPTED, CROWDED):
                self._rates.note_card_failure(address)
            raise
        return self._begin(who["patron"], who["node"]), who

    def places(self) -> list[dict[str, Any]]:
        """Libraries and branches by name, with `cards` and `provider`: how their people sign in here."""
        known = self._inside.ask(cards.LIST_SIGN_IN_PLACES, {}, "")["places"]
        with_provider = self._providers.nodes()
        found = [{**each, "provider": each["node"] in with_provider} for each in known]
        return sorted((each for each in found if each["cards"] or each["provider"]), key=lambda each: str(each["name"]))

    def sign_out(self, _: Asked) -> Response:
        """Ends the session, wherever its token was; a key of a program stays what it is."""
        for token in self._tokens():
            self._sessions.end(token)
        response = Response(status=204)
        response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        self._cookies.drop(response, SESSION)
        return response

    def _begin(self, patron: str, node: str) -> Session:
        """A new session; one that was used so far ends, so that nobody who knew it is signed in as well."""
        for token in self._tokens():
            self._sessions.end(token)
        return self._sessions.begin("patron", patron, node, PERSON_SCOPES)

    def _tokens(self) -> list[str]:
        found = (token_of(request.headers.get("Authorization")), self._cookies.find(request.cookies, SESSION))
        return [token for token in found if token]

    # at an identity provider

    def start(self, asked: Asked) -> Response:
        provider = self._provider(asked.path["node"])
        flow = Flow.begin(provider.node, safe_path(request.args.get("return_to")))
        with self._place_at(provider):
            response = _go_on(self._client(provider).begin(flow))
        self._cookies.put(response, FLOW, flow.sealed(), FLOW_SECONDS)
        return response

    def finish(self, asked: Asked) -> Response:
        """The way back can be walked as often as its cookie is shown, and each time somebody else's machine is asked:
        it is counted as what costs much."""
        self._rates.count_public_work(request.remote_addr or "")
        node, came_back = asked.path["node"], request.args.to_dict()
        flow = opened(self._cookies.find(request.cookies, FLOW), node, came_back.get("state"))
        provider = self._provider(node)
        with self._place_at(provider):
            subject = self._client(provider).finish(flow, came_back)
        who = self._inside.ask(cards.SIGN_IN_BY_ACCOUNT, {
            "node": node, "issuer": provider.issuer, "subject": subject}, node)
        session = self._begin(who["patron"], who["node"])
        response = _go_on(flow.return_to or AFTER_SIGN_IN)
        self._cookies.put(response, SESSION, session.token)
        self._cookies.drop(response, FLOW)
        return response

    @contextmanager
    def _place_at(self, provider: Provider) -> Iterator[None]:
        """Raises ServiceAway."""
        with place_in(self._at_one.setdefault(provider.node, Bulkhead(AT_ONE_PROVIDER))), place_in(self._at_providers):
            yield

    def _client(self, provider: Provider) -> OpenIdConnect:
        fetcher = Fetcher(self._providers.networks_of(provider.node))
        path = sign_in.CALLBACK_PATH.replace("<node>", provider.node)
        return OpenIdConnect(provider, fetcher, self._discovery, self._cookies.base + path)

    def _provider(self, node: str) -> Provider:
        return self._providers.get(node)

    # a library's settings

    def set_provider(self, asked: Asked) -> Response:
        node = _node_in_reach(asked)
        body = dict(asked.body)
        if "client_secret" not in body:
            body["client_secret"] = self._kept_secret(node, body["issuer"])
        provider = Provider(node=node, **{**body, "algorithms": tuple(body["algorithms"]),
                                          "scopes": tuple(dict.fromkeys(("openid", *body["scopes"])))})
        self._providers.save(provider)
        return json_of(self._shown(provider))

    def get_provider(self, asked: Asked) -> Response:
        return json_of(self._shown(self._provider(_node_in_reach(asked))))

    def remove_provider(self, asked: Asked) -> Response:
        self._providers.remove(_node_in_reach(asked))
        return Response(status=204)

    def _kept_secret(self, node: str, issuer: str) -> str:
        """The secret that was set, for the same issuer only: it is shown to nobody else."""
        try:
            known = self._provider(node)
        except ProviderUnknown:
            return ""
        return known.client_secret if known.issuer == issuer else ""

    def _shown(self, provider: Provider) -> dict[str, object]:
        base = self._cookies.base
        return {
            "node": provider.node, "issuer": provider.issuer, "client_id": provider.client_id,
            "has_secret": bool(provider.client_secret), "client_auth": provider.client_auth,
            "scopes": list(provider.scopes), "subject_claim": provider.subject_claim,
            "algorithms": list(provider.algorithms),
            "redirect_uri": base + sign_in.CALLBACK_PATH.replace("<node>", provider.node),
            "start_uri": base + sign_in.START_PATH.replace("<node>", provider.node)}


def install(app: Flask, guard: Guard, answers: SignIns) -> None:
    for call, answer in (
        (sign_in.SIGN_IN, answers.by_card), (SIGN_OUT, answers.sign_out),
        (sign_in.SET_PROVIDER, answers.set_provider), (sign_in.GET_PROVIDER, answers.get_provider),
        (sign_in.REMOVE_PROVIDER, answers.remove_provider),
    ):
        publish(app, guard, call, or_away(answer))


@contextmanager
def place_in(room: Bulkhead) -> Iterator[None]:
    """Raises ServiceAway where there is none."""
    try:
        with room.place():
            yield
    except NoRoom:
        raise ServiceAway("Many people are signing in just now. Try again in a moment.") from None


def _node_in_reach(asked: Asked) -> str:
    node = asked.path["node"]
    if not asked.principal.sees(node):
        raise NotFound("There is no such node in your reach.")
    return node


def _go_on(url: str) -> Response:
    return Response(status=303, headers={"Location": url})
