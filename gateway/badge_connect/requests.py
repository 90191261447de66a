"""What browsers and apps bring to the endpoints of OAuth, as Authlib reads it: parameters of a query or a form,
metadata in JSON. Authlib repeats some in errors, which have no place for every character: those are refused here.
"""

from typing import Any
from urllib.parse import parse_qsl

import orjson
from authlib.oauth2.rfc6749 import InvalidRequestError, JsonPayload, JsonRequest
from authlib.oauth2.rfc6749.requests import OAuth2Payload, OAuth2Request
from authlib.oauth2.rfc7591 import InvalidClientMetadataError
from flask import request

from contracts.calls import badge_connect as calls
from gateway.badge_connect.apps import AppMetadata
from gateway.guard import Asked
from libranet.problems import MediaTypeUnsupported

MOST_FIELDS = 30
PLAIN = frozenset(map(chr, (0x20, 0x21, *range(0x23, 0x5C), *range(0x5D, 0x7F))))
"""The characters that an error's description may repeat (RFC 6749, 5.2)."""
REPEATED = ("client_id", "redirect_uri", "response_type", "grant_type", "scope", "code_challenge",
            "code_challenge_method", "token_type_hint")


class Parameters(OAuth2Payload):
    """Of a query or a form; each may be asked for as often as it was sent."""

    def __init__(self, text: str) -> None:
        try:
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
        except ValueError:
            raise InvalidRequestError("The parameters cannot be read.") from None
        self._lists: dict[str, list[str]] = {}
        for name, value in pairs:
            self._lists.setdefault(name, []).append(value)
        if any(set("".join(self._lists.get(name, ()))) - PLAIN for name in REPEATED):
            raise InvalidRequestError("A parameter has characters that it cannot have.")

    @property
    def data(self) -> dict[str, str]:
        return {name: values[-1] for name, values in self._lists.items()}

    @property
    def datalist(self) -> dict[str, list[str]]:
        return self._lists


class AppRequest(OAuth2Request):
    """What a browser brings in a query, or an app in a form. `chosen` are the scopes that the patron left ticked."""

    def __init__(self, asked: Asked, base: str, chosen: tuple[str, ...] = ()) -> None:
        super().__init__(request.method, base + asked.call.path, headers=request.headers)
        self.payload = Parameters(_sent(asked))
        self.chosen = chosen

    @property
    def args(self) -> dict[str, str]:
        return dict(self.payload.data)

    @property
    def form(self) -> dict[str, str]:
        return dict(self.payload.data)


def _sent(asked: Asked) -> str:
    """The query of the authorization endpoint, whose form is ours; the form of any other."""
    if asked.call.path == calls.AUTHORIZE_PATH:
        return request.query_string.decode("latin-1")
    if request.mimetype != calls.FORM_TYPE or not isinstance(asked.raw, bytes):
        raise InvalidRequestError(f"Send {calls.FORM_TYPE}.")
    try:
        return asked.raw.decode()
    except UnicodeDecodeError:
        raise InvalidRequestError("The form is not UTF-8.") from None


class Registration(JsonRequest):
    """What an app that registers sends."""

    def __init__(self, asked: Asked, base: str) -> None:
        super().__init__(request.method, base + asked.call.path, request.headers)
        if not request.is_json:
            raise MediaTypeUnsupported("Send JSON, with Content-Type: application/json.")
        self.payload = Document(asked.raw)


class Document(JsonPayload):
    """The members that are registered, and no other: Authlib would import the keys among those, which may take long."""

    def __init__(self, raw: Any) -> None:
        try:
            found = orjson.loads(raw)
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, dict):
            raise InvalidClientMetadataError("Send a JSON object.")
        self._document = {name: found[name] for name in AppMetadata.REGISTERED_CLAIMS if name in found}

    @property
    def data(self) -> dict[str, Any]:
        return self._document
