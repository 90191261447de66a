"""Files go through the gateway as they came, of any media type, in bounded memory, and only so many at a time."""

import io
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace

import pytest

from contracts.calls import job_feeds
from gateway import uploads
from gateway.uploads import PLACES, Upload
from libranet.ids import new_id
from libranet.problems import BodyTooLarge, ServiceAway
from tests.services.gateway_stage import Said, Stage, staged

MIB = 2**20
TARGET = f"/v1/job-feeds/{new_id()}/imports"


@pytest.fixture
def stage() -> Iterator[Stage]:
    with staged() as made:
        made.service.script = [Said(202, b"{}", {"Content-Type": "application/json", "Location": "/v1/job-imports/x"})]
        yield made


@pytest.mark.parametrize("media_type", ["application/json", "application/rss+xml", "text/html", "nonsense", ""])
def test_a_file_reaches_the_service_whole_with_its_query(stage: Stage, media_type: str) -> None:
    content = bytes(range(256)) * 12_000
    answer = stage.ask("POST", f"{TARGET}?whole=false", stage.clients.invite()[0], content,
                       headers={"Content-Type": media_type})
    assert (answer.status_code, answer.headers["Location"]) == (202, "/v1/job-imports/x")
    heard, = stage.service.heard
    assert heard.body == content
    assert heard.target == f"{TARGET}?whole=false"
    assert heard.headers["Content-Length"] == str(len(content))


def test_a_file_is_not_held_in_memory(stage: Stage) -> None:
    sent = io.BytesIO(b"x" * 24 * MIB)
    tracemalloc.start()
    upload = Upload().receive(sent.read, 100 * MIB)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert upload.bytes == 24 * MIB
    assert peak < 4 * MIB
    assert upload.rewound().read(3) == b"xxx"
    upload.close()


def test_a_file_that_is_too_long_is_refused_however_it_hides_its_length(
        stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    small = replace(job_feeds.IMPORT_JOBS, max_bytes=1000)
    monkeypatch.setitem(vars(job_feeds.IMPORT_JOBS), "max_bytes", small.max_bytes)
    key = stage.clients.invite()[0]
    for hides in ({}, {"environ_overrides": {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}}):
        answer = stage.ask("POST", TARGET, key, b"x" * 1001, **hides)
        assert (answer.status_code, answer.json["type"]) == (413, "urn:libranet:problem:body-too-large")
    assert stage.ask("POST", TARGET, key, b"x" * 1000).status_code == 202
    assert len(stage.service.heard) == 1


def test_a_file_that_is_shorter_than_it_says_is_refused(stage: Stage) -> None:
    answer = stage.ask("POST", TARGET, stage.clients.invite()[0], b"x" * 10,
                       environ_overrides={"CONTENT_LENGTH": "20"})
    assert answer.status_code == 400
    assert not stage.service.heard


def test_only_so_many_files_are_received_at_a_time_and_each_frees_its_place(stage: Stage) -> None:
    key = stage.clients.invite()[0]
    for _ in range(PLACES * 3):
        assert stage.ask("POST", TARGET, key, b"x").status_code == 202
    held = [Upload() for _ in range(PLACES)]
    try:
        answer = stage.ask("POST", TARGET, key, b"x")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == str(uploads.RETRY_AFTER_SECONDS)
        with pytest.raises(ServiceAway):
            Upload()
    finally:
        for each in held:
            each.close()
            each.close()
    assert stage.ask("POST", TARGET, key, b"x").status_code == 202


def test_a_failed_upload_frees_its_place() -> None:
    for _ in range(PLACES * 2):
        with pytest.raises(BodyTooLarge):
            Upload().receive(io.BytesIO(b"x" * 100).read, 10)


def test_a_wrong_query_is_refused_before_anything_is_received(stage: Stage) -> None:
    answer = stage.ask("POST", f"{TARGET}?whole=perhaps", stage.clients.invite()[0], b"x")
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json["errors"]] == ["/whole"]
