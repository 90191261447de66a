"""What a partner can rely on: webhooks, a feed and a queue that tell the same, and only what patrons consent to."""

import json
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import kombu
import pytest
from amqp.exceptions import AccessRefused, NotAllowed

from demo.receiver import Receiver
from libranet.broker import Link
from libranet.local import Platform
from tests.journeys.stage import (
    COLLEGE,
    ISSUE,
    OTHER_COLLEGE,
    SHARE,
    Keys,
    Stage,
    first_told,
    ids_told,
    libranet,
    pages,
)
from tests.patience import until

pytestmark = pytest.mark.real
ISSUED = "org.libranet.credentials.credential-issued.v1"


@pytest.fixture
def pulled(stage: Stage) -> Any:
    subscription = stage.college.ask("POST", "/v1/subscriptions", {"delivery": "pull", "types": ["*"]})
    yield subscription
    stage.college.raw("DELETE", f"/v1/subscriptions/{subscription['id']}")


def feed(stage: Stage, after: str | None = None, types: str = "") -> dict[str, Any]:
    """All that there is after a position."""
    items: list[Any] = []
    while True:
        query = "&".join(([f"after={after}"] if after else []) + ([f"types={types}"] if types else []))
        page = stage.college.ask("GET", f"/v1/events?{query}")
        items += page["items"]
        if page["next"] == after:
            return {"items": items, "next": after}
        after = page["next"]


def about(items: list[Any], credential: dict[str, Any]) -> list[Any]:
    return [each for each in items if each["data"].get("public_id") == credential["public_id"]]


def test_a_webhook_and_the_feed_tell_the_same_event_by_the_same_id(stage: Stage, pulled: Any) -> None:
    place = feed(stage)["next"]
    college, patron = stage.college_listens("credential-issued"), stage.patron(ISSUE, SHARE)
    credential = stage.completed(patron, stage.course())
    webhook = first_told(college, "credential-issued")
    until(lambda: bool(about(feed(stage, place)["items"], credential)), what="the event in the feed")
    (event,) = about(feed(stage, place, "credential-issued")["items"], credential)
    assert event == webhook["body"]
    assert patron not in json.dumps(event)


def test_a_withdrawn_consent_leaves_the_feed_within_seconds(stage: Stage, pulled: Any) -> None:
    place, patron = feed(stage)["next"], stage.patron(ISSUE, SHARE)
    credential = stage.completed(patron, stage.course())
    until(lambda: bool(about(feed(stage, place)["items"], credential)), what="the event in the feed")
    stage.consent(patron, SHARE, granted=False)
    until(lambda: not about(feed(stage, place)["items"], credential), what="its end")
    stage.consent(patron, SHARE)
    until(lambda: bool(about(feed(stage, place)["items"], credential)), what="it back")


def test_a_secret_changes_without_a_webhook_lost(stage: Stage) -> None:
    college = stage.college_listens("course-offered")
    old = college.secret
    new = stage.college.ask("POST", f"/v1/subscriptions/{college.subscription}/secret", {"overlap_hours": 1})["secret"]
    for secret in (old, new):
        college.secret, before = secret, len(college.deliveries)
        stage.course()
        until(lambda before=before: len(college.deliveries) > before, what="the webhook")
        assert college.deliveries[-1]["verified"], "both secrets hold"


def test_what_was_sent_is_sent_again_on_demand_with_the_same_ids(stage: Stage) -> None:
    college, began = stage.college_listens("course-offered"), datetime.now(UTC)
    courses = {stage.course()["activity_iri"] for _ in range(3)}

    def told() -> list[str]:
        """The webhooks about these courses by their ids; one that is answered late comes twice by itself."""
        return [each["headers"]["webhook-id"] for each in list(college.deliveries)
                if each["body"]["data"]["activity_iri"] in courses]

    until(lambda: len(set(told())) == 3, what="the webhooks")
    first = told()
    body = {"since": (began - timedelta(seconds=1)).isoformat(), "types": ["course-offered"]}
    stage.college.ask("POST", f"/v1/subscriptions/{college.subscription}/replay", body)
    until(lambda: set(told()[len(first):]) == set(first), what="the webhooks once more, with the same ids")

    def replay() -> dict[str, Any]:
        return dict(stage.college.ask("GET", f"/v1/subscriptions/{college.subscription}")["replay"])

    until(lambda: replay()["state"] == "done", what="the end of the replay")
    assert replay()["planned"] >= 3


class Gone(Receiver):
    """Answers 410 until it is told otherwise."""

    gone = True

    def take(self, body: bytes, headers: dict[str, str]) -> int:
        taken = super().take(body, headers)
        return 410 if self.gone else taken


def test_an_endpoint_that_was_switched_off_is_told_of_and_gets_what_it_missed(stage: Stage, pulled: Any) -> None:
    place, college = feed(stage)["next"], Gone()
    answer = stage.college.ask("POST", "/v1/subscriptions", {"url": college.url, "types": ["course-offered"]})
    college.secret, college.subscription = answer["secret"], answer["id"]
    stage.receivers.append(college)
    mine = f"/v1/subscriptions/{college.subscription}"
    stage.course()
    until(lambda: not stage.college.ask("GET", mine)["enabled"], what="the switching off")
    shown = stage.college.ask("GET", mine)
    assert "410" in shown["disabled_reason"]
    until(lambda: any(each["type"].endswith("endpoint-disabled.v1") and each["data"]["subscription"] == answer["id"]
                      for each in feed(stage, place)["items"]), what="the notice")
    stage.course()
    assert len(ids_told(college)) == 1
    college.gone = False
    assert stage.college.ask("POST", f"{mine}/enable")["enabled"] is True
    until(lambda: len({each["headers"]["webhook-id"] for each in college.deliveries if each["verified"]}) == 2,
          what="what it missed")


def test_the_notice_is_nobody_elses(stage: Stage, platform: Platform, keys: Keys) -> None:
    with Stage(platform, keys, college=OTHER_COLLEGE) as northgate:
        made = northgate.college.ask("POST", "/v1/subscriptions", {"delivery": "pull", "types": ["*"]})
        assert not [each for each in feed(northgate)["items"] if "endpoint-disabled" in each["type"]]
        northgate.college.ask("DELETE", f"/v1/subscriptions/{made['id']}")


@pytest.mark.own_broker
def test_a_partner_reads_a_queue_of_its_own_and_is_refused_everything_else(stage: Stage, platform: Platform) -> None:
    uri = libranet(platform, "partner", "amqp", COLLEGE, "--types", "credential-issued").strip()
    try:
        patron, secret = stage.patron(ISSUE, SHARE), stage.patron(ISSUE)
        hidden, credential = (stage.completed(each, stage.course()) for each in (secret, patron))
        messages = read(uri, 1)
        (event,) = [json.loads(each.body) for each in messages]
        assert event["data"]["public_id"] == credential["public_id"]
        assert hidden["public_id"] not in str(messages)
        (subscription,) = [each for each in pages(stage.college, "/v1/subscriptions")
                           if each["delivery"] == "amqp"]
        laid = f"/v1/subscriptions/{subscription['id']}/deliveries"
        until(lambda: [(each["status"], each["webhook_id"]) for each in pages(stage.college, laid)]
              == [("delivered", event["id"])], what="the delivery that is marked")
        refused(uri)
        withdrawn_before_it_is_laid(stage, platform, uri, patron)
        new = libranet(platform, "partner", "amqp", COLLEGE, "--rotate", "--types", "course-offered").strip()
        changed = stage.college.ask("GET", f"/v1/subscriptions/{subscription['id']}")
        assert changed["types"] == ["org.libranet.learning.course-offered.v1"]
        with pytest.raises((AccessRefused, OSError)):
            Link(uri)
        Link(new).close()
    finally:
        assert "no queue any more" in libranet(platform, "partner", "amqp", COLLEGE, "--remove")
    with pytest.raises((AccessRefused, OSError)):
        Link(new)


def read(uri: str, count: int, seconds: float = 60) -> list[Any]:
    """As a partner's program does, by kombu."""
    found: list[Any] = []

    def take(message: Any) -> None:
        found.append(message)
        message.ack()

    with kombu.Connection(uri) as connection, kombu.Consumer(
            connection.channel(), kombu.Queue(COLLEGE, no_declare=True), on_message=take,
            accept=["application/cloudevents+json"]):
        deadline = time.monotonic() + seconds
        while len(found) < count and time.monotonic() < deadline:
            try:
                connection.drain_events(timeout=1)
            except TimeoutError:
                continue
    return found


def refused(uri: str) -> None:
    for attempt in (lambda channel: channel.basic_get("test.somebody"), lambda channel: channel.queue_declare("mine"),
                    lambda channel: channel.queue_bind(COLLEGE, "amq.topic", "#"),
                    lambda channel: channel.exchange_declare("mine", "topic")):
        link = Link(uri)
        with pytest.raises(Exception, match=r"403|404"):
            attempt(link.channel())
        link.drop()
    with pytest.raises(NotAllowed):
        Link(uri.rpartition("/")[0] + "/libranet")


def withdrawn_before_it_is_laid(stage: Stage, platform: Platform, uri: str, patron: str) -> None:
    """What is due after a consent has ended is withheld from the queue as it is from a webhook."""
    stage.consent(patron, SHARE, granted=False)
    account, course = stage.account(f"late-{uuid.uuid4()}"), stage.course()
    until(lambda: stage.outbox_rows() == 0)
    stage.enrol(patron, course, account)
    stage.report(stage.passed(account, course))
    until(lambda: len(stage.credentials(patron)) == 2, what="the second credential")
    assert read(uri, 1, seconds=2) == []
