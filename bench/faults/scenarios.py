"""What is broken, and how: each scenario acts while statements flow, and gives when all it broke was whole again."""

import json
import random
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import islice, product

import urllib3

from bench.faults.flow import Flow
from bench.faults.ledger import COMPLETED
from bench.faults.partner import Answer
from bench.faults.proxy import Wire
from bench.faults.release import HERE, release_before
from bench.faults.stage import Stage
from libranet import outbox
from libranet.local.broker import VHOST
from libranet.local.parts import GATEWAY, RUNNERS

EARLY, HALF = 0.2, 0.45
AWAY_SECONDS = 4.0
SLOW_SECONDS = 0.05
HOURS = 3600
FULL_AT = 20
FEW = 5
SHARE_SECONDS = 30
BESIDE = "beside the release before"
SLOW_EVER_AFTER = "database: SIGTERM"
"""Comes last: a stand-in that was closed holds all versions of all documents after its next start (decision 32)."""
ON_THE_WAY = ("credentials", "profiles", "deliveries", "analytics")
"""Who hears of each completion."""
AGED = (("libranet_credentials", "achievements"), ("libranet_gateway", "partner_streams"))
"""While statements flow nobody rewrites the first, and each event the second."""
COMPLETIONS = "credentials.completions"
NEWER = "org.libranet.learning.course-completed.v9"
NOBODYS_EVENTS = (b"", b"{", b"[]", b'{"specversion": "1.0"}', b"\xff\xfe", b'{"specversion": "1.0", "data": {}}')

KILL, TERM = signal.SIGKILL, signal.SIGTERM
HOW = {KILL: "kill -9", TERM: "SIGTERM"}
COMMITS, ACKS = ("before-commit", "after-commit"), ("before-ack", "after-ack")
RELAYS = ("before-publish", "before-confirm", "after-confirm", "after-archive")
POSTS = ("before-post", "after-post")
AT = {
    "learning": COMMITS + RELAYS,
    "credentials": COMMITS + RELAYS + ACKS,
    "profiles": COMMITS + ACKS,
    "analytics": COMMITS + ACKS,
    "deliveries": COMMITS + ACKS + POSTS,
}
"""At which places a service's process ends itself: all that it comes to while completions flow. A message is published
a moment before its confirm is waited for; jobs hears of none, and the gateway comes to none of the places."""

Act = Callable[[Stage, Flow], float]


@dataclass(frozen=True)
class Scenario:
    """`act` gives the moment (monotonic) from which recovery is counted."""

    name: str
    act: Act


def _killed(part: str, number: signal.Signals, stage: Stage, flow: Flow) -> float:
    """By the supervisor's name for it; it is started again."""
    flow.until(HALF)
    pid = stage.platform.kill(part, number)
    stage.wait(lambda: stage.platform.pid(part) not in (pid, None))
    stage.platform.wait_ready(parts=[part])
    return time.monotonic()


def _away(part: str, stage: Stage, flow: Flow) -> float:
    flow.until(HALF)
    stage.platform.halt(part)
    time.sleep(AWAY_SECONDS)
    stage.platform.resume(part)
    stage.platform.wait_ready(parts=[part])
    return time.monotonic()


def _at_a_place(service: str, place: str, number: signal.Signals, stage: Stage, flow: Flow) -> float:
    """Ends itself when it comes there."""
    with stage.replaced(service, FAULT_PLACE=place, FAULT_SIGNAL=number.name) as process:
        flow.until(HALF)
        process.send_signal(signal.SIGUSR1)
        process.wait(60)
    stage.platform.wait_ready(parts=[service])
    return time.monotonic()


def _alarmed(resource: str, stage: Stage, flow: Flow) -> float:
    flow.until(HALF)
    stage.alarm(resource, "set")
    time.sleep(AWAY_SECONDS)
    stage.alarm(resource, "clear")
    return time.monotonic()


def _wire(service: str, part: str, harm: Callable[[Wire], None], stage: Stage, flow: Flow) -> float:
    with stage.wired(service, part) as wire:
        flow.until(HALF)
        harm(wire)
        time.sleep(AWAY_SECONDS)
        wire.mend()
        mended = time.monotonic()
        flow.until(0.9)
    return mended


def _slow(wire: Wire) -> None:
    wire.delay_seconds = SLOW_SECONDS


def _clock_jumps(service: str, seconds: int, stage: Stage, flow: Flow) -> float:
    with stage.replaced(service, FAULT_CLOCK_SECONDS=str(seconds)) as process:
        flow.until(HALF)
        process.send_signal(signal.SIGUSR1)
        jumped = time.monotonic()
        flow.until(0.9)
    return jumped


def _again_in_another_order(stage: Stage, flow: Flow) -> float:
    """What was published since the flow began comes twice more, shuffled, to everybody who hears it."""
    flow.until(0.8)
    published = stage.mongo["libranet_learning"].archive.find({"types": {"$regex": COMPLETED}}).sort("_id", -1)
    newest_first = (bytes(body) for row in published
                    for event, body in zip(outbox.events_of(row), row["events"], strict=True)
                    if event.short_type == COMPLETED)
    bodies = [*islice(newest_first, len(flow.first_tried))] * 2
    random.Random(len(bodies)).shuffle(bodies)
    for queue in (COMPLETIONS, "analytics.facts", "profiles.signals"):
        stage.send_to(queue, bodies)
    return time.monotonic()


def _nobodys_events(stage: Stage, flow: Flow) -> float:
    flow.until(HALF)
    for service in RUNNERS:
        stage.send_to(stage.queue_of(service), NOBODYS_EVENTS)
    return time.monotonic()


def _of_another_version(stage: Stage, flow: Flow) -> float:
    """As a newer publisher would send to a hearer that does not know it yet."""
    flow.until(HALF)
    row = stage.mongo["libranet_learning"].archive.find_one({"types": {"$regex": COMPLETED}})
    if row is None:
        raise RuntimeError("nothing was told yet")
    event = json.loads(bytes(row["events"][0]))
    stage.send_to(COMPLETIONS, [json.dumps({**event, "id": "a-newer-one", "type": NEWER}).encode()])
    return time.monotonic()


def _at_its_quarantine_limit(stage: Stage, flow: Flow) -> float:
    """The hearer stops until somebody has looked."""
    with stage.replaced("credentials", QUARANTINE_LIMIT=str(FEW)):
        flow.until(HALF)
        stage.send_to(COMPLETIONS, NOBODYS_EVENTS)
        quarantine = stage.mongo["libranet_credentials"].quarantine
        stage.wait(lambda: quarantine.count_documents({"queue": COMPLETIONS}) >= FEW)
        time.sleep(AWAY_SECONDS)
        stage.forget_quarantine()
        looked = time.monotonic()
        flow.until(0.9)
    return looked


def _full_queue(stage: Stage, flow: Flow) -> float:
    flow.until(EARLY)
    stage.platform.halt("credentials")
    limit = json.dumps({"max-length": FULL_AT})
    stage.control("set_policy", "--vhost", VHOST, "--apply-to", "queues", "full", f"^{COMPLETIONS}$", limit)
    time.sleep(AWAY_SECONDS)
    stage.platform.resume("credentials")
    stage.control("clear_policy", "--vhost", VHOST, "full")
    stage.platform.wait_ready(parts=["credentials"])
    return time.monotonic()


def _partner(answer: Callable[[], Answer], stage: Stage, flow: Flow) -> float:
    flow.until(EARLY)
    good, stage.partner.behave = stage.partner.behave, answer
    time.sleep(AWAY_SECONDS)
    stage.partner.behave = good
    return time.monotonic()


def _slowly() -> Answer:
    time.sleep(2)
    return 204, {}, b""


ANSWERS: dict[str, Callable[[], Answer]] = {
    "slow": _slowly,
    "an error page": lambda: (500, {"Content-Type": "text/html"}, b"<h1>no"),
    "garbage": lambda: (299, {"Content-Type": "\x7f"}, b"\x00" * 100_000),
    "a redirect inward": lambda: (302, {"Location": "http://127.0.0.1:1/"}, b""),
}


def _relays_at_once(stage: Stage, flow: Flow) -> float:
    """Two that each believe to be the only one."""
    with stage.beside("learning", FAULT_GREEDY="1"), stage.beside("learning", FAULT_GREEDY="1"):
        began = time.monotonic()
        flow.until(0.9)
    return began


def _two_of_each(stage: Stage, flow: Flow) -> float:
    """Of each service a second replica; then the first of each is killed."""
    with ExitStack() as stack:
        for service in RUNNERS:
            stack.enter_context(stage.beside(service))
        flow.until(HALF)
        for service in RUNNERS:
            stage.platform.kill(service)
        stage.platform.wait_ready()
        back = time.monotonic()
        flow.until(0.9)
    return back


def _beside_the_release_before(stage: Stage, flow: Flow) -> float:
    """Of each service a replica of the release before, as while a new one is rolled out: old hearers get new events,
    and new ones old events; a gateway of each release asks the services of the other, and documents are migrated.
    Raises NoReleaseBefore, or TimeoutError when something old took part in nothing."""
    with release_before() as code, ExitStack() as stack:
        ports = {service: stack.enter_context(stage.beside(service, code)) for service in RUNNERS}
        asks_new = stack.enter_context(stage.gateway_beside(code, {}))
        asks_old = stack.enter_context(stage.gateway_beside(HERE, ports))
        flow.until(EARLY)
        with flow.through(asks_new), flow.through(asks_old):
            flow.until(HALF)
            for service in ON_THE_WAY:
                stage.wait(lambda port=ports[service]: _handled(port) > 0, SHARE_SECONDS,
                           f"an event handled by the {service} of the release before")
            stage.wait(lambda: min(flow.posts[asks_new], flow.posts[asks_old]) > 0, SHARE_SECONDS,
                       "a statement through a gateway to a learning service of another release")
            _migrate(stage)
    back = time.monotonic()
    flow.until(0.9)
    return back


def _migrate(stage: Stage) -> None:
    """Documents that say the version before, as older processes write them, are brought up while all work on. Raises
    RuntimeError when one is left."""
    quiet = stage.mongo["libranet_credentials"]["achievements"]
    versions = quiet.distinct("schema_version")
    for database, collection in AGED:
        stage.mongo[database][collection].update_many({}, {"$inc": {"schema_version": -1}})
    stage.operate("migrate")
    if quiet.distinct("schema_version") != versions:
        raise RuntimeError("`libranet migrate` left documents of an older version.")


def _start_without(part: str, stage: Stage, flow: Flow) -> float:
    """All services start while the part is not there, which comes back once they run."""
    flow.until(HALF)
    for name in (*RUNNERS, GATEWAY, part):
        stage.platform.halt(name)
    for name in (*RUNNERS, GATEWAY):
        stage.platform.resume(name)
    stage.wait(lambda: all(_listens(stage.platform.ports[name]) for name in (*RUNNERS, GATEWAY)))
    stage.platform.resume(part)
    stage.platform.wait_ready(parts=[part])
    return time.monotonic()


def _listens(port: int) -> bool:
    """Whether anybody does, ready or not."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _handled(port: int) -> float:
    """How many events the replica that listens there has handled."""
    figures = urllib3.request("GET", f"http://127.0.0.1:{port}/metrics", timeout=SHARE_SECONDS).data.decode()
    return sum(float(line.rpartition(" ")[2]) for line in figures.splitlines()
               if line.startswith("libranet_handled_total{"))


def _kills() -> Iterator[Scenario]:
    for part in (GATEWAY, *RUNNERS, "broker", "database"):
        for number in (KILL, TERM):
            yield Scenario(f"{part}: {HOW[number]}", partial(_killed, part, number))
    for service, places in AT.items():
        for number, place in product((KILL, TERM), places):
            yield Scenario(f"{service}: {HOW[number]} {place.replace('-', ' ')}",
                           partial(_at_a_place, service, place, number))


def _parts_and_wires() -> Iterator[Scenario]:
    for part in ("broker", "database"):
        yield Scenario(f"{part}: away for {AWAY_SECONDS:g} s", partial(_away, part))
        yield Scenario(f"start without {part}", partial(_start_without, part))
        for service in ("learning", "credentials"):
            for how, harm in (("slow", _slow), ("cut", Wire.cut), ("half-open", Wire.half_open)):
                yield Scenario(f"{service}: {how} network to the {part}", partial(_wire, service, part, harm))
    for resource in ("disk", "memory"):
        yield Scenario(f"broker: {resource} alarm", partial(_alarmed, resource))


def _oddities() -> Iterator[Scenario]:
    for service, hours in (("learning", -2), ("credentials", 2), ("deliveries", 2), ("analytics", -2)):
        yield Scenario(f"{service}: clock jumps by {hours} h", partial(_clock_jumps, service, hours * HOURS))
    yield Scenario("events twice more in another order", _again_in_another_order)
    yield Scenario("poison in every service's queue", _nobodys_events)
    yield Scenario("an event of an unknown version", _of_another_version)
    yield Scenario("credentials: at its quarantine limit", _at_its_quarantine_limit)
    yield Scenario("a full queue", _full_queue)
    for what, answer in ANSWERS.items():
        yield Scenario(f"partner: {what}", partial(_partner, answer))
    yield Scenario("two relays that both believe to hold the lease", _relays_at_once)
    yield Scenario("two replicas of each service, one of each killed", _two_of_each)
    yield Scenario(BESIDE, _beside_the_release_before)


SCENARIOS = {each.name: each for each in sorted((*_kills(), *_parts_and_wires(), *_oddities()),
                                                key=lambda each: each.name == SLOW_EVER_AFTER)}
