"""`libranet demo` from an empty home, and once more on what the first run left: everything holds, nothing stays."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openbadgeslib.ob3 import OB3LdpVerifier, OB3VerificationError

from libranet.local import Platform, supervise
from tests.journeys.terminal import LIBRANET

pytestmark = pytest.mark.real
DEMO_SECONDS = 400
KEYS = {"gateway", "library_a", "library_b", "college", "xapi", "patron", "course", "activity_iri", "account"}


@dataclass(frozen=True)
class Run:
    """One run of the demo and the papers that it left."""

    home: Path
    code: int
    printed: str
    papers: dict[str, Any]
    left_running: dict[int, str]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Run]]:
    """Two runs, one after the other, in one home."""
    home = Path(tmp_path_factory.mktemp("demo")) / "var"
    yield [run(home) for _ in range(2)]
    Platform(home).stop()


def run(home: Path) -> Run:
    away = ("MONGO_URI", "AMQP_URI", "KEEP", "ID_KEY", "PSEUDONYM_KEY")
    told = {name: value for name, value in os.environ.items() if name not in away}
    done = subprocess.run([LIBRANET, "demo"], capture_output=True, text=True,
                          env=told | {"LIBRANET_HOME": str(home), "GATEWAY_PORT": "0"}, timeout=DEMO_SECONDS)
    papers = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in (home / "demo").glob("*.json")}
    return Run(home, done.returncode, done.stdout + done.stderr, papers, supervise.found(Platform(home).home))


@pytest.fixture(params=[0, 1], ids=["first", "second"])
def ran(runs: list[Run], request: pytest.FixtureRequest) -> Run:
    return runs[request.param]


def test_every_step_holds(ran: Run) -> None:
    assert ran.code == 0, ran.printed
    assert "✗" not in ran.printed
    assert "Traceback" not in ran.printed


def test_the_report_says_what_happened_and_how_long_it_took(ran: Run) -> None:
    report = ran.papers["report"]
    assert report["ok"] is True
    assert len(report["steps"]) >= 12
    for step in report["steps"]:
        assert step["ok"] is True
        assert isinstance(step["step"], str)
        assert isinstance(step["milliseconds"], int)
        assert step["step"] in ran.printed


def test_the_keys_are_there_to_try_things_by_hand_and_closed_to_others(ran: Run) -> None:
    keys = ran.papers["keys"]
    assert set(keys) == KEYS
    assert set(keys["xapi"]) == {"key", "secret"}
    assert set(keys["account"]) == {"homePage", "name"}
    assert all(isinstance(keys[name], str) for name in KEYS - {"xapi", "account"})
    assert (ran.home / "demo" / "keys.json").stat().st_mode & 0o077 == 0


def test_the_credential_is_verified_by_somebody_elses_software(ran: Run) -> None:
    credential = ran.papers["credential"]
    assert OB3LdpVerifier.for_issuer_did(credential["issuer"]["id"]).verify(credential)
    assert isinstance(credential["proof"], list)
    assert credential["proof"][0]["cryptosuite"] == "eddsa-rdfc-2022"


def test_a_credential_that_was_changed_is_not_verified(ran: Run) -> None:
    credential = ran.papers["credential"]
    subject = {**credential["credentialSubject"], "id": "urn:uuid:00000000-0000-4000-8000-000000000000"}
    with pytest.raises(OB3VerificationError):
        OB3LdpVerifier.for_issuer_did(credential["issuer"]["id"]).verify({**credential, "credentialSubject": subject})


def test_the_webhook_is_the_signed_event(ran: Run) -> None:
    webhook = ran.papers["webhook"]
    assert webhook["verified"] is True
    assert {"webhook-id", "webhook-timestamp", "webhook-signature"} <= set(webhook["headers"])
    assert webhook["body"]["type"] == "org.libranet.credentials.credential-shared.v1"
    assert webhook["body"]["id"] == webhook["headers"]["webhook-id"]
    assert ran.papers["credential"]["id"] == webhook["body"]["data"]["public_url"]


def test_nothing_of_it_still_runs(ran: Run) -> None:
    assert ran.left_running == {}


def test_the_second_run_uses_the_keys_of_the_first_for_another_patron(runs: list[Run]) -> None:
    first, second = (each.papers["keys"] for each in runs)
    assert {name: first[name] for name in ("library_a", "library_b", "college", "xapi")} == {
        name: second[name] for name in ("library_a", "library_b", "college", "xapi")}
    assert first["patron"] != second["patron"]
    assert first["account"] != second["account"]
