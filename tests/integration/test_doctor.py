"""`libranet doctor` on a platform of which some parts do not run, and on one that is broken on purpose."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from contracts import topology
from libranet import broker
from libranet.calls import verifier
from libranet.cli import main
from libranet.clock import now
from libranet.doctor import database, machine, parts, stores
from libranet.doctor.finding import BAD, LOOK, WELL, Check, Finding, findings
from libranet.local import Platform, secret_files
from libranet.local.database import roles_of
from libranet.mongo import connect
from libranet.operate import database_of
from libranet.quarantine import quarantine_limit
from services.credentials.adapters import key_check
from services.credentials.adapters.key_folder import KeyFolder
from services.credentials.store import COLLECTIONS
from tests.patience import until

pytestmark = [pytest.mark.real, pytest.mark.own_broker]
RUN = ("broker", "database", "credentials")


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """One without its gateway and most of its services."""
    with Platform(tmp_path_factory.mktemp("doctor"), gateway_port=0, parts=RUN, private=True) as started:
        started.start()
        yield started


@pytest.fixture(autouse=True)
def environment(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator's."""
    for name, value in platform.environment().items():
        monkeypatch.setenv(name, value)
    verifier.cache_clear()


def found(check: Check) -> list[Finding]:
    return list(findings("it", check))


def levels(check: Check) -> list[str]:
    return [each.level for each in found(check)]


def credentials() -> Iterator[Finding]:
    return stores.service_data("credentials", COLLECTIONS)


def test_each_part_is_looked_at_and_those_that_do_not_run_are_bad(platform: Platform) -> None:
    ran = CliRunner().invoke(main, ["doctor", "--json"], env=platform.environment())
    assert ran.exit_code == 1, ran.output
    told = [Finding(**json.loads(line)) for line in ran.stdout.splitlines()]
    silent = {each.part for each in told if each.found.startswith("Nobody answers")}
    assert silent == {"profiles", "jobs", "learning", "analytics", "deliveries", "gateway"}
    heard = {each.found.split()[0] for each in told if " is heard; " in each.found}
    assert heard == {name for name in topology.queues() if name.startswith("credentials.")}
    assert all(bool(each.advice) == (each.level != WELL) for each in told)
    there = ("secrets", "disk", "database", "credentials", "keys")
    assert [each for each in told if each.part in there and each.level != WELL] == []


def test_only_what_is_to_be_looked_at_is_said_when_asked_so(platform: Platform) -> None:
    ran = CliRunner().invoke(main, ["doctor", "--quiet"], env=platform.environment())
    lines = ran.stdout.splitlines()
    assert not [line for line in lines if line.startswith(WELL)]
    assert lines[-1].endswith("bad")


def test_a_secret_that_everybody_may_read_or_that_is_away(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    assert levels(machine.secrets) == [WELL]
    file = secret_files.path_of(platform.home, "ID_KEY")
    file.chmod(0o604)
    assert levels(machine.secrets) == [LOOK, WELL]
    file.chmod(0o600)
    monkeypatch.setenv("PSEUDONYM_KEY_FILE", str(platform.home.path / "nowhere"))
    [away] = found(machine.secrets)
    assert away.level == BAD
    assert "PSEUDONYM_KEY" in away.found


def test_a_secret_that_was_mounted_for_this_container(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    file = secret_files.path_of(platform.home, "ID_KEY")
    file.chmod(0o444)
    here = os.statvfs(file)
    mounted = os.statvfs_result((*here[:8], here.f_flag | os.ST_RDONLY, here.f_namemax))
    monkeypatch.setattr(os, "statvfs", lambda _path: mounted)
    assert levels(machine.secrets) == [WELL]
    file.chmod(0o600)


@pytest.mark.parametrize(("told", "at"), [
    ({"PUBLIC_URL": "https://libranet.example.org/"}, "https://libranet.example.org"),
    ({"PUBLIC_URL": "https://libranet.example.org", "GATEWAY_URL": "http://gateway:8080"}, "http://gateway:8080")])
def test_the_gateway_is_asked_inside_where_it_has_an_address_there(
        told: dict[str, str], at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    assert parts.address("gateway") == at


def test_a_gateway_whose_key_services_do_not_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Platform(tmp_path)
    other.home.make()
    secret_files.make_keys(other.home)
    monkeypatch.setenv("PRINCIPAL_PUBLIC_KEYS_FILE", str(secret_files.path_of(other.home, "PRINCIPAL_PUBLIC_KEYS")))
    [unknown] = found(machine.secrets)
    assert "refuse every call" in unknown.found


@pytest.mark.parametrize(("off", "level"), [(0.0, WELL), (2.5, LOOK), (11.0, BAD)])
def test_a_clock_that_is_off(off: float, level: str) -> None:
    assert stores.clock("database", off).level == level


@pytest.mark.parametrize(("roles", "told"), [
    ([], "The account jobs has other roles than it should: no role."),
    ([*roles_of("jobs"), *roles_of("profiles")],
     "The account jobs has other roles than it should: readWrite of libranet_jobs, readWrite of libranet_profiles.")])
def test_an_account_of_the_database_that_may_more_or_less_than_it_should(roles: list[object], told: str) -> None:
    assert levels(database.accounts) == [WELL]
    with connect() as client:
        client.admin.command("updateUser", "jobs", roles=roles)
        try:
            [other] = found(database.accounts)
        finally:
            client.admin.command("updateUser", "jobs", roles=roles_of("jobs"))
    assert (other.level, other.found) == (LOOK, told)
    assert 'updateUser("jobs", {roles: [{role: "readWrite", db: "libranet_jobs"}]})' in other.advice
    assert levels(database.accounts) == [WELL]


def test_accounts_that_are_kept_elsewhere_are_not_bad(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    [others] = database.compared({"somebody": {("root", "admin")}})
    assert (others.level, "none of the platform's accounts" in others.found) == (LOOK, True)
    own = {user: {(each["role"], each["db"]) for each in roles_of(user)} for user in database.USERS if user != "jobs"}
    assert [each.found for each in database.compared(own)] == ["It holds no account jobs."]
    monkeypatch.setenv("MONGO_URI", platform.environment("jobs")["MONGO_URI"])
    [unasked] = found(database.accounts)
    assert (unasked.level, "could not be asked" in unasked.found) == (LOOK, True)


@pytest.mark.parametrize(("used", "level"), [(50, WELL), (92, LOOK), (98, BAD)])
def test_how_full_the_databases_disk_is_where_it_says_so(used: int, level: str) -> None:
    assert database.left({"fsUsedSize": float(used), "fsTotalSize": 100.0}).level == level
    [unknown] = found(database.disk)
    assert (unknown.level, "not known" in unknown.found) == (WELL, True)


def test_what_was_set_aside_and_what_nobody_publishes_and_what_is_old() -> None:
    own = database_of("credentials").database
    assert levels(credentials) == [WELL]
    own.quarantine.insert_one({"_id": "credentials.courses|x", "queue": "credentials.courses"})
    own.archive.drop_index("recorded_at_1")
    lacks, aside = found(credentials)
    assert (lacks.level, aside.level) == (BAD, LOOK)
    assert "index of archive on recorded_at" in lacks.found
    own.quarantine.delete_many({})
    database_of("credentials").prepare()
    own.credentials.insert_one({"_id": "old", "schema_version": 0})
    assert levels(credentials) == [LOOK]
    own.credentials.delete_one({"_id": "old"})
    assert levels(credentials) == [WELL]


def test_a_process_with_a_full_quarantine_starts_and_is_bad(platform: Platform) -> None:
    own, queue = database_of("credentials").database, "credentials.courses"
    own.quarantine.insert_many([{"_id": f"{queue}|{number}", "queue": queue} for number in range(quarantine_limit())])
    platform.restart("credentials")
    try:
        platform.wait_ready(parts=["credentials"])
        [paused, _clock] = found(lambda: parts.readiness("credentials"))
        assert (paused.level, "ready, but" in paused.found) == (BAD, True)
        assert f"{queue}: 1000 events in quarantine: `libranet quarantine list" in paused.found
        assert levels(credentials) == [BAD]
    finally:
        own.quarantine.delete_many({})
    until(lambda: levels(lambda: parts.readiness("credentials")) == [WELL, WELL], what="the hearer to go on")


def test_a_relay_that_does_not_get_rid_of_a_fact(platform: Platform) -> None:
    outbox = database_of("profiles").database.outbox  # profiles does not run
    outbox.insert_one({"_id": "1", "recorded_at": now() - timedelta(minutes=2), "events": [], "types": []})
    told = found(lambda: stores.service_data("profiles", ()))
    assert [each.level for each in told if "waited" in each.found] == [BAD]
    outbox.delete_one({"_id": "1"})


def test_a_queue_that_is_not_there_and_dead_letters() -> None:
    with broker.Link() as link:
        link.channel().queue_delete("jobs.courses")
        publisher = broker.Publisher(link)
        publisher.publish(b"{}", topology.DEAD_EXCHANGE, "", "dead")
        publisher.wait()
    told = found(stores.queues)
    assert [each.found for each in told if "not there" in each.found] == ["The queue jobs.courses is not there."]
    assert told[-1].found.startswith("1 messages lie with the dead letters")


def test_an_issuers_key_that_nobody_opens(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    assert levels(key_check.check) == [WELL]
    KeyFolder.from_settings().signing_key("demo.riverside")
    assert levels(key_check.check) == [WELL]
    monkeypatch.setenv("CREDENTIALS_KEK_FILE", "")
    monkeypatch.setenv("CREDENTIALS_KEK", "ab" * 32)
    assert [each.found for each in found(key_check.check)] == ["demo.riverside cannot sign.", "0 issuers can sign."]


def test_an_issuer_whose_keys_are_away(platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lists = database_of("credentials").database.status_lists
    monkeypatch.setenv("CREDENTIALS_KEYS_DIR", str(tmp_path / "not-mounted"))
    assert levels(key_check.check) == [WELL]
    lists.insert_one({"_id": "of-a-test", "node": "demo.hillside"})
    try:
        assert levels(key_check.check) == [WELL, BAD]
        assert found(key_check.check)[-1].found.startswith("demo.hillside has issued credentials, and no key")
        KeyFolder.from_settings().signing_key("demo.hillside")
        assert levels(key_check.check) == [WELL]
    finally:
        lists.delete_one({"_id": "of-a-test"})


def stopped(platform: Platform, part: str) -> Callable[[], None]:
    """Stops a part's process where it stands; gives what lets it go on."""
    pid = platform.kill(part, signal.SIGSTOP)
    return lambda: os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize(("part", "check"), [
    ("broker", stores.broker_takes), ("broker", stores.queues), ("database", stores.database_takes),
    ("database", credentials), ("credentials", lambda: parts.readiness("credentials"))])
def test_a_part_that_hangs_is_bad_within_seconds(platform: Platform, part: str, check: Check) -> None:
    go_on = stopped(platform, part)
    try:
        assert levels(check) == [BAD]
    finally:
        go_on()
