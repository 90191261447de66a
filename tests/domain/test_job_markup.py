"""HTML of boards made harmless, its plain text, and places."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.jobs.feeds.domain import markup, places
from services.jobs.feeds.domain.values import web_address

NASTY = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<a href='javascript:alert(1)'>x</a>",
    "<svg/onload=alert(1)>", "<iframe src=//evil.example></iframe>", "<p style='background:url(//evil.example)'>x</p>",
    "<a href='data:text/html,x'>x</a>", "<form action=/x><input name=a></form>", "<p onclick='alert(1)'>x</p>",
    "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>", "<base href=//evil.example>",
    "<link rel=stylesheet href=//evil.example>", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<object data=x></object>", "<a href='//evil.example/'>x</a>", "<a href='/sign-out'>x</a>", "<a href='?x'>x</a>",
    "<a href='jav&#x09;ascript:alert(1)'>x</a>", "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<meta http-equiv=refresh content='0;url=//x'>",
    "<template><script>alert(1)</script></template>", "<iframe srcdoc='<script>alert(1)</script>'></iframe>"]
TAG = re.compile(r"<(/?)([a-z0-9]+)((?:[^>\"]|\"[^\"]*\")*)>")
HARMLESS = re.compile(r'|( href="(https?:|mailto:)[^"]*")?( rel="nofollow noopener noreferrer")?')


def is_harmless(cleaned: str) -> bool:
    """Whether all its marks are of the list, and none has an attribute but a link's."""
    marks = TAG.findall(cleaned)
    return cleaned.count("<") == len(marks) and all(
        name in markup.TAGS and HARMLESS.fullmatch(attributes) for _, name, attributes in marks)


@pytest.mark.parametrize("nasty", NASTY)
def test_nothing_that_runs_or_loads_survives(nasty: str) -> None:
    cleaned = markup.clean(markup.unescaped(f"<p>Before</p>{nasty}<p>After</p>"))
    assert is_harmless(cleaned)
    assert markup.plain(cleaned).startswith("Before")
    assert markup.plain(cleaned).endswith("After")


@pytest.mark.parametrize("nasty", NASTY)
def test_nor_when_it_was_escaped_on_its_way(nasty: str) -> None:
    for _ in range(3):
        nasty = html.escape(nasty)
        assert is_harmless(markup.clean(markup.unescaped(nasty)))
        assert is_harmless(markup.clean(markup.unescaped(nasty, escaped=True)))


def test_marks_without_number_are_dropped_and_their_text_stays() -> None:
    cleaned = markup.clean(f"<p>Before</p>{'<ul><li>' * 20_000}<a title='After")
    assert "<" not in cleaned
    assert markup.plain(cleaned).strip() == "Before"


def test_html_is_unescaped_as_often_as_a_board_escaped_it() -> None:
    written = "<p>A &amp; B</p>"
    for _ in range(4):
        assert markup.clean(markup.unescaped(written)) == "<p>A &amp; B</p>"
        written = html.escape(written)


def test_plain_text_keeps_its_lines_and_its_signs() -> None:
    cleaned = markup.clean(markup.unescaped("One & two\n3 < 4&nbsp;ok"))
    assert markup.plain(cleaned) == "One & two\n3 < 4 ok"


def test_blocks_become_lines_and_words_inside_stay_together() -> None:
    cleaned = markup.clean("<h1>Title</h1><p>Some <b>bold</b>ly <a href='https://a.example/?a=1&b=2>3'>linked</a></p>"
                           "<ul><li>x<li>y</ul>")
    assert markup.plain(cleaned) == "Title\nSome boldly linked\nx\ny"
    assert "h1" not in cleaned
    assert 'rel="nofollow noopener noreferrer"' in cleaned


@given(st.text(alphabet="<>/&;ltgamp\"' ahrefscriptonx=:\n", max_size=200))
def test_whatever_is_written_what_is_left_is_harmless(written: str) -> None:
    cleaned = markup.clean(markup.unescaped(written))
    assert is_harmless(cleaned)
    assert "\n\n" not in markup.plain(cleaned)


@pytest.mark.parametrize(("written", "meant"), [
    ("Chicago, IL", ("US", "IL", "Chicago")), ("Washington, D.C.", ("US", "DC", "Washington")),
    ("Lansing, Michigan", ("US", "MI", "Lansing")), ("Dyess AFB, TX United States", ("US", "TX", "Dyess AFB")),
    ("Pentagon, Arlington, VA United States", ("US", "VA", "Arlington")), ("London, UK", ("GB", None, "London")),
    ("Bangalore, India", ("IN", None, "Bangalore")), ("London, England, United Kingdom", ("GB", "England", "London")),
    ("Austin, TX, USA", ("US", "TX", "Austin")), ("Springfield", (None, None, "Springfield")),
    ("Canada", ("CA", None, None)),
    ("Toronto, ON, Canada", ("CA", "ON", "Toronto"))])
def test_places_are_told_apart(written: str, meant: tuple[str | None, ...]) -> None:
    place = places.place(written)
    assert place is not None
    assert (place.country, place.region, place.locality) == meant
    assert place.label == written


@pytest.mark.parametrize("written", [
    "Remote", "Remote - US", "Work from home", "Anywhere in the U.S. (remote job)", "", None])
def test_where_there_is_no_place_there_is_none(written: str | None) -> None:
    assert places.place(written) is None
    assert places.is_remote(written) == bool(written)
    assert not places.is_remote("No remote work")


@pytest.mark.parametrize(("written", "meant"), [
    ("https://www.usajobs.gov:443/job/1", "https://www.usajobs.gov/job/1"), ("/jobs/1", None), ("https://[::1", None),
    ("http://a.example:8080/x", "http://a.example:8080/x"), ("javascript:alert(1)", None), ("//a.example/x", None),
    ("https://a b.example/", None), ("https://a.example:99999/", None), (7, None), ("https://a.example/?a=1&amp;b=2", "https://a.example/?a=1&b=2")])
def test_only_web_addresses_are_addresses(written: object, meant: str | None) -> None:
    assert web_address(written) == meant
