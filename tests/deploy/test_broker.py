"""The broker's topology in deploy/k8s says what contracts and code say."""

import json
import re

import pytest

from contracts import topology
from contracts.event_types import all_types
from libranet import deployment
from libranet.local import broker
from libranet.local.parts import RUNNERS
from tests.deploy.rendered import KUBERNETES

HELD = json.loads((KUBERNETES / "base" / "broker" / "topology.json").read_text(encoding="utf-8"))
OURS = [each for each in HELD["permissions"] if each["vhost"] == broker.VHOST]


def test_the_broker_is_told_what_the_code_says() -> None:
    """After a change of events: `libranet deployment topology > deploy/k8s/base/broker/topology.json`."""
    assert deployment.broker_topology() == HELD


def test_every_queue_of_the_contracts_is_there_with_its_bindings() -> None:
    assert {each["name"] for each in HELD["queues"]} >= set(topology.queues())
    bound = {(each["destination"], each["routing_key"]) for each in HELD["bindings"]
             if each["source"] == topology.EXCHANGE}
    assert bound == {(queue, kind) for queue, kinds in topology.queues().items() for kind in kinds}


@pytest.mark.parametrize("service", RUNNERS)
def test_a_service_may_read_its_own_queues_and_publish_its_own_types(service: str) -> None:
    mine = next(each for each in OURS if each["user"] == service)
    for queue in topology.queues():
        assert bool(re.match(mine["read"], queue)) == queue.startswith(f"{service}.")
    keys = next(each["write"] for each in HELD["topic_permissions"] if each["user"] == service)
    for kind, each in all_types().items():
        assert bool(re.match(keys, kind)) == (each.publisher == service)


def test_nobody_but_the_operator_and_the_services_may_do_anything() -> None:
    may = {each["user"] for each in OURS if {each["configure"], each["write"], each["read"]} != {"^$"}}
    assert may == {*RUNNERS, "operator"}
    assert {each["user"] for each in OURS} - may == {deployment.AUTOSCALER}


def test_no_password_and_no_hash_is_in_it() -> None:
    assert "users" not in HELD
    assert "password" not in json.dumps(HELD)
