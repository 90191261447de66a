"""What an app reads and hands in by the Open Badges 3.0 API, for the one patron whom its token stands for."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts.calls.badge_connect import READ_CREDENTIALS, UPSERT_CREDENTIAL
from contracts.principal import Principal
from libranet.calls import Answer
from libranet.problems import MediaTypeUnsupported
from libranet.testing import a_request
from services.credentials import badge_connect, imports
from services.credentials.domain import imported, proofs, tokens
from services.credentials.domain.keys import SigningKey
from services.credentials.domain.paging import MOST_BYTES, Page
from services.credentials.domain.refusals import (
    CredentialNotTaken,
    ImportOfAnother,
    ImportOutdated,
    ImportsFull,
    PatronUnknown,
)
from tests.services.credentials_stage import PATRON, Platform, issued_and_shared, platform
from tests.services.test_credentials_imports import KEY, MADE, OTHER, foreign, unsigned

__all__ = ["platform"]


def ask(platform: Platform, method: str, raw: bytes = b"", media_type: str = "application/json", patron: str = PATRON,
        **query: Any) -> Answer:
    app = Principal(actor=patron, kind="patron", node="demo.riverside", scopes=(READ_CREDENTIALS, UPSERT_CREDENTIAL))
    asked = {"limit": 50, "offset": 0, **query}
    request = a_request(None, app, {}, asked, raw, {"Content-Type": media_type})
    answer: Answer = platform._run(method, request)
    return answer


def sent(platform: Platform, document: Any, media_type: str = "application/json") -> Answer:
    raw = document.encode() if isinstance(document, str) else orjson.dumps(document)
    return ask(platform, "upsert_credential", raw, media_type)


def test_what_was_issued_and_what_was_handed_in_come_together(platform: Platform) -> None:
    issued = issued_and_shared(platform)
    given, token = foreign(), tokens.sign(unsigned(id="urn:uuid:0190b3a0-7777-7777-8777-777777777777"), KEY, KEY.method)
    assert [sent(platform, given).status, sent(platform, token, "text/plain").status] == [201, 201]
    answer = ask(platform, "get_credentials")
    assert given in answer.body["credential"]
    assert issued["credential"] in answer.body["credential"]
    assert answer.body["compactJwsString"] == [token]
    assert (answer.headers["X-Total-Count"], answer.about) == ("3", PATRON)


def test_somebody_elses_are_not_there(platform: Platform) -> None:
    issued_and_shared(platform)
    with pytest.raises(PatronUnknown):
        ask(platform, "get_credentials", patron=OTHER)


def test_the_answer_is_what_was_sent_byte_for_byte(platform: Platform) -> None:
    raw = orjson.dumps(foreign(), option=orjson.OPT_INDENT_2)
    for status in (201, 200):
        answer = ask(platform, "upsert_credential", raw, "application/vc+ld+json; charset=utf-8")
        assert (answer.status, answer.body, answer.media_type) == (status, raw, "application/vc+ld+json")


def test_the_later_one_counts_and_an_earlier_one_is_refused(platform: Platform) -> None:
    later = foreign(validFrom="2026-11-21T10:00:00Z")
    assert [sent(platform, each).status for each in (foreign(), later, later)] == [201, 200, 200]
    with pytest.raises(ImportOutdated):
        sent(platform, foreign())
    assert ask(platform, "get_credentials").body["credential"] == [later]


def test_one_of_the_same_id_that_another_key_signed_is_refused(platform: Platform) -> None:
    made = unsigned(issuer={"id": "https://college.example.org", "type": ["Profile"]})
    first, second = (proofs.add_proofs(made, key, MADE) for key in (KEY, SigningKey.of(Ed25519PrivateKey.generate())))
    assert sent(platform, first).status == 201
    with pytest.raises(ImportOfAnother):
        sent(platform, second)
    assert ask(platform, "get_credentials").body["credential"] == [first]


def test_an_app_hands_in_no_more_than_a_patron_may_have(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "MOST_OF_PATRON", 1)
    assert [sent(platform, foreign()).status for _ in range(2)] == [201, 200]
    with pytest.raises(ImportsFull):
        sent(platform, foreign(id="urn:uuid:0190b3a0-7777-7777-8777-777777777777"))


def test_an_id_is_the_same_however_it_is_written(platform: Platform) -> None:
    written = "https://college.example.org/credentials/%37"
    assert sent(platform, foreign()).status == 201
    assert sent(platform, foreign(id=written, validFrom="2026-11-21T10:00:00Z")).status == 200


@pytest.mark.parametrize("name", ["@context", "id", "type", "issuer", "validFrom", "credentialSubject"])
def test_what_is_missing_is_named(platform: Platform, name: str) -> None:
    document = {key: value for key, value in foreign().items() if key != name}
    with pytest.raises(CredentialNotTaken) as refused:
        sent(platform, document)
    assert [each["field"] for each in refused.value.errors] == [f"/{name}"]


def test_only_the_standards_media_types_are_taken(platform: Platform) -> None:
    for media_type in ("", "text/html", "application/xml", "application/ld+json"):
        with pytest.raises(MediaTypeUnsupported):
            sent(platform, foreign(), media_type)


@pytest.mark.parametrize(("total", "limit", "offset", "links"), [
    (0, 2, 0, {"first": 0, "last": 0}), (2, 2, 0, {"first": 0, "last": 0}),
    (3, 2, 0, {"first": 0, "last": 2, "next": 2}),
    (5, 2, 2, {"first": 0, "last": 4, "next": 4, "prev": 0}), (5, 2, 1, {"first": 0, "last": 4, "next": 3, "prev": 0}),
    (5, 2, 4, {"first": 0, "last": 4, "prev": 2}), (5, 2, 99, {"first": 0, "last": 4, "prev": 3})])
def test_pages_lead_to_each_other(total: int, limit: int, offset: int, links: dict[str, int]) -> None:
    shown = min(limit, max(0, total - offset))
    headers = Page(total, limit, offset, shown, (("since", "2026-11-20T10:00:00Z"),)).headers("https://a.example/c")
    kept = "&since=2026-11-20T10%3A00%3A00Z"
    assert headers["X-Total-Count"] == str(total)
    assert headers["Link"].split(", ") == [
        f'<https://a.example/c?limit={limit}&offset={found}{kept}>; rel="{name}"' for name, found in links.items()]


def links_of(answer: Answer) -> dict[str, dict[str, int]]:
    """What each link asks for."""
    found = {}
    for each in answer.headers["Link"].split(", "):
        address, _, name = each.partition(">; rel=")
        found[name.strip('"')] = {name: int(value) for name, value in parse_qsl(urlsplit(address[1:]).query)}
    return found


def long_ones(platform: Platform, count: int, megabytes: float) -> list[str]:
    """Credentials of this length each that were handed in; their ids, the oldest first."""
    taken = []
    for number in range(count):
        assert sent(platform, foreign(id=f"urn:uuid:{number}", validFrom=f"2026-11-{number + 1:02}T10:00:00Z")).status
    for row in platform.state["imported_credentials"].values():
        document = {**orjson.loads(row["text"]), "description": "x" * int(megabytes * 2**20)}
        row["text"] = orjson.dumps(document).decode()
        taken.append((row["valid_from"], document["id"]))
    return [own_id for _, own_id in sorted(taken)]


def walked(platform: Platform, link: str, **query: int) -> list[list[str]]:
    """The ids on each page from here on, by this link."""
    answer = ask(platform, "get_credentials", **query)
    here = [each["id"] for each in answer.body["credential"]]
    assert sum(map(len, map(orjson.dumps, answer.body["credential"]))) <= MOST_BYTES or len(here) == 1
    following = links_of(answer).get(link)
    return [here, *(walked(platform, link, **following) if following else [])]


def test_a_page_ends_before_it_is_too_long_and_the_next_goes_on_there(platform: Platform) -> None:
    ids = long_ones(platform, 7, 1.5)
    pages = walked(platform, "next", limit=5)
    assert [len(each) for each in pages] == [2, 2, 2, 1]
    assert [own_id for page in pages for own_id in page] == ids


def test_what_is_removed_while_a_page_is_made_is_not_on_it(
        platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = long_ones(platform, 2, 0)
    dated = badge_connect._dated
    monkeypatch.setattr(badge_connect, "_dated", lambda patron, store: [(None, "removed"), *dated(patron, store)])
    assert [each["id"] for each in ask(platform, "get_credentials").body["credential"]] == ids


def test_one_that_is_too_long_for_any_page_has_one_to_itself(platform: Platform) -> None:
    ids = long_ones(platform, 3, 5)
    assert walked(platform, "next") == [[each] for each in ids]


def test_pages_of_the_longest_are_found_from_the_end_too(platform: Platform) -> None:
    ids = long_ones(platform, 20, imported.MOST_BYTES * 4 / 3 / 2**20 - 0.002)
    last = links_of(ask(platform, "get_credentials", limit=200))["last"]
    pages = walked(platform, "prev", **last)
    assert pages[0][-1] == ids[-1]
    assert "next" not in links_of(ask(platform, "get_credentials", **last))
    assert {each for page in pages for each in page} == set(ids)


def test_a_page_with_all_on_it_is_the_last_one(platform: Platform) -> None:
    long_ones(platform, 20, 0)
    links = links_of(ask(platform, "get_credentials", limit=200))
    assert links == {"first": {"limit": 200, "offset": 0}, "last": {"limit": 200, "offset": 0}}
