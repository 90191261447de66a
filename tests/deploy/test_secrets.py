"""`libranet deployment secrets`: a folder for each process, made once, readable by nobody else on the machine."""

import json
import re
import stat
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from libranet import deployment
from libranet.local.parts import RUNNERS
from tests.deploy.rendered import ROOT, compose, of


@pytest.fixture
def written(tmp_path: Path) -> Path:
    folder = tmp_path / "deployment"
    done = CliRunner().invoke(deployment.deployment_commands, [
        "secrets", str(folder), "--broker", "amqps://events:5671/libranet", "--database", "mongodb://one,two/?tls=true"])
    assert done.exit_code == 0, done.output
    return folder


def files(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


def test_a_process_finds_its_account_in_its_addresses(written: Path) -> None:
    broker = urlsplit((written / "jobs" / "amqp-uri").read_text())
    assert (broker.scheme, broker.username, broker.hostname, broker.port) == ("amqps", "jobs", "events", 5671)
    assert broker.password in (written / "secrets" / "broker-passwords.json").read_text()
    database = (written / "jobs" / "mongo-uri").read_text()
    assert database == f"mongodb://jobs:{(written / 'database' / 'jobs-password').read_text()}@one,two/?tls=true"


def test_what_is_there_stays_when_it_is_repeated(written: Path) -> None:
    before = files(written)
    deployment.write_secrets(written, "amqps://events:5671/libranet", "mongodb://one,two/?tls=true")
    after = files(written)
    salted = "broker/users.json"
    assert {name: text for name, text in after.items() if name != salted} == {
        name: text for name, text in before.items() if name != salted}


def test_a_new_address_is_told_to_everybody(written: Path) -> None:
    deployment.write_secrets(written, "amqp://elsewhere/libranet", "mongodb://two/")
    assert {urlsplit((written / name / "amqp-uri").read_text()).hostname for name in RUNNERS} == {"elsewhere"}


def test_a_container_may_read_what_the_folder_hides_from_the_machine(written: Path) -> None:
    for folder in (written, *(each for each in written.iterdir())):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((written / "jobs" / "amqp-uri").stat().st_mode) == 0o444
    assert stat.S_IMODE((written / "secrets" / "id-key.key").stat().st_mode) == 0o600


def test_the_broker_knows_passwords_only_as_hashes(written: Path) -> None:
    told = (written / "broker" / "users.json").read_text()
    assert {each["name"] for each in json.loads(told)["users"]} == {*RUNNERS, "operator", "autoscaler"}
    passwords = json.loads((written / "secrets" / "broker-passwords.json").read_text())
    assert not [password for password in passwords.values() if password in told]




def test_a_directory_of_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "gateway").mkdir()
    (tmp_path / "gateway" / "app.py").write_text("mine")
    done = CliRunner().invoke(deployment.deployment_commands, ["secrets", str(tmp_path)])
    assert done.exit_code == 1
    assert "holds something else" in done.output
    assert files(tmp_path) == {"gateway/app.py": "mine"}


def test_whoever_tells_the_database_its_users_is_started_where_a_password_is_changed() -> None:
    """Nobody else calls updateUser; and a Job that has ended does not run again by itself."""
    told = {name for name, each in compose()["services"].items()
            if any(volume["target"] == "/setup.js" for volume in each.get("volumes", ()))}
    jobs = {name for name, each in of("local", "Job").items()
            if any("configMap" in volume for volume in each["spec"]["template"]["spec"]["volumes"])}
    assert told == jobs == {"database-setup"}
    assert "updateUser" in (ROOT / "deploy/k8s/base/database/setup.js").read_text("utf-8")
    chapter = (ROOT / "docs/operations.md").read_text("utf-8").partition("\n## Accounts and secrets\n")[2]
    rows = dict(re.findall(r"^\| (Docker|`overlays/local`) \| (.*) \|$", chapter, re.M))
    assert "docker compose up --force-recreate database-setup" in rows["Docker"]
    assert rows["`overlays/local`"].index("delete job database-setup") < rows["`overlays/local`"].index("kubectl apply")
