"""What `libranet partner amqp` prints in a container is run at the broker, where the page says."""

import re

import pytest

from gateway.deliveries.broker_accounts import NoAccounts, NoRightToIt
from tests.deploy.rendered import ROOT, compose, of

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
CHAPTER = PAGE.partition("\n## Partners' queues\n")[2].partition("\n## ")[0]
BEFORE = dict(re.findall(r"^\| (Docker|`overlays/\w+`) \| `(.*)` \|$", CHAPTER, re.MULTILINE))
NODE = "demo.lakeside-college"


def test_it_is_run_in_the_brokers_container() -> None:
    (local,), (consortium,) = of("local", "StatefulSet").keys() & {"broker"}, of("consortium", "RabbitmqCluster")
    assert "broker" in compose()["services"]
    expected = {
        "Docker": "docker compose exec -T broker",
        "`overlays/local`": f"kubectl --namespace libranet exec -i {local}-0 --",
        "`overlays/consortium`": f"kubectl --namespace libranet exec -i {consortium}-server-0 --"}
    assert expected == BEFORE


def test_no_management_api_is_promised_where_there_is_none() -> None:
    (local,) = of("local", "StatefulSet")["broker"]["spec"]["template"]["spec"]["containers"]
    for image in (compose()["services"]["broker"]["image"], local["image"]):
        assert "management" not in image
    assert "In containers leave it unset" in CHAPTER


@pytest.mark.parametrize("printed", [
    lambda: NoAccounts().put({}), lambda: NoAccounts().disconnect(NODE), lambda: NoAccounts().remove(NODE)])
def test_each_command_that_is_printed_is_one_of_rabbitmqctl(printed) -> None:
    with pytest.raises(NoRightToIt) as told:
        printed()
    commands = str(told.value).partition("<<'END'\n")[0].splitlines()
    assert commands
    assert all(line.startswith("rabbitmqctl ") for line in commands)
