"""Spans leave each process that records them, by the policy and the networks that the page names."""

import re

import kubernetes_validate
import yaml

from libranet.local.parts import GATEWAY, RUNNERS
from tests.deploy.network import NAME
from tests.deploy.rendered import OVERLAYS, ROOT, compose, of

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
CHAPTER = PAGE.partition("\n## Traces\n")[2].partition("\n## ")[0]
KUBERNETES = "1.34"
PROCESSES = {*RUNNERS, GATEWAY}


def test_the_policy_lets_each_process_reach_the_collector_and_nobody_else() -> None:
    (text,) = re.findall(r"^```yaml\n(.*?)^```$", CHAPTER, re.DOTALL | re.MULTILINE)
    policy = yaml.safe_load(text)
    kubernetes_validate.validate(policy, KUBERNETES, strict=True)
    (chosen,) = policy["spec"]["podSelector"]["matchExpressions"]
    assert (chosen["key"], chosen["operator"], set(chosen["values"])) == (NAME, "In", PROCESSES)
    (rule,) = policy["spec"]["egress"]
    (namespace,) = rule["to"][0]["namespaceSelector"]["matchLabels"].values()
    (port,) = rule["ports"]
    assert f"http://collector.{namespace}:{port['port']}" in CHAPTER
    for name in OVERLAYS:
        labels = {each["spec"]["template"]["metadata"]["labels"][NAME] for each in of(name, "Deployment").values()}
        assert labels >= PROCESSES


def test_a_collector_beside_compose_is_in_a_network_with_each_process() -> None:
    (said,) = re.findall(r"in the networks `\[(.*)\]`", CHAPTER)
    for process in PROCESSES:
        assert set(said.split(", ")) & set(compose()["services"][process]["networks"])
