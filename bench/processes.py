"""Running a contender as a process of its own, and reading what it and the parts behind it spend."""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from bench import meter

REPOSITORY = Path(__file__).resolve().parents[1]
TICKS = os.sysconf("SC_CLK_TCK")
STOP_SECONDS = 25
PATIENCE_SECONDS = 300
"""For one run of one contender: a process that has not ended by then hangs."""


class Spending:
    """CPU time of other processes, by name, since this was made. One that ends meanwhile counts no further."""

    def __init__(self, pids: Mapping[str, Sequence[int]]) -> None:
        self._before = {name: {pid: cpu_seconds_of(pid) for pid in each} for name, each in pids.items()}

    def seconds(self) -> dict[str, float]:
        return {name: sum(max(cpu_seconds_of(pid) - before, 0) for pid, before in each.items())
                for name, each in self._before.items()}


def family(pid: int) -> list[int]:
    """A process and those that it started, as they live now (gunicorn's workers do what their parent is asked)."""
    born: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            born.setdefault(int(_stat(int(path.name))[1]), []).append(int(path.name))
        except OSError:  # it ended while we looked
            continue
    return _descendants(pid, born)


def _descendants(pid: int, born: Mapping[int, Sequence[int]]) -> list[int]:
    return [pid, *(each for child in born.get(pid, ()) for each in _descendants(child, born))]


def _stat(pid: int) -> list[str]:
    """What stands behind the name in /proc/<pid>/stat: state, parent, ... (proc(5))."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def cpu_seconds_of(pid: int) -> float:
    """User and system time of a process, to a hundredth of a second (proc(5), fields 14 and 15); 0 when it is gone."""
    try:
        fields = _stat(pid)
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_mib(pid: int) -> float:
    """Of a process's memory what lies in the machine's; 0 when it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024 if "VmRSS:" in status else 0.0


class Contender:
    """One running process of `bench/contenders`, and the lines that it tells."""

    def __init__(self, module: str, environment: Mapping[str, str], events: int, warm_up: int) -> None:
        self._lines, told = os.pipe()
        self._rest = b""
        self._title = f"bench.contenders.{module}"
        command = [sys.executable, "-m", self._title]
        settings = {meter.EVENTS: str(events), meter.WARM_UP: str(warm_up), meter.REPORT: str(told)}
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop
        self.process = subprocess.Popen(command, env={**environment, **settings}, cwd=REPOSITORY, pass_fds=(told,),
                                        stdout=self._log, stderr=subprocess.STDOUT)
        os.close(told)

    @classmethod
    @contextmanager
    def running(cls, *arguments: Any) -> Iterator[Self]:
        """A contender that is stopped at the end, whatever happened."""
        contender = cls(*arguments)
        try:
            yield contender
        finally:
            contender.stop()

    @property
    def pid(self) -> int:
        return self.process.pid

    def wait_for(self, mark: str) -> dict[str, Any]:
        """The next line with this mark; raises when the process dies or stays silent."""
        while True:
            told: dict[str, Any] = json.loads(self._next_line())
            if told["mark"] == mark:
                return told

    def measure(self, parts: Mapping[str, Sequence[int]]) -> dict[str, Any]:
        """Waits for the clock's beginning and end: what the contender told, and what the parts spent meanwhile."""
        self.wait_for("began")
        spending = Spending(parts)
        return {**self.wait_for("ended"), "parts": spending.seconds()}

    def stop(self) -> None:
        """Ends the process, politely first."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self._lines)
        self._log.close()

    def _next_line(self) -> bytes:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while b"\n" not in self._rest:
            ready, _, _ = select.select([self._lines], [], [], max(deadline - time.monotonic(), 0))
            read = os.read(self._lines, 4096) if ready else b""
            if not read:
                raise RuntimeError(f"{self._title} ended, or said nothing for long:\n{self._last_words()}")
            self._rest += read
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def _last_words(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-2000:]
