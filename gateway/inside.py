"""Calls that the gateway makes in its own name. What a service refuses is told to the caller in the service's words."""

from collections.abc import Mapping
from typing import Any

import orjson

from contracts.call import Call
from contracts.calls.cards import GATEWAY
from contracts.principal import Principal
from gateway.passage import Passage
from gateway.refusals import ServiceMisunderstood
from gateway.services import Received, Sent
from libranet.problems import PROBLEM_TYPE, Refusal

KEPT_HEADERS = ("Retry-After",)


class Relayed(Refusal):
    """A service's refusal in its own words."""

    def __init__(self, told: Mapping[str, Any], status: int, headers: Mapping[str, str]) -> None:
        super().__init__(str(told["detail"]), errors=list(told.get("errors", ())), headers=headers)
        self.status = status
        self.title = str(told["title"])
        self.kind = str(told["type"])

    @property
    def slug(self) -> str:
        return self.kind.rpartition(":")[2]


class Inside:
    """Asks services for the gateway itself. Threads share it."""

    def __init__(self, passage: Passage) -> None:
        self._passage = passage

    def ask(self, call: Call, body: Mapping[str, Any], node: str, principal: Principal | None = None) -> Any:
        """What the service answers. Raises Relayed for its refusal, and ServiceAway."""
        who = principal or Principal(actor="gateway", kind="gateway", node=node, scopes=(GATEWAY,))
        headers = {**self._passage.headers_for(who), "Content-Type": "application/json"}
        received = self._passage.services.call(
            Sent(call.service, call.method, call.target({"node": node}), headers, orjson.dumps(body)))
        if received.status < 300:
            return orjson.loads(received.body)
        raise refusal_of(call, received)


def refusal_of(call: Call, received: Received) -> Refusal:
    """A service's answer that is no good one, as the caller is told it: about what they asked, not what we did."""
    if received.status == 401 or not received.headers.get("Content-Type", "").startswith(PROBLEM_TYPE):
        return ServiceMisunderstood(f"The {call.service} service gave an answer that is not documented.")
    headers = {name: received.headers[name] for name in KEPT_HEADERS if name in received.headers}
    return Relayed(orjson.loads(received.body), received.status, headers)
