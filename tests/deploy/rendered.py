"""The manifests as the tools that read them see them."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
TOOLS = Path(sys.prefix) / "bin"
KUBERNETES = ROOT / "deploy" / "k8s"
OVERLAYS = ("local", "consortium")
Manifest = dict[str, Any]


def said(*command: object, **environment: str) -> str:
    """What a tool of this project's environment prints; its complaint is the test's."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=ROOT, check=False,
                          env={**os.environ, **environment})
    assert done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"
    return done.stdout


@cache
def compose() -> dict[str, Any]:
    """docker-compose.yml with the settings of .env.example, as `docker compose` reads it."""
    told: dict[str, Any] = json.loads(said(
        TOOLS / "docker-compose", "--env-file", ".env.example", "--profile", "commands", "config", "--format", "json"))
    return told


@cache
def overlay(name: str) -> tuple[Manifest, ...]:
    """What `kubectl apply -k` would send."""
    return tuple(yaml.safe_load_all(said(TOOLS / "kubectl", "kustomize", KUBERNETES / "overlays" / name)))


def of(name: str, kind: str) -> dict[str, Manifest]:
    return {each["metadata"]["name"]: each for each in overlay(name) if each["kind"] == kind}


def pods(name: str) -> dict[str, dict[str, Any]]:
    """The pod templates' specs of what we run ourselves."""
    return {f"{kind}/{each}": found["spec"].get("jobTemplate", found)["spec"]["template"]["spec"]
            for kind in ("Deployment", "StatefulSet", "Job", "CronJob") for each, found in of(name, kind).items()}
