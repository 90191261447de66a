"""By which index each query is served: what the services ask their database, read from its own profile of commands.

An index serves a query as far as its first keys are those that the query fixes, then one that it bounds or sorts by.
What is left over is looked at document by document. Reads of whole small collections are left to the reader to judge.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.capacity.operations import Visited
from bench.capacity.stage import Stage
from libranet.collection import Collection

EVERYTHING, NOTHING = 2, 0
"""Levels of the database's profile (MongoDB manual, `profile`)."""
FIXING, BOUNDING = {"$eq", "$in"}, {"$gt", "$gte", "$lt", "$lte"}
BY_ID = ("_id",)
Keys = tuple[str, ...]


@dataclass(frozen=True)
class Query:
    """A query's shape, and the index that serves it best: `by` its first keys, `left` the members that are then looked
    at, and whether what is found has still to be sorted."""

    collection: str
    operation: str
    asked: tuple[str, ...]
    sort: Keys
    limited: bool
    by: Keys
    left: Keys
    sorted_afterwards: bool
    times: int

    @property
    def is_served(self) -> bool:
        return bool(self.by) and not self.sorted_afterwards


@dataclass(frozen=True)
class Asked:
    """What one query asks: members that it fixes to values, those that it bounds, those that it asks otherwise."""

    fixed: frozenset[str]
    bounded: frozenset[str]
    otherwise: frozenset[str]
    sort: Keys

    @property
    def shape(self) -> tuple[str, ...]:
        return (*(f"{each} =" for each in sorted(self.fixed)), *(f"{each} <>" for each in sorted(self.bounded)),
                *(f"{each} ?" for each in sorted(self.otherwise)))


Shape = tuple[str, str, str, Asked, bool]
"""Database, collection, command, what it asks, and whether it wants so many at most."""


def audited(stage: Visited, kept: Mapping[str, Mapping[str, Collection]], words: Sequence[str]) -> list[Query]:
    """Asks each operation that is chosen a few times while the databases note every command; each shape once."""
    for name in kept:
        stage.mongo[name].command("profile", EVERYTHING)
    for operation in stage.chosen(words):
        for number in range(min(operation.times, 2)):
            operation.act(number)
    stage.settle()
    for name in kept:
        stage.mongo[name].command("profile", NOTHING)
    shapes: Counter[Shape] = Counter()
    for name in kept:
        shapes.update(shape for entry in stage.mongo[name]["system.profile"].find()
                      for shape in _shapes(name, entry["command"]))
        stage.mongo[name].drop_collection("system.profile")
    queries = [_query(stage, shape, times) for shape, times in shapes.items()]
    return sorted(queries, key=lambda each: (each.is_served, each.collection, each.asked))


def _shapes(database: str, command: Mapping[str, Any]) -> Iterator[Shape]:
    for operation, collection, query, sort, limit in _filters(command):
        for branch in query.get("$or", [{}]):
            asked = _asked({**{name: each for name, each in query.items() if name != "$or"}, **branch}, sort)
            yield database, collection, operation, asked, bool(limit)


def _query(stage: Stage, shape: Shape, times: int) -> Query:
    database, collection, operation, asked, limited = shape
    known = stage.mongo[database][collection].index_information().values()
    by, left, afterwards = served(asked, [BY_ID, *(tuple(name for name, _ in each["key"]) for each in known)])
    return Query(f"{database}.{collection}", operation, asked.shape, asked.sort, limited, by, left, afterwards, times)


def _filters(command: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any], Keys, int]]:
    """(command, collection, filter, sort, limit) of each query in a command."""
    if "find" in command:
        sort, limit = tuple(command.get("sort", {})), command.get("limit", 0)
        yield "find", command["find"], command.get("filter", {}), sort, limit
    for operation, many in (("update", "updates"), ("delete", "deletes")):
        if operation in command:
            for each in command.get(many, ()):
                yield operation, command[operation], each["q"], (), 0
    if "aggregate" in command and command.get("pipeline"):
        first = command["pipeline"][0]
        yield "aggregate", command["aggregate"], first.get("$match", {}), (), 0


def _asked(query: Mapping[str, Any], sort: Keys) -> Asked:
    fixed, bounded, otherwise = set(), set(), set()
    for name, value in query.items():
        operators = set(value) if isinstance(value, Mapping) else {"$eq"}
        if operators <= FIXING:
            fixed.add(name)
        elif operators <= BOUNDING | FIXING:
            bounded.add(name)
        else:
            otherwise.add(name)
    return Asked(frozenset(fixed), frozenset(bounded), frozenset(otherwise), sort)


def served(asked: Asked, indexes: Sequence[Keys]) -> tuple[Keys, Keys, bool]:
    """The keys of the best index that count, what they leave over, and whether the answer is sorted afterwards."""
    return min((_by(asked, each) for each in indexes),
               key=lambda each: (not each[0], not asked.fixed & set(each[0]), each[2], len(each[1])))


def _by(asked: Asked, index: Keys) -> tuple[Keys, Keys, bool]:
    used: list[str] = []
    for key in index:
        if key not in asked.fixed:
            break
        used.append(key)
    rest = index[len(used):]
    if rest and (rest[0] in asked.bounded or rest[:1] == asked.sort[:1]):
        used.append(rest[0])
    left = tuple(sorted((asked.fixed | asked.bounded | asked.otherwise) - set(used)))
    in_order = rest[:len(asked.sort)] == asked.sort or set(asked.sort) <= asked.fixed
    return tuple(used), left, bool(asked.sort) and not in_order


def text(queries: Sequence[Query]) -> str:
    """A line each, what no index serves first."""
    lines = ["queries by the index that serves them (left: looked at one by one)"]
    for each in queries:
        how = f"by {', '.join(each.by)}" if each.by else "READS ALL"
        left = f"; left {', '.join(each.left)}" if each.left else ""
        when = " AFTERWARDS" if each.sorted_afterwards else ""
        order = f"; sorted by {', '.join(each.sort)}{when}" if each.sort else ""
        lines.append(f"{each.collection} {each.operation} [{', '.join(each.asked)}] {how}{left}{order}"
                     f"{'; limited' if each.limited else ''} ({each.times})")
    return "\n".join(lines)
