"""docs/operations.md tells of every command, and its steps on Kubernetes are in an order that works."""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import click
import pytest

from libranet.cli import main
from libranet.deployment import DATABASE_KEY
from libranet.local.environment import EVERYBODY, SECRETS_OF, WHILE_EXCHANGED
from libranet.local.parts import GATEWAY, OPERATOR, RUNNERS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
PROCESSES = {*RUNNERS, GATEWAY, OPERATOR}
ROW = re.compile(r"^\| (`libranet .*?) \| ", re.MULTILINE)


def commands(command: click.Command, names: tuple[str, ...] = ()) -> Iterator[str]:
    """`org new`, `jobs taxonomy import`, …"""
    if not isinstance(command, click.Group):
        yield " ".join(names)
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        assert inner
        yield from commands(inner, (*names, name))


def told(row: str) -> Iterator[str]:
    """The commands that a row of the table names: the first whole, the others by what differs."""
    for part in row.split("; "):
        first, *others = re.findall(r"`([^`]+)`", part)
        whole = first.removeprefix("libranet ")
        yield whole
        yield from (f"{whole.rpartition(' ')[0]} {other}".strip() for other in others)


def test_every_command_has_its_place_in_the_table() -> None:
    chapter = PAGE.read_text(encoding="utf-8").partition("\n## Commands\n")[2].partition("\n## ")[0]
    found = [each for row in ROW.findall(chapter) for each in told(row)]
    assert sorted(found) == sorted(commands(main))


CODE = re.compile(r"`(libranet [^`]+)`|^ *(libranet .+?)(?: +#.*)?$", re.MULTILINE)


def command_of(words: list[str]) -> click.Command:
    """The innermost command that the words begin with."""
    command: click.Command = main
    for word in words:
        inner = command.get_command(click.Context(command), word) if isinstance(command, click.Group) else None
        if not inner:
            break
        command = inner
    return command


def test_an_option_that_the_page_names_is_one_of_its_command() -> None:
    found = [one or other for one, other in CODE.findall(PAGE.read_text(encoding="utf-8"))]
    assert "libranet run --stores" in found
    for each in found:
        words = each.split()[1:]
        known = {option for parameter in command_of(words).params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, each


def holders() -> dict[str, set[str]]:
    """Who has each secret, as the page tells it: one part for each secret of a row, or one for all of them."""
    chapter = PAGE.read_text(encoding="utf-8").partition("| secret | who has it ")[2].partition("\n\n")[0]
    found = {}
    for secrets, who in re.findall(r"^\| (`[A-Z_`, ]+`)[^|]* \| ([^|]+) \|", chapter, re.MULTILINE):
        names = re.findall(r"[A-Z_]+", secrets)
        for name, part in zip(names, who.split(";") * (1 if ";" in who else len(names)), strict=True):
            found[name] = set(PROCESSES) if part.split()[0] == "all" else PROCESSES & set(re.findall(r"\w+", part))
    return found


def test_the_table_of_secrets_tells_who_has_each() -> None:
    given = {name: {process for process in PROCESSES if name in (
        *EVERYBODY, *SECRETS_OF.get(process, ()), *WHILE_EXCHANGED.get(process, ()))}
        for name in holders() if name != DATABASE_KEY}
    assert given == {name: who for name, who in holders().items() if name != DATABASE_KEY}
    assert set(given) == {*EVERYBODY, *chain(*SECRETS_OF.values(), *WHILE_EXCHANGED.values())}


SHELL = re.compile(r"^ *```sh\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
BLOCKS = [each for each in SHELL.findall(PAGE.read_text(encoding="utf-8")) if "exec deployment/operator" in each]


@pytest.mark.parametrize("block", BLOCKS)
def test_commands_run_in_the_operators_pod_once_it_is_there(block: str) -> None:
    """The manifests say that there is none, so each `apply` takes it away."""
    steps = ("", "scale deployment/operator --replicas=1", "rollout status deployment/operator")
    reached = 0
    for line in block.splitlines():
        if "kubectl apply --kustomize" in line:
            reached = 0
        elif reached < len(steps) - 1 and steps[reached + 1] in line:
            reached += 1
        assert reached == len(steps) - 1 or "exec deployment/operator" not in line, line


def test_the_broker_has_new_queues_and_permissions_before_a_process_is_new() -> None:
    upgrade = "".join(each for each in BLOCKS if "set image" in each or "statefulset" in each)
    places = [upgrade.index(step) for step in (
        "serve backup", "kubectl apply --kustomize", "rollout status statefulset/broker", "set image", "serve doctor")]
    assert places == sorted(places)


def test_a_changed_secret_is_compared_before_the_restart_and_in_each_pod_after_it() -> None:
    """The store of the consortium is read once an hour; a process that starts with the old file goes on with it."""
    chapter = PAGE.read_text(encoding="utf-8").partition("\n## Accounts and secrets\n")[2].partition("\n## ")[0]
    shown = "".join(SHELL.findall(chapter))
    places = [shown.index(step) for step in (
        "annotate externalsecret --all force-sync", "sha256sum var/deployment", "get secret", "rollout restart",
        "rollout status", "exec $pod -- sha256sum /run/secrets/")]
    assert places == sorted(places)


def test_issuers_read_to_compare_before_they_apply_and_before_they_delete_the_key_of_before() -> None:
    text = (PAGE.parent / "issuers.md").read_text(encoding="utf-8")
    steps = text.partition("\n## Exchange the key that encrypts them\n")[2].partition("\n## ")[0]
    places = [steps.index(step) for step in (
        "before you apply", "operations.md#accounts-and-secrets", "force-sync", "Restart every replica", "reseal`",
        "3. Delete", "once each pod has shown the sum")]
    assert places == sorted(places)


FIRST = [each for each in SHELL.findall(PAGE.read_text(encoding="utf-8")) if " org new " in each]


@pytest.mark.parametrize("block", FIRST)
def test_the_first_nodes_are_made_once_every_process_is_ready(block: str) -> None:
    """They are made by profiles, which takes minutes where broker and database begin as well."""
    started, wait = ("docker compose up", "until docker compose run --rm operator doctor --quiet; do")
    if "kubectl apply" in block:
        started, wait = "kubectl apply --kustomize", f"for process in {' '.join((*RUNNERS, GATEWAY))}; do"
        assert re.search(rf"{wait}\n.* rollout status deployment/\$process --timeout=15m\ndone\n", block)
    assert block.index(started) < block.index(wait) < block.index(" org new ")


def test_the_first_nodes_are_made_with_docker_and_on_kubernetes() -> None:
    assert [("docker compose" in each, "kubectl" in each) for each in FIRST] == [(True, False), (False, True)]
