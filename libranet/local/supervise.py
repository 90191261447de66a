"""supervisor (supervisord.org) keeps the processes: it starts them again when they die and stops them in order.

Each process is started by a small script in the home that sets its environment and becomes the process, and the
supervisor works in the home with relative paths, so nothing passes through its own quoting. Every process carries
two marks in its environment, `LIBRANET_HOME` and `LIBRANET_PART`; by these it is found even when the supervisor
itself was killed.
"""

import http.client
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Callable, Container, Iterable
from pathlib import Path
from typing import Any

from libranet.local.commands import Process
from libranet.local.home import REPOSITORY, Home
from libranet.local.parts import GROUPS
from libranet.local.refusals import NotRunning

SUPERVISOR = "supervisor"
STOP_SECONDS = 75  # three groups that need time, each at most 25 seconds
KILL_SECONDS = 10
ANSWER_SECONDS = 10
ALREADY_SO = (60, 70)  # the supervisor's faults ALREADY_STARTED and NOT_RUNNING
LOG_BYTES, LOG_FILES = "10MB", 3


def group_of(process: str) -> str:
    """The group that `process` stops with."""
    return next(group for group, members in GROUPS if process in members)


def write(home: Home, processes: Iterable[Process], later: Container[str]) -> None:
    """Write the start scripts and the supervisor's configuration; `later` names what is not started by itself."""
    kept = list(processes)
    for process in kept:
        _script(home, process).write_text(_script_text(home, process), encoding="utf-8")
        _script(home, process).chmod(0o700)
    _configuration(home).write_text(_configuration_text(home, kept, later), encoding="utf-8")


def launch(home: Home) -> subprocess.Popen[bytes]:
    """Start the supervisor in a session of its own, so that a Ctrl-C in the terminal reaches only who asked."""
    marks = {"LIBRANET_HOME": str(home.path), "LIBRANET_PART": SUPERVISOR}
    return subprocess.Popen(  # noqa: S603 - this Python and a file that was just written
        [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(_configuration(home))],
        cwd=home.path,
        env={"PATH": os.environ.get("PATH", os.defpath)} | marks,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=home.log(SUPERVISOR).open("ab"),
        start_new_session=True,
    )


def found(home: Home) -> dict[int, str]:
    """Every living process of this home's platform: its id and the part that it belongs to."""
    mark = b"LIBRANET_HOME=" + os.fsencode(home.path)
    alive: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            settings = (entry / "environ").read_bytes().split(b"\0")
        except OSError:  # gone, or somebody else's
            continue
        part = next((text[14:] for text in settings if text.startswith(b"LIBRANET_PART=")), None)
        if part and mark in settings:
            alive[int(entry.name)] = os.fsdecode(part)
    return alive


def supervisor_pid(home: Home) -> int | None:
    """The supervisor's process id while it lives."""
    return next((pid for pid, part in found(home).items() if part == SUPERVISOR), None)


def stop(home: Home, child: subprocess.Popen[bytes] | None = None) -> bool:
    """Stop everything of this home and wait until it is gone; answers whether anything ran.

    The supervisor stops its processes in order; what it left (it may have been killed) is told to end, but for the
    database (decision 32), then killed.
    """
    seen = found(home)
    if (pid := next((pid for pid, part in seen.items() if part == SUPERVISOR), None)) is not None:
        _signal([pid], signal.SIGTERM)
        _wait_ended(home, child, seen, STOP_SECONDS, lambda left: SUPERVISOR not in left)
    _signal([pid for pid, part in found(home).items() if part != "database"], signal.SIGTERM)
    _wait_ended(home, child, seen, KILL_SECONDS, lambda left: left <= {"database"})
    _signal(found(home), signal.SIGKILL)
    _wait_ended(home, child, seen, KILL_SECONDS, lambda left: not left)
    return bool(seen)


class Control:
    """What one asks a running supervisor for; every call raises NotRunning when none answers or it is ending."""

    def __init__(self, home: Home) -> None:
        self._server = xmlrpc.client.ServerProxy("http://supervisor", transport=_UnixTransport(home))

    def processes(self) -> list[dict[str, Any]]:
        """One record for each process: name, pid (0 when it is down), statename, start (seconds since 1970)."""
        return list(self._ask("getAllProcessInfo"))

    def start(self, process: str) -> None:
        """Start one process; returns when it lives, and at once when it did."""
        self._ask("startProcess", f"{group_of(process)}:{process}", False)

    def stop(self, process: str) -> None:
        """Stop one process, which is not started again until `start`; returns when it is gone."""
        self._ask("stopProcess", f"{group_of(process)}:{process}", True)

    def wait_ready(self) -> None:
        """Wait until a supervisor that was just launched answers; raises NotRunning after ten seconds."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            try:
                self.processes()
                return
            except NotRunning:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def _ask(self, method: str, *values: object) -> Any:
        try:
            return getattr(self._server.supervisor, method)(*values)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode in ALREADY_SO:
                return None
            raise NotRunning(f"The supervisor answers: {fault.faultString}.") from fault
        except OSError as error:
            raise NotRunning("No platform runs from this home.") from error


class _UnixTransport(xmlrpc.client.Transport):
    """XML-RPC over the supervisor's socket file."""

    def __init__(self, home: Home) -> None:
        super().__init__()
        self._path = str(home.control_socket())

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        return _UnixConnection(self._path)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=60)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _signal(pids: Iterable[int], number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def _wait_ended(
    home: Home,
    child: subprocess.Popen[bytes] | None,
    seen: dict[int, str],
    seconds: float,
    enough: Callable[[set[str]], bool],
) -> None:
    """Wait until `enough` is true of the parts that still have a process.

    A process that gives its memory back shows its marks no more and holds its files and ports yet, so every one is
    remembered in `seen` from the time that it was found.
    """
    deadline = time.monotonic() + seconds
    while True:
        if child is not None:
            child.poll()  # collect it, or it stays in the process table
        seen |= found(home)
        if enough({part for pid, part in seen.items() if _lives(pid)}) or time.monotonic() > deadline:
            return
        time.sleep(0.05)


def _lives(pid: int) -> bool:
    """Whether it has not ended. One that waits in the table for its parent to ask has, once its last thread has."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return False
    state, threads = fields[0], int(fields[17])
    return state not in "ZX" or threads > 1


def _script(home: Home, process: Process) -> Path:
    return home.run / f"{process.name}.sh"


def _script_text(home: Home, process: Process) -> str:
    marked = process.environment | {"LIBRANET_HOME": str(home.path), "LIBRANET_PART": process.name}
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in sorted(marked.items()))
    return (
        "#!/bin/sh\n# Made anew at each start: becomes one process of the platform.\n"
        f"{exports}cd {shlex.quote(str(REPOSITORY))} || exit 1\nexec {shlex.join(process.command)}\n"
    )


def _configuration(home: Home) -> Path:
    return home.run / "supervisord.conf"


def _configuration_text(home: Home, processes: list[Process], later: Container[str]) -> str:
    sections = [
        f"[unix_http_server]\nfile={home.control_socket()}\nchmod=0700\n",
        "[rpcinterface:supervisor]\n"
        "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n",
        f"[supervisord]\nlogfile=log/{SUPERVISOR}.log\nlogfile_maxbytes={LOG_BYTES}\n"
        f"logfile_backups={LOG_FILES}\npidfile=run/supervisord.pid\nchildlogdir=log\nidentifier=libranet\n"
        "strip_ansi=true\n",
    ]
    for priority, (group, members) in enumerate(GROUPS, start=1):
        if kept := [process for process in processes if process.name in members]:
            names = ",".join(process.name for process in kept)
            sections.append(f"[group:{group}]\nprograms={names}\npriority={priority}\n")
            sections.extend(_program_text(process, process.name not in later) for process in kept)
    return "\n".join(sections)


def _program_text(process: Process, starts_alone: bool) -> str:
    return (
        f"[program:{process.name}]\ncommand=/bin/sh run/{process.name}.sh\n"
        f"autostart={str(starts_alone).lower()}\nautorestart=true\nstartsecs=1\nstartretries=1000000\n"
        f"stopsignal={process.stop_signal.name.removeprefix('SIG')}\nstopwaitsecs={process.stop_seconds}\nkillasgroup=true\n"
        f"redirect_stderr=true\nstdout_logfile=log/{process.name}.log\n"
        f"stdout_logfile_maxbytes={LOG_BYTES}\nstdout_logfile_backups={LOG_FILES}\n"
    )
