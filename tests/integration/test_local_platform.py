"""The private broker and database of one machine: ready, closed, coming back, side by side, and gone when told.

Real RabbitMQ and SecantusDB processes, no services: those are tested with the chaos tests.
"""

import os
import signal
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import amqp
import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from contracts import topology
from libranet import broker as core_broker
from libranet.local import (
    AlreadyRunning,
    BrokerMissing,
    NotReady,
    NotRunning,
    Platform,
    PortTaken,
    broker,
    ports,
    secret_files,
    supervise,
)
from libranet.local.home import REPOSITORY
from libranet.local.parts import EXTERNAL, RUNNERS
from tests.patience import until

STORES = ("broker", "database")
pytestmark = [pytest.mark.real, pytest.mark.own_broker]


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """One running pair of broker and database, in a home with a space and a percent sign in its path."""
    home = tmp_path_factory.mktemp("one home 100%") / "var"
    with Platform(home, gateway_port=0, parts=STORES, private=True) as started:
        started.start()
        yield started


def channel_of(platform: Platform, user: str) -> amqp.Channel:
    return core_broker.Link(platform.environment(user)["AMQP_URI"]).channel()


def database_of(platform: Platform, user: str, name: str) -> Any:
    return MongoClient(platform.environment(user)["MONGO_URI"], serverSelectionTimeoutMS=5000)[name]


def gone(pids: Iterable[int]) -> bool:
    """No such process, or only its entry in the table (no thread left) because its parent has not asked for it yet."""

    def ended(pid: int) -> bool:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            return True
        return (fields[0], fields[17]) == ("Z", "1")

    return all(ended(pid) for pid in pids)


def test_broker_and_database_run_under_the_supervisor_and_listen_on_loopback_only(platform: Platform) -> None:
    rows = {row["name"]: row for row in platform.status()}
    assert set(rows) == {"epmd", "broker", "database"}
    assert all(row["state"] == "running" and row["pid"] for row in rows.values())
    ours = {platform.ports[name] for name in ("epmd", "distribution", "broker", "database")}
    listening = {}
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        address, state = line.split()[1], line.split()[3]
        if state == "0A" and int(address[9:], 16) in ours:
            listening[int(address[9:], 16)] = address[:8]
    assert listening == dict.fromkeys(ours, "0100007F")


def test_a_second_start_from_the_same_home_is_refused(platform: Platform) -> None:
    with pytest.raises(AlreadyRunning, match="libranet stop"):
        Platform(platform.home.path, gateway_port=0, parts=STORES, private=True).start()


def test_secrets_are_closed_and_never_overwritten(platform: Platform) -> None:
    files = sorted(platform.home.secrets.iterdir())
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in files)
    before = {file: file.read_bytes() for file in files}
    secret_files.make_keys(platform.home)
    platform.environment("learning")
    assert before == {file: file.read_bytes() for file in sorted(platform.home.secrets.iterdir())}


def test_each_process_is_given_only_the_secrets_it_needs(platform: Platform) -> None:
    def secrets_of(name: str) -> set[str]:
        return {
            key for key in platform.environment(name) if key.endswith("_FILE") and not key.startswith("SSL")
        }

    everybody = {"PRINCIPAL_PUBLIC_KEYS_FILE", "ID_KEY_FILE"}
    assert secrets_of("jobs") == secrets_of("learning") == everybody
    assert secrets_of("credentials") == everybody | {"CREDENTIALS_KEK_FILE"}
    assert secrets_of("analytics") == everybody | {"PSEUDONYM_KEY_FILE"}
    assert secrets_of("deliveries") == everybody | {"WEBHOOK_KEK_FILE"}
    assert secrets_of("gateway") == everybody | {"WEBHOOK_KEK_FILE", "PRINCIPAL_PRIVATE_KEY_FILE", "SIGN_IN_KEK_FILE"}
    assert secrets_of("profiles") == everybody | {"CARD_KEY_FILE", "CARD_KEK_FILE", "RECEIPT_KEYS_FILE"}
    assert "AMQP_URI" not in platform.environment("gateway")


def test_the_previous_key_of_keys_is_given_only_while_it_is_exchanged(platform: Platform, tmp_path: Path) -> None:
    previous = secret_files.path_of(platform.home, "CREDENTIALS_KEK_PREVIOUS")
    previous.write_text("00" * 32)
    try:
        given = [name for name in (*RUNNERS, "gateway", "operator")
                 if platform.environment(name).get("CREDENTIALS_KEK_PREVIOUS_FILE") == str(previous)]
    finally:
        previous.unlink()
    assert given == ["credentials", "operator"]
    assert "CREDENTIALS_KEK_PREVIOUS_FILE" not in platform.environment("credentials")


@pytest.mark.parametrize("service", RUNNERS)
def test_a_service_may_declare_what_it_publishes_to_and_hears_from(platform: Platform, service: str) -> None:
    link = core_broker.Link(platform.environment(service)["AMQP_URI"])
    assert core_broker.declare(link, service) is False, "the definitions already hold every queue"
    link.close()


def test_a_service_may_use_its_own_queue_and_not_read_or_remove_another_services(platform: Platform) -> None:
    jobs = channel_of(platform, "jobs")
    jobs.queue_declare("jobs.tried", durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"})
    jobs.basic_get("jobs.tried")
    jobs.queue_delete("jobs.tried")
    for refused in (
        lambda channel: channel.basic_get("credentials.completions"),
        lambda channel: channel.basic_consume("credentials.completions"),
        lambda channel: channel.queue_purge("credentials.completions"),
        lambda channel: channel.queue_declare("credentials.mine", auto_delete=False),
        lambda channel: channel.exchange_declare("anything", "topic"),
    ):
        with pytest.raises(amqp.AccessRefused):
            refused(channel_of(platform, "jobs"))


def test_a_service_may_publish_only_its_own_event_types(platform: Platform) -> None:
    own = channel_of(platform, "learning")
    own.confirm_select()
    own.basic_publish_confirm(amqp.Message("{}"), topology.EXCHANGE, "org.libranet.learning.tried.v1")
    with pytest.raises(amqp.AccessRefused):
        channel_of(platform, "learning").basic_publish_confirm(
            amqp.Message("{}"), topology.EXCHANGE, "org.libranet.credentials.credential-issued.v1"
        )


def test_a_service_may_not_reach_a_queue_by_its_name(platform: Platform) -> None:
    with pytest.raises(amqp.AccessRefused):
        channel_of(platform, "jobs").basic_publish_confirm(amqp.Message("{}"), "", "analytics.facts")


def test_a_wrong_password_is_refused_by_the_broker(platform: Platform) -> None:
    with pytest.raises(amqp.AccessRefused):
        core_broker.Link(f"amqp://jobs:guess@127.0.0.1:{platform.ports['broker']}/libranet")


def test_a_service_reaches_its_own_database_and_no_other(platform: Platform) -> None:
    database_of(platform, "jobs", "libranet_jobs").tried.insert_one({"_id": 1})
    for user, name in (("jobs", "libranet_learning"), ("jobs", "admin"), ("deliveries", "libranet_profiles")):
        with pytest.raises(OperationFailure, match="not authorized"):
            database_of(platform, user, name).tried.insert_one({"_id": 1})
    database_of(platform, "gateway", "libranet_gateway").tried.insert_one({"_id": 1})
    assert database_of(platform, "deliveries", "libranet_gateway").tried.find_one() == {"_id": 1}
    anonymous = MongoClient(f"mongodb://127.0.0.1:{platform.ports['database']}/?replicaSet=secantus")
    with pytest.raises(OperationFailure, match="authentication"):
        anonymous.libranet_jobs.tried.find_one()


def test_what_was_killed_comes_back_on_the_same_port_with_what_it_held(platform: Platform) -> None:
    kept = channel_of(platform, "jobs")
    kept.queue_declare("jobs.kept", durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"})
    time.sleep(core_broker.SETTLE_SECONDS)  # a queue of the test's own; the platform's have settled
    channel_of(platform, "operator").basic_publish_confirm(amqp.Message("{}", delivery_mode=2), "", "jobs.kept")
    database_of(platform, "jobs", "libranet_jobs").kept.insert_one({"_id": "kept"})
    before = dict(platform.ports)

    killed = {platform.kill("broker"), platform.kill("database"), platform.kill("epmd")}
    while not gone(killed):
        time.sleep(0.05)
    platform.wait_ready()

    assert platform.ports == before
    assert channel_of(platform, "credentials").basic_get("credentials.completions") is None, "the queue lives"
    bodies: list[Any] = []

    def comes_back() -> bool:
        message = channel_of(platform, "jobs").basic_get("jobs.kept", no_ack=True)
        bodies.extend([message.body] if message else [])
        return bool(bodies)

    until(comes_back)
    assert bodies == [b"{}"]
    assert database_of(platform, "jobs", "libranet_jobs").kept.find_one() == {"_id": "kept"}


def test_a_second_platform_runs_beside_the_first_and_its_end_is_not_noticed(
    platform: Platform, tmp_path: Path
) -> None:
    mine = supervise.found(platform.home)
    with Platform(tmp_path / ("long" * 30), gateway_port=0, parts=STORES, private=True) as other:
        others_claim: list[bool] = []

        def look(*_: object) -> None:
            others_claim.append(not ports.is_free(other.ports["epmd"] + ports.BLOCK - 1))

        other.start(progress=look)
        look()
        assert others_claim == [True, True, False], "until all are ready"
        assert not set(other.ports.values()) & set(platform.ports.values())
        theirs = supervise.found(other.home)
        assert sorted(set(theirs.values())) == ["broker", "database", "epmd", "supervisor"]
        assert other.stop() is True
    assert gone(theirs)
    assert supervise.found(platform.home) == mine
    platform.wait_ready()


def test_two_that_start_at_the_same_time_do_not_choose_the_same_ports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.shuffle", lambda starts: None)
    one, other = (Platform(tmp_path / name).home for name in ("one", "other"))
    for home in (one, other):
        home.make()
    first, claim = ports.choose(one, 0)
    with claim:
        second, claim_of_other = ports.choose(other, 0)
        claim_of_other.close()
        assert not set(first.values()) & set(second.values())
    third, claim = ports.choose(other, second["epmd"] + ports.BLOCK - 1)
    claim.close()
    assert third["epmd"] != second["epmd"], "the gateway is to have what was the claim"
    again, claim = ports.choose(one, 0)
    with claim:
        assert again == first, "the last ones, while they are free"
        moved, claim_of_other = ports.choose(one, 0)
        claim_of_other.close()
        assert moved != first


def test_stop_finds_what_a_killed_starter_and_a_killed_supervisor_left(tmp_path: Path) -> None:
    start_and_die = (
        "import os, sys; from pathlib import Path; from libranet.local import Platform;"
        "Platform(Path(sys.argv[1]), gateway_port=0, parts=('database',), private=True).start();"
        "os.kill(os.getpid(), 9)"
    )
    starter = subprocess.run(
        [sys.executable, "-c", start_and_die, str(tmp_path)], cwd=REPOSITORY, check=False
    )
    assert starter.returncode == -signal.SIGKILL
    platform = Platform(tmp_path, parts=("database",))
    assert platform.running()
    there = supervise.found(platform.home)

    os.kill(next(pid for pid, part in there.items() if part == "supervisor"), signal.SIGKILL)
    while platform.running():
        time.sleep(0.05)
    assert set(supervise.found(platform.home).values()) == {"database"}, "an orphan, for now"

    assert platform.stop() is True
    assert gone(there)
    assert platform.stop() is False
    with pytest.raises(NotRunning):
        platform.status()


def test_stop_waits_for_a_process_that_still_gives_its_memory_back(tmp_path: Path) -> None:
    home = Platform(tmp_path).home
    holds_much = (
        "import threading, time; kept = b'x' * (256 << 20);"
        "[threading.Thread(target=time.sleep, args=(60,)).start() for _ in range(20)]; print(flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holds_much],
        env=os.environ | {"LIBRANET_HOME": str(home.path), "LIBRANET_PART": "database"},
        stdout=subprocess.PIPE,
    ) as left:
        assert left.stdout
        left.stdout.readline()
        assert supervise.stop(home) is True
        assert gone([left.pid])


def test_a_command_finds_the_broker_that_the_platform_was_started_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMQP_URI", "amqp://127.0.0.1:1/")
    monkeypatch.setenv("CREDENTIALS_KEK", "not for learning")
    monkeypatch.setenv("PROFILES_URL", "http://elsewhere")
    started = Platform(tmp_path, gateway_port=0, parts=("broker",))
    with pytest.raises(NotReady, match="AMQP_URI"):
        started.start(timeout_seconds=0)
    monkeypatch.delenv("AMQP_URI")
    told = Platform(tmp_path).environment("learning")
    assert told["AMQP_URI"] == "amqp://127.0.0.1:1/"
    assert told["PROFILES_URL"] == started.urls["profiles"]
    assert "CREDENTIALS_KEK" not in told


def test_a_restore_without_a_database_says_which_command_starts_one(tmp_path: Path) -> None:
    place, backup = Platform(tmp_path / "place"), tmp_path / "backup.tar.gz"
    with tarfile.open(backup, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("libranet_jobs/courses.bson"))
    told = {name: value for name, value in os.environ.items() if name not in EXTERNAL.values()}
    for prepare in (place.home.make, lambda: ports.choose(place.home, 0)[1].close()):
        prepare()  # as it is before the first start, and once it was stopped
        done = subprocess.run(
            [Path(sys.executable).parent / "libranet", "restore", backup], capture_output=True, text=True, timeout=60,
            check=False, env=told | {"LIBRANET_HOME": str(place.home.path)})
        assert (done.returncode, "`libranet run --stores`" in done.stderr) == (1, True), done.stderr
        assert "Traceback" not in done.stderr


def test_a_missing_broker_is_said_with_what_to_run_or_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "SCRIPTS", tmp_path)
    with pytest.raises(BrokerMissing, match=r"apt-get install rabbitmq-server.* or set AMQP_URI"):
        Platform(tmp_path, gateway_port=0, parts=("broker",), private=True).start()


def test_a_taken_gateway_port_is_said_with_what_to_set(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"Port {port} is taken .* GATEWAY_PORT"):
            Platform(tmp_path, gateway_port=port, parts=("gateway",)).start()
