"""`python -m bench.capacity.index`: what the jobs process holds for so many open postings, without a database.

Each size is a process of its own. The rows are made as they are stored and come in lots of the same size; building
takes what a replica takes at its start, less the database.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any

import click

from bench.postings import Generator, lexicon
from bench.processes import resident_mib
from contracts.principal import Principal
from libranet.calls import CallRequest
from libranet.testing import a_request
from libranet.work import LOT
from services.jobs.matches.adapters.gazetteer import gazetteer
from services.jobs.matches.adapters.replica import built, read_texts
from services.jobs.postings.domain.wording import packed
from services.jobs.service import Jobs

SIZES = (1_000, 10_000, 100_000, 1_000_000)
ASKS, LISTED = 100, 20
WHO = Principal("bench", "library", "bench.library", ("jobs:read",))


class Made:
    """Stands in for a unit of work that reads postings and nothing else: all of them are in the first bucket."""

    def __init__(self, generator: Generator) -> None:
        self._rows: Mapping[str, Callable[[], Iterator[dict[str, Any]]]] = {
            "wordings": lambda: ({"_id": each.id, "owner": each.owner, "wording": packed(each)} for each in generator),
            "postings": lambda: ({"_id": each.id, "title": each.title, "employer": each.employer,
                                  "posted_at": each.posted_at, "text": each.text} for each in generator)}

    def lots(self, collection: str, query: Mapping[str, Any], *_: Any) -> Iterator[Callable[[], list[Any]]]:
        rest = self._rows[collection]() if query["bucket"] == 0 else iter(())
        while some := list(islice(rest, LOT)):
            yield partial(list, some)

    def each(self, *_: Any) -> Iterator[Any]:
        """There are no courses."""
        return iter(())


def measured(postings: int) -> dict[str, float]:
    """MiB of this process and CPU milliseconds of an answer, with so many postings."""
    generator, known = Generator(postings), lexicon()
    gazetteer()
    before, began = _mib(), time.process_time()
    index = built(known, Made(generator))
    matching, board_seconds = _mib() - before, time.process_time() - began
    read_texts(index, Made(generator))
    jobs = Jobs()
    jobs.known, jobs.jobs = index.lexicon, index
    matches = [_spent(jobs.match_jobs, a_request({"skills": _told(held), "limit": LISTED}, WHO))
               for held in generator.profiles(ASKS)]
    searches = [_spent(jobs.search_jobs, a_request({}, WHO, query={"q": f"w{number:x}", "limit": LISTED}))
                for number in range(ASKS)]
    return {"postings": postings, "matching_mib": round(matching), "process_mib": round(_mib()),
            "build_cpu_seconds": round(board_seconds, 1), "match_ms": round(statistics.median(matches), 2),
            "search_ms": round(statistics.median(searches), 2)}


def _told(held: list[str]) -> list[dict[str, Any]]:
    return [{"label": "held", "uri": uri, "bases": ["claimed"]} for uri in held]


def _spent(answer: Callable[[CallRequest, Any], Any], request: CallRequest) -> float:
    began = time.process_time()
    answer(request, None)
    return (time.process_time() - began) * 1000


def _mib() -> float:
    return resident_mib(os.getpid())


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--postings", type=int, help="One size, in this process.")
def main(postings: int | None) -> None:
    """Measure the index of open postings at 1,000 to 1,000,000, or at one size."""
    if postings is not None:
        click.echo(json.dumps(measured(postings)))
        return
    for size in SIZES:
        subprocess.run([sys.executable, "-m", "bench.capacity.index", "--postings", str(size)], check=True)


if __name__ == "__main__":
    main()
