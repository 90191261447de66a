"""One call between gateway and service, described once: the gateway publishes it, the service answers it.

`allows` is part of the description, so no call can exist without saying who may make it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from marshmallow import Schema

from contracts.principal import Principal

PUBLIC = "public"
"""Allows anyone, signed in or not."""
SELF = "self"
"""Allows the signed-in patron or guest who is the person that the call is about."""

MAX_RAW_BYTES = 8 * 2**20
"""Arrays of statements are the longest that is sent."""
ASKED_DIGEST = "Libranet-Asked-Digest"
"""A header: the SHA-256 of what the caller sent, where the gateway completed the body. An Idempotency-Key stands for
what the caller sent."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """`path` uses werkzeug's form (`/v1/patrons/<patron>`). `person` names the path value that is a patron or a
    guest: such a call is audited. A call with `raw` hands its body on unread (other standards' protocols), of up to
    `raw_bytes`; one with `max_bytes` takes a file of up to so many bytes as its body, which is streamed into a blob. A
    change that is not `keyed` takes no Idempotency-Key: to repeat it does no harm. `other_statuses` go with the same
    answer, which comes in `other_media_types`, too. `refused` has the refusals that do not follow from the rest."""

    name: str
    service: str
    method: str
    path: str
    summary: str
    allows: tuple[str, ...]
    body: type[Schema] | None = None
    query: type[Schema] | None = None
    answer: type[Schema] | None = None
    status: int = 200
    other_statuses: tuple[int, ...] = ()
    person: str | None = None
    raw: bool = False
    raw_bytes: int = MAX_RAW_BYTES
    max_bytes: int | None = None
    media_type: str = "application/json"
    other_media_types: tuple[str, ...] = ()
    refused: tuple[int, ...] = ()
    description: str = ""
    keyed: bool = True

    @property
    def is_public(self) -> bool:
        return PUBLIC in self.allows

    def admits(self, principal: Principal, path: Mapping[str, str]) -> bool:
        """Whether the principal may make it: anybody a public one, else by scope, or as the person it is about."""
        if self.is_public or principal.may(self.allows):
            return True
        return SELF in self.allows and self.is_about(principal, path)

    def is_about(self, principal: Principal, path: Mapping[str, str]) -> bool:
        """Whether the principal is the very person whom the path names."""
        return self.person is not None and principal.is_person and path.get(self.person) == principal.actor

    def hides(self, principal: Principal) -> bool:
        """Whether a person who is not admitted is told 404, not 403: it is open to people, each for themselves."""
        return principal.is_person and SELF in self.allows

    def target(self, values: Mapping[str, str]) -> str:
        """The path with these values in place, to be asked for."""
        path = self.path
        for name, value in values.items():
            path = path.replace(f"<{name}>", quote(value, safe=""))
        return path

    @property
    def changes(self) -> bool:
        """Whether the call may change something (RFC 9110, 9.2.1: safe methods do not)."""
        return self.method not in ("GET", "HEAD")
