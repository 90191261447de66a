"""What the gateway's own answers are made with: JSON, and a 503 while its database is away."""

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response
from pymongo.errors import PyMongoError

from gateway.guard import Asked
from gateway.routes.publish import Handler
from libranet.problems import ServiceAway


def json_of(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(body), status=status, headers=headers, content_type="application/json")


def or_away(answer: Handler) -> Handler:
    """The answer, or 503 while the database does not answer."""
    def answered(asked: Asked) -> Response:
        try:
            return answer(asked)
        except PyMongoError:
            raise ServiceAway("The database does not answer. Try again.") from None
    return answered
