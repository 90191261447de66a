"""The platform on one machine as one object: start it, look at it, break it, stop it.

Used by `libranet run`, `libranet demo` and the tests. It promises that nothing of it outlives `stop`, also when
another process started it, and that the other platforms of the machine notice nothing.
"""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from libranet.local import environment, ports, ready, starting, supervise
from libranet.local.home import Home
from libranet.local.parts import EXTERNAL, OPERATOR, PARTS, processes_of
from libranet.local.refusals import AlreadyRunning, CannotStart, NotReady, NotRunning

GATEWAY_PORT = 8080
READY_SECONDS = 90.0

Progress = Callable[[str, float], None]  # a part is ready, after so many seconds


class Platform:
    """One platform and its home.

    `gateway_port`: 0 takes any free one, None what GATEWAY_PORT says, else 8080. `extra_env` goes to every service.
    `parts`: those that are started and waited for. `private`: its own broker and database whatever AMQP_URI and
    MONGO_URI say, for tests.
    """

    def __init__(
        self,
        home: Path | None = None,
        gateway_port: int | None = None,
        extra_env: Mapping[str, str] | None = None,
        parts: Iterable[str] = PARTS,
        private: bool = False,
    ) -> None:
        self.home = Home.at(home) if home else Home.default()
        self.parts = tuple(parts)
        processes_of(self.parts)  # an unknown part is refused here
        self._caller: Mapping[str, str] = {} if private else os.environ
        self._gateway_port = gateway_port
        self._extra = dict(extra_env or {})
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *reason: object) -> None:
        self.stop()

    # -- the whole -----------------------------------------------------------------------------------------------

    def start(self, progress: Progress | None = None, timeout_seconds: float = READY_SECONDS) -> None:
        """Start every part in the background and wait until all are ready; raises CannotStart, leaving nothing.

        `progress` is called once for each part as it becomes ready.
        """
        with self._lock():
            if self.running():
                raise AlreadyRunning(
                    f"A platform runs from {self.home.path} already; `make stop` (or `libranet stop`) stops it."
                )
            supervise.stop(self.home)  # what a killed supervisor left behind
            plan = starting.prepare(
                self.home, self.parts, self._wanted_gateway_port(), self._caller, self._extra
            )
            self._child = supervise.launch(self.home)
        with plan.claim:
            try:
                tell = _once(progress)
                starting.start_later(self.home, plan, lambda: self.wait_ready(tell, timeout_seconds, ["broker"]))
                self.wait_ready(tell, timeout_seconds)
            except BaseException:
                self.stop()
                raise

    def stop(self) -> bool:
        """Stop everything in order and return when it is gone; answers whether anything ran."""
        ran = supervise.stop(self.home, self._child)
        self._child = None
        return ran

    def running(self) -> bool:
        """Whether this home's supervisor lives."""
        if self._child is not None and self._child.poll() is None:
            return True
        return supervise.supervisor_pid(self.home) is not None

    def wait_ready(
        self,
        progress: Progress | None = None,
        timeout_seconds: float = READY_SECONDS,
        parts: Iterable[str] | None = None,
    ) -> None:
        """Wait until every part (or each of `parts`) answers; raises NotReady, which names those that do not."""
        asked_at = time.monotonic()
        operator = self.environment(OPERATOR)
        waiting = {part: ready.probe(part, operator, self.ports) for part in parts or self.parts}
        while waiting:
            for part in [part for part, answers in waiting.items() if answers()]:
                del waiting[part]
                if progress:
                    progress(part, time.monotonic() - asked_at)
            if waiting:
                self._still_hopeful(waiting, time.monotonic() - asked_at > timeout_seconds)
                time.sleep(0.1)

    # -- one part ------------------------------------------------------------------------------------------------

    def status(self) -> list[dict[str, Any]]:
        """For each process: name, pid (None when it is down), state, port; raises NotRunning."""
        known = self.ports
        return [
            {
                "name": row["name"],
                "pid": row["pid"] or None,
                "state": row["statename"].lower(),
                "port": known.get(row["name"]),
            }
            for row in supervise.Control(self.home).processes()
        ]

    def pid(self, name: str) -> int | None:
        """The process id of `name`, None while it is down."""
        return next((row["pid"] for row in self.status() if row["name"] == name), None)

    def kill(self, name: str, number: int = signal.SIGKILL) -> int:
        """Send a signal to the process `name` and return its id; the supervisor starts it again."""
        pid = self.pid(name)
        if pid is None:
            raise NotRunning(f"{name} does not run.")
        os.kill(pid, number)
        return pid

    def halt(self, name: str) -> None:
        """Stop one process and keep it down until `resume`."""
        supervise.Control(self.home).stop(name)

    def resume(self, name: str) -> None:
        """Start a halted process; returns when it lives, which is before it is ready (`wait_ready`)."""
        supervise.Control(self.home).start(name)

    def restart(self, name: str) -> None:
        """Stop one process in good order and start it again."""
        self.halt(name)
        self.resume(name)

    # -- where things are ------------------------------------------------------------------------------------------

    @property
    def ports(self) -> dict[str, int]:
        """The port of each process, as remembered in the home; raises NotRunning before the first start."""
        known = ports.remembered(self.home)
        if not known:
            raise NotRunning(f"Nothing was started from {self.home.path} yet.")
        return known

    @property
    def urls(self) -> dict[str, str]:
        """The http address of the gateway and of each service and the deliveries process."""
        known = self.ports
        names = [name for name in PARTS if name not in EXTERNAL]
        return {name: f"http://{ports.LOOPBACK}:{known[name]}" for name in names}

    def log(self, name: str) -> Path:
        """The log file of the process `name`."""
        return self.home.log(name)

    def environment(self, name: str = OPERATOR) -> dict[str, str]:
        """The environment that the process `name` gets; `operator` may do everything, for commands and tests."""
        return environment.of(name, self.home, self.ports, self._extra)

    # -- inside ----------------------------------------------------------------------------------------------------

    def _wanted_gateway_port(self) -> int:
        if self._gateway_port is not None:
            return self._gateway_port
        text = self._extra.get("GATEWAY_PORT") or os.environ.get("GATEWAY_PORT") or str(GATEWAY_PORT)
        if not text.isdigit() or int(text) > 65_535:
            raise CannotStart(f"GATEWAY_PORT must be a port number, it is {text!r}.")
        return int(text)

    def _still_hopeful(self, waiting: Iterable[str], too_late: bool) -> None:
        if not self.running():
            raise NotReady(f"The supervisor ended; see {self.log(supervise.SUPERVISOR)}.")
        if too_late:
            outside = [name for part, name in EXTERNAL.items() if part in waiting and self._caller.get(name)]
            hint = f" Does {' and '.join(outside)} name one that runs?" if outside else ""
            raise NotReady(
                f"Not ready in time: {', '.join(waiting)}.{hint} The logs are in {self.home.logs}."
            )

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """One start at a time; a second one waits for the first and then finds it running."""
        self.home.make()
        with (self.home.run / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _once(progress: Progress | None) -> Progress:
    """Tells of each part once, counting the seconds from now on."""
    began, told = time.monotonic(), set[str]()

    def tell(part: str, _seconds: float) -> None:
        if progress and part not in told:
            told.add(part)
            progress(part, time.monotonic() - began)

    return tell
