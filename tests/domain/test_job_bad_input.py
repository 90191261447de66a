"""Files that attack, lie, break off or never end: refused with the reason, in bounded memory, never an exception."""

import io
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.jobs.feeds.adapters import page_items
from services.jobs.feeds.adapters.gauge import MOST_ITEM_BYTES
from services.jobs.feeds.adapters.reading import FORMATS, read
from services.jobs.feeds.adapters.shape import Context, FeedUnreadable
from services.jobs.feeds.adapters.sniffing import format_of
from services.jobs.feeds.domain.raw import RawPosting

RSS = '<rss version="2.0" xmlns:joblisting="http://www.neogov.com/namespaces/JobListing"><channel>{}</channel></rss>'
ITEM = "<item><joblisting:jobId>{}</joblisting:jobId><title>{}</title></item>"
JOB = '{{"id": {0}, "internal_job_id": 1, "title": "Job {0}", "absolute_url": "https://a.example/{0}"}}'
CHANNEL = RSS.partition("{")[0].encode()
BOMB = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))


def titles(content: bytes, form: str | None = None) -> list[str | None]:
    """The titles that are read, None for what is rejected. Raises FeedUnreadable."""
    file = io.BytesIO(content)
    found = read(file, FORMATS[form] if form else format_of(file), Context())
    return [item.title if isinstance(item, RawPosting) else None for _, item in found]


def until_it_breaks(content: bytes, form: str) -> tuple[list[str | None], str]:
    """What is read before the file breaks off, and the reason."""
    found: list[str | None] = []
    try:
        for _, item in read(io.BytesIO(content), FORMATS[form], Context()):
            found.append(item.title if isinstance(item, RawPosting) else None)
    except FeedUnreadable as reason:
        return found, str(reason)
    raise AssertionError("it was read to its end")


@pytest.mark.parametrize("document_type", [
    f'<!DOCTYPE rss [<!ENTITY a0 "ha">{BOMB}]>', '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE rss [<!ENTITY % x SYSTEM "http://169.254.169.254/"> %x;]>', '<!DOCTYPE rss SYSTEM "http://a.example/x.dtd">',
    '<!DOCTYPE rss [<!ATTLIST item a CDATA "x">]>', "<!DOCTYPE rss []>"])
@pytest.mark.parametrize("form", ["neogov", "usajobs-hrxml"])
def test_a_document_type_is_refused_before_anything_is_read(document_type: str, form: str) -> None:
    content = (document_type + RSS.format(ITEM.format(1, "&a9; &x;"))).encode()
    found, reason = until_it_breaks(content, form)
    assert found == []
    assert "DOCTYPE" in reason or "well-formed" in reason
    assert "root:" not in reason


def test_an_undeclared_entity_is_no_way_in() -> None:
    content = RSS.format(ITEM.format(1, "ok") + ITEM.format(2, "&passwd;")).encode()
    found, reason = until_it_breaks(content, "neogov")
    assert found == ["ok"]
    assert "well-formed" in reason


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_xml_in_the_encoding_that_it_declares_is_read(encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    content = f'<?xml version="1.0" encoding="{declared}"?>{RSS.format(ITEM.format(1, "Café"))}'.encode(encoding)
    assert titles(content) == ["Café"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_json_with_a_mark_of_byte_order_is_read(encoding: str) -> None:
    content = ('{"jobs": [' + JOB.format(1).replace("Job", "Café") + "]}").encode(encoding)
    if encoding == "utf-16-le":
        content = b"\xff\xfe" + content
    assert titles(content) == ["Café 1"]


@pytest.mark.parametrize(("content", "form"), [
    (f'<?xml version="1.0" encoding="utf-8"?>{RSS.format(ITEM.format(1, "Café"))}'.encode("latin-1"), "neogov"),
    (f'<?xml version="1.0" encoding="klingon"?>{RSS.format(ITEM.format(1, "x"))}'.encode(), "neogov"),
    (b'{"jobs": [' + JOB.format(1).replace("Job", "Café").encode("latin-1") + b"]}", "greenhouse"),
    (b'\xff\xfe{"jobs": [' + JOB.format(1).encode() + b"]}", "greenhouse"),
    ('<meta charset="utf-8"><p>Café</p>'.encode("latin-1"), "job-page"),
    (b'<meta charset="klingon"><p>x</p>', "job-page")])
def test_bytes_that_are_not_in_the_declared_encoding_are_refused_in_words(content: bytes, form: str) -> None:
    _, reason = until_it_breaks(content, form)
    assert any(word in reason for word in ("encoding", "UTF-8", "utf-8", "well-formed"))


ASHBY = '{"jobs": [{"id": 1, "title": "x", "jobUrl": "https://a.example/1"}]}'
NAMED = [
    (ASHBY, "Ashby"), ('{"apiVersion": "1", "jobs": []}', "Ashby"), ('{"jobs": [], "apiVersion": "1"}', "Ashby"),
    ('{"name": "x", "jobs": [{"title": "x", "shortcode": "A1"}]}', "Workable"),
    ('{"count": 1, "results": [{"id": "1", "redirect_url": "https://a.example/"}]}', "Adzuna"),
    ('{"SearchResult": {"SearchResultItems": []}}', "USAJOBS"),
    ('{"offset": 0, "totalFound": 0, "content": []}', "SmartRecruiters"),
    ('{"version": "https://jsonfeed.org/version/1.1", "home_page_url": "x", "items": []}', "JSON Feed"),
    ("<workzag-jobs/>", "Personio"), ('<feed xmlns="http://www.w3.org/2005/Atom"/>', "Atom"), ("<urlset/>", "sitemap"),
    ("<source><job/></source>", "Indeed"), ("<html><p>x</p></html>", "no schema.org JobPosting"),
    ("id,title\n1,Cook\n", "neither JSON"), ('[{"id": 1, "name": "x"}]', "list with `id`, `name`"),
    ('{"data": [' + '{"id": 1},' * 200_000 + '{"id": 2}], "jobs": []}', "object with `data`")]


@pytest.mark.parametrize(("content", "words"), NAMED)
def test_a_file_that_is_not_taken_is_called_by_its_name(content: str, words: str) -> None:
    with pytest.raises(FeedUnreadable, match=words):
        titles(content.encode())


@pytest.mark.parametrize("beginning", ["", "null, 7, ", '{"id": 2}, '])
def test_a_board_is_known_by_its_first_good_posting_wherever_its_list_stands(beginning: str) -> None:
    content = f'{{"meta": {{"jobs": [1]}}, "ids": [1, 2], "jobs": [{beginning}{JOB.format(1)}]}}'
    assert titles(content.encode())[-1] == "Job 1"


@pytest.mark.parametrize("page", [
    '<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x.dtd">\n<html>{}',
    "<!-- x --><div>{}</div>", "{}", "<!DOCTYPE HTML>{}"])
def test_a_page_may_begin_as_pages_do(page: str) -> None:
    script = '<script type="application/ld+json">{"@type": "JobPosting", "title": "Cook"}</script>'
    assert titles(page.format(script).encode()) == ["Cook"]


def test_one_bad_item_among_good_ones_keeps_its_position() -> None:
    good_and_bad = [JOB.format(1), '{"id": 2}', JOB.format(3), "7", "null", '[["x"]]', JOB.format(4)]
    content = '{"jobs": [' + ",".join(good_and_bad) + "]}"
    assert titles(content.encode()) == ["Job 1", None, "Job 3", None, None, None, "Job 4"]


def test_a_file_that_breaks_off_gives_what_came_before() -> None:
    whole = ('{"jobs": [' + ",".join(JOB.format(n) for n in range(200)) + "]}").encode()
    found, reason = until_it_breaks(whole[:len(whole) // 2], "greenhouse")
    assert found == [f"Job {n}" for n in range(len(found))]
    assert len(found) > 50
    assert "JSON" in reason
    found, reason = until_it_breaks(RSS.format(ITEM.format(1, "a") * 3).encode()[:-10], "neogov")
    assert found == ["a"] * 3
    assert "well-formed" in reason


class Endless(io.RawIOBase):
    """A beginning, and then the same for ever."""

    def __init__(self, beginning: bytes, then: bytes) -> None:
        self._beginning, self._then = beginning, then
        self._at = 0
        self.given = 0

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset
        return offset

    def read(self, size: int = -1) -> bytes:
        piece = (self._beginning[self._at:] + self._then * (size // len(self._then) + 1))[:size]
        self._at += len(piece)
        self.given += len(piece)
        return piece


@pytest.mark.parametrize(("beginning", "then", "form"), [
    (b'{"jobs": [{"id": 1, "title": "', b"a", "greenhouse"), (b'{"jobs": [', b" ", "greenhouse"),
    (b'{"jobs": [{"id": 1, "x": [', b"[", "greenhouse"), (b'{"other": [', b'"x", ', "greenhouse"),
    (b"[", b"[", "lever"), (CHANNEL, b"<!-- x -->", "neogov"), (CHANNEL, b"<other>x</other>", "neogov"),
    (CHANNEL, b"<deep>", "neogov"), (b"<html>", b"<p>", "job-page"), (b"<html>", b"<script '", "job-page")])
def test_a_file_without_end_is_cut_in_bounded_memory(beginning: bytes, then: bytes, form: str) -> None:
    file = Endless(beginning, then)
    tracemalloc.start()
    with pytest.raises(FeedUnreadable):
        list(read(file, FORMATS[form], Context()))  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert file.given <= 3 * MOST_ITEM_BYTES
    assert peak < 64 * 2**20


def test_memory_stays_flat_however_long_the_file() -> None:
    def peak(count: int, make: Callable[[int], bytes]) -> int:
        content = io.BytesIO(make(count))
        tracemalloc.start()
        read_items = sum(1 for _ in read(content, format_of(content), Context()))
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert read_items == count
        return found

    def lever(count: int) -> bytes:
        job = {"id": "1", "text": "Job", "hostedUrl": "https://a.example/b/c", "description": "x" * 2000}
        return json.dumps([job] * count).encode()

    def neogov(count: int) -> bytes:
        return RSS.format(ITEM.format(1, "y" * 400) * count).encode()

    for make in (lever, neogov):
        assert peak(1500, make) < peak(150, make) + 2**20


@pytest.mark.parametrize("content", [
    b"", b"   ", b"\x00\x00\x00", b"hello", b"\x1f\x8b\x08\x00abc", b"PK\x03\x04abc", b"{", b"[", b"7", b'"x"', b"null",
    b'{"a": 1}', b'{"x": NaN}',
    b'{"jobs": 7}', b'{"results": []}', b"<a/>", b"<rss><channel/></rss>", b"<", b"<<<<", b"\xff\xfe", b"\xff" * 100,
    b"[" * 100_000, b'{"jobs":' * 10_000, b"<!--" + b"x" * 100_000, b"<?xml version='1.0'?>", b"%PDF-1.7", b"GIF89a"])
def test_what_is_no_feed_is_refused_in_words(content: bytes) -> None:
    try:
        assert titles(content) == [], "an empty feed"
    except FeedUnreadable as reason:
        assert len(str(reason)) > 10  # noqa: PT017 - a feed may be empty, too


@pytest.mark.parametrize("block", [
    "", "{", "[" * 5000, '{"@type": "JobPosting"', '{"@type": "JobPosting", "title": }', '{"@type": 7}',
    '{"@graph": [{"@type": "JobPosting"}]}', '{"@type": "JobPosting", "title": "x", "url": "javascript:alert(1)"}',
    '{"@type": "JobPosting", "title": {"a": []}, "identifier": [[]], "baseSalary": {"value": {"value": {}}}}',
    '{"@type": ["JobPosting"], "title": "x", "jobLocation": [null, "", {}, {"address": []}], "description": 5}',
    '{"@type": "JobPosting", "title": "x", "hiringOrganization": [[]], "description": null, "jobLocation": 7}'])
def test_broken_json_ld_costs_its_own_block_only(block: str) -> None:
    good = '<script type="application/ld+json">{"@type": "JobPosting", "title": "Good"}</script>'
    page = f'<html><body>{good}<script type="application/ld+json">{block}</script>{good}</body></html>'
    found = titles(page.encode())
    assert found[0] == found[-1] == "Good"


@pytest.mark.parametrize("form", sorted(FORMATS))
@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=300) | st.text(alphabet='{}[]":,<>/=!abjosi01 \\u&;', max_size=300).map(str.encode))
def test_no_file_raises_anything_but_a_reason(form: str, content: bytes) -> None:
    for name in (form, None):
        try:
            titles(content, name)
        except FeedUnreadable as reason:
            assert str(reason)  # noqa: PT017 - most files are refused, some are read


NAMES = ("name", "value", "id", "text", "min_cents", "@type", "address", "minValue", "location")
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=8)
MEMBERS = (
    "id", "internal_job_id", "title", "content", "location", "offices", "metadata", "pay_input_ranges", "absolute_url",
    "text", "lists", "categories", "salaryRange", "hostedUrl", "createdAt", "country", "identifier", "jobLocation",
    "baseSalary", "employmentType", "url", "jobLocationType", "hiringOrganization", "applicantLocationRequirements",
    "datePosted")


@settings(max_examples=150, deadline=None)
@given(item=st.dictionaries(st.sampled_from(MEMBERS), JSON_VALUES, max_size=8))
def test_members_of_any_kind_are_read_or_rejected(item: dict[str, object]) -> None:
    text = json.dumps({"@type": "JobPosting", **item})
    for content, form in ((f'{{"jobs": [{text}]}}', "greenhouse"), (f"[{text}]", "lever"), (text, "job-page")):
        assert len(titles(content.encode(), form)) == 1


def test_an_item_out_of_all_measure_is_rejected() -> None:
    for member in ('"title": "' + "x" * 600 + '"', '"content": "' + "x" * 300_000 + '"', '"id": "' + "x" * 400 + '"'):
        content = '{"jobs": [{"id": 1, "internal_job_id": 1, "title": "x", ' + member + "}," + JOB.format(2) + "]}"
        assert titles(content.encode()) == [None, "Job 2"]


LD = '<html><script type="application/ld+json">{"@type": "JobPosting", "title": "x", '
TANGLED = [
    LD + " " * 100_000 + '"url": ""}</script>', LD + '"\\' * 100_000, LD + '"\\' * 100_000 + "</script>",
    LD + "/*a" * 100_000 + "</script>", LD + ", " * 100_000 + "</script>", "<html>" + '<script "' * 100_000,
    "<html>" + "<script a" * 100_000, "<html>" + "<script x='" + " type=" + " " * 100_000 + "'>",
    "<!-- -->" * 8_000 + "<x/>"]


@pytest.mark.parametrize("page", TANGLED)
def test_a_page_that_is_made_to_be_slow_is_read_at_one_go(page: str) -> None:
    """Each of these held the reader for hours, or for ever."""
    try:
        assert len(titles(page.encode())) == 1
    except FeedUnreadable as reason:
        assert str(reason)  # noqa: PT017 - most hold no posting


@pytest.mark.parametrize("wrapped", [
    "<!-- {} -->", "<!--\n{}\n//-->", "//<![CDATA[\n{}\n//]]>", "<![CDATA[{}]]>", "// <![CDATA[\n{}\n// ]]>", "{};"])
def test_json_ld_that_is_hidden_from_old_browsers_is_read(wrapped: str) -> None:
    block = wrapped.replace("{}", '{"@type": "JobPosting", "title": "Cook"}')
    assert titles(f'<html><script type="application/ld+json">{block}</script>'.encode()) == ["Cook"]


@pytest.mark.parametrize("tag", [
    '<script type="application/ld+json">', "<script type=application/ld+json>",
    '<script data-x="a > b" type = "application/ld+json">',
    "<SCRIPT\ntype='application/ld+json; charset=utf-8' >", "<script data-x=it's type=application/ld+json>"])
def test_a_script_is_found_however_its_tag_is_written(tag: str) -> None:
    good = '{"@type": "JobPosting", "title": "Cook"}</script>'
    assert titles(f"<html><script>'</script>{tag}{good}{tag}{good}".encode()) == ["Cook", "Cook"]


def test_a_page_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_items, "MOST_PAGE_BYTES", 1000)
    with pytest.raises(FeedUnreadable, match="longer"):
        titles(b"<html>" + b"x" * 2000)


def test_a_number_of_thousands_of_digits_ends_the_file_and_not_the_process() -> None:
    """In a process of its own: what is feared here kills it."""
    code = """
import io
from services.jobs.feeds.adapters.json_items import items
from services.jobs.feeds.adapters.shape import FeedUnreadable
for _ in range(100):
    try:
        list(items(io.BytesIO(b'[{"id":' + b'9' * 5000 + b'}]'), None))
    except FeedUnreadable:
        continue
    raise SystemExit(1)
"""
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
