"""No message, however odd, ends the hearer's process or holds its neighbours up."""

import os
from collections.abc import Iterator

import orjson
import pytest

from libranet.cloudevent import to_json
from libranet.ids import new_id
from libranet.local import Platform
from tests.integration.event_stand import OFFERED, Stand, an_offer
from tests.patience import until

pytestmark = pytest.mark.real
GOOD = orjson.loads(to_json(an_offer("odd", "good")))


@pytest.fixture(scope="module")
def one_stand(parts: Platform) -> Iterator[Stand]:
    stand = Stand(parts, AMQP_URI=os.environ["AMQP_URI"])  # the operator's: its relay may publish anybody's facts
    yield stand
    stand.close()


@pytest.fixture
def stand(one_stand: Stand) -> Stand:
    one_stand.clear()
    one_stand.sent |= {"odd", "deep", "failing"}  # what the bodies below are about
    if not one_stand.lives:
        one_stand.start()
    until(lambda: one_stand.ready()[0])
    return one_stand


def deep(levels: int) -> bytes:
    return to_json(an_offer("deep", "good")).replace(b'"teaches":[]', b'"teaches":' + b"[" * levels + b"]" * levels)


BODIES = {
    "nothing": b"",
    "no JSON": b"\x80\x81 {",
    "another shape": b"[1, 2]",
    "not a number": b'{"specversion": "1.0", "sequence": NaN}',
    "too deep for the parser": deep(5000),
    "deep": deep(900),
    "a list as type": orjson.dumps({**GOOD, "type": [OFFERED]}),
    "an object as id": orjson.dumps({**GOOD, "id": {"a": 1}}),
    "a number as owner": orjson.dumps({**GOOD, "owner": 7}),
    "a time before the calendar": orjson.dumps({**GOOD, "time": "0001-01-01T00:00:00+14:00"}),
    "a sequence without end": orjson.dumps({**GOOD, "sequence": "9" * 5000}),
    "a type that nobody published": orjson.dumps({**GOOD, "type": "org.libranet.learning.unheard-of.v1"}),
    "ten megabytes": b"x" * 10_000_000,
    "more than a document holds": b"y" * 20_000_000,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_that_is_no_event_is_quarantined_and_its_neighbour_passes(stand: Stand, body: bytes) -> None:
    stand.send_raw(body)
    good = stand.send()
    stand.settle()
    until(lambda: good in stand.effects())
    until(lambda: len(stand.reasons()) == 1)
    assert stand.lives
    until(lambda: stand.ready()[0])


def test_figures_tell_how_many_events_lie_in_quarantine(stand: Stand) -> None:
    for number in range(3):
        stand.send_raw(b"no event %d" % number)
    until(lambda: stand.figure("libranet_quarantine_rows") == 3)
    stand.database.quarantine.delete_many({})
    until(lambda: stand.figure("libranet_quarantine_rows") == 0)


def test_an_event_that_the_queue_does_not_hear_is_quarantined(stand: Stand) -> None:
    stand.send_raw(orjson.dumps({**GOOD, "id": "foreign", "type": "org.libranet.learning.enrolled.v1", "data": {
        **dict.fromkeys(("enrolment", "course", "patron"), new_id()), "enrolled_at": "2026-11-21T10:00:00Z"}}))
    until(lambda: len(stand.reasons()) == 1)
    assert "odd" not in stand.effects()


PROPERTIES = {
    "no headers": {},
    "text as attempt": {"application_headers": {"libranet-attempt": "many"}},
    "an attempt below none": {"application_headers": {"libranet-attempt": -99}},
    "another media type": {"content_type": "image/png"},
    "an encoding that makes broken text": {"content_encoding": "unicode_escape"},
}


@pytest.mark.parametrize("properties", PROPERTIES.values(), ids=PROPERTIES)
def test_odd_properties_change_nothing(stand: Stand, properties: dict[str, object]) -> None:
    failing = an_offer("failing", "always fails")
    odd = an_offer("odd", "odd \\ud800 title")
    stand.send_raw(to_json(failing), **properties)
    stand.send_raw(to_json(odd), **properties)
    until(lambda: "odd" in stand.effects())
    assert stand.lives
    assert "failing" not in stand.effects()


@pytest.mark.parametrize("title", ["exits", "out of time", "twin"])
def test_a_handler_that_breaks_in_an_unusual_way_is_retried_like_any_other(stand: Stand, title: str) -> None:
    stand.database.tries.replace_one({"_id": "there is one already"}, {}, upsert=True)
    before = stand.figure("libranet_retried_total")
    odd = stand.send(title)
    good = stand.send()
    stand.settle()
    until(lambda: good in stand.effects())
    until(lambda: stand.figure("libranet_retried_total") > before)
    assert stand.lives
    assert odd not in stand.effects()


def test_facts_larger_than_a_document_are_stored_and_published(stand: Stand) -> None:
    told = stand.send("tells much")
    stand.settle()
    until(lambda: len(stand.effects()) == 41)
    assert set(stand.effects().values()) == {1}
    until(lambda: sum(len(row["events"]) for row in stand.database.archive.find()) == 40)
    assert told in stand.effects()
