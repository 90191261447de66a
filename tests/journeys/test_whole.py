"""The running platform as a whole: what it keeps, for how long, what each process tells of itself, what it logs."""

import json
import re
import time
import uuid
from importlib.metadata import entry_points

import pytest
import urllib3

from contracts import topology
from gateway.deliveries import queues
from gateway.deliveries.domain import failing, schedule
from gateway.services import REASONS
from gateway.store import COLLECTIONS as OF_THE_GATEWAY
from libranet import blobs
from libranet.collection import CORE_COLLECTIONS, Collection
from libranet.local import Platform
from libranet.local.parts import GATEWAY, RUNNERS
from tests.journeys.insides import collections, files_with
from tests.journeys.stage import ISSUE, Stage, whole_lines
from tests.journeys.things import Things
from tests.patience import until

pytestmark = pytest.mark.real
PROCESSES = (*RUNNERS, GATEWAY)
DAY_SECONDS = 86_400
PROMISED = ("libranet_outbox_rows", "libranet_outbox_oldest_seconds", "libranet_queue_messages",
            "libranet_queue_lag_seconds", "libranet_handled_total", "libranet_retried_total",
            "libranet_quarantined_total", "libranet_handler_seconds_count")
FAULTS = ("a call failed", "a request failed", "a request failed in the server", "a webhook could not be made",
          "a service gave an unexpected answer", "no queue takes an event; it stays in the outbox")
AN_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def declared() -> dict[str, Collection]:
    """By the name under which it lies in the database."""
    found = {f"gateway.{each.name}": each for each in OF_THE_GATEWAY}
    for entry in entry_points(group="libranet.services"):
        service = entry.load()
        database = getattr(service, "database_name", f"libranet_{entry.name}").removeprefix("libranet_")
        found |= {f"{database}.{each.name}": each for each in (*CORE_COLLECTIONS, *service.collections)}
    return found


def test_every_collection_that_exists_is_declared_with_its_retention(stage: Stage, mine: Things) -> None:
    there, known = set(collections(stage.mongo)), declared()
    assert there - set(known) == set(), "kept without a word on how long"
    assert set(known) - there == set(), "declared and never made"
    assert all(each.retention.why for each in known.values())


def test_every_declared_end_has_its_index(stage: Stage, mine: Things) -> None:
    found = collections(stage.mongo)
    for name, each in declared().items():
        clocks = {tuple(key for key, _ in index["key"]): index["expireAfterSeconds"]
                  for index in found[name].index_information().values() if "expireAfterSeconds" in index}
        days, field = each.retention.days, each.retention.field
        assert clocks == ({} if days is None else {(field,): days * DAY_SECONDS}), name


def test_every_declared_index_exists(stage: Stage, mine: Things) -> None:
    found = collections(stage.mongo)
    for name, each in declared().items():
        there = {tuple(key for key, _ in index["key"]) for index in found[name].index_information().values()}
        assert {index.keys for index in each.indexes} <= there, name


def test_every_document_says_its_schema_version(stage: Stage, mine: Things) -> None:
    """Blobs are GridFS's documents, not ours."""
    of_blobs = {each.name for each in blobs.COLLECTIONS}
    without = {name: collection.count_documents({"schema_version": {"$exists": False}})
               for name, collection in collections(stage.mongo).items() if name.partition(".")[2] not in of_blobs}
    assert {name: count for name, count in without.items() if count} == {}


WITHOUT_CLOCK = {
    "learning.awaited": "what is awaited has no clock yet",
    "analytics.uncounted": "an objection ends with the patron",
    "jobs.postings": "while it is open",
}


def test_everything_with_a_clock_has_the_time_that_it_counts_from(stage: Stage, mine: Things) -> None:
    found = collections(stage.mongo)
    for name, each in declared().items():
        if each.retention.field and name not in WITHOUT_CLOCK:
            assert found[name].count_documents({each.retention.field: {"$exists": False}}) == 0, name


def ask(platform: Platform, process: str, path: str) -> urllib3.BaseHTTPResponse:
    return urllib3.request("GET", platform.urls[process] + path, timeout=60, retries=False)


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_says_that_it_lives_and_is_ready(platform: Platform, process: str) -> None:
    assert ask(platform, process, "/healthz").status == 200
    until(lambda: ask(platform, process, "/readyz").json()["ready"], what="the end of what the last test left to do")
    answer = ask(platform, process, "/readyz")
    assert answer.status == 200
    assert answer.json()["ready"] is True
    assert set(answer.json()["parts"].values()) == {"ok"}


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_shows_the_promised_figures_and_no_ids(platform: Platform, mine: Things, process: str) -> None:
    answer = ask(platform, process, "/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    text = answer.data.decode()
    assert [name for name in PROMISED if name.removesuffix("_count") not in text] == []
    assert AN_ID.search(text) is None
    if process in RUNNERS:
        assert f'libranet_outbox_rows{{service="{process}"}}' in text
        assert f'libranet_outbox_oldest_seconds{{service="{process}"}}' in text
        for name in ("libranet_handled_total", "libranet_queue_lag_seconds", "libranet_handler_seconds_count",
                     "libranet_queue_messages"):
            assert re.search(rf'^{name}{{queue="{process}\.', text, re.MULTILINE), name


def counted(process: str) -> set[str]:
    """What a process shows of what it counts, whether it happened or not."""
    heard = [queue for queue in topology.queues() if queue.startswith(f"{process}.")]
    found = {f'{name}{{queue="{queue}"}}' for queue in heard for name in (
        "libranet_handled_total", "libranet_duplicates_total", "libranet_retried_total", "libranet_quarantined_total",
        "libranet_quarantine_rows")}
    if process in RUNNERS:
        found |= {f'{name}{{service="{process}"}}' for name in ("libranet_relayed_total", "libranet_unroutable_total")}
    if process == GATEWAY:
        found |= {f'libranet_gateway_service_failures_total{{reason="{reason}",service="{service}"}}'
                  for reason in REASONS for service in RUNNERS}
    if process == "deliveries":
        found |= {f'libranet_partner_messages_total{{outcome="{outcome}"}}' for outcome in queues.WORDS}
        found |= {f'libranet_webhook_attempts_total{{outcome="{outcome}"}}' for outcome in schedule.STATES}
        found |= {f'libranet_endpoints_switched_off_total{{reason="{reason}"}}' for reason in failing.WORDS}
    return found


@pytest.mark.parametrize("process", PROCESSES)
def test_what_a_process_counts_is_shown_before_it_happens(platform: Platform, process: str) -> None:
    """Or an alert on its increase would not tell of the first time."""
    lines = ask(platform, process, "/metrics").data.decode().splitlines()
    assert counted(process) - {line.rpartition(" ")[0] for line in lines} == set()


def test_the_gateway_counts_requests_by_route_template(platform: Platform, mine: Things) -> None:
    text = ask(platform, GATEWAY, "/metrics").data.decode()
    assert 'libranet_gateway_request_seconds_count{method="GET",route="/v1/patrons/<patron>/credentials"' in text


@pytest.mark.parametrize("process", PROCESSES)
def test_logs_are_lines_of_json(platform: Platform, mine: Things, process: str) -> None:
    lines = whole_lines(platform.log(process))
    assert lines
    for line in lines:
        fields = json.loads(line)
        assert {"process", "event", "level", "timestamp"} <= set(fields), line
        assert fields["process"] == process


@pytest.mark.parametrize("process", PROCESSES)
def test_no_process_had_a_fault_of_its_own(platform: Platform, mine: Things, process: str) -> None:
    """Whatever the journeys before this test sent, killed or laid into queues."""
    lines = map(json.loads, whole_lines(platform.log(process)))
    assert [fields for fields in lines if fields["event"] in FAULTS or "exception" in fields] == []


def test_no_log_holds_what_people_are_called(stage: Stage, platform: Platform) -> None:
    """Also where something is refused, or asked for in a way that puts a name into the address."""
    name = f"Nora{uuid.uuid4().hex[:12]}"
    course, account = stage.course(), stage.account(name)
    patron = stage.patron(ISSUE, name=name)
    stage.enrol(patron, course, account)
    stage.report(stage.passed(account, course))
    for body in ({"name": name * 50}, {"nam": name}, {name: name}, name):
        assert stage.library.raw("POST", "/v1/patrons", body).status == 422
    for target in (f"/v1/patrons/{name}", f"/v1/patrons/{patron}/credentials?cursor={name}", f"/{name}",
                   f"/v1/courses?{name}=1", f"/v1/measures?node={name}"):
        stage.library.raw("GET", target)
    stage.library.raw("POST", "/v1/patrons", {}, {"Authorization": f"Bearer {name}", "User-Agent": name})
    stage.learning_platform.raw("POST", "/xAPI/statements", {"actor": {"name": name}})
    time.sleep(0.5)
    assert files_with(platform.home.logs, name) == []
