"""`make audit`: asks the databases of known faults about every package that any lock names, in the environment that
`./setup.sh security` makes.

This needs the network: PyPI's own API and the registry of npm. Ends with 1 when a package has a known fault, and when
a database gives no answer: what was not asked is not taken for sound.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PIP_AUDIT = Path(sys.prefix) / "bin" / "pip-audit"
LOCKS = (
    "requirements.lock", "bench/requirements.lock", "deploy/requirements.lock", "deploy/security/requirements.lock",
    "deploy/api/requirements.lock")
FOLDERS_OF_NPM = ("tests/wallets/openid4vc", "bench/contenders/digitalbazaar")
ANSWER_SECONDS, LIMIT_SECONDS = 15, 600


def main() -> None:
    found = [line for lock in LOCKS for line in of_pip(lock)]
    found += [line for folder in FOLDERS_OF_NPM for line in of_npm(folder)]
    sys.stdout.writelines(f"{line}\n" for line in found or ["No package of any lock has a known fault."])
    sys.exit(1 if found else 0)


def of_pip(lock: str) -> Iterator[str]:
    """The versions and hashes of the lock are taken as they are: nothing is resolved or installed."""
    told, complaint = said(PIP_AUDIT, "--requirement", lock, "--require-hashes", "--disable-pip", "--format", "json",
                           "--progress-spinner", "off", "--timeout", str(ANSWER_SECONDS))
    yield from faults_of_pip(lock, told) if "dependencies" in told else [not_asked(lock, complaint)]


def faults_of_pip(lock: str, told: dict[str, Any]) -> Iterator[str]:
    """What the database does not know is left out by pip-audit, which then ends well; not so here."""
    reasons = [each["skip_reason"] for each in told["dependencies"] if "skip_reason" in each]
    if reasons:
        yield not_asked(f"{lock} ({len(reasons)} of {len(told['dependencies'])} packages)", f"{reasons[0]}, …")
    for each in told["dependencies"]:
        for fault in each.get("vulns", ()):
            mended = ", ".join(fault["fix_versions"]) or "no version yet"
            yield f"{lock}: {each['name']} {each['version']}: {fault['id']}, mended in {mended}"


def of_npm(folder: str) -> Iterator[str]:
    lock = f"{folder}/package-lock.json"
    told, complaint = said("npm", "audit", "--package-lock-only", "--json", "--prefix", folder,
                           "--fetch-timeout", str(ANSWER_SECONDS * 1000), "--fetch-retries", "0")
    why = str(told.get("message") or told.get("error") or complaint)
    yield from faults_of_npm(lock, told) if "vulnerabilities" in told else [not_asked(lock, why)]


def faults_of_npm(lock: str, told: dict[str, Any]) -> Iterator[str]:
    """A package that only brings another one with a fault is not named beside it."""
    for each in told["vulnerabilities"].values():
        for fault in each["via"]:
            if isinstance(fault, dict):
                yield f"{lock}: {each['name']} {each['range']}: {fault['title']} ({fault['severity']}), {fault['url']}"


def not_asked(what: str, why: str) -> str:
    return f"{what}: NOT ASKED, so nothing is known of it. Run this where the databases can be reached: {why}"


def said(*command: str | Path) -> tuple[dict[str, Any], str]:
    """What a program tells as JSON, or nothing, and the last line of its complaint."""
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=LIMIT_SECONDS)
    except FileNotFoundError:
        return {}, f"{command[0]} is not installed"
    except subprocess.TimeoutExpired:
        return {}, f"no answer within {LIMIT_SECONDS} seconds"
    try:
        told: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        told = {}
    return told, (done.stderr.strip() or f"ended with {done.returncode}").splitlines()[-1]


if __name__ == "__main__":
    main()
