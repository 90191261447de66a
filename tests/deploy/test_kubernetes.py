"""deploy/k8s: valid, restricted, and what it allows is what contracts and code need."""

import re
from collections.abc import Iterable
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import grimp
import jsonschema_rs
import kubernetes_validate
import pytest
from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR

from contracts import topology
from contracts.event_types import all_types
from deploy.image import IMAGES, OPERATOR
from gateway import services
from libranet import deployment
from libranet.backup import backup_command
from libranet.calls import Answerer
from libranet.doctor.cli import checks
from libranet.doctor.parts import readiness
from libranet.local import database
from libranet.local.parts import GATEWAY, RUNNERS
from services.profiles.erasures.service import BACKUP_DAYS
from tests.deploy.custom_resources import SPECS, inner, stateful_set
from tests.deploy.network import NAME, entered_from, openings, paths, reach_outside
from tests.deploy.rendered import OVERLAYS, ROOT, Manifest, compose, of, overlay, pods

KUBERNETES = "1.34"
PROCESSES = (*RUNNERS, GATEWAY)
MARGIN_SECONDS = 5
BACKUP_SECONDS = 3600
STOP_SECONDS = int(re.findall(
    r"^STOP_SECONDS = (\d+)$", (ROOT / "libranet" / "runner.py").read_text(encoding="utf-8"), re.M)[0])
"""Read, not imported: the runner turns whoever imports it into a process of green threads."""
EVERY = {f"{name}-{each['kind']}-{each['metadata']['name']}": each for name in OVERLAYS for each in overlay(name)}


def told_settings(name: str) -> dict[str, str]:
    """What every container is told."""
    (settings,) = [each["data"] for each in overlay(name) if each["metadata"]["name"].startswith("settings-")]
    return settings


def process(name: str, service: str) -> dict[str, Any]:
    (container,) = of(name, "Deployment")[service]["spec"]["template"]["spec"]["containers"]
    return container


@pytest.mark.parametrize("manifest", EVERY.values(), ids=EVERY)
def test_a_manifest_fits_its_schema(manifest: Manifest) -> None:
    spec = SPECS.get((manifest["apiVersion"], manifest["kind"]))
    if spec is None:
        kubernetes_validate.validate(manifest, KUBERNETES, strict=True)
    else:
        jsonschema_rs.validator_for(spec).validate(manifest["spec"])
    for inside in inner(manifest):
        kubernetes_validate.validate(inside, KUBERNETES, strict=True)


@pytest.mark.parametrize("name", OVERLAYS)
def test_every_process_is_there_with_its_image_address_and_account(name: str) -> None:
    images = {service: process(name, service)["image"] for service in IMAGES}
    assert images == {service: compose()["services"][service]["image"] for service in IMAGES}
    assert set(of(name, "Service")) >= set(PROCESSES)
    assert set(of(name, "ServiceAccount")) >= set(IMAGES)


@pytest.mark.parametrize("name", OVERLAYS)
def test_everybody_is_told_the_address_of_every_process(name: str) -> None:
    settings = told_settings(name)
    ports = {service: found["spec"]["ports"][0]["port"] for service, found in of(name, "Service").items()}
    assert {part: settings[f"{part.upper()}_URL"] for part in PROCESSES} == {
        part: f"http://{part}:{ports[part]}" for part in PROCESSES}


@pytest.mark.parametrize("name", OVERLAYS)
def test_nothing_secret_is_in_the_manifests(name: str) -> None:
    assert not of(name, "Secret")
    assert not re.search(r"://[^/@\s]+:[^/@\s]+@|BEGIN [A-Z ]*PRIVATE", str(overlay(name)))


@pytest.mark.parametrize("name", OVERLAYS)
def test_a_process_is_given_its_own_secrets_and_no_others(name: str) -> None:
    given = {service: [volume["secret"]["secretName"] for volume in pods(name)[f"Deployment/{service}"]["volumes"]
                       if "secret" in volume] for service in IMAGES}
    assert given == {service: [service] for service in IMAGES}


@pytest.mark.parametrize("name", OVERLAYS)
@pytest.mark.parametrize("service", PROCESSES)
def test_a_process_has_time_to_stop_clean(name: str, service: str) -> None:
    grace = pods(name)[f"Deployment/{service}"]["terminationGracePeriodSeconds"]
    waits = process(name, service)["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert grace >= waits + STOP_SECONDS + MARGIN_SECONDS


@pytest.mark.parametrize("name", OVERLAYS)
@pytest.mark.parametrize("service", PROCESSES)
def test_calls_come_while_a_process_lives_once_it_was_ready(name: str, service: str) -> None:
    told = process(name, service)
    asked = {probe: told[probe]["httpGet"]["path"] for probe in ("startupProbe", "readinessProbe", "livenessProbe")}
    assert asked == {"startupProbe": "/readyz", "readinessProbe": "/healthz", "livenessProbe": "/healthz"}


# -- what may reach what ---------------------------------------------------------------------------------------------

def answering() -> set[str]:
    """The services that answer a call, by their own entrypoints."""
    loaded = {each.name: each.load() for each in entry_points(group="libranet.services")}
    return {name for name, service in loaded.items() for attribute in dir(service)
            for each in getattr(getattr(service, attribute), ENTRYPOINT_EXTENSIONS_ATTR, ())
            if isinstance(each, Answerer)}


def at_the_broker() -> set[str]:
    """Who publishes or hears, by the contracts."""
    return {each.publisher for each in all_types().values()} | {queue.partition(".")[0] for queue in topology.queues()}


def looked_at() -> set[str]:
    """The processes that an operator's commands call: the doctor asks each, the others ask one of these."""
    return {part for part, check in checks() if isinstance(check, partial) and check.func is readiness}


def wanted() -> set[tuple[str, str, int]]:
    calls = {(GATEWAY, service, 8080) for service in answering()} | {(OPERATOR, part, 8080) for part in looked_at()}
    events = {(service, "broker", 5672) for service in (*at_the_broker(), OPERATOR)}
    return calls | events | {(user, "database", 27017) for user in database.USERS}


def test_the_gateway_calls_whoever_answers() -> None:
    assert set(services.NAMES) == answering()


@pytest.mark.parametrize("name", OVERLAYS)
def test_the_network_allows_the_calls_and_events_of_the_code_and_nothing_else(name: str) -> None:
    pods = (*IMAGES, "broker", "database")
    for allowed in (paths(overlay(name), pods), openings(overlay(name), pods)):
        among_nodes = {path for path in allowed if path[0] == path[1]}
        assert allowed - among_nodes == wanted()
        assert {path[0] for path in among_nodes} <= {"broker", "database"}


@pytest.mark.parametrize("name", OVERLAYS)
def test_everything_is_denied_first(name: str) -> None:
    nobody = of(name, "NetworkPolicy")["nobody"]["spec"]
    assert nobody == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


ASKING_THE_CLUSTER = {
    "broker": "a new node before RabbitMQ 4.1 asks the cluster's API for its peers",
    "database": "the agent beside each member reads and writes there how far it is",
}
"""They reach that API at an address which each cluster has for itself: docs/operations.md says to narrow it."""


@pytest.mark.parametrize("name", OVERLAYS)
def test_only_who_asks_strangers_reaches_the_internet(name: str) -> None:
    https, any_port = range(443, 444), range(1, 65536)  # SIP2 has no port of its own
    known = {process: {any_port if process == "profiles" else https} for process in asking_strangers()}
    if name == "consortium":
        known |= {process: {https, range(6443, 6444)} for process in ASKING_THE_CLUSTER}
    assert reach_outside(overlay(name), (*IMAGES, "broker", "database", "backup")) == known


@pytest.mark.parametrize("name", OVERLAYS)
def test_the_gateway_is_the_only_door(name: str) -> None:
    for service in IMAGES:
        entered = entered_from(overlay(name), service) - {"libranet.org/monitoring"}
        assert entered == ({"libranet.org/entrance"} if service == GATEWAY else set())


def asking_strangers() -> set[str]:
    """The processes whose code asks for what libranet.outside lets through."""
    return {_process_of(module) for module in _importing({"libranet.outside.asking", "libranet.outside.guard"})
            if not module.startswith("libranet.")}


def _process_of(module: str) -> str:
    first, second = module.split(".")[:2]
    return second if first == "services" or second == "deliveries" else GATEWAY


def _importing(modules: Iterable[str]) -> set[str]:
    graph = grimp.build_graph("libranet", "services", "gateway")
    return {each for module in modules for each in graph.find_modules_that_directly_import(module)}


def broker_pod(name: str) -> dict[str, Any]:
    for made in of(name, "RabbitmqCluster").values():
        found: dict[str, Any] = stateful_set(made)["template"]["spec"]
        return found
    return pods(name)["StatefulSet/broker"]


@pytest.mark.parametrize("name", OVERLAYS)
def test_the_brokers_pods_are_replaced_when_its_topology_is_another(name: str) -> None:
    """The name of what is mounted follows from what it holds."""
    (topology_file,) = [each["configMap"]["name"] for each in broker_pod(name)["volumes"] if "configMap" in each]
    assert re.fullmatch(r"broker-files-\w{10}", topology_file)
    assert "topology.json" in of(name, "ConfigMap")[topology_file]["data"]


# -- backups ---------------------------------------------------------------------------------------------------------

def volume_at(place: str, pod: dict[str, Any], container: dict[str, Any]) -> dict[str, Any]:
    """What is mounted there."""
    (name,) = [each["name"] for each in container["volumeMounts"] if each["mountPath"] == place]
    (volume,) = [each for each in pod["volumes"] if each["name"] == name]
    return volume


@pytest.mark.parametrize("name", OVERLAYS)
def test_a_backup_goes_to_disks_and_outlives_its_pod(name: str) -> None:
    pod, container = pods(name)[f"Deployment/{OPERATOR}"], process(name, OPERATOR)
    claim = volume_at("/backups", pod, container)["persistentVolumeClaim"]["claimName"]
    assert claim in of(name, "PersistentVolumeClaim")
    assert volume_at("/tmp", pod, container)["emptyDir"] == {"sizeLimit": "20Gi"}, "not in memory"


def test_the_database_remembers_one_moment_for_as_long_as_a_backup_may_take() -> None:
    (local,) = pods("local")["StatefulSet/database"]["containers"]
    asked = f"minSnapshotHistoryWindowInSeconds={BACKUP_SECONDS}"
    for started in (compose()["services"]["database"]["command"], local["args"]):
        assert started[started.index("--setParameter") + 1] == asked
    told = of("consortium", "MongoDBCommunity")["database"]["spec"]["additionalMongodConfig"]
    assert told["setParameter.minSnapshotHistoryWindowInSeconds"] == BACKUP_SECONDS


def test_every_night_there_is_a_backup_by_the_same_image_within_that_time() -> None:
    job = of("consortium", "CronJob")["backup"]["spec"]
    (container,) = pods("consortium")["CronJob/backup"]["containers"]
    assert container["image"] == process("consortium", OPERATOR)["image"]
    assert re.fullmatch(r"\d+ \d+ \* \* \*", job["schedule"])
    assert job["concurrencyPolicy"] == "Forbid"
    assert job["jobTemplate"]["spec"]["activeDeadlineSeconds"] == BACKUP_SECONDS


def test_a_backup_is_gone_when_certificates_of_erasure_say_so() -> None:
    (container,) = pods("consortium")["CronJob/backup"]["containers"]
    with backup_command.make_context("backup", container["args"][1:]) as asked:
        assert asked.params["keep"] + 1 == int(told_settings("consortium").get("BACKUP_DAYS", BACKUP_DAYS))
        assert asked.params["place"] in {Path(each["mountPath"]) for each in container["volumeMounts"]}


def test_the_nights_backup_holds_the_keys_and_lies_where_commands_find_it() -> None:
    night, by_hand = (pods("consortium")[pod] for pod in ("CronJob/backup", f"Deployment/{OPERATOR}"))
    (container,) = night["containers"]
    for place in ("/keys", "/backups", "/tmp"):
        assert volume_at(place, night, container) == volume_at(place, by_hand, process("consortium", OPERATOR))


def test_the_nights_backup_reaches_the_database_and_nothing_else() -> None:
    everybody = (*IMAGES, "broker", "database", "backup")
    for allowed in (paths(overlay("consortium"), everybody), openings(overlay("consortium"), everybody)):
        assert {path for path in allowed if "backup" in path} == {("backup", "database", 27017)}
    assert "backup" not in reach_outside(overlay("consortium"), everybody)
    (given,) = [each["secret"] for each in pods("consortium")["CronJob/backup"]["volumes"] if "secret" in each]
    assert given == {"secretName": OPERATOR, "items": [{"key": "mongo-uri", "path": "mongo-uri"}]}


# -- the consortium --------------------------------------------------------------------------------------------------

def test_each_service_is_scaled_by_every_queue_that_it_hears() -> None:
    scaled = {name: sorted(each["metadata"]["queueName"] for each in found["spec"]["triggers"]
                           if each["type"] == "rabbitmq")
              for name, found in of("consortium", "ScaledObject").items()}
    assert scaled == {service: sorted(queue for queue in topology.queues() if queue.startswith(f"{service}."))
                      for service in RUNNERS}


def test_each_service_is_scaled_by_what_calls_take_too() -> None:
    """No queue tells of calls; and a share of the request would tell of the request."""
    taken = {name: [each["metadata"]["value"] for each in found["spec"]["triggers"]
                    if (each["type"], each.get("metricType")) == ("cpu", "AverageValue")]
             for name, found in of("consortium", "ScaledObject").items()}
    assert taken == {service: ["500m"] for service in RUNNERS}
    (gateway,) = of("consortium", "HorizontalPodAutoscaler")["gateway"]["spec"]["metrics"]
    assert gateway["resource"] == {"name": "cpu", "target": {"type": "AverageValue", "averageValue": "500m"}}


REPLICAS = {"ScaledObject": "minReplicaCount", "HorizontalPodAutoscaler": "minReplicas",
            "RabbitmqCluster": "replicas", "MongoDBCommunity": "members"}
"""Where each kind says how many there are at least."""


@pytest.mark.parametrize("pod", [*PROCESSES, "broker", "database"])
def test_one_replica_may_be_missing(pod: str) -> None:
    least = {name: found["spec"][told] for kind, told in REPLICAS.items()
             for name, found in of("consortium", kind).items()}
    assert least[pod] >= 2
    budget = of("consortium", "PodDisruptionBudget")[pod]["spec"]
    assert budget["maxUnavailable"] == 1
    assert budget["selector"] == {"matchLabels": {NAME: pod}}


@pytest.mark.parametrize("service", PROCESSES)
def test_who_scales_decides_how_many_there_are(service: str) -> None:
    assert "replicas" not in of("consortium", "Deployment")[service]["spec"]


@pytest.mark.parametrize("service", PROCESSES)
def test_replicas_stand_apart(service: str) -> None:
    spread = pods("consortium")[f"Deployment/{service}"]["topologySpreadConstraints"]
    assert {each["topologyKey"] for each in spread} == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}


def test_the_database_has_the_users_of_the_code() -> None:
    users = of("consortium", "MongoDBCommunity")["database"]["spec"]["users"]
    assert {each["name"]: each["roles"] for each in users} == {
        name: [{"name": role["role"], "db": role["db"]} for role in database.roles_of(name)] for name in database.USERS}


def test_every_folder_of_secrets_has_its_entry_in_the_store(tmp_path) -> None:
    folders = deployment.write_secrets(tmp_path, "amqp://broker/libranet", "mongodb://database/")
    stored = {name: found["spec"]["dataFrom"] for name, found in of("consortium", "ExternalSecret").items()}
    assert stored == {name: [{"extract": {"key": f"libranet/{name}"}}] for name in folders}


@pytest.mark.parametrize("claim", ["issuer-keys", "backups"])
def test_what_several_pods_mount_may_be_on_several_machines(claim: str) -> None:
    assert of("consortium", "PersistentVolumeClaim")[claim]["spec"]["accessModes"] == ["ReadWriteMany"]


def test_every_process_is_watched() -> None:
    (monitor,) = of("consortium", "ServiceMonitor").values()
    wanted = monitor["spec"]["selector"]["matchLabels"].items()
    watched = {name for name, found in of("consortium", "Service").items()
               if wanted <= found["metadata"].get("labels", {}).items()}
    assert watched == set(PROCESSES)
