"""`make check-api`: schemathesis asks for every operation of a platform of its own, once as each kind of caller.

The schemathesis is that of `./setup.sh api`; platform and things are those of tests/journeys. No answer may be a 5xx,
or other than `/openapi.json` has it (status, media type, headers, schema), or hold what belongs to another library or
college. Ends with 1 when anything is found; whole reports are in var/check-api.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from deploy.api import plans  # noqa: E402
from libranet.local import Platform  # noqa: E402
from tests.journeys.consortium import UNHURRIED, made_consortium  # noqa: E402
from tests.journeys.door import Door  # noqa: E402
from tests.journeys.stage import OTHER_COLLEGE, OTHER_LIBRARY, Stage, keys_of_riverside  # noqa: E402
from tests.journeys.things import CARD_PIN, SYSTEM_LOGIN, made_things  # noqa: E402
from tests.library_system import Holder, library_system  # noqa: E402

PROGRAM = ROOT / ".venv" / "api" / "bin" / "schemathesis"
SETTINGS = "deploy/api/schemathesis.toml"
REPORTS = ROOT / "var" / "check-api"


def main() -> None:
    asked = arguments()
    with tempfile.TemporaryDirectory() as home, played(Path(home)) as cast:
        prepared = [(each, plans.write(cast.plan(each), REPORTS / each)) for each in asked.callers]
        found = [caller for caller, plan in prepared if not passes(cast, caller, plan, asked)]
    say(f"Something was found as {', '.join(found)}." if found else "Nothing was found.")
    sys.exit(1 if found else 0)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Ask for every operation as each kind of caller.")
    parser.add_argument("--callers", nargs="+", choices=plans.CALLERS, default=plans.CALLERS)
    parser.add_argument("--examples", type=int, default=5, help="made-up calls to each operation, besides its bounds")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes up the same calls")
    parser.add_argument("--operation", help="ask for this one only, by its operationId")
    return parser.parse_args()


@contextmanager
def played(home: Path) -> Iterator[plans.Cast]:
    """A platform with two libraries and two colleges that have one of each thing."""
    with ExitStack() as stack:
        platform = stack.enter_context(Platform(home=home, gateway_port=0, extra_env=UNHURRIED, private=True))
        say("Starting a platform ...")
        platform.start()
        keys = made_consortium(platform)
        cards = stack.enter_context(library_system(anybody=Holder(CARD_PIN), login=SYSTEM_LOGIN))
        stage = stack.enter_context(Stage(platform, keys))
        other = stack.enter_context(Stage(platform, keys, OTHER_LIBRARY, OTHER_COLLEGE))
        mine, theirs = made_things(stage, cards.port), made_things(other, cards.port)
        yield plans.Cast(stage, Door(platform.urls["gateway"], keys_of_riverside(keys), mine.app), mine, theirs)


def passes(cast: plans.Cast, caller: str, plan: Path, asked: argparse.Namespace) -> bool:
    """Whether nothing is found; says what was asked for and answered, and shows what is found."""
    folder, key = plan.parent, cast.key_of(caller)  # a session that was begun before the others asked would be over
    left_out = [part for name in plans.LEFT_OUT.get(caller, ()) for part in ("--exclude-operation-id", name)]
    command = [
        PROGRAM, "--no-color", "--config-file", SETTINGS, "run", f"{cast.stage.platform.urls['gateway']}/openapi.json",
        "--max-examples", str(asked.examples), "--seed", str(asked.seed),
        "--report", "json", "--report-json-path", folder / "report.json", *left_out,
        *(["--header", f"Authorization: Bearer {key}"] if key else []),
        *(["--include-operation-id", asked.operation] if asked.operation else [])]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "CHECK_API_PLAN": str(plan)},  # noqa: S603 - our own
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    (folder / "output.txt").write_text(done.stdout, encoding="utf-8")
    told = read(folder / "told.json")
    passed_over = [] if asked.operation else sorted(set(read(plan)["own"]) - {*told["asked"], plans.NEVER_ASKED})
    if done.returncode:
        say(done.stdout)
    if passed_over:
        say(f"{caller} did not ask for {', '.join(passed_over)}.")
    say(summary(caller, told, read(folder / "report.json")))
    return done.returncode == 0 and not passed_over


def summary(caller: str, told: dict[str, Any], report: dict[str, Any]) -> str:
    """One line, such as "library: 179 operations, 9000 calls (200: 4000, 422: 5000), 0 faults"."""
    answers = ", ".join(f"{status}: {count}" for status, count in sorted(told["answers"].items()))
    return (f"{caller}: {len(told['asked'])} operations, {sum(told['answers'].values())} calls ({answers}), "
            f"{report['test_cases']['unique_failures']} faults")


def read(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text(encoding="utf-8"))


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
