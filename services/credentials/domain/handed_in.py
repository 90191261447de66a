"""What somebody hands in to be verified, in whatever form: found out by its content, never by what it is called."""

import re
from typing import Any

import orjson

from services.credentials.domain import baking
from services.credentials.domain.refusals import ImageUnsuitable, NothingToVerify

HandedIn = dict[str, Any] | str
"""A credential as JSON, or as compact JWS."""
JWS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+")
PAGE = re.compile(rb"<(!doctype\s+html|html|head|body)\b", re.IGNORECASE)
BEGINNING_BYTES = 1000


def read(content: bytes, field: str) -> HandedIn:
    """The credential: the content itself, or what is in the picture that it is. Raises NothingToVerify."""
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        text = ""
    if text.startswith("<") or not text:
        text = _in_picture(content, field)
    if JWS.fullmatch(text):
        return text
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise NothingToVerify("This is neither a credential in JSON, nor a JWS, nor a PNG or SVG.", field)
    return found


def _in_picture(content: bytes, field: str) -> str:
    if PAGE.search(content[:BEGINNING_BYTES]):
        raise NothingToVerify("This is a web page. Look on it for the credential's own file (JSON, JWS, PNG or SVG) or "
                              "address, and give that.", field)
    try:
        return baking.unbake(content)
    except ImageUnsuitable as refusal:
        raise NothingToVerify(refusal.detail, field) from None
