"""What the custom resources that we write may hold: the members that we use, with their types, and no others.

Kubernetes' own schemas come with kubernetes-validate; those of operators are in no registry that we have.
"""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
TEXT: Schema = {"type": "string", "minLength": 1}
COUNT: Schema = {"type": "integer", "minimum": 0}
QUANTITY: Schema = {"type": "string", "pattern": r"^\d+(\.\d+)?(m|Mi|Gi)?$"}
DURATION: Schema = {"type": "string", "pattern": r"^\d+[smh]$"}
POD: Schema = {"type": "object"}
"""Kubernetes' own shapes inside, which the operator merges with its own: `inner` gives them."""


def exactly(optional: Schema | None = None, /, **required: Schema) -> Schema:
    """An object with just these members."""
    return {"type": "object", "additionalProperties": False, "required": [*required],
            "properties": {**required, **(optional or {})}}


def each(of: Schema) -> Schema:
    return {"type": "array", "minItems": 1, "items": of}


LABELS: Schema = {"type": "object", "additionalProperties": TEXT}
RESOURCES = exactly(requests={"type": "object", "additionalProperties": QUANTITY},
                    limits={"type": "object", "additionalProperties": QUANTITY})
ROLE = exactly(name=TEXT, db=TEXT)
POD_TEMPLATE = exactly({"metadata": exactly(labels=LABELS)}, spec=POD)
RULE = exactly({"for": DURATION, "labels": LABELS, "annotations": LABELS}, alert=TEXT, expr=TEXT)

SPECS: dict[tuple[str, str], Schema] = {
    ("rabbitmq.com/v1beta1", "RabbitmqCluster"): exactly(
        replicas=COUNT, image=TEXT, terminationGracePeriodSeconds=COUNT, persistence=exactly(storage=QUANTITY),
        resources=RESOURCES, rabbitmq=exactly(additionalConfig=TEXT), affinity=POD,
        override=exactly(statefulSet=exactly(spec=exactly(template=POD_TEMPLATE)))),
    ("mongodbcommunity.mongodb.com/v1", "MongoDBCommunity"): exactly(
        type={"const": "ReplicaSet"}, members=COUNT, version={"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
        security=exactly(authentication=exactly(modes=each({"enum": ["SCRAM", "SCRAM-SHA-256"]}))),
        additionalMongodConfig={"type": "object"},
        users=each(exactly(name=TEXT, db=TEXT, passwordSecretRef=exactly(name=TEXT, key=TEXT),
                           scramCredentialsSecretName=TEXT, roles=each(ROLE))),
        statefulSet=exactly(spec=exactly(template=POD_TEMPLATE, volumeClaimTemplates=each(POD)))),
    ("external-secrets.io/v1", "ExternalSecret"): exactly(
        refreshInterval=DURATION,
        secretStoreRef=exactly(kind={"enum": ["SecretStore", "ClusterSecretStore"]}, name=TEXT),
        target=exactly(name=TEXT, creationPolicy={"enum": ["Owner", "Merge", "None", "Orphan"]}),
        dataFrom=each(exactly(extract=exactly(key=TEXT)))),
    ("keda.sh/v1alpha1", "TriggerAuthentication"): exactly(
        secretTargetRef=each(exactly(parameter=TEXT, name=TEXT, key=TEXT))),
    ("keda.sh/v1alpha1", "ScaledObject"): exactly(
        scaleTargetRef=exactly(name=TEXT), minReplicaCount=COUNT, maxReplicaCount=COUNT, pollingInterval=COUNT,
        cooldownPeriod=COUNT, fallback=exactly(failureThreshold=COUNT, replicas=COUNT),
        triggers=each({"oneOf": [
            exactly(type={"const": "rabbitmq"}, authenticationRef=exactly(name=TEXT), metadata=exactly(
                protocol={"const": "amqp"}, queueName=TEXT, mode={"enum": ["QueueLength", "MessageRate"]}, value=TEXT)),
            exactly(type={"const": "cpu"}, metricType={"enum": ["Utilization", "AverageValue"]},
                    metadata=exactly(value=TEXT))]})),
    ("monitoring.coreos.com/v1", "ServiceMonitor"): exactly(
        selector=exactly(matchLabels=LABELS), endpoints=each(exactly(port=TEXT, path=TEXT, interval=DURATION))),
    ("monitoring.coreos.com/v1", "PrometheusRule"): exactly(
        groups=each(exactly(name=TEXT, rules=each(RULE)))),
}
"""The `spec` of each kind."""
PATHS = {"RabbitmqCluster": ("override", "statefulSet"), "MongoDBCommunity": ("statefulSet",)}
"""Where in the `spec` is what an operator lays over its own StatefulSet, lists of containers by their names."""


def stateful_set(manifest: dict[str, Any]) -> dict[str, Any]:
    """The `spec` of what is laid over an operator's own StatefulSet. KeyError for a kind that has none."""
    found = manifest["spec"]
    for member in PATHS[manifest["kind"]]:
        found = found[member]
    told: dict[str, Any] = found["spec"]
    return told


def inner(manifest: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What is inside of Kubernetes' own shapes, as manifests."""
    if manifest["kind"] in PATHS:
        told = stateful_set(manifest)
        yield {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "inside"}, "spec": told["template"]["spec"]}
        for claim in told.get("volumeClaimTemplates", ()):
            yield {"apiVersion": "v1", "kind": "PersistentVolumeClaim", **claim}
