"""Matching 20 skills with 100,000 postings: ready, near and the gaps, as the call answers it.

Beside it what one would do without an index: a scan in Python over postings in memory, and `$in` on the skills in the
database with the same scoring of what it gives. The database is the stand-in, which scans for `$in` whether there is an
index on it or not; MongoDB would use one, and still have to hand over every posting that wants one of the skills. Told
beside: how long the index takes to build from the database, what it weighs, and how much a changed posting costs.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterable
from itertools import islice
from math import log1p
from typing import Any

import click

from bench.parts import Parts
from bench.postings import Generator, lexicon
from bench.processes import Spending, resident_mib
from bench.table import Row
from contracts.principal import Principal
from libranet.mongo import Database
from libranet.testing import a_request
from services.jobs.matches.adapters.gazetteer import gazetteer
from services.jobs.matches.adapters.index import Index
from services.jobs.matches.adapters.replica import built, read_texts
from services.jobs.postings.store import PostingStore
from services.jobs.service import Jobs
from services.jobs.store import COLLECTIONS

BATCH = 500
WISHED_WEIGHT, LISTED = 0.25, 20
SLOW_ASKS, SLOWEST_ASKS = 10, 1
"""Of what takes a tenth of a second, and of what takes many (the stand-in's `$in`)."""
Answerer = Callable[[list[str]], Any]


def run(parts: Parts, postings: int, asks: int) -> list[Row]:
    """One row for each way to answer."""
    parts.drop("jobs")
    generator = Generator(postings)
    os.environ["MONGO_URI"] = parts.operator["MONGO_URI"]
    database = Database().connect("jobs", COLLECTIONS, holder="bench")
    _fill(database, generator)
    index = _built(database)
    wanted = [({each.uri for each in posting.skills if each.required},
               {each.uri for each in posting.skills if not each.required}) for posting in generator]
    rarity = _rarity(wanted)
    profiles = generator.profiles(asks)
    ways: list[tuple[str, Answerer, int]] = [
        ("libranet: ready, near, gaps", _ours(index), asks),
        ("a scan in Python, scores alone", lambda held: _scan(wanted, held, rarity), SLOW_ASKS),
        ("$in in the database, then scores", lambda held: _in_database(parts, held, rarity), SLOWEST_ASKS)]
    ways[0][1](profiles[0])
    rows = [_measured(parts, title, answer, profiles[:count]) for title, answer, count in ways]
    _tell_of_changes(index, generator)
    return [Row(**{**vars(row), "times_ours": row.cost_us / rows[0].cost_us}) for row in rows]


def _measured(parts: Parts, title: str, answer: Answerer, profiles: list[list[str]]) -> Row:
    spent: list[float] = []
    database = Spending(parts.pids("database"))
    started = time.perf_counter()
    for held in profiles:
        before = time.process_time()
        answer(held)
        spent.append((time.process_time() - before) * 1e3)
    seconds, count = time.perf_counter() - started, len(profiles)
    return Row("match", title, count / seconds, statistics.mean(spent) * 1e3,
               {"database": database.seconds()["database"] / count * 1e6},
               more={"p50_ms": statistics.median(spent), "p95_ms": sorted(spent)[int(count * 0.95)]})


def _ours(index: Index) -> Answerer:
    jobs = Jobs()
    jobs.known, jobs.jobs = index.lexicon, index
    who = Principal("bench", "library", "bench.library", ("jobs:read",))

    def answer(held: list[str]) -> Any:
        body = {"skills": [{"label": "held", "uri": uri, "bases": ["claimed"]} for uri in held], "limit": LISTED}
        return jobs.match_jobs(a_request(body, who), None)

    return answer


def _fill(database: Database, generator: Generator) -> None:
    rest = iter(generator)
    while some := list(islice(rest, BATCH)):
        database.transact(lambda work, some=some: PostingStore(work).add(some))  # type: ignore[misc]


def _built(database: Database) -> Index:
    gazetteer()
    known = lexicon()
    index = _told("matching", lambda: built(known, database.reading()))
    _told("and searching", lambda: read_texts(index, database.reading()))
    return index


def _told(title: str, build: Callable[[], Any]) -> Any:
    memory, spent, started = resident_mib(os.getpid()), time.process_time(), time.perf_counter()
    made = build()
    click.echo(f"index from the database, {title}: {time.perf_counter() - started:.1f} s, "
               f"{time.process_time() - spent:.1f} s CPU of ours, "
               f"{resident_mib(os.getpid()) - memory:.0f} MiB more in memory "
               f"({resident_mib(os.getpid()):.0f} MiB the process)")
    return made


def _tell_of_changes(index: Index, generator: Generator) -> None:
    """A hundred changed postings: on the board (the hub waits), and in the text index (another thread)."""
    listings = [index.board.listing_of(posting.id) for posting in islice(generator, 100)]
    before = time.process_time()
    index.board.put(each for each in listings if each)
    index.board.settle()
    click.echo(f"a changed posting on the board: {(time.process_time() - before) * 1e4:.0f} us")


def _rarity(wanted: Iterable[tuple[set[str], set[str]]]) -> dict[str, float]:
    counts: dict[str, int] = {}
    postings = 0
    for required, wished in wanted:
        postings += 1
        for uri in required | wished:
            counts[uri] = counts.get(uri, 0) + 1
    return {uri: log1p(postings / count) for uri, count in counts.items()}


def _scan(wanted: Iterable[tuple[set[str], set[str]]], held: list[str], rarity: dict[str, float]) -> list[Any]:
    has = set(held)
    scored = [(_coverage(required, wished, has, rarity), number) for number, (required, wished) in enumerate(wanted)
              if has & required or has & wished]
    return sorted(scored, reverse=True)[:LISTED]


def _coverage(required: set[str], wished: set[str], has: set[str], rarity: dict[str, float]) -> float:
    all_of_it = sum(rarity[uri] for uri in required) + WISHED_WEIGHT * sum(rarity[uri] for uri in wished)
    there = sum(rarity[uri] for uri in required & has) + WISHED_WEIGHT * sum(rarity[uri] for uri in wished & has)
    return there / all_of_it


def _in_database(parts: Parts, held: list[str], rarity: dict[str, float]) -> list[Any]:
    postings = parts.database["libranet_jobs"].postings
    found = postings.find({"state": "open", "skills.uri": {"$in": held}}, {"skills": 1})
    wanted = [({each["uri"] for each in row["skills"] if each["required"]},
               {each["uri"] for each in row["skills"] if not each["required"]}) for row in found]
    return _scan(wanted, held, rarity)
