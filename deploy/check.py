"""`make check-deploy`: what takes longer than a test should, in the environment that `./setup.sh deploy` makes.

Renders each overlay and asks checkov about it and the Dockerfile, then installs each image's part of requirements.lock
as the Dockerfile does: from the registry, by its hashes. Fails at the first finding.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from deploy import image  # noqa: E402

OVERLAYS = ("local", "consortium")
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
        for service in image.IMAGES:
            install(service, place / service)


def judge(framework: str, file: Path) -> None:
    say(f"checkov: {file.name}")
    run(Path(sys.prefix) / "bin" / "checkov", "--config-file", ROOT / "deploy" / "checkov.yaml",
        "--framework", framework, "--file", file)


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
