"""The profiles service with a tree, as callers and other services meet it: calls in, answers, rows and facts out."""

from typing import Any

import pytest
from joserfc.jwk import OKPKey

from contracts.principal import Principal
from libranet.clock import now
from libranet.ids import new_id
from libranet.jws import SigningKeys
from libranet.testing import a_principal, a_request
from services.profiles.service import Profiles
from services.profiles.store import COLLECTIONS, ProfilesStore

OPERATOR = Principal(actor="operator", kind="operator", node="")
RIVERSIDE = a_principal("demo.riverside")
HILL = a_principal("demo.hill")
COLLEGE = a_principal("demo.lakeside-college")
CONSORTIUM = a_principal("demo")
TREE = (("demo", "consortium"), ("demo.riverside", "library"), ("demo.hill", "library"),
        ("demo.lakeside-college", "partner"), ("other", "consortium"), ("other.lib", "library"))


KEYS = SigningKeys(OKPKey.generate_key("Ed25519").as_pem(private=True).decode())


def profiles() -> Profiles:
    """The service with what nameko would bring."""
    service = Profiles()
    service.receipt_keys = KEYS
    return service


class Desk:
    """Profiles with a tree; each call is a work of its own on the same state."""

    def __init__(self, work_factory: Any) -> None:
        self._database = work_factory(COLLECTIONS, "profiles")
        self.events: list[Any] = []
        for node, kind in TREE:
            self.call("add_node", OPERATOR, {"id": node, "kind": kind, "name": node.title()})
        self.planted, self.events = self.events, []

    def call(self, method: str, who: Principal, body: Any = None, query: Any = None, **path: str) -> Any:
        request = a_request(body, who, path, query)

        def effect(work: Any) -> Any:
            return getattr(profiles(), method)(request, ProfilesStore(work)), work.events

        answer, events = self._database.transact(effect)
        self.events += events
        return answer

    def hear(self, hearer: str, *events: Any) -> None:
        """As one batch."""
        def effect(work: Any) -> Any:
            getattr(profiles(), hearer)(list(events), ProfilesStore(work))
            return work.events

        self.events += self._database.transact(effect)

    def remember_answer(self, about: str, body: str) -> None:
        """As an Idempotency-Key does."""
        self._database.transact(lambda work: work.insert(
            "idempotency", {"_id": new_id(), "about": about, "body": body, "answered_at": now()}))

    def rows(self) -> dict[str, list[Any]]:
        names = ("idempotency", *(each.name for each in COLLECTIONS))
        return self._database.transact(lambda work: {name: work.find(name, {}) for name in names})

    def register(self, who: Principal = RIVERSIDE, **body: str) -> str:
        return str(self.call("register_patron", who, body).body["id"])

    def decide(self, patron: str, granted: bool, who: Principal = RIVERSIDE, purpose: str = "share-credentials",
               recipient: str = "demo.lakeside-college") -> Any:
        return self.call("decide_consent", who, {"granted": granted}, patron=patron, purpose=purpose,
                         recipient=recipient).body

    def told(self) -> list[str]:
        return [event.short_type for event in self.events]

@pytest.fixture
def desk(work_factory: Any) -> Desk:
    return Desk(work_factory)
