"""Each image holds what its process needs and nothing of the others', and all of them together are the platform.

Environment, secrets and files are those of docker-compose.yml; only the places differ: loopback ports and folders.
"""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import urllib3

from deploy.image import IMAGES, OPERATOR, SERVICES
from libranet import deployment
from libranet.local import Platform
from libranet.local.ports import LOOPBACK
from tests.deploy.images import lacking
from tests.deploy.rendered import ROOT, compose, overlay

PROCESSES = tuple(name for name in IMAGES if name != OPERATOR)
READY_SECONDS = 240
pytestmark = [pytest.mark.real, pytest.mark.own_broker]


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_lacks_no_package_that_another_asks_for(built: dict[str, Path], name: str) -> None:
    assert lacking(built[name], name) == set()


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_holds_one_service(built: dict[str, Path], name: str) -> None:
    held = {each.name for each in (built[name] / "services").iterdir() if each.is_dir()} - {"__pycache__"}
    assert held == {name: set(SERVICES) if name == OPERATOR else {name} & set(SERVICES) for name in IMAGES}[name]
    assert (built[name] / "gateway").exists() == (name not in SERVICES)
    assert not (built[name] / "demo").exists()
    assert not (built[name] / "supervisor").exists(), "what only one machine without containers needs"


class Containers:
    """Processes of the images beside a private broker and database."""

    def __init__(self, built: dict[str, Path], platform: Platform, place: Path) -> None:
        self._built, self._place = built, place
        self._secrets = platform.home.path
        self.ports = platform.ports
        at_broker = f"amqp://{LOOPBACK}:{self.ports['broker']}/libranet"
        at_database = f"mongodb://{LOOPBACK}:{self.ports['database']}/?replicaSet=secantus&authSource=admin"
        deployment.write_secrets(self._secrets, at_broker, at_database)
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self._folder("keys").chmod(0o700)  # as the Dockerfile makes it
        self.files_before = self.files()

    def files(self) -> set[Path]:
        """Every file of the images of processes."""
        return {file for name in PROCESSES for file in self._built[name].rglob("*")}

    def command(self, name: str, *arguments: str) -> dict[str, Any]:
        """How to run the image `name`."""
        told = {**self._environment(name), "SERVICE": name, "PYTHONDONTWRITEBYTECODE": "1",
                "PATH": f"{self._built[name].parents[2] / 'bin'}:{os.defpath}"}
        return {"args": [ROOT / "deploy" / "serve.sh", *arguments], "env": told, "cwd": self._folder(name, "tmp")}

    def start(self, name: str) -> None:
        with (self._place / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(**self.command(name), stdout=log, stderr=subprocess.STDOUT)

    def wait_ready(self, name: str) -> None:
        until = time.monotonic() + READY_SECONDS
        while (told := self.ask(name, "/readyz")) is None or told.status != 200:
            assert self.running[name].poll() is None, (name, self.log(name))
            assert time.monotonic() < until, (name, told and told.data, self.log(name))
            time.sleep(0.2)

    def ask(self, name: str, path: str, **headers: str) -> urllib3.BaseHTTPResponse | None:
        try:
            return urllib3.request("GET", f"http://{LOOPBACK}:{self.ports[name]}{path}", headers=headers, retries=False)
        except urllib3.exceptions.HTTPError:
            return None

    def log(self, name: str) -> str:
        return (self._place / f"{name}.log").read_text(encoding="utf-8")

    def stop(self) -> dict[str, int]:
        """How each process ended, once told to; as long as docker compose waits."""
        for process in self.running.values():
            process.terminate()
        return {name: process.wait(timeout=25) for name, process in self.running.items()}

    def _environment(self, name: str) -> dict[str, str]:
        told: dict[str, str] = dict(compose()["services"][name]["environment"])
        for other in PROCESSES:
            told[f"{other.upper()}_URL"] = f"http://{LOOPBACK}:{self.ports[other]}"
        if name in self.ports:
            told |= dict.fromkeys(("LISTEN", "GATEWAY_BIND"), f"{LOOPBACK}:{self.ports[name]}")
        places = {"/run/secrets": self._mounted(name), "/keys": self._folder("keys"), "/tmp": self._folder(name, "tmp")}
        return {setting: next((str(here) + value.removeprefix(place) for place, here in places.items()
                               if value.startswith(place)), value) for setting, value in told.items()}

    def _mounted(self, name: str) -> Path:
        """A folder with the secrets that the compose file gives to `name`."""
        folder = self._folder(name, "secrets")
        for secret in compose()["services"][name]["secrets"]:
            file = Path(compose()["secrets"][secret["source"]]["file"]).relative_to(ROOT / "var" / "deployment")
            (folder / secret["target"]).unlink(missing_ok=True)
            (folder / secret["target"]).symlink_to(self._secrets / file)
        return folder

    def _folder(self, *names: str) -> Path:
        folder = self._place.joinpath(*names)
        folder.mkdir(parents=True, exist_ok=True)
        return folder


@pytest.fixture(scope="module")
def containers(built: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containers]:
    with ExitStack() as stack:
        platform = stack.enter_context(Platform(
            tmp_path_factory.mktemp("stores"), gateway_port=0, parts=("broker", "database"), private=True))
        platform.start(timeout_seconds=READY_SECONDS)
        started = Containers(built, platform, tmp_path_factory.mktemp("containers"))
        stack.callback(lambda: [each.kill() for each in started.running.values()])
        for name in PROCESSES:
            started.start(name)
        for name in PROCESSES:
            started.wait_ready(name)
        yield started


@pytest.fixture(scope="module")
def library(containers: Containers) -> str:
    """The key of a library, made with the image of commands."""
    run = containers.command(OPERATOR, "org", "new", "first", "First Consortium", "--library", "one=One", "--json")
    done = subprocess.run(**run, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    key: str = json.loads(done.stdout)["first.one"]["key"]
    return key


@pytest.mark.parametrize("path", [
    "/v1/nodes", "/v1/jobs?q=clerk", "/v1/courses", "/v1/achievements", "/v1/measures", "/v1/subscriptions"])
def test_what_compose_tells_and_gives_each_image_is_enough(containers: Containers, library: str, path: str) -> None:
    answer = containers.ask("gateway", path, Authorization=f"Bearer {library}")
    assert answer
    assert answer.status == 200, answer.data


def test_the_image_of_commands_lists_those_that_it_has(containers: Containers) -> None:
    done = subprocess.run(**containers.command(OPERATOR, "--help"), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    listed = {line.split()[0] for line in done.stdout.partition("Commands:")[2].splitlines() if line.strip()}
    assert {"org", "backup", "deployment", "issuer-keys"} <= listed
    assert "demo" not in listed


def test_the_doctor_finds_nothing_bad_where_all_are_well(containers: Containers) -> None:
    run = containers.command(OPERATOR, "doctor", "--json")
    done = subprocess.run(**run, capture_output=True, text=True, check=False)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert {each["part"] for each in told if each["found"] == "It is ready."} == set(PROCESSES)
    assert {each["part"] for each in told if each["level"] != "well"} <= {"secrets"}, "which are no mounts here"
    assert done.returncode == 0, done.stderr


def test_the_nights_backup_needs_no_secret_but_the_databases_address(containers: Containers, tmp_path: Path) -> None:
    (job,) = [each for each in overlay("consortium") if each["kind"] == "CronJob"]
    (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    run = containers.command(OPERATOR, *(each.replace("/backups", str(tmp_path)) for each in container["args"]))
    away = {name: "/nowhere" for name in run["env"] if name.endswith("_FILE") and name != "MONGO_URI_FILE"}
    done = subprocess.run(**run | {"env": run["env"] | away}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (file,) = tmp_path.iterdir()
    assert str(file) in done.stdout


def test_a_process_writes_nothing_into_its_image_and_ends_well_when_told_to(containers: Containers) -> None:
    assert containers.stop() == dict.fromkeys(PROCESSES, 0)
    assert containers.files() == containers.files_before, "the root file system is read-only"
