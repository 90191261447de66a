"""The page on which a patron says whether an app may come in: they sign in where they are not, read what the app wants,
untick what it shall not have, and say yes or no. Works by keyboard and without scripts; nothing of the app is fetched.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from authlib.oauth2 import OAuth2Error
from flask import Flask, Response, request
from marshmallow import ValidationError

from contracts.calls import badge_connect as calls
from contracts.calls.sign_in import START_PATH, SignIn
from contracts.principal import Principal
from gateway.badge_connect.apps import REFRESH_TOKEN, App
from gateway.badge_connect.grants import ACCESS_LIFE, REFRESH_LIFE
from gateway.badge_connect.server import AppServer, CodeGrant
from gateway.cookies import SESSION, Cookies
from gateway.guard import Asked, Guard
from gateway.pages.plain import notice, page
from gateway.routes.answers import or_away
from gateway.routes.publish import Handler, publish
from gateway.routes.sign_in import SignIns
from gateway.sessions import SessionStore
from gateway.sign_in.flow import safe_path
from libranet.problems import NotAllowed, Refusal, RequestInvalid

MOST_FIELDS = 20
ALLOW, DENY, ENTER, LEAVE = "allow", "deny", "sign-in", "sign-out"


class AppMisspoke(Refusal):
    """What brought the browser here is no request of a registered app, so there is nowhere to send it back to."""

    status = 400
    title = "This app's request is not right"


class SentFromElsewhere(NotAllowed):
    title = "This form was not sent from its own page"


@dataclass(frozen=True)
class Consents:
    """The answers. Threads share it."""

    server: AppServer
    sign_ins: SignIns
    sessions: SessionStore
    cookies: Cookies

    def form(self, asked: Asked) -> Response:
        grant = self.server.consent_asked(asked)
        patron = self._patron()
        return self._consent(grant, patron) if patron else self._sign_in(grant)

    def result(self, asked: Asked) -> Response:
        if not self.cookies.is_own(request.headers.get("Origin")):
            raise SentFromElsewhere("Open the page anew and send its form; the browser has to say where that is from.")
        said = _read_form(asked.raw)
        grant = self.server.consent_asked(asked, tuple(value for name, value in said if name == "scope"))
        fields = dict(said)
        action, patron = fields.get("action"), self._patron()
        if action == ENTER:
            return self._entered(grant, fields)
        if action == LEAVE:
            return self._left(grant)
        if patron is None:
            return self._sign_in(grant)
        if action == DENY:
            return self.server.decided(grant, None)
        if action != ALLOW or self.server.who_lets_in(patron)["needs_guardian"]:
            return self._consent(grant, patron)
        return self.server.decided(grant, patron)

    def _patron(self) -> Principal | None:
        """Who is signed in at this browser; a guest has no credentials to show."""
        token = self.cookies.session_of(request.method, request.headers.get("Origin"), request.cookies)
        found = self.sessions.find(token) if token else None
        return found if found and found.kind == "patron" else None

    def _entered(self, grant: CodeGrant, fields: dict[str, str]) -> Response:
        try:
            session, _ = self.sign_ins.enter_by_card(_card_in(fields))
        except Refusal as refusal:
            return self._sign_in(grant, refusal, fields.get("node", ""))
        response = _back_to(grant)
        self.cookies.put(response, SESSION, session.token)
        return response

    def _left(self, grant: CodeGrant) -> Response:
        token = self.cookies.find(request.cookies, SESSION)
        if token:
            self.sessions.end(token)
        response = _back_to(grant)
        self.cookies.drop(response, SESSION)
        return response

    def _sign_in(self, grant: CodeGrant, told: Refusal | None = None, node: str = "") -> Response:
        places, here = self.sign_ins.places(), _address_of(grant)
        starts = [{"name": each["name"], "address": START_PATH.replace("<node>", each["node"]) + "?" + urlencode(
            {"return_to": here})} for each in places if each["provider"]]
        return _shown("sign_in.html", grant, told.status if told else 200, told=told, node=node, starts=starts,
                      places=[each for each in places if each["cards"]])

    def _consent(self, grant: CodeGrant, patron: Principal) -> Response:
        wanted = [each for each in grant.request.scope.split() if each in calls.SCOPES]
        return _shown("consent.html", grant, who=self.server.who_lets_in(patron), node=patron.node,
                      scopes=[(each, calls.SCOPES[each]) for each in wanted], lasts=_lasting(grant.client))


def install(app: Flask, guard: Guard, consents: Consents) -> None:
    publish(app, guard, calls.AUTHORIZE_FORM, _for_a_person(consents.form, consents.server))
    publish(app, guard, calls.AUTHORIZE_RESULT, _for_a_person(consents.result, consents.server))


def _for_a_person(answer: Handler, server: AppServer) -> Handler:
    """The answer; what the app is to blame for goes back to it by a link, as anybody may register an app whose errors
    would lead away from here (RFC 9700, 4.11.2)."""
    def answered(asked: Asked) -> Response:
        try:
            return or_away(answer)(asked)
        except OAuth2Error as error:
            if error.redirect_uri:
                return _way_back(error, server)
            return notice(AppMisspoke(f"Go back to the app and tell its makers: {error.description or error.error}"))
        except Refusal as refusal:
            return notice(refusal)
    return answered


def _way_back(error: OAuth2Error, server: AppServer) -> Response:
    address = server.address_of(error)
    return page("notice.html", AppMisspoke.status, title=AppMisspoke.title, detail=error.description or error.error,
                app_address=address, app_host=urlsplit(address).netloc)


def _shown(template: str, grant: CodeGrant, status: int = 200, **members: Any) -> Response:
    back = urlsplit(grant.redirect_uri)
    return page(template, status, forms=True, leads_to=f"{back.scheme}://{back.netloc}", app=grant.client, **members)


def _address_of(grant: CodeGrant) -> str:
    """This page with the same request. Raises AppMisspoke for one that no sign-in could come back to."""
    address = safe_path(f"{calls.AUTHORIZE_PATH}?{urlencode(grant.request.payload.data)}")
    if not address:
        raise AppMisspoke("Go back to the app and tell its makers: its request is too long.")
    return address


def _back_to(grant: CodeGrant) -> Response:
    return Response(status=303, headers={"Location": _address_of(grant)})


def _lasting(app: App) -> str:
    if app.check_grant_type(REFRESH_TOKEN):
        return f"until you end it, or until the app has not used it for {REFRESH_LIFE.days} days"
    return f"for {int(ACCESS_LIFE.total_seconds() // 60)} minutes"


def _read_form(raw: Any) -> list[tuple[str, str]]:
    """Raises RequestInvalid."""
    try:
        if request.mimetype != calls.FORM_TYPE:
            raise ValueError
        return parse_qsl(raw.decode(), max_num_fields=MOST_FIELDS)
    except ValueError:
        raise RequestInvalid("Send the form of this page.") from None


def _card_in(fields: dict[str, str]) -> dict[str, Any]:
    """Raises RequestInvalid."""
    try:
        said: dict[str, Any] = SignIn().load({name: fields.get(name, "") for name in ("node", "card", "pin")})
    except ValidationError:
        raise RequestInvalid("Choose your library, and write the number of your card and its PIN.") from None
    return said
