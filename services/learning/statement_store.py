"""Statements in MongoDB: the whole text as it is given back, beside the few members by which it is found.

Kept as text because statements have members whose names no database likes (IRIs with dots), and because reading
one back is then no work. One person's identifiers are indexed as keyed hashes only.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import orjson

from libranet.work import Work
from services.learning.domain.agents import forget, people_of
from services.learning.domain.completions import Finishing
from services.learning.domain.statement_query import StatementQuery
from services.learning.domain.statements import Statement

Row = dict[str, Any]
AFTER_ALL = "~"
"""Sorts after every character of an id or a position."""


class StatementStore:
    """Part of a unit of work, like the store that holds it."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def kept(self, owner: str, identities: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Fingerprint and text, by statement id, of those among `identities` that the owner sent before."""
        keys = list(dict.fromkeys(_row_id(identity, owner) for identity in identities))
        rows = self._work.find("statements", {"_id": {"$in": keys}}) if keys else []
        return {row["_id"].split("|")[0]: (row["fingerprint"], row["content"]) for row in rows}

    def add(self, owner: str, reach: list[str], statements: Iterable[Statement], stored: datetime) -> None:
        """Keep new statements; their positions follow their order."""
        for number, statement in enumerate(statements):
            self._work.insert("statements", {
                "_id": _row_id(statement.id, owner), "owner": owner, "reach": reach, "recorded_at": stored,
                "position": f"{statement.content['stored']}|{number:04d}|{statement.id}",
                "actor": statement.actor, "people": list(statement.people), "verb": statement.verb,
                "activity": statement.activity, "registration": statement.registration,
                "occurred_at": statement.occurred_at, "score": statement.score,
                "finishes": statement.verdict.finishes, "rule": statement.verdict.rule,
                "fingerprint": statement.fingerprint, "content": orjson.dumps(statement.content).decode(),
            })

    def finishing(self, actor: str, activity_iri: str, owners: Collection[str]) -> list[Finishing]:
        """Statements of these owners that say the person finished the activity, whenever they came."""
        rows = self._work.find("statements", {"people": actor, "actor": actor, "activity": activity_iri,
                                              "finishes": True, "owner": {"$in": list(owners)}})
        return [Finishing(row["_id"].split("|")[0], actor, activity_iri, row["occurred_at"], row["rule"],
                          row["score"]) for row in rows]

    def find(self, node: str, identity: str) -> str | None:
        """The text of a statement that the node may see: its own first, else one of a node below."""
        row = self._work.get("statements", _row_id(identity, node))
        if row is None:
            rows = self._work.find("statements", {"_id": {"$gt": f"{identity}|", "$lt": f"{identity}|{AFTER_ALL}"},
                                                  "reach": node}, limit=1)
            row = rows[0] if rows else None
        return str(row["content"]) if row else None

    def page(self, node: str, query: StatementQuery) -> tuple[list[str], str | None]:
        """Texts of at most `query.limit` statements that the node may see, and the cursor to go on from, if any."""
        rows = self._work.find("statements", _filter(node, query),
                               [("position", 1 if query.ascending else -1)], query.limit + 1)
        shown = rows[:query.limit]
        return [row["content"] for row in shown], shown[-1]["position"] if len(rows) > len(shown) else None

    def erase(self, actors: Sequence[str]) -> int:
        """Delete what these people did, and take their names out of what others did; the number of deleted ones."""
        deleted = 0
        for actor in actors:
            for row in self._work.find("statements", {"people": actor}):
                if row["actor"] == actor:
                    self._work.delete("statements", {"_id": row["_id"]})
                    deleted += 1
                else:
                    self._forget(row, actor)
        return deleted

    def _forget(self, row: Row, actor: str) -> None:
        content = orjson.loads(row["content"])
        forget(content, {actor})
        self._work.update("statements", {"_id": row["_id"]}, {"$set": {
            "content": orjson.dumps(content).decode(), "people": list(people_of(content))}})


def _row_id(identity: str, owner: str) -> str:
    """Two libraries may be sent the same statement; neither learns of the other."""
    return f"{identity}|{owner}"


def _filter(node: str, query: StatementQuery) -> Row:
    asked: Row = {"reach": node}
    if query.actor:
        asked |= {"people": query.actor, "actor": query.actor}
    for name in ("verb", "activity", "registration"):
        value = getattr(query, name)
        if value:
            asked[name] = value
    bounds = {"$gt": [], "$lt": []}  # type: dict[str, list[str]]
    bounds["$gt"] += [query.since + "|" + AFTER_ALL] if query.since else []
    bounds["$lt"] += [query.until + "|" + AFTER_ALL] if query.until else []
    if query.cursor:
        bounds["$gt" if query.ascending else "$lt"].append(query.cursor)
    limits = {"$gt": max(bounds["$gt"], default=None), "$lt": min(bounds["$lt"], default=None)}
    position = {operator: value for operator, value in limits.items() if value is not None}
    return {**asked, "position": position} if position else asked
