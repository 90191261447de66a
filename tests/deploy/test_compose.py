"""docker-compose.yml and the Dockerfile: valid, hardened, and each process is given its own secrets and no others'."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from deploy.image import IMAGES, OPERATOR
from libranet import deployment
from libranet.local import database
from libranet.local.environment import EVERYBODY, SECRETS_OF
from libranet.local.parts import GATEWAY, RUNNERS
from libranet.local.secret_files import PEM_FILES, RANDOM_KEYS
from tests.deploy.rendered import KUBERNETES, ROOT, TOOLS, compose, said

PARTS = ("broker", "database", "database-setup")
SERVICES = compose()["services"]


def test_the_dockerfile_has_no_finding() -> None:
    assert said(TOOLS / "hadolint", ROOT / "Dockerfile") == ""


def test_there_is_a_container_for_each_image_and_for_broker_and_database() -> None:
    assert set(SERVICES) == {*IMAGES, *PARTS}
    assert {name: SERVICES[name]["build"]["args"] for name in IMAGES} == {name: {"SERVICE": name} for name in IMAGES}


@pytest.mark.parametrize("name", [*IMAGES, *PARTS])
def test_a_container_has_no_rights_that_it_does_not_need(name: str) -> None:
    told = SERVICES[name]
    assert told["read_only"] is True
    assert told["cap_drop"] == ["ALL"]
    assert told["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in told
    assert int(told["mem_limit"])


@pytest.mark.parametrize("name", IMAGES)
def test_a_process_is_given_its_accounts_and_keys_and_nothing_else(name: str) -> None:
    keys = {deployment.file_name(key) for key in (*EVERYBODY, *SECRETS_OF.get(name, ()))}
    accounts = {"mongo-uri"} | ({"amqp-uri"} if name in (*RUNNERS, OPERATOR) else set())
    given = {each["target"]: compose()["secrets"][each["source"]]["file"] for each in SERVICES[name]["secrets"]}
    assert given == {file: str(ROOT / "var" / "deployment" / name / file) for file in keys | accounts}


def test_the_settings_of_containers_say_where_each_secret_lies() -> None:
    told = dict(re.findall(r"^([A-Z_]+)=(.*)$", (KUBERNETES / "base" / "settings.env").read_text("utf-8"), re.M))
    expected = {f"{name}_FILE": f"/run/secrets/{deployment.file_name(name)}"
                for name in (*RANDOM_KEYS, *PEM_FILES, "AMQP_URI", "MONGO_URI")}
    assert {name: value for name, value in told.items() if name.endswith("_FILE")} == expected


def test_settings_of_an_operators_own_reach_each_process_and_no_other_container(tmp_path: Path) -> None:
    base = tmp_path / "deploy" / "k8s" / "base"
    base.mkdir(parents=True)
    shutil.copy(KUBERNETES / "base" / "settings.env", base)
    shutil.copy(ROOT / "docker-compose.yml", tmp_path)
    (tmp_path / "settings.env").write_text("PLATFORM_NAME=Our Libraries\nTMPDIR=/elsewhere\nPUBLIC_URL=http://other\n")
    told = json.loads(said(TOOLS / "docker-compose", "--project-directory", tmp_path, "--env-file", ".env.example",
                           "--profile", "commands", "config", "--format", "json"))["services"]
    assert {name for name in told if told[name].get("environment", {}).get("PLATFORM_NAME")} == set(IMAGES)
    for name in IMAGES:
        expected = {"PLATFORM_NAME": "Our Libraries", "TMPDIR": "/elsewhere"}
        assert told[name]["environment"] == SERVICES[name]["environment"] | expected, "what .env names is said there"


def test_an_operators_settings_are_in_no_commit_and_no_image() -> None:
    assert {"/.env", "/settings.env"} <= set((ROOT / ".gitignore").read_text("utf-8").splitlines())
    first, *taken = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line[:1] != "#"]
    assert first == "*"
    assert not [line for line in taken if "env" in line]


def test_what_is_read_from_the_file_of_settings_is_named_there() -> None:
    read = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text("utf-8")))
    assert read == set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text("utf-8"), re.M))


def test_only_who_asks_the_outside_world_is_in_a_network_that_leads_there() -> None:
    assert compose()["networks"]["inside"]["internal"] is True
    outside = {name for name, told in SERVICES.items() if "outside" in told["networks"]}
    assert outside == {"profiles", "jobs", "credentials", "deliveries", "gateway"}
    assert {name for name, told in SERVICES.items() if told.get("ports")} == {"gateway"}


@pytest.mark.parametrize("part", [*RUNNERS, GATEWAY])
def test_commands_reach_each_process_where_they_are_told(part: str) -> None:
    told = SERVICES[OPERATOR]
    assert told["environment"][f"{part.upper()}_URL"] == f"http://{part}:8080"
    assert set(told["networks"]) & set(SERVICES[part]["networks"])


def test_a_backup_goes_to_disks_and_outlives_its_container() -> None:
    volumes = {each["target"]: each for each in SERVICES[OPERATOR]["volumes"]}
    assert {volumes[place]["type"] for place in ("/tmp", "/backups", "/keys")} == {"volume"}
    assert "tmpfs" not in SERVICES[OPERATOR]
    made = re.findall(r"install --directory --owner libranet .*", (ROOT / "Dockerfile").read_text("utf-8"))
    assert made == ["install --directory --owner libranet --group libranet --mode 0700 /keys /backups"], "or root's"


def test_a_container_is_given_more_time_to_stop_than_its_process_takes() -> None:
    graces: dict[str, Any] = {name: SERVICES[name]["stop_grace_period"] for name in IMAGES}
    assert graces == dict.fromkeys(IMAGES, "25s")


def test_the_database_makes_the_users_that_the_code_names(tmp_path) -> None:
    deployment.write_secrets(tmp_path, "amqp://broker/libranet", "mongodb://database/")
    users = {each["user"]: each for each in json.loads((tmp_path / "database" / "users.json").read_text())}
    assert {name: each["roles"] for name, each in users.items()} == {
        name: database.roles_of(name) for name in database.USERS}


def test_a_key_that_is_being_exchanged_is_handed_on_as_long_as_it_lies_there(tmp_path) -> None:
    def holding() -> list[str]:
        deployment.write_secrets(tmp_path, "amqp://broker/libranet", "mongodb://database/")
        return sorted(file.parent.name for file in tmp_path.rglob("credentials-kek-previous"))

    assert holding() == []
    previous = tmp_path / "secrets" / "credentials-kek-previous.key"
    previous.write_text("00" * 32)
    assert holding() == ["credentials", "operator"]
    previous.unlink()
    assert holding() == []
