"""tests/deploy/network.py: what it does not understand it does not pass over."""

from typing import Any

import pytest

from tests.deploy.network import NAME, NotUnderstood, entered_from, openings, reach_outside

BROKER = {"matchLabels": {NAME: "broker"}}


def policy(selector: dict[str, Any], *peers: dict[str, Any]) -> list[dict[str, Any]]:
    rules = [{"from": list(peers), "ports": [{"port": 5672}]}]
    return [{"kind": "NetworkPolicy", "spec": {"podSelector": selector, "ingress": rules}}]


@pytest.mark.parametrize("selector", [
    {"matchLabels": {"app.kubernetes.io/part-of": "libranet"}},
    {"matchLabels": {NAME: "jobs", "app": "libranet"}},
    {"matchExpressions": [{"key": NAME, "operator": "Exists"}]},
    {"matchLabels": {NAME: "jobs"}, "matchExpressions": [{"key": NAME, "operator": "Exists"}]},
])
def test_a_selector_of_another_kind_is_not_taken_for_nobody(selector: dict[str, Any]) -> None:
    for policies in (policy(selector), policy(BROKER, {"podSelector": selector})):
        with pytest.raises(NotUnderstood):
            openings(policies, ("jobs", "broker"))
    with pytest.raises(NotUnderstood):
        reach_outside(policy(selector), ("jobs",))


def test_a_peer_of_another_kind_is_not_taken_for_nobody() -> None:
    with pytest.raises(NotUnderstood):
        openings(policy(BROKER, {}), ("jobs", "broker"))
    with pytest.raises(NotUnderstood):
        entered_from(policy(BROKER, {"namespaceSelector": {"matchExpressions": []}}), "broker")


def test_a_selector_without_labels_is_everybody() -> None:
    assert ("jobs", "broker", 5672) in openings(policy({}, {"podSelector": {}}), ("jobs", "broker"))
