"""Shapes that several calls share: lists with a cursor, skills, and strict text."""

import unicodedata
from collections.abc import Callable
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

MAX_PAGE = 200
NUL = "\x00"


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


def http_url(required: bool = False, **kwargs: Any) -> fields.Url:
    """An absolute http(s) address, hosts without a dot included."""
    return fields.Url(required=required, schemes={"http", "https"}, require_tld=False,
                      validate=validate.Length(1, 2000), **kwargs)


class TrueOrFalse(fields.Boolean):
    """JSON's own true and false only: for Python, and so for marshmallow, 1 is true as well."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class PageQuery(Strict):
    """`cursor` is the `next` of the page before."""

    cursor = fields.String(validate=validate.Length(1, 500))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MAX_PAGE))


class Skill(Strict):
    """A skill by its label; `uri` names it in a taxonomy (ESCO, O*NET)."""

    label = text(300, required=True)
    uri = fields.Url(validate=validate.Length(1, 500))
