"""`python -m bench.capacity.plan`: how many replicas of each process so many libraries need, from what was measured.

The load is assumed, not measured: change what is said here to what your libraries are like, and read the table anew.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

import click

from bench.capacity.__main__ import REPORT
from bench.capacity.measuring import ELSEWHERE, LINE


@dataclass(frozen=True)
class Kind:
    """A kind of library: its part of all, its patrons who ever came here, and those who come on a day."""

    part: float
    patrons: int
    active: int


LIBRARIES = {"small": Kind(0.70, 500, 15), "middle": Kind(0.25, 5_000, 150), "large": Kind(0.05, 50_000, 1_500)}
OF_ONE_WHO_COMES: Mapping[str, float] = {
    "signed-in request": 6, "profile read": 2, "matches of a patron": 2, "jobs searched": 4,
    "credentials of a patron": 1, "statement in, about nobody known": 10, LINE: 0.05,
    "credential shared, with its webhook": 0.02, "credential read in public": 0.1, "credential verified": 0.02,
    "patron registered, with matches": 0.02, "consent given": 0.04, "statements read, of one account": 0.1,
    "partner's feed, a page": 0.2, "measures": 0.01, "all that is held of a patron": 0.001,
    "patron erased, by everybody": 0.0005}
"""How often on a day, for each patron who comes on it: a visit of a dozen pages, an online course for some of them."""
OF_A_LIBRARY: Mapping[str, float] = {"postings imported": 300}
"""How often on a day for each library: open postings of its boards, which are all read every day."""
PEAK_HOUR, BURST = 0.12, 3.0
"""The busiest hour's part of a day, and how much more than that hour's mean comes in its busiest seconds."""
SHARE = 0.5
"""Of a core that one replica uses at the peak: half, so that what waits does not pile up."""
LEAST = 2
SIZES = (10, 100, 500)
AN_HOUR = 3600


@dataclass(frozen=True)
class Need:
    """What a process needs at the peak."""

    cores: float

    @property
    def replicas(self) -> int:
        """One more than the load needs, so that one may be missing."""
        return max(LEAST, ceil(self.cores / SHARE) + 1)


def a_second(libraries: int) -> dict[str, float]:
    """How often each operation is asked at the peak."""
    active = libraries * sum(each.part * each.active for each in LIBRARIES.values())
    times = {name: active * often for name, often in OF_ONE_WHO_COMES.items()}
    times |= {name: libraries * often for name, often in OF_A_LIBRARY.items()}
    return {name: often * PEAK_HOUR * BURST / AN_HOUR for name, often in times.items()}


def patrons(libraries: int) -> int:
    return round(libraries * sum(each.part * each.patrons for each in LIBRARIES.values()))


def needs(size: Mapping[str, Any], libraries: int, times: float) -> dict[str, Need]:
    """By process, from the CPU time that each operation costs it, and what it spends while nothing is asked."""
    asked, cores = a_second(libraries), dict(size["idle"])
    for cost in size["costs"]:
        for process, spent_ms in cost["cpu_ms"].items():
            cores[process] += times * asked.get(cost["operation"], 0) * spent_ms / 1000
    return {process: Need(spent) for process, spent in cores.items()}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--times", default=1.0, show_default=True, help="So many times the load that is assumed.")
def main(times: float) -> None:
    """Say what 10, 100 and 500 libraries need, by the newest report of `python -m bench.capacity`."""
    report = json.loads(REPORT.read_text(encoding="utf-8"))
    lacking = a_second(1).keys() - {each["operation"] for each in report["sizes"][-1]["costs"]}
    if lacking:
        raise click.ClickException(f"{REPORT} lacks {', '.join(sorted(lacking))}: "
                                   "run `python -m bench.capacity` without WORDS before.")
    life = sum(sum(each.values()) for each in report["life_bytes"].values())
    for libraries in SIZES:
        click.echo(f"{libraries} libraries: {patrons(libraries):,} patrons, "
                   f"{times * sum(a_second(libraries).values()):.1f} operations a second at the peak, "
                   f"{patrons(libraries) * life / 2**30:.1f} GiB of documents")
        for process, need in needs(report["sizes"][-1], libraries, times).items():
            replicas = "" if process in ELSEWHERE else f", {need.replicas} replicas"
            click.echo(f"  {process:12} {need.cores:6.2f} cores{replicas}")


if __name__ == "__main__":
    main()
