"""`python -m bench.faults [NAME …]`: every scenario, or those whose names hold one of the words given."""

import json
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from bench.faults import ledger
from bench.faults.flow import SENDING, Flow
from bench.faults.ledger import Counted
from bench.faults.release import NoReleaseBefore, commit_before
from bench.faults.scenarios import BESIDE, SCENARIOS, Scenario
from bench.faults.stage import Stage
from bench.line import UNLIMITED
from demo import statements
from libranet.local import Platform

REPORT = Path(__file__).resolve().parents[2] / "var" / "bench" / "faults.json"
EVENTS_A_SECOND, SHORTEST_SECONDS = 25, 4
"""Half of what the line takes with the stand-in on two cores: at more the seconds to recover tell how long the queue is
that came meanwhile."""
AIM_SECONDS = 10
PATIENCE_SECONDS = 150


@dataclass(frozen=True)
class Result:
    """Of one scenario. `recovery_seconds`: from the mending until a webhook about what was sent after it."""

    scenario: str
    events: int
    lost: int
    doubled: int
    recovery_seconds: float
    places: Sequence[Counted]

    @property
    def holds(self) -> bool:
        """Nothing lost, nothing doubled, soon back."""
        return self.lost == self.doubled == 0 and self.recovery_seconds <= AIM_SECONDS


def tried(scenario: Scenario, stage: Stage, events: int, a_second: int) -> Result:
    """Lets the events flow, breaks, mends, waits until all came out or nothing more comes, and counts."""
    course = stage.offer()
    accounts = stage.each(lambda patron: stage.enrol(patron, course), stage.patrons[:events])
    sent = [statements.openedx_course_passed(str(uuid.uuid4()), account, course["activity_iri"], course["title"])
            for account in accounts]
    before = ledger.totals(stage.mongo)
    flow = Flow(stage.platforms(SENDING), sent, max(events / a_second, SHORTEST_SECONDS))
    back = scenario.act(stage, flow)
    flow.join()
    stage.ready()
    counted = _settled(stage, course, events, before)
    stage.forget_quarantine()
    lost, doubled = (sum(getattr(each, name) for each in counted) for name in ("lost", "doubled"))
    tried_after = {account["name"] for number, account in enumerate(accounts) if flow.first_tried[number] > back}
    return Result(scenario.name, events, lost, doubled, _recovery(stage, course, tried_after, back), counted)


def _settled(stage: Stage, course: dict[str, str], events: int, before: ledger.Counter[str]) -> list[Counted]:
    """Until nothing is missing, for at most PATIENCE_SECONDS; then once more, for what comes too often."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        counted = ledger.counted(stage.mongo, course, events, before, stage.partner)
        if not any(each.lost for each in counted) and not ledger.waiting(stage.mongo):
            break
        time.sleep(1)
    time.sleep(1)
    return ledger.counted(stage.mongo, course, events, before, stage.partner)


def _recovery(stage: Stage, course: dict[str, str], tried_after: set[str], back: float) -> float:
    """By accounts' names, which end with the patron's id; where nothing was left to send, until the last webhook."""
    arrived = stage.partner.arrived
    issued = {each["public_id"]: each["patron"] for each in ledger.credentials(stage.mongo, course["achievement"])}
    after = [arrived[public] for public, patron in issued.items()
             if public in arrived and f"learner-{patron}" in tried_after]
    moment = min(after) if after else max((arrived[public] for public in issued if public in arrived), default=back)
    return round(max(moment - back, 0.0), 2)


def written(results: Sequence[Result]) -> str:
    """The report as JSON, a line for each scenario; of places those where something was lost or doubled."""
    shown = ({**asdict(each), "places": [asdict(one) for one in each.places if one.lost or one.doubled]}
             for each in results)
    return "[\n" + ",\n".join(map(json.dumps, shown)) + "\n]\n"


def chosen(names: Sequence[str]) -> list[Scenario]:
    """Those whose names hold one of the words; all without any."""
    return [each for name, each in SCENARIOS.items() if not names or any(word in name for word in names)]


def run(scenarios: Sequence[Scenario], events: int, a_second: int = EVENTS_A_SECOND) -> Iterator[Result]:
    """On one platform, which grows."""
    with tempfile.TemporaryDirectory(prefix="libranet-faults-") as home:
        with Platform(home=Path(home), gateway_port=0, extra_env=UNLIMITED, private=True) as platform:
            platform.start()
            stage = Stage(platform, events)
            try:
                for each in scenarios:
                    yield tried(each, stage, events, a_second)
            finally:
                stage.close()


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1)
@click.option("--events", default=1000, show_default=True, help="Of each scenario.")
@click.option("--a-second", default=EVENTS_A_SECOND, show_default=True, help="How many events are sent in a second.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), default=REPORT, show_default=True)
def main(names: tuple[str, ...], events: int, a_second: int, report: Path) -> None:
    """Break one thing after the other while events flow, and count what is lost, what is doubled, and for how long
    nothing went. NAMES: words that scenarios' names hold; all scenarios without any (about two hours)."""
    results, scenarios = [], chosen(names)
    if SCENARIOS[BESIDE] in scenarios:
        click.echo(f"The release before is {_commit_before()}.")
    click.echo(f"{'scenario':<58}{'lost':>6}{'doubled':>9}{'seconds':>9}")
    for each in run(scenarios, events, a_second):
        results.append(each)
        click.echo(f"{each.scenario:<58}{each.lost:>6}{each.doubled:>9}{each.recovery_seconds:>9.1f}"
                   f"{'' if each.holds else '  <-'}")
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(written(results), encoding="utf-8")
    click.echo(f"{sum(each.holds for each in results)} of {len(results)} hold. The whole report: {report}")
    sys.exit(0 if results and all(each.holds for each in results) else 1)


def _commit_before() -> str:
    """Asked for at once, not after two hours."""
    try:
        return commit_before()
    except NoReleaseBefore as reason:
        raise click.ClickException(f"{reason} Or name the scenarios that you want.") from reason


if __name__ == "__main__":
    main()
