"""Feeds and imports as callers meet them: what a file does to a feed's postings, and what the report says of it."""

import json
from datetime import timedelta
from typing import Any

import pytest

from libranet.clock import now
from libranet.ids import new_id
from libranet.outside.guard import UrlRefused
from libranet.problems import NotFound
from services.jobs.feeds import keeping
from services.jobs.feeds.domain.feed import Feed
from services.jobs.feeds.domain.refusals import FeedUnknown, FileEmpty, ImportUnknown
from services.jobs.feeds.importer import NoLongerOurs
from services.jobs.feeds.store import FeedStore
from services.jobs.postings.domain.posting import Posting
from services.jobs.store import JobsStore
from tests.services.jobs_stage import WELDING, Office, board, counts, job, office_of_small_steps


@pytest.fixture
def office(work_factory: Any, monkeypatch: pytest.MonkeyPatch) -> Office:
    return office_of_small_steps(work_factory, monkeypatch)


def test_a_file_becomes_postings_with_their_skills(office: Office) -> None:
    feed = office.feed(country="US")
    report = office.run(feed, board(job(1), job(2, content="Nothing.")))
    assert (report["state"], report["format"], counts(report)) == ("done", "greenhouse", (2, 2, 0, 0, 0, 0))
    assert report["progress"]["bytes_read"] == report["progress"]["bytes_total"]
    posting = office.call("get_job", {"job": office.postings()["1"]["_id"]})
    assert (posting["title"], posting["owner"], posting["feed"], posting["state"]) == (
        "Job 1", "demo.riverside", feed, "open")
    assert posting["skills"] == [{"uri": WELDING.uri, "label": "welding", "required": True, "words": "welding"}]
    assert posting["places"] == [{"label": "Gary, IN", "country": "US", "region": "IN", "locality": "Gary"}]
    assert office.call("get_job", {"job": office.postings()["2"]["_id"]})["skills"] == []
    assert office.blobs.files == {}


def test_the_same_file_again_changes_nothing_and_writes_no_posting(office: Office) -> None:
    feed, content = office.feed(), board(*map(job, range(7)))
    office.run(feed, content)
    before, told = office.postings(), len(office.changes())
    assert counts(office.run(feed, content)) == (7, 0, 0, 7, 0, 0)
    assert office.postings() == before
    assert len(office.changes()) == told


def test_what_changed_is_updated_and_what_is_gone_expires(office: Office) -> None:
    feed = office.feed()
    office.run(feed, board(job(1), job(2), job(3)))
    assert counts(office.run(feed, board(job(1), job(2, "Another title"), job(4)))) == (3, 1, 1, 1, 1, 0)
    assert {key: row["title"] for key, row in office.postings().items()} == {
        "1": "Job 1", "2": "Another title", "4": "Job 4"}
    assert [row["sequence"] for row in (office.postings()["1"], office.postings()["2"])] == [1, 2]
    assert set(office.postings("expired")) == {"3"}
    assert counts(office.run(feed, board(job(1), job(2, "Another title"), job(3), job(4)))) == (4, 0, 1, 3, 0, 0)
    assert office.postings()["3"]["sequence"] == 3


def test_every_change_is_told_in_the_transaction_that_makes_it(office: Office) -> None:
    feed = office.feed()
    office.run(feed, board(job(1), job(2)))
    ids = {key: row["_id"] for key, row in office.postings().items()}
    assert office.changes() == [{ids["1"], ids["2"]}]
    office.run(feed, board(job(1, "New")))
    assert office.changes()[1:] == [{ids["1"]}, {ids["2"]}]
    postings = JobsStore(office.reading()).postings
    assert {each.title: each.state for each in postings.get_many(ids.values()).values()} == {
        "New": "open", "Job 2": "expired"}
    assert [each.title for lot in postings.all_open() for each in lot()] == ["New"]


def test_bad_items_are_named_by_their_position_and_stop_nothing(office: Office) -> None:
    prospects = job(4, internal_job_id=None)
    report = office.run(office.feed(), board(job(1), job(2, " "), 7, job(3), prospects, job(5, "faulty")))
    assert counts(report) == (6, 2, 0, 0, 0, 4)
    assert report["report"]["rejected"] == [
        {"position": 2, "reason": "it has no title"}, {"position": 3, "reason": "it has no id"},
        {"position": 5, "reason": "it is a post for prospects, not a vacancy (no internal_job_id)"},
        {"position": 6, "reason": "it could not be made a posting (ZeroDivisionError)"}]


def test_postings_whose_closing_time_cannot_be_read_are_imported_and_the_report_says_where(office: Office) -> None:
    invalid = {"application_deadline": "Invalid Date"}
    feed, some = office.feed(), board(job(1), job(2, **invalid), job(3), job(4), job(5, **invalid))
    for expected in ((5, 5, 0, 0, 0, 0), (5, 0, 0, 5, 0, 0)):
        report = office.run(feed, some)
        assert counts(report) == expected
        assert report["notes"] == ["The closing time at position 2, 5 cannot be read: what stands there is imported, "
                                   "and stays open until the board drops it."]
    [note] = office.run(feed, board(*(job(number, **invalid) for number in range(12))))["notes"]
    assert "position 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and more cannot" in note
    ends = (None, "", "Continuous", "Open until filled", "2099-12-31", "12/31/2099 11:59 PM")
    assert office.run(feed, board(*(job(1 + each, application_deadline=end) for each, end in enumerate(ends))))[
        "notes"] == []


def test_of_several_items_with_one_id_the_last_counts_wherever_they_stand(office: Office) -> None:
    feed = office.feed()
    content = board(job(1, "A"), job(1, "B"), job(2), job(3), job(4), job(5), job(1, "C"))
    report = office.run(feed, content)
    assert counts(report) == (7, 5, 0, 0, 0, 2)
    assert report["report"]["rejected"] == [
        {"position": 1, "reason": "same id as position 7"}, {"position": 2, "reason": "same id as position 7"}]
    assert office.postings()["1"]["title"] == "C"
    assert counts(office.run(feed, content)) == (7, 0, 0, 5, 0, 2)
    assert office.postings()["1"]["sequence"] == 1


def test_an_import_that_is_killed_at_any_step_ends_with_the_same_report(office: Office) -> None:
    whole = board(*(job(number) for number in range(10)), job(3, "Again"), job(11, " "))
    expected = counts(office.run(office.feed(), whole))
    for killed_after in range(1, 12):
        feed = office.feed()
        office.run(feed, board(*(job(number) for number in range(12))), whole=True)
        work = office.run(feed, whole, steps=killed_after)
        for _ in range(3):
            office.go_on(work["id"], steps=3)
        office.go_on(work["id"])
        report = office.report(work["id"])
        assert report["state"] == "done"
        assert counts(report) == (12, 0, 1, 9, 2, 2)
        assert len([row for row in office.postings().values() if row["feed"] == feed]) == 10
    assert expected == (12, 10, 0, 0, 0, 2)


def test_a_file_that_breaks_off_keeps_what_was_read_and_expires_nothing(office: Office) -> None:
    feed = office.feed()
    office.run(feed, board(*map(job, range(10))))
    report = office.run(feed, board(*(job(number, "New") for number in range(10)))[:-300])
    assert report["state"] == "failed"
    assert report["notes"][0].startswith("The file breaks off after")
    assert report["notes"][0].endswith("What was imported until then stays, as the report counts it.")
    assert report["report"]["updated"] > 3
    assert len(office.postings()) == 10


@pytest.mark.parametrize(("content", "words"), [
    (b"hello", "not known"), (b"<rss><channel/></rss>", "joblisting"), (b"\x1f\x8b\x08", "packed"), (b"{", "not JSON")])
def test_what_is_no_feed_fails_with_the_reason(office: Office, content: bytes, words: str) -> None:
    feed = office.feed()
    office.run(feed, board(job(1)))
    report = office.run(feed, content)
    assert (report["state"], counts(report)) == ("failed", (0, 0, 0, 0, 0, 0))
    assert words in report["notes"][0]
    assert "stays" not in report["notes"][0], "nothing was imported"
    assert set(office.postings()) == {"1"}


ASHBY = json.dumps({"jobs": [{"id": "a", "title": "Cook", "jobUrl": "https://a.example/", "isListed": True}]}).encode()
PLAIN_RSS = b"<rss version='2.0'><channel><item><guid>a</guid><title>Acme: Cook</title></item></channel></rss>"
PAGE = b"<!DOCTYPE html><title>Sign in</title><p>Your session has ended."


@pytest.mark.parametrize(("form", "content", "looks_like"), [
    ("greenhouse", ASHBY, "Ashby's JSON"), ("greenhouse", b"[]", "lever"), ("greenhouse", PAGE, "job-page"),
    ("greenhouse", b'{"error": "not found"}', "object with `error`"),
    ("greenhouse", b'{"jobs": {"a": {}}}', "object with `jobs`"),
    ("greenhouse", b'{"jobs": null}', "object with `jobs`"), ("greenhouse", b"{}", "without any names"),
    ("lever", board(job(2)), "greenhouse"), ("lever", b'{"ok": false, "error": "x"}', "object with `error`, `ok`"),
    ("neogov", PLAIN_RSS, "RSS without NeoGov's"), ("neogov", b"<feed><entry/></feed>", "an Atom feed"),
    ("usajobs-hrxml", PLAIN_RSS, "RSS without"), ("job-page", PLAIN_RSS, "RSS without"),
    ("job-page", PAGE, "no schema.org JobPosting")])
@pytest.mark.parametrize("whole", [None, True])
def test_a_file_of_another_format_than_its_feed_fails_and_closes_nothing(
        office: Office, form: str, content: bytes, looks_like: str, whole: bool | None) -> None:
    feed = office.feed(format=form)
    office.transact(lambda work: JobsStore(work).postings.add([Posting(new_id(), "demo.riverside", feed, "1", "Job")]))
    report = office.run(feed, content, **({} if whole is None else {"whole": whole}))
    assert (report["state"], counts(report)) == ("failed", (0, 0, 0, 0, 0, 0))
    note, = report["notes"]
    assert looks_like in note
    assert form == "job-page" or f"expected is {form} (" in note
    assert set(office.postings()) == {"1"}


@pytest.mark.parametrize(("form", "content"), [
    ("greenhouse", b'{"jobs": [], "meta": {"total": 0}}'), ("lever", b"[]"),
    ("neogov", b'<rss xmlns:j="http://www.neogov.com/namespaces/JobListing"><channel><title>City</title></channel></rss>'),
    ("usajobs-hrxml", b"<ShowPositionOpening><DataArea/></ShowPositionOpening>")])
def test_a_board_without_vacancies_is_no_error_and_closes_all_only_where_that_is_said(
        office: Office, form: str, content: bytes) -> None:
    for settings in ({"format": form}, {}):
        feed = office.feed(**settings)
        open_one = Posting(new_id(), "demo.riverside", feed, "1", "Job")
        office.transact(lambda work, open_one=open_one: JobsStore(work).postings.add([open_one]))
        report = office.run(feed, content)
        assert (report["state"], report["format"], counts(report)) == ("done", form, (0, 0, 0, 0, 0, 0))
        assert office.postings()
        assert counts(office.run(feed, content, whole=True)) == (0, 0, 0, 0, 1, 0)
        assert not office.postings()


def test_a_file_without_any_good_posting_expires_nothing(office: Office) -> None:
    feed = office.feed()
    office.run(feed, board(job(1), job(2)))
    for content in (board(), board(job(3, " "))):
        report = office.run(feed, content)
        assert (report["state"], report["notes"]) == ("done", ["No posting could be read, so none expires."])
    assert set(office.postings()) == {"1", "2"}


def test_losing_more_than_half_of_a_big_feed_is_taken_for_a_fault_of_the_board(office: Office) -> None:
    feed = office.feed()
    office.run(feed, board(*map(job, range(20))))
    half = board(*map(job, range(9)), *map(job, range(100, 130)))
    report = office.run(feed, half)
    assert report["report"]["expired"] == 0
    assert "11 of 20" in report["notes"][0]
    assert office.run(feed, half, whole=True)["report"]["expired"] == 11
    assert len(office.postings()) == 39


def test_a_part_of_a_feed_and_a_job_page_expire_nothing(office: Office) -> None:
    feed = office.feed()
    office.run(feed, board(job(1), job(2)))
    assert counts(office.run(feed, board(job(3)), whole=False)) == (1, 1, 0, 0, 0, 0)
    page = b'<script type="application/ld+json">{"@type": "JobPosting", "title": "Cook", "identifier": "c"}</script>'
    report = office.run(feed, page)
    assert (report["format"], counts(report)) == ("job-page", (1, 1, 0, 0, 0, 0))
    assert set(office.postings()) == {"1", "2", "3", "c"}


def test_a_closed_posting_is_imported_as_expired_and_others_expire_at_their_time(office: Office) -> None:
    feed = office.feed()
    soon = now() + timedelta(hours=1)
    content = board(job(1, application_deadline="2020-01-01"), job(2, application_deadline=soon.isoformat()), job(3))
    assert counts(office.run(feed, content)) == (3, 3, 0, 0, 1, 0)
    assert set(office.postings()) == {"2", "3"}
    assert keeping.close(office, soon - timedelta(seconds=1)) == 0
    assert keeping.close(office, soon + timedelta(seconds=1)) == 1
    assert set(office.postings()) == {"3"}
    assert office.changes()[-1] == {office.postings("expired")["2"]["_id"]}


def test_what_closed_is_found_in_all_buckets_and_at_most_so_much_at_once(office: Office) -> None:
    at = now()
    closing = [Posting(new_id(), "demo.riverside", "feed", str(number), "Job", closes_at=at) for number in range(20)]
    office.transact(lambda work: JobsStore(work).postings.add(closing))
    store = JobsStore(office.reading()).postings
    assert store.closed_by(at - timedelta(seconds=1), 100) == {}
    assert store.closed_by(at, 100) == {each.id: "demo.riverside" for each in closing}
    assert len(store.closed_by(at, 7)) == 7


def test_a_feed_belongs_to_its_node_and_to_those_above(office: Office) -> None:
    feed = office.feed(url="https://board.example.org/feed", every_hours=6)
    report = office.run(feed, board(job(1)))
    posting = office.postings()["1"]["_id"]
    for node in ("demo", "demo.riverside"):
        assert [each["id"] for each in office.call("list_job_feeds", node=node, limit=50)["items"]] == [feed]
        assert office.call("get_job_feed", {"feed": feed}, node=node)["last_import"] == report["id"]
        assert office.call("get_job", {"job": posting}, node=node)
    for node in ("demo.hillside", "demo.riverside.central", "other"):
        assert office.call("list_job_feeds", node=node, limit=50)["items"] == []
        for name in ("get_job_feed", "change_job_feed", "remove_job_feed", "import_jobs"):
            with pytest.raises(FeedUnknown):
                office.call(name, {"feed": feed}, {"name": "Mine"}, node=node, content=b"x")
        with pytest.raises(ImportUnknown):
            office.call("get_job_import", {"job_import": report["id"]}, node=node)
    assert office.call("get_job", {"job": posting}, node="demo.riverside.central")
    with pytest.raises(NotFound):
        office.call("get_job", {"job": posting}, node="demo.hillside")


def test_feeds_are_listed_page_by_page(office: Office) -> None:
    feeds = {office.feed(name=f"Board {number}") for number in range(5)}
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = office.call("list_job_feeds", limit=2, **cursor)
        seen += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert sorted(seen) == sorted(feeds)


def test_a_changed_feed_is_asked_anew_and_its_settings_change_its_postings(office: Office) -> None:
    feed = office.feed(url="https://board.example.org/feed", every_hours=6)
    content = board(job(1, first_published="03/04/2026"))
    office.run(feed, content)
    changed = office.call("change_job_feed", {"feed": feed}, {"name": "Other", "date_order": "dmy"})
    assert "next_fetch_at" not in changed
    assert (changed["name"], changed["date_order"], "url" in changed) == ("Other", "dmy", False)
    assert counts(office.run(feed, content)) == (1, 0, 1, 0, 0, 0)
    assert office.postings()["1"]["posted_at"].month == 4


def test_a_removed_feed_is_unknown_at_once_and_its_postings_expire(office: Office) -> None:
    feed = office.feed()
    office.run(feed, board(*map(job, range(5))))
    office.call("remove_job_feed", {"feed": feed})
    with pytest.raises(FeedUnknown):
        office.call("get_job_feed", {"feed": feed})
    due, = FeedStore(office.reading()).due(now())
    assert not keeping.remove(office, due.id, due.owner)
    assert keeping.remove(office, due.id, due.owner)
    assert office.postings() == {}
    assert len(office.postings("expired")) == 5
    assert FeedStore(office.reading()).due(now()) == []


def test_an_import_that_is_another_process_s_now_is_left_to_it(office: Office) -> None:
    feed = office.feed()
    work = office.call("import_jobs", {"feed": feed}, content=board(job(1)))
    office.held = False
    with pytest.raises(NoLongerOurs):
        office.go_on(work["id"])
    assert office.report(work["id"])["state"] == "waiting"
    office.held = True
    office.go_on(work["id"])
    assert office.report(work["id"])["state"] == "done"


def test_an_address_that_leads_inside_is_refused_when_it_is_given(office: Office) -> None:
    for url in ("http://10.0.0.1/feed", "https://127.0.0.1/", "https://[::1]/", "https://a.example:8443/", "https://2130706433/"):
        with pytest.raises(UrlRefused) as refused:
            office.feed(url=url)
        assert refused.value.errors[0]["field"] == "/url"
    feed = office.feed()
    with pytest.raises(UrlRefused):
        office.call("change_job_feed", {"feed": feed}, {"name": "Board", "url": "https://192.168.0.1/"})


def test_an_import_without_a_file_is_refused(office: Office) -> None:
    feed = office.feed()
    with pytest.raises(FileEmpty):
        office.call("import_jobs", {"feed": feed}, content=b"")


def test_a_file_that_was_deleted_meanwhile_fails_with_the_reason(office: Office) -> None:
    feed = office.feed()
    work = office.call("import_jobs", {"feed": feed}, content=board(job(1)))
    office.blobs.files.clear()
    office.go_on(work["id"])
    assert office.report(work["id"])["notes"] == ["The file is gone; send it again."]


def test_the_report_names_the_first_thousand_rejects_and_counts_all(office: Office) -> None:
    report = office.run(office.feed(), board(*([job(1, " ")] * 1100)))
    assert report["report"]["rejected_count"] == 1100
    assert [each["position"] for each in report["report"]["rejected"]] == list(range(1, 1001))


def test_a_feed_that_the_store_gives_back_is_what_was_saved(office: Office) -> None:
    feed = Feed(new_id(), "demo", "Board", now(), "lever", "https://a.example/", 4, "dmy", "DE")
    office.transact(lambda work: FeedStore(work).save(feed))
    assert FeedStore(office.reading()).find(feed.id) == feed
