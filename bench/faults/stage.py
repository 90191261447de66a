"""The running platform that is broken, its people, and hands to break it with."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit, urlunsplit

import pymongo

from bench.faults.partner import Partner
from bench.faults.proxy import Wire
from bench.faults.release import HERE
from bench.line import LIBRARY, Line
from contracts import topology
from demo.api import Client
from libranet import broker
from libranet.local import Platform
from libranet.local import broker as local_broker
from libranet.local.parts import GATEWAY
from libranet.local.ready import http_answers

COLLEGE = "bench.lakeside"
READY_SECONDS = 90
STOP_SECONDS = 30
GUNICORN = ("gunicorn", "-c", "gateway/gunicorn.conf.py", "gateway.app:application")
URIS = {"broker": "AMQP_URI", "database": "MONGO_URI"}


class Stage(Line):
    """A platform with patrons who let their college know what they earn, and the college's webhook."""

    consents: ClassVar[dict[str, str]] = {"issue-credentials": LIBRARY, "share-credentials": COLLEGE}

    def __init__(self, platform: Platform, events: int) -> None:
        super().__init__(platform, events)
        self.mongo: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(
            platform.environment()["MONGO_URI"], tz_aware=True, serverSelectionTimeoutMS=30_000)
        self.partner = Partner()
        self.operate("partner", "allow", COLLEGE, "127.0.0.0/8")
        college = Client(platform.urls["gateway"], self.keys[COLLEGE]["key"])
        college.ask("POST", "/v1/subscriptions", {"url": self.partner.url, "types": ["credential-issued"]})

    def platforms(self, count: int) -> list[Client]:
        """Clients of the learning platform, each with connections of its own."""
        return [Client(self.platform.urls["gateway"], self.keys[LIBRARY]["platform_key"]) for _ in range(count)]

    def ready(self) -> None:
        """Waits until every part says so."""
        self.platform.wait_ready(timeout_seconds=READY_SECONDS)

    def link(self) -> broker.Link:
        """The operator's own, with every right."""
        return broker.Link(self.platform.environment()["AMQP_URI"])

    def control(self, *arguments: str) -> None:
        """`rabbitmqctl`."""
        environment = local_broker.environment(self.platform.home, self.platform.ports)
        subprocess.run(["/usr/lib/rabbitmq/bin/rabbitmqctl", "--quiet", *arguments], check=True, capture_output=True,
                       env={**os.environ, **environment}, timeout=60)

    def alarm(self, resource: str, change: str) -> None:
        """`set` or `clear` the broker's alarm about `disk` or `memory`: it then takes nothing from publishers."""
        what = f"{{resource_limit, {resource}, node()}}"
        self.control("eval", f"rabbit_alarm:{change}_alarm({f'{{{what}, []}}' if change == 'set' else what}).")

    def send_to(self, queue: str, bodies: Sequence[bytes]) -> None:
        """Messages that no publisher of the platform would send, straight into a queue."""
        with self.link() as link:
            publisher = broker.Publisher(link)
            for body in bodies:
                publisher.publish(body, "", queue, "of-the-fault-report")
            publisher.wait()

    def queue_of(self, service: str) -> str:
        """One that the service hears."""
        return next(each for each in topology.queues() if each.startswith(f"{service}."))

    @contextmanager
    def replaced(self, service: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
        """A process of ours in place of the supervised one, which comes back afterwards."""
        self.platform.halt(service)
        process = self.started(service, **settings)
        try:
            yield process
        finally:
            self.ended(process)
            self.platform.resume(service)

    @contextmanager
    def beside(self, service: str, code: Path | None = None, **settings: str) -> Iterator[int]:
        """One more replica; gives its port. `code` is that of another release, which breaks nowhere. Raises
        RuntimeError when it does not start."""
        port = _free_port()
        settings |= {"LISTEN": f"127.0.0.1:{port}", "LIBRANET_INSTANCE": f"{service}-at-{port}"}
        process = self.started(service, code, **settings)
        if process.poll() is not None:
            raise self._not_started(service)
        try:
            yield port
        finally:
            self.ended(process)

    @contextmanager
    def gateway_beside(self, code: Path, services: Mapping[str, int]) -> Iterator[Client]:
        """One more gateway, with this code, and those services at those ports; gives the learning platform's client."""
        port = _free_port()
        addresses = {f"{service.upper()}_URL": f"http://127.0.0.1:{at}" for service, at in services.items()}
        environment = {**self.platform.environment(GATEWAY), **addresses, "GATEWAY_PORT": str(port)}
        process = self._run(GATEWAY, GUNICORN, environment, code, port)
        if process.poll() is not None:
            raise self._not_started(GATEWAY)
        try:
            yield Client(f"http://127.0.0.1:{port}", self.keys[LIBRARY]["platform_key"])
        finally:
            self.ended(process)

    def started(self, service: str, code: Path | None = None, **settings: str) -> subprocess.Popen[bytes]:
        """One more process of a service, ready or ended by itself."""
        environment = {**self.platform.environment(service), **settings}
        module = "libranet.runner" if code else "bench.faults.breaking"
        listens = int(environment["LISTEN"].rpartition(":")[2])
        return self._run(service, (module, service), environment, code or HERE, listens)

    def _run(self, name: str, module: Sequence[str], environment: Mapping[str, str], code: Path,
             listens: int) -> subprocess.Popen[bytes]:
        with self._log_of(name).open("ab") as log:
            process = subprocess.Popen([sys.executable, "-m", *module], env=environment, cwd=code, stdout=log,
                                       stderr=log)
        self.wait(lambda: process.poll() is not None or http_answers(listens))
        return process

    def _not_started(self, name: str) -> RuntimeError:
        return RuntimeError(f"one more {name} did not start: …{self._log_of(name).read_text('utf-8')[-500:]}")

    def _log_of(self, service: str) -> Path:
        return self.platform.log(f"{service}-broken")

    def ended(self, process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> None:
        """Ends one of ours."""
        if process.poll() is None:
            process.send_signal(number)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    @contextmanager
    def wired(self, service: str, part: str) -> Iterator[Wire]:
        """The service reaches the part by a wire of ours meanwhile."""
        name = URIS[part]
        with Wire(self.platform.ports[part]) as wire:
            uri = _by_way_of(self.platform.environment(service)[name], wire.port)
            with self.replaced(service, **{name: uri}):
                yield wire

    def wait(self, holds: Callable[[], bool], seconds: float = READY_SECONDS, what: str = "it") -> None:
        """Raises TimeoutError when it does not come about."""
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what} did not come about within {seconds} s")
            time.sleep(0.05)

    def forget_quarantine(self) -> None:
        """What a scenario's own poison left."""
        for name in self.mongo.list_database_names():
            if name.startswith("libranet_"):
                self.mongo[name].quarantine.delete_many({})

    def operate(self, *arguments: str) -> None:
        """`libranet`, of the present release, with the operator's account."""
        subprocess.run([str(Path(sys.executable).parent / "libranet"), *arguments], env=self.platform.environment(),
                       check=True, capture_output=True)

    def close(self) -> None:
        self.partner.close()
        self.mongo.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _by_way_of(uri: str, port: int) -> str:
    """The same address through another port; a database is not asked where else it lives."""
    parts = urlsplit(uri)
    user = parts.netloc.rpartition("@")[0]
    query = parts.query.replace("replicaSet=secantus", "directConnection=true")
    return urlunsplit(parts._replace(netloc=f"{user}@127.0.0.1:{port}", query=query))
