"""Which pod may reach which other one, and on which port, by all NetworkPolicies of a rendered overlay.

Understands what we use: selectors by labels, whole namespaces, blocks of addresses, single ports.
"""

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

from tests.deploy.rendered import Manifest

NAME = "app.kubernetes.io/name"


def paths(manifests: Iterable[Manifest], pods: Iterable[str]) -> set[tuple[str, str, int]]:
    """(from, to, port) for every pair of pods, where both sides allow it."""
    return {(source, target, port) for source, target, out, into in _pairs(manifests, pods) for port in out & into}


def openings(manifests: Iterable[Manifest], pods: Iterable[str]) -> set[tuple[str, str, int]]:
    """The same where one side allows it, whatever the other one says."""
    return {(source, target, port) for source, target, out, into in _pairs(manifests, pods) for port in out | into}


def _pairs(manifests: Iterable[Manifest], pods: Iterable[str]) -> Iterator[tuple[str, str, set[int], set[int]]]:
    policies = [each["spec"] for each in manifests if each["kind"] == "NetworkPolicy"]
    for source, target in product(tuple(pods), repeat=2):
        yield (source, target, _ports(policies, "egress", "to", source, target),
               _ports(policies, "ingress", "from", target, source))


def _ports(policies: list[dict[str, Any]], way: str, peers: str, pod: str, other: str) -> set[int]:
    """The ports that the policies of `pod` open to (or for) `other`."""
    return {port["port"] for policy in policies if _selects(policy["podSelector"], pod)
            for rule in policy.get(way) or () if any(_is_peer(peer, other) for peer in rule[peers])
            for port in rule["ports"]}


def _selects(selector: dict[str, Any], pod: str) -> bool:
    wanted = selector.get("matchLabels", {})
    return all(key == NAME and value == pod for key, value in wanted.items())


def _is_peer(peer: dict[str, Any], pod: str) -> bool:
    return "namespaceSelector" not in peer and "podSelector" in peer and _selects(peer["podSelector"], pod)


def reach_outside(manifests: Iterable[Manifest], pods: Iterable[str]) -> dict[str, range]:
    """The ports at addresses of the public internet to which a pod may connect; of pods that may."""
    policies = [each["spec"] for each in manifests if each["kind"] == "NetworkPolicy"]
    return {pod: range(port["port"], port.get("endPort", port["port"]) + 1)
            for pod in pods for policy in policies if _selects(policy["podSelector"], pod)
            for rule in policy.get("egress") or () for peer in rule["to"] if "ipBlock" in peer
            for port in rule["ports"]}


def entered_from(manifests: Iterable[Manifest], pod: str) -> set[str]:
    """The labels of namespaces from which `pod` is reached."""
    return {label for each in manifests if each["kind"] == "NetworkPolicy"
            and _selects(each["spec"]["podSelector"], pod)
            for rule in each["spec"].get("ingress") or () for peer in rule["from"] if "namespaceSelector" in peer
            for label in peer["namespaceSelector"]["matchLabels"]}
