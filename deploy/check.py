"""`make check-deploy`: what takes longer than a test should, in the environment that `./setup.sh deploy` makes.

Renders each overlay and asks checkov about it and the Dockerfile; lets each alert fire and stay quiet with promtool;
then installs each image's part of requirements.lock as the Dockerfile does: from the registry, by its hashes. Fails at
the first finding.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from deploy import image  # noqa: E402

OVERLAYS = ("local", "consortium")
MONITORING = ROOT / "deploy" / "k8s" / "monitoring"
OFFLINE = {**os.environ, "BC_SKIP_MAPPING": "TRUE", "LOG_LEVEL": "ERROR"}
"""checkov would fetch its guidelines from its maker."""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name in OVERLAYS:
            rendered = place / f"{name}.yaml"
            overlay = ROOT / "deploy" / "k8s" / "overlays" / name
            rendered.write_bytes(run(ROOT / ".venv" / "bin" / "kubectl", "kustomize", overlay))
            judge("kubernetes", rendered)
        judge("dockerfile", ROOT / "Dockerfile")
        let_fire(place)
        for service in image.IMAGES:
            install(service, place / service)


def judge(framework: str, file: Path) -> None:
    say(f"checkov: {file.name}")
    run(Path(sys.prefix) / "bin" / "checkov", "--config-file", ROOT / "deploy" / "checkov.yaml",
        "--framework", framework, "--file", file)


def let_fire(place: Path) -> None:
    """promtool compares whole annotations, so the tests see the rules without them."""
    say("promtool: the alerts")
    promtool = Path(sys.prefix) / "usr" / "bin" / "promtool"
    groups = yaml.safe_load((MONITORING / "alerts.yaml").read_text(encoding="utf-8"))["spec"]
    rules = place / "rules.yaml"
    rules.write_text(yaml.safe_dump(groups), encoding="utf-8")
    run(promtool, "check", "rules", rules)
    for group in groups["groups"]:
        for rule in group["rules"]:
            del rule["annotations"]
    rules.write_text(yaml.safe_dump(groups), encoding="utf-8")
    run(promtool, "test", "rules", shutil.copy(MONITORING / "alerts.tests.yaml", place))


def install(service: str, place: Path) -> None:
    say(f"the packages of {service}, from the registry by their hashes")
    image.write_requirements(service, place)
    run(sys.executable, "-m", "venv", place / "environment")
    python = place / "environment" / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r", place / "requirements.txt")
    run(python, "-m", "pip", "check")


def run(*command: object) -> bytes:
    done = subprocess.run([*map(str, command)], stdout=subprocess.PIPE, env=OFFLINE, cwd=ROOT)  # noqa: S603 - our own
    if done.returncode:
        raise SystemExit(done.stdout.decode())
    return done.stdout


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
