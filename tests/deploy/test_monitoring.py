"""Alerts and dashboards ask for figures that the code shows, and every alert has its line for whoever is woken."""

import json
import re
from typing import Any

import pytest
import yaml

from gateway.deliveries import queues
from tests.deploy.figures import OF_EVERY_TARGET, OF_KUBERNETES, OF_PROMETHEUS, asked, shown
from tests.deploy.rendered import KUBERNETES, ROOT, overlay

DASHBOARDS = {file.stem: json.loads(file.read_text(encoding="utf-8"))
              for file in sorted((KUBERNETES / "monitoring" / "dashboards").glob("*.json"))}
ALERTS: dict[str, dict[str, Any]] = {
    rule["alert"]: rule for each in overlay("consortium") if each["kind"] == "PrometheusRule"
    for group in each["spec"]["groups"] for rule in group["rules"]}
EXPRESSIONS = {
    **{f"alert {name}": rule["expr"] for name, rule in ALERTS.items()},
    **{f"{name}: {panel['title']} {target['refId']}": target["expr"] for name, board in DASHBOARDS.items()
       for panel in board["panels"] for target in panel["targets"]}}


@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_an_expression_asks_for_figures_and_labels_of_the_code(expression: str) -> None:
    found = list(asked(expression))
    assert found
    for name, labels in found:
        own = {**shown(), **OF_PROMETHEUS, **OF_KUBERNETES}[name]
        assert labels <= {*own, *OF_EVERY_TARGET}, name


@pytest.mark.parametrize("name", ALERTS)
def test_what_an_alert_says_of_a_label_is_there_when_it_fires(name: str) -> None:
    words = set(re.findall(r"\$labels\.(\w+)", ALERTS[name]["annotations"]["summary"]))
    for _, labels in asked(ALERTS[name]["expr"]):
        is_whole = not re.search(r"\b(sum|max)\b", ALERTS[name]["expr"])
        assert words <= (labels | OF_EVERY_TARGET if is_whole else labels)


def test_every_figure_of_the_code_is_on_a_dashboard() -> None:
    ending = re.compile(r"_(bucket|count|sum)$")
    seen = {ending.sub("", name) for board in DASHBOARDS.values() for panel in board["panels"]
            for target in panel["targets"] for name, _ in asked(target["expr"])}
    code = {ending.sub("", name) for name in shown()}
    assert {name for name in code if name not in seen and f"{name}_total" not in seen} == set()


@pytest.mark.parametrize("name", DASHBOARDS)
def test_a_dashboard_is_one_that_grafana_takes(name: str) -> None:
    board = DASHBOARDS[name]
    assert board["uid"] == f"libranet-{name}"
    numbers = [panel["id"] for panel in board["panels"]]
    assert len(set(numbers)) == len(numbers)
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in board["panels"]]
    assert len(set(places)) == len(places)
    for panel in board["panels"]:
        assert panel["datasource"] == {"type": "prometheus", "uid": "${source}"}
        for target in panel["targets"]:
            wanted = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
            assert all(wanted <= labels | OF_EVERY_TARGET for _, labels in asked(target["expr"]))
    assert [each["name"] for each in board["templating"]["list"]] == ["source"]


def test_every_dashboard_is_handed_to_grafana() -> None:
    (found,) = [each for each in overlay("consortium") if each["metadata"]["name"] == "dashboards"]
    assert set(found["data"]) == {f"{name}.json" for name in DASHBOARDS}
    assert found["metadata"]["labels"]["grafana_dashboard"] == "1"


def test_every_alert_has_its_line_in_the_runbook_and_every_line_its_alert() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    section = text.partition("\n## Alerts\n")[2].partition("\n## ")[0]
    lines = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", section, re.M)
    assert sorted(name for name, _, _ in lines) == sorted(ALERTS)
    for _, meaning, advice in lines:
        assert min(len(meaning), len(advice)) > 20


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_how_bad_it_is(name: str) -> None:
    assert ALERTS[name]["labels"] in ({"severity": "critical"}, {"severity": "warning"}, {"severity": "info"})


def test_every_alert_is_tried_on_figures_that_make_it_fire_and_on_others() -> None:
    """promtool runs them: `make check-deploy`."""
    tried = yaml.safe_load((KUBERNETES / "monitoring" / "alerts.tests.yaml").read_text(encoding="utf-8"))["tests"]
    assert sorted(each["name"] for each in tried) == sorted(
        f"{name} {outcome}" for name in ALERTS for outcome in ("fires", "stays quiet"))


def test_alerts_name_outcomes_that_partners_queues_have() -> None:
    named = {word for rule in ALERTS.values() for text in re.findall(r'outcome=~?"([^"]+)"', rule["expr"])
             for word in text.split("|")}
    assert named <= set(queues.WORDS)
