"""The page on which a librarian tests the connection to the library's own system. Works without scripts.

Whoever tests shows an API key in the form: the page keeps nobody signed in, so no other site can have it do something.
"""

from urllib.parse import parse_qs

from flask import Flask, Response, request

from contracts.call import PUBLIC, Call
from contracts.calls import cards
from gateway.guard import Asked, Guard
from gateway.inside import Inside
from gateway.pages.plain import page
from gateway.refusals import scope_needed
from gateway.routes.publish import publish
from libranet.problems import MediaTypeUnsupported, Refusal

FORM_TYPE = "application/x-www-form-urlencoded"
MOST_FIELDS = 10
CARD_TEST_FORM = Call(name="card_test_form", service="gateway", method="GET", path=cards.CARD_TEST_PATH,
                      allows=(PUBLIC,), summary="The form that tests a library's connection", media_type="text/html")
CARD_TEST_RESULT = Call(name="card_test_result", service="gateway", method="POST", path=cards.CARD_TEST_PATH,
                        allows=(PUBLIC,), summary="Test a library's connection, for people", media_type="text/html",
                        raw=True, keyed=False)
NAMES = {"resolve": "Find the host's address", "connect": "Connect", "tls": "Secure the connection (TLS)",
         "login": "Log in (93)", "status": "Ask whether the system is online (99)",
         "patron": "Ask about the card (63 or 23)", "end": "End the session (35)",
         "card": "Is the card valid?", "pin": "Is the PIN right?"}
OUTCOMES = {"ok": "good", "failed": "failed", "skipped": "left out"}


def install(app: Flask, guard: Guard, inside: Inside) -> None:
    def form(asked: Asked) -> Response:
        return shown(asked.path["node"])

    def result(asked: Asked) -> Response:
        node = asked.path["node"]
        try:
            said = read_form(asked.raw)
            principal = guard.sign_in(f"Bearer {said.get('key', '')}")
            if not principal.may(cards.TEST_CARD_CONNECTION.allows):
                raise scope_needed(cards.TEST_CARD_CONNECTION.allows)
            body = {name: said[name] for name in ("card", "pin") if said.get(name)}
            return shown(node, result=inside.ask(cards.TEST_CARD_CONNECTION, body, node, principal))
        except Refusal as refusal:
            return shown(node, refusal.status, told=refusal)

    publish(app, guard, CARD_TEST_FORM, form)
    publish(app, guard, CARD_TEST_RESULT, result)


def shown(node: str, status: int = 200, result: object = None, told: Refusal | None = None) -> Response:
    return page("card_test.html", status, forms=True, node=node, result=result, told=told, names=NAMES,
                outcomes=OUTCOMES)


def read_form(raw: bytes) -> dict[str, str]:
    """The fields of a form, the last of each name. Raises MediaTypeUnsupported."""
    try:
        if request.mimetype != FORM_TYPE:
            raise ValueError
        fields = parse_qs(raw.decode(), max_num_fields=MOST_FIELDS)
    except ValueError:
        raise MediaTypeUnsupported("Send the form of this page.") from None
    return {name: values[-1] for name, values in fields.items()}
