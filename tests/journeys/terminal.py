"""What an operator types on the platform's machine, into a shell that knows LIBRANET_HOME and nothing else of it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Self

from libranet.local import Platform
from libranet.local.environment import basics
from tests.patience import until

LIBRANET = str(Path(sys.executable).parent / "libranet")


class Terminal:
    """Where one command stays in the foreground, others are typed beside it; what it began is stopped at the end."""

    def __init__(self, home: Path) -> None:
        self.platform = Platform(home)
        self._told = basics(os.environ) | {"LIBRANET_HOME": str(home), "GATEWAY_PORT": "0"}
        self._stays: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *reason: object) -> None:
        self.platform.stop()
        for each in self._stays:
            each.wait(60)

    def type(self, *arguments: str) -> str:
        """What the command prints."""
        done = subprocess.run([LIBRANET, *arguments], env=self._told, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def leave_running(self, *arguments: str, says: str) -> None:
        """Returns when the command has said so."""
        shown = self.platform.home.path.with_suffix(".shown")
        with shown.open("wb") as out:
            command = subprocess.Popen([LIBRANET, *arguments], env=self._told, stdout=out, stderr=out)
        self._stays.append(command)
        until(lambda: says in shown.read_text() or command.poll() is not None, 120, what=says)
        assert command.poll() is None, shown.read_text()
