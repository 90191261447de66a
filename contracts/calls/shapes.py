"""Shapes that several calls share: lists with a cursor, skills, and strict text."""

import re
import unicodedata
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

MAX_PAGE = 200
NUL = "\x00"
JWT_TYPE = "application/jwt"
"""Of what is signed, as one compact text (RFC 7515)."""
AGE_BANDS = ("under-13", "13-15", "16-17", "18-24", "25-39", "40-64", "65-plus")
"""All that is ever known of an age, from the youngest on; a birth date is never kept."""
LANGUAGE_TAG = re.compile(
    r"[A-Za-z]{2,3}(-[A-Za-z]{3})?(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?"
    r"(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(-x(-[A-Za-z0-9]{1,8})+)?")
"""BCP 47 (RFC 5646, 2.1) without extensions: language, script, region, variants, private use."""


class Strict(Schema):
    """Unknown members are refused by name: a misspelt member must not be lost in silence."""

    class Meta:
        unknown = RAISE


def one_line(value: str) -> None:
    """Text that a person can read: not blank, no NUL."""
    if not value.strip() or NUL in value:
        raise ValidationError("Write some text here.")


def no_control_characters(value: str) -> None:
    """A name stays on its line, in a credential too."""
    if any(unicodedata.category(each) == "Cc" for each in value):
        raise ValidationError("Leave out line breaks, tabs and other control characters.")


def line(max_length: int, required: bool = False, **kwargs: Any) -> fields.String:
    """Text of one line without control characters."""
    checks: list[Callable[[str], Any]] = [validate.Length(1, max_length), one_line, no_control_characters]
    return fields.String(required=required, validate=checks, **kwargs)


def text(max_length: int, required: bool = False, **kwargs: Any) -> fields.String:
    """A string of 1 to `max_length` characters that is not blank."""
    return fields.String(required=required, validate=[validate.Length(1, max_length), one_line], **kwargs)


def is_language_tag(value: object) -> bool:
    """Whether it is formed like a language tag, like en or es-MX."""
    return isinstance(value, str) and len(value) <= 35 and LANGUAGE_TAG.fullmatch(value) is not None


def language_tag(value: str) -> None:
    if not is_language_tag(value):
        raise ValidationError("Write a language tag of BCP 47, like en or es-MX.")


def absolute_uri(required: bool = False, **kwargs: Any) -> fields.String:
    """A web address or a URN (RFC 3986, 4.3): by these taxonomies name skills and occupations, and neither runs."""
    checks: list[Callable[[str], Any]] = [validate.Length(1, 500), one_line, no_control_characters, validate.Regexp(
        r"^(?:https?://[^\s/?#]|urn:[A-Za-z0-9][A-Za-z0-9-]{1,31}:)\S*$", re.IGNORECASE,
        error="Write an absolute URI of http, https or urn, like urn:libranet:skill:email.")]
    return fields.String(required=required, validate=checks, **kwargs)


def http_url(required: bool = False, **kwargs: Any) -> fields.Url:
    """An absolute http(s) address, hosts without a dot included."""
    return fields.Url(required=required, schemes={"http", "https"}, require_tld=False,
                      validate=validate.Length(1, 2000), **kwargs)


def moment(required: bool = False, **kwargs: Any) -> fields.AwareDateTime:
    """A time with its offset from UTC, of this century or the next: any zone's clock can show it."""
    return fields.AwareDateTime(required=required, validate=validate.Range(
        datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC),
        error="Write a time of this century or the next."), **kwargs)


class TrueOrFalse(fields.Boolean):
    """JSON's own true and false only: for Python, and so for marshmallow, 1 is true as well."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Number(fields.Float):
    """JSON's own numbers only; a text or a truth is none."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **kwargs)


class Base64(fields.String):
    """Bytes as text (RFC 4648, 4); loaded as bytes, of which there may be `most_bytes`."""

    default_error_messages = {"not_base64": "Write the bytes as base64 (RFC 4648, 4), in one line.",
                              "too_long": "Send at most {most} bytes."}

    def __init__(self, most_bytes: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most_bytes = most_bytes

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            found = b64decode(text or "", validate=True)
        except ValueError:
            raise self.make_error("not_base64") from None
        if not 0 < len(found) <= self.most_bytes:
            raise self.make_error("too_long" if found else "not_base64", most=self.most_bytes)
        return found


class PageQuery(Strict):
    """`cursor` is the `next` of the page before."""

    cursor = fields.String(validate=validate.Length(1, 500))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MAX_PAGE))


def page_of(item: type[Schema], name: str = "") -> type[Schema]:
    """The answer to a PageQuery: some items, and where the next ones begin, null with the last. Called like the item's
    shape with List behind it, or `name`."""
    return Schema.from_dict({"items": fields.List(fields.Nested(item)), "next": fields.String(allow_none=True)},
                            name=name or f"{item.__name__}List")


class IdPageQuery(PageQuery):
    """Of a list in the order of ids."""

    cursor = fields.String(validate=validate.Regexp(
        r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", error="Take the cursor from `next` of the page before."))


class NodePageQuery(PageQuery):
    """Of a list in the order of nodes."""

    cursor = fields.String(validate=validate.Regexp(
        r"^[a-z0-9]([a-z0-9.-]{0,198}[a-z0-9])?$", error="Take the cursor from `next` of the page before."))


class Skill(Strict):
    """A skill by its label; `uri` names it in a taxonomy (ESCO, O*NET)."""

    label = text(300, required=True)
    uri = absolute_uri()
