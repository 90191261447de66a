"""The two addresses that a browser walks through when a person signs in at their library's identity provider."""

from flask import Flask, Response

from contracts.calls import sign_in as calls
from gateway.guard import Asked, Guard
from gateway.pages.plain import notice
from gateway.routes.publish import Handler, or_away, publish
from gateway.routes.sign_in import SignIns
from gateway.sign_in.fetching import ProviderAway
from gateway.sign_in.flow import SignInNotAccepted
from libranet.logs import log
from libranet.problems import Refusal


def install(app: Flask, guard: Guard, answers: SignIns) -> None:
    publish(app, guard, calls.START_SIGN_IN, for_a_person(answers.start))
    publish(app, guard, calls.FINISH_SIGN_IN, for_a_person(answers.finish))


def for_a_person(answer: Handler) -> Handler:
    """The answer, or a refusal as a page in plain words. Why it was refused is in the log, without who."""
    def answered(asked: Asked) -> Response:
        try:
            return or_away(answer)(asked)
        except (SignInNotAccepted, ProviderAway) as refusal:
            log().warning("a sign-in at a provider failed", node=asked.path["node"], reason=refusal.reason)
            return notice(refusal)
        except Refusal as refusal:
            return notice(refusal)
    return answered
