"""Every pod is let into a namespace that enforces the restricted Pod Security Standard."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.deploy.custom_resources import PATHS, stateful_set
from tests.deploy.rendered import OVERLAYS, Manifest, of, pods

MADE_BY_OPERATORS = {
    "RabbitmqCluster": ({"setup-container"}, {"rabbitmq"}),
    "MongoDBCommunity": ({"mongod-posthook", "mongodb-agent-readinessprobe"}, {"mongod", "mongodb-agent"}),
}
"""The names of the init containers and containers that each operator makes: under another name ours would be one more,
and theirs would stay as it is."""


def laid_over() -> dict[str, Manifest]:
    return {kind: each for kind in PATHS for each in of("consortium", kind).values()}


def containers(pod: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from pod.get("initContainers", ())
    yield from pod["containers"]


def is_restricted(pod: dict[str, Any]) -> bool:
    """Whether the standard lets it in: https://kubernetes.io/docs/concepts/security/pod-security-standards/."""
    told = pod["securityContext"]
    everywhere = told["runAsNonRoot"] is True and told["seccompProfile"] == {"type": "RuntimeDefault"}
    rights = [each["securityContext"] for each in containers(pod)]
    return everywhere and told.get("runAsUser") != 0 and all(
        each["allowPrivilegeEscalation"] is False and each["capabilities"] == {"drop": ["ALL"]} for each in rights)


@pytest.mark.parametrize(("name", "pod"), [(name, pod) for name in OVERLAYS for pod in pods(name)])
def test_a_pod_keeps_to_the_restricted_standard(name: str, pod: str) -> None:
    spec = pods(name)[pod]
    assert is_restricted(spec)
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False
    for container in spec["containers"]:
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert {"cpu", "memory"} <= set(container["resources"]["requests"])
        assert container["resources"]["limits"]["memory"]


@pytest.mark.parametrize("kind", MADE_BY_OPERATORS)
def test_a_pod_that_an_operator_makes_keeps_to_it_too(kind: str) -> None:
    spec = stateful_set(laid_over()[kind])["template"]["spec"]
    assert is_restricted(spec)
    assert ({each["name"] for each in spec["initContainers"]},
            {each["name"] for each in spec["containers"]}) == MADE_BY_OPERATORS[kind]


def test_every_kind_that_an_operator_makes_pods_of_is_known() -> None:
    assert set(laid_over()) == set(MADE_BY_OPERATORS)


@pytest.mark.parametrize("name", OVERLAYS)
def test_pods_that_are_not_restricted_are_not_let_in(name: str) -> None:
    (namespace,) = of(name, "Namespace").values()
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
