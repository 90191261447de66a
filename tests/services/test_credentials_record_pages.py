"""A record's page and its paper: what they say, and to whom."""

import json
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from eventlet.semaphore import Semaphore
from pypdf import PdfReader

from contracts.calls import records as calls
from libranet.clock import now
from libranet.problems import Refusal, ServiceAway
from services.credentials import records
from services.credentials.adapters.record_paper import MOST_AT_ONCE, Paper
from services.credentials.domain.record_words import LANGUAGES
from tests.services.credentials_stage import (
    PATRON,
    Platform,
    changed,
    platform,
)
from tests.services.record_desk import learner, made, refusal

__all__ = ["platform"]


def paged(platform: Platform, record: dict[str, Any], language: str = "", **query: str) -> dict[str, Any]:
    headers = {"Accept-Language": language} if language else None
    body = platform.call("get_record_page", headers=headers, query=query, public_record=record["public_id"]).body
    assert not calls.PrintedRecord().validate(json.loads(body))
    return dict(json.loads(body)["page"])


def paper(platform: Platform, record: dict[str, Any], **query: str) -> PdfReader:
    answer = platform.call("get_record_pdf", query=query, public_record=record["public_id"])
    assert answer.media_type == "application/pdf"
    return PdfReader(BytesIO(answer.body))


def test_the_page_tells_each_credential_with_its_issuer_its_days_and_its_status_now(platform: Platform) -> None:
    earned = learner(platform)
    record = made(platform, name="For the college").body
    changed(platform, earned[0], "suspend")
    page = paged(platform, record)
    assert (page["title"], page["language"], page["direction"]) == ("For the college", "en", "ltr")
    [section] = page["sections"]
    assert section["kind"] == "engagement"
    assert sorted(each["status"] for each in section["items"]) == ["issued", "suspended"]
    facts = {each["name"]: each["value"] for each in section["items"][0]["facts"]}
    assert (facts["Issued by"], facts["Earned on"]) == ("Riverside", "2026-11-20")
    assert page["address"] == record["public_url"]
    assert "</title>" in page["qr"]


@pytest.mark.parametrize(("liked", "language", "direction"), [
    ("es-MX,en;q=0.5", "es", "ltr"), ("ar", "ar", "rtl"), ("xx", "en", "ltr"), ("", "en", "ltr")])
def test_the_page_is_in_the_readers_language_where_there_are_words(
        platform: Platform, liked: str, language: str, direction: str) -> None:
    learner(platform)
    page = paged(platform, made(platform).body, liked)
    assert (page["language"], page["direction"]) == (language, direction)
    assert page["sections"][0]["title"] == LANGUAGES[language].kinds["engagement"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_paper_says_what_the_page_says_and_can_be_searched(platform: Platform, language: str) -> None:
    learner(platform)
    record = made(platform, name="Registro – سجل").body
    read = paper(platform, record, language=language)
    text = "".join(each.extract_text() for each in read.pages)
    assert text.count("Completed the course.") == 2
    assert record["public_url"] in text.replace("\n", "")
    assert (read.metadata.title, read.trailer["/Root"]["/Lang"]) == ("Registro – سجل", language)
    again = platform.call("get_record_pdf", query={"language": language}, public_record=record["public_id"]).body
    assert PdfReader(BytesIO(again)).metadata == read.metadata


def test_papers_leave_no_file_behind_and_need_none_of_before(
        platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = tmp_path / "files"
    files.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(files))
    learner(platform)
    page, day = paged(platform, made(platform).body), now()
    assert records.Papers().pdf(page, day) == records.Papers().pdf(page, day)
    assert list(files.iterdir()) == []


def test_without_room_for_its_files_a_paper_is_not_made_and_none_is_left(
        platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    learner(platform)
    page, files, papers = paged(platform, made(platform).body), tmp_path / "files", records.Papers()
    monkeypatch.setattr(tempfile, "tempdir", str(files))
    for _ in range(MOST_AT_ONCE + 1):
        with pytest.raises(ServiceAway, match="cannot be made"):
            papers.pdf(page, now())
    files.mkdir()
    with monkeypatch.context() as broken:
        broken.setattr(Paper, "head", lambda _: (files / "gone").read_bytes())
        with pytest.raises(ServiceAway, match="cannot be made"):
            papers.pdf(page, now())
    assert list(files.iterdir()) == []
    assert papers.pdf(page, now())


def test_few_papers_are_made_at_the_same_time(platform: Platform) -> None:
    learner(platform)
    record = made(platform).body
    papers = records.Papers()
    papers._places = Semaphore(0)
    with pytest.raises(Refusal) as refused:
        papers.pdf(paged(platform, record), now())
    assert refused.value.status == 503


def test_page_and_paper_are_gone_with_the_record(platform: Platform) -> None:
    learner(platform)
    record = made(platform).body
    platform.call("withdraw_record", patron=PATRON, record=record["id"])
    for read in (paged, paper):
        refusal(410, read, platform, record)
