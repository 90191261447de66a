"""Who acts, for whom, with which scopes: travels with every call, signed by the gateway, good for one minute.

A JWT (RFC 7519) with EdDSA over Ed25519. Services hold public keys only, so none of them can make one. Two public
keys may be live at once, which lets the operator rotate without a stop. It does not carry names of people.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from contracts.places import is_within

HEADER = "Libranet-Principal"
LIFETIME_SECONDS = 60
CLOCK_LEEWAY_SECONDS = 10
ALGORITHM = "Ed25519"
MOST_REMEMBERED = 4096
"""Checked tokens of about half a kilobyte each: more than there are callers within a token's minute."""

PERSONS = ("patron", "guest")
"""Kinds of principals that are one person: a signed-in patron, somebody at a library's public computer."""


class PrincipalInvalid(Exception):
    """The principal is missing, expired, or not signed by this platform's gateway."""


@dataclass(frozen=True)
class Principal:
    """`actor` is an id (never a name), `node` the place in the org tree it acts for ('' for the public). `roles` are
    written `librarian@demo.riverside`: the role and the node that it was granted at. `app` is the id of the app that
    acts for a patron who let it in, '' where none does."""

    actor: str
    kind: str
    node: str
    scopes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    request_id: str = ""
    app: str = ""

    def may(self, allowed: Sequence[str]) -> bool:
        """Whether one of the allowed scopes is held."""
        return any(scope in self.scopes for scope in allowed)

    @property
    def is_person(self) -> bool:
        """Whether it is a patron or a guest, who acts for nobody but themselves."""
        return self.kind in PERSONS

    def holds(self, role: str, node: str) -> bool:
        """Whether the role was granted to it at this node or at one above."""
        return any(_covers(place, node) for place in self.places_of(role))

    def places_of(self, role: str) -> list[str]:
        """The nodes at which the role was granted to it."""
        return [place for name, _, place in (each.partition("@") for each in self.roles) if name == role]

    def sees(self, owner: str, person: str | None = None) -> bool:
        """A record of its own node or of a node below it. A person sees only what is about them: `person` is whom the
        record is about, None for one about nobody."""
        if self.is_person:
            return bool(self.actor) and person == self.actor
        return _covers(self.node, owner)

    def shares(self, owner: str) -> bool:
        """A record of a shared kind (nothing about anybody): its own, of a node below, or of a node above it."""
        return _covers(self.node, owner) or _covers(owner, self.node)


def _covers(node: str, owner: str) -> bool:
    return bool(node) and is_within(owner, node)


PUBLIC = Principal(actor="public", kind="public", node="")


def sign(principal: Principal, private_key: OKPKey) -> str:
    """The principal as a compact JWT, good for LIFETIME_SECONDS."""
    claims = {**asdict(principal), "exp": int(time.time()) + LIFETIME_SECONDS}
    return jwt.encode({"alg": ALGORITHM}, claims, private_key, algorithms=[ALGORITHM])


class Verifier:
    """Checks tokens with these public keys. One that was checked is known again, for it serves many calls; whether its
    time is over is asked each time. Threads share it."""

    def __init__(self, public_keys: Sequence[OKPKey]) -> None:
        self._signed = lru_cache(MOST_REMEMBERED)(lambda token: _signed(token, public_keys))

    def verify(self, token: str | None) -> Principal:
        """The principal of a token signed by one of the keys; raises PrincipalInvalid for everything else."""
        if not token:
            raise PrincipalInvalid("the call carries no principal")
        principal, expires_at = self._signed(token)
        if expires_at + CLOCK_LEEWAY_SECONDS < time.time():
            raise PrincipalInvalid("the principal has expired")
        return principal


def _signed(token: str, public_keys: Sequence[OKPKey]) -> tuple[Principal, int]:
    """The principal and when it expires (Unix time). Raises PrincipalInvalid, which is never remembered."""
    for key in public_keys:
        try:
            claims = jwt.decode(token, key, algorithms=[ALGORITHM]).claims
        except (JoseError, ValueError, TypeError):
            continue
        return _read(claims)
    raise PrincipalInvalid("the principal is not signed by this platform's gateway")


def _read(claims: dict[str, object]) -> tuple[Principal, int]:
    expires_at = claims.get("exp")
    if not isinstance(expires_at, int):
        raise PrincipalInvalid("the principal has no end")
    try:
        return Principal(
            actor=str(claims["actor"]), kind=str(claims["kind"]), node=str(claims["node"]),
            scopes=_texts(claims["scopes"]), roles=_texts(claims["roles"]), request_id=str(claims["request_id"]),
            app=str(claims.get("app", "")),
        ), expires_at
    except KeyError as missing:
        raise PrincipalInvalid(f"the principal lacks {missing}") from None


def _texts(values: object) -> tuple[str, ...]:
    return tuple(str(value) for value in values) if isinstance(values, list) else ()
