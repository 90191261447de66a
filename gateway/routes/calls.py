"""The contract's calls, passed on to the services that own them."""

from collections.abc import Collection

from flask import Flask, Response

from contracts import calls
from contracts.call import Call
from gateway.guard import Asked, Guard
from gateway.passage import Passage, given_back
from gateway.printed import printed
from gateway.routes.publish import publish
from gateway.uploads import Upload


def install(app: Flask, guard: Guard, passage: Passage, besides: Collection[Call] = ()) -> None:
    """One route for every call of every service, besides those that the gateway does more about."""

    def answer(asked: Asked) -> Response:
        try:
            return printed(asked.call.name, given_back(asked.call, passage.hand_on(asked)))
        finally:
            if isinstance(asked.raw, Upload):
                asked.raw.close()

    for call in calls.ALL:
        if call not in besides:
            publish(app, guard, call, answer)
