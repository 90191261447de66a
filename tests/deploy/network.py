"""Which pod may reach which other one, and on which port, by all NetworkPolicies of a rendered overlay.

Understands what we use: selectors by a pod's name, whole namespaces, blocks of addresses, ports and ranges of them.
Anything else raises NotUnderstood, since it could open what nobody sees.
"""

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

from tests.deploy.rendered import Manifest

NAME = "app.kubernetes.io/name"


class NotUnderstood(ValueError):
    """A selector that says more than these words can tell."""


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
    return {number for policy in policies if _selects(policy["podSelector"], pod)
            for rule in policy.get(way) or () if any([_is_peer(peer, other) for peer in rule[peers]])
            for port in rule["ports"] for number in _numbers(port)}


def _numbers(port: dict[str, Any]) -> range:
    return range(port["port"], port.get("endPort", port["port"]) + 1)


def _selects(selector: dict[str, Any], pod: str) -> bool:
    wanted = _labels(selector)
    if not wanted.keys() <= {NAME}:
        raise NotUnderstood(f"a pod is selected by its {NAME} alone: {selector}")
    return wanted in ({}, {NAME: pod})


def _labels(selector: dict[str, Any]) -> dict[str, str]:
    if not selector.keys() <= {"matchLabels"}:
        raise NotUnderstood(f"only labels select: {selector}")
    return selector.get("matchLabels", {})


def _is_peer(peer: dict[str, Any], pod: str) -> bool:
    """Whether it is a pod of our own namespace."""
    if not (peer.keys() == {"podSelector"} or "namespaceSelector" in peer or "ipBlock" in peer):
        raise NotUnderstood(f"nobody knows who this is: {peer}")
    return peer.keys() == {"podSelector"} and _selects(peer["podSelector"], pod)


def reach_outside(manifests: Iterable[Manifest], pods: Iterable[str]) -> dict[str, set[range]]:
    """The ports at addresses of the public internet to which a pod may connect; of pods that may."""
    policies = [each["spec"] for each in manifests if each["kind"] == "NetworkPolicy"]
    found: dict[str, set[range]] = {}
    for pod, policy in product(pods, policies):
        ports = {_numbers(port) for rule in policy.get("egress") or () for peer in rule["to"] if "ipBlock" in peer
                 for port in rule["ports"]} if _selects(policy["podSelector"], pod) else set()
        if ports:
            found.setdefault(pod, set()).update(ports)
    return found


def entered_from(manifests: Iterable[Manifest], pod: str) -> set[str]:
    """The labels of namespaces from which `pod` is reached."""
    return {label for each in manifests if each["kind"] == "NetworkPolicy"
            and _selects(each["spec"]["podSelector"], pod)
            for rule in each["spec"].get("ingress") or () for peer in rule["from"] if "namespaceSelector" in peer
            for label in _labels(peer["namespaceSelector"])}
