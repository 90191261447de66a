"""`make check-security`: what reads the code for faults, in the environment that `./setup.sh security` makes.

Nothing of it asks the network. Ends with 1 when anything is found that is not explained.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(sys.prefix) / "bin"
CODE = ("libranet", "contracts", "services", "gateway", "demo")
RULES = "deploy/security/rules.yaml"
EXPLAINED = {
    "gateway/gunicorn.conf.py": "B108: a heartbeat's file, without data",
    "gateway/pages/__init__.py": "B704: our own style sheet, put into our own page",
    "gateway/pages/plain.py": "B704: our own style sheet, put into our own page",
    "gateway/printed.py": "B704: our own style sheet, put into our own page",
    "libranet/local/supervise.py": "B411: the supervisor's socket, which only its owner can open",
}
"""What bandit finds at medium severity and above, by file: looked at, and why it stays."""
GUESSES = ("Base64HighEntropyString", "HexHighEntropyString", "KeywordDetector", "BasicAuthDetector")
"""Digests, names of settings, and addresses in examples look like secrets to these."""
EXAMPLES = "tests/services/test_credentials_outside_documents.py"
"""Holds a token, to see it refused."""
WAYS_TO_FETCH = (
    "urllib.request.urlopen", "requests.get", "httpx.Client", "urllib3.request", "urllib3.PoolManager",
    "urllib3.ProxyManager", "urllib3.HTTPConnectionPool", "urllib3.HTTPSConnectionPool", "urllib3.connection_from_url",
    "urllib3.connectionpool.HTTPSConnectionPool", "urllib3.poolmanager.PoolManager",
    "urllib3.connection.HTTPConnection", "http.client.HTTPConnection", "http.client.HTTPSConnection",
    "socket.create_connection")
"""What `we-fetch-by-one-way` has to find in a service, by its whole name and when it is imported from its module."""


def main() -> None:
    found = [*semgrep(), *unseen(), *bandit(), *secrets()]
    sys.stdout.writelines(f"{line}\n" for line in found or ["Nothing was found."])
    sys.exit(1 if found else 0)


def semgrep() -> list[str]:
    told = asked("semgrep", "scan", "--config", RULES, "--json", "--metrics", "off", "--disable-version-check", *CODE)
    if told["errors"]:
        return [f"semgrep: {each['message']}" for each in told["errors"]]
    return [f"{each['path']}:{each['start']['line']}: {each['extra']['message']}" for each in told["results"]]


def unseen() -> list[str]:
    """Ways to fetch that the rule would let pass."""
    with tempfile.TemporaryDirectory() as folder:
        sample = Path(folder) / "services" / "sample.py"
        sample.parent.mkdir()
        ways = [(way.rpartition("."), way) for way in WAYS_TO_FETCH]
        lines = [line for (module, _, name), way in ways
                 for line in (f"import {module}; {way}('there')", f"from {module} import {name} as ask; ask('there')")]
        sample.write_text("\n".join(lines), encoding="utf-8")
        told = asked("semgrep", "scan", "--config", str(ROOT / RULES), "--json", "--metrics", "off",
                     "--disable-version-check", ".", at=Path(folder))
    seen = {each["start"]["line"] for each in told["results"] if each["check_id"].endswith("we-fetch-by-one-way")}
    return [f"{RULES}: lets pass: {line}" for number, line in enumerate(lines, 1) if number not in seen]


def bandit() -> list[str]:
    told = asked("bandit", "--recursive", *CODE, "--severity-level", "medium", "--format", "json", "--quiet")
    return [f"{each['filename']}:{each['line_number']}: {each['test_id']}: {each['issue_text']}"
            for each in told["results"] if each["test_id"] not in EXPLAINED.get(each["filename"], "")]


def secrets() -> list[str]:
    """Keys and tokens of known forms in any file that is committed."""
    left_out = [part for name in GUESSES for part in ("--disable-plugin", name)]
    told = asked("detect-secrets", "scan", "--no-verify", *left_out, "--exclude-files", EXAMPLES)
    return [f"{each['filename']}:{each['line_number']}: looks like a secret ({each['type']})"
            for found in told["results"].values() for each in found]


def asked(program: str, *arguments: str, at: Path = ROOT) -> dict[str, list[dict[str, Any]]]:
    """What the program tells as JSON. Raises RuntimeError when it tells nothing."""
    command = [PROGRAMS / program, *arguments]
    done = subprocess.run(command, cwd=at, capture_output=True, text=True)  # noqa: S603 - our own words
    if not done.stdout:
        raise RuntimeError(f"{program} ended with {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


if __name__ == "__main__":
    main()
