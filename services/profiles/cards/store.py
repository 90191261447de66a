"""Cards in MongoDB: how libraries' systems are reached, which keyed hash leads to which patron, tries on each card.

No row has a card number, a PIN or a password in clear text. `ways_in` has the hashes of cards and of accounts at
identity providers.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from contracts.places import line_of
from libranet.collection import Collection, Index, Retention
from libranet.sealing import Sealing
from libranet.work import Work
from services.profiles.cards.domain.attempts import Attempts
from services.profiles.cards.domain.connection import CardConnection, Login
from services.profiles.cards.domain.frames import Dialect
from services.profiles.cards.domain.refusals import CardsNotConnected

Row = dict[str, Any]

COLLECTIONS = (
    Collection("card_connections", Retention.forever("as long as the library takes cards; it can be taken away")),
    Collection("card_networks", Retention.forever("until the operator takes a network back")),
    Collection("ways_in", Retention.forever("while the patron is registered; erased with the patron"),
               (Index("patron"),), personal=True),
    Collection("card_attempts", Retention.of_days(0, "window_ends_at", "until a card may be tried again"),
               personal=True),
)
SECRETS = ("password", "terminal_password")
_sealing = Sealing("CARD_KEK")


class CardStore:
    """One unit of work's view of cards."""

    def __init__(self, work: Work) -> None:
        self._work = work

    # connections

    def find_connection(self, node: str) -> CardConnection | None:
        row = self._work.get("card_connections", node)
        return _connection(row) if row else None

    def get_connection(self, node: str) -> CardConnection:
        """A node's own; raises CardsNotConnected."""
        found = self.find_connection(node)
        if found is None:
            raise CardsNotConnected("No library system is connected at this node.")
        return found

    def nearest_connection(self, node: str) -> CardConnection:
        """The node's own or the nearest above: a branch takes its library's cards. Raises CardsNotConnected."""
        places = line_of(node)[::-1]
        rows = self._work.get_many("card_connections", places)
        found = next((rows[place] for place in places if place in rows), None)
        if found is None:
            raise CardsNotConnected("This library does not take cards here; ask at its desk how to sign in.")
        return _connection(found)

    def connected_nodes(self) -> set[str]:
        return {row["_id"] for row in self._work.find("card_connections", {}, fields=["_id"])}

    def login_of(self, connection: CardConnection) -> Login:
        """In clear text: for the exchange only."""
        row = self._work.get("card_connections", connection.owner) or {}
        opened = {name: _sealing.unseal(bytes(row[name]), _bound(connection.owner, name))
                  for name in SECRETS if row.get(name)}
        return Login(connection.login_user, opened.get("password", ""), opened.get("terminal_password", ""))

    def save_connection(self, connection: CardConnection, login: Login | None) -> None:
        """Without a login, the secrets that were set stay."""
        row = asdict(connection)
        before = self._work.get("card_connections", connection.owner) or {}
        kept = {name: before.get(name) for name in SECRETS} if login is None else {
            name: _sealing.seal(text, _bound(connection.owner, name)) if text else None
            for name, text in ((name, getattr(login, name)) for name in SECRETS)}
        self._work.replace("card_connections", {**row, **kept, "_id": connection.owner})

    def remove_connection(self, node: str) -> None:
        self._work.delete("card_connections", {"_id": node})

    # networks

    def networks_of(self, node: str) -> list[str]:
        """What the operator allows this node, and all below the node that he named."""
        rows = self._work.get_many("card_networks", line_of(node))
        return sorted({network for row in rows.values() for network in row["networks"]})

    def own_networks(self, node: str) -> list[str]:
        row = self._work.get("card_networks", node)
        return list(row["networks"]) if row else []

    def save_networks(self, node: str, networks: Iterable[str]) -> None:
        self._work.replace("card_networks", {"_id": node, "networks": sorted(set(networks))})

    # ways in

    def find_patron(self, hashed: str) -> str | None:
        """Whom a card or an account leads to."""
        row = self._work.get("ways_in", hashed)
        return str(row["patron"]) if row else None

    def add_way_in(self, hashed: str, kind: str, patron: str, owner: str, at: datetime) -> None:
        self._work.insert("ways_in", {"_id": hashed, "kind": kind, "patron": patron, "owner": owner, "linked_at": at})

    def count_cards(self, patron: str) -> int:
        """With what this work has written."""
        return sum(row["kind"] == "card" for row in self._work.find("ways_in", {"patron": patron}))

    def erase(self, patron_id: str) -> None:
        """The patron's ways in, and the tries on their cards."""
        known = [row["_id"] for row in self._work.find("ways_in", {"patron": patron_id})]
        self._work.delete_many("card_attempts", known)
        self._work.delete_many("ways_in", known)

    # tries

    def find_attempts(self, hashed: str) -> Attempts | None:
        row = self._work.get("card_attempts", hashed)
        return Attempts(hashed, row["count"], row["window_ends_at"]) if row else None

    def save_attempts(self, attempts: Attempts) -> None:
        self._work.replace("card_attempts", {
            "_id": attempts.card, "count": attempts.count, "window_ends_at": attempts.window_ends_at})

    def forget_attempts(self, hashed: str) -> None:
        self._work.delete("card_attempts", {"_id": hashed})


def _bound(owner: str, name: str) -> str:
    return f"card connection|{owner}|{name}"


def _connection(row: Row) -> CardConnection:
    members = {name: value for name, value in row.items() if name not in (*SECRETS, "_id", "schema_version")}
    return CardConnection(**{**members, "dialect": Dialect(**row["dialect"]), "bars": tuple(row["bars"]),
                             "card_prefixes": tuple(row["card_prefixes"])})
