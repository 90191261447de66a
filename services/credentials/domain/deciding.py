"""Who decides about what a node defined and issued.

Whoever may award does, at its node and below. Whoever may but recognise does about what its very own node defined, and
what the recognitions of that awarded: nothing of a library's opens by it, wherever in the tree it stands.
"""

from collections.abc import Mapping
from typing import Any

from contracts.calls.achievements import AWARDS, DEFINES
from contracts.principal import Principal
from services.credentials.domain import issuers


def may_define(principal: Principal, owner: str) -> bool:
    """Whether it may change what this node defined."""
    return principal.sees(owner) and (principal.may([AWARDS]) or principal.node == owner)


def may_award(principal: Principal, owner: str) -> bool:
    """Whether by its word, this node signs what it defined."""
    return principal.may(DEFINES) and may_define(principal, owner)


def is_issuer(principal: Principal, credential: Mapping[str, Any], scope: str) -> bool:
    """Whether it acts for the credential's issuer; `scope` is what opens that to whoever may award."""
    issuer = issuers.node_of(credential)
    if principal.may([scope]):
        return principal.sees(issuer)
    return principal.sees(issuer) and principal.node == issuer != credential["owner"]
