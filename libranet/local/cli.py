"""`libranet run | stop | status`: the whole platform on this machine."""

import shlex
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

from libranet.local.machine import Platform
from libranet.local.parts import EXTERNAL, PARTS
from libranet.local.refusals import CannotStart, NotRunning

LOOK_SECONDS = 1.0
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@click.command()
@click.option("--stores", is_flag=True, help="Run broker and database alone, as `libranet restore` needs them.")
def run(stores: bool) -> None:
    """Run the whole platform in the foreground until Ctrl-C.

    Starts a private broker and database (or uses AMQP_URI and MONGO_URI), the services and the gateway, starts again
    what dies, and stops everything at the end. GATEWAY_PORT chooses the gateway's port, LIBRANET_HOME the directory
    that holds data, logs and secrets.
    """
    platform = Platform(parts=EXTERNAL if stores else PARTS)
    click.echo(f"Starting Libranet in {platform.home.path}")
    try:
        with _ending_signals_raise():
            platform.start(_say_ready)
            (_say_what_for if stores else _say_where)(platform)
            _watch(platform)
    except CannotStart as refusal:
        raise click.ClickException(str(refusal)) from refusal
    except KeyboardInterrupt:
        _stop_in_peace(platform)


@click.command()
def stop() -> None:
    """Stop the platform that runs from LIBRANET_HOME; succeeds when none runs."""
    platform = Platform()
    began = time.monotonic()
    if platform.stop():
        click.echo(f"Stopped after {time.monotonic() - began:.1f} s.")
    else:
        click.echo(f"Nothing runs from {platform.home.path}.")


@click.command()
def status() -> None:
    """List each process with its id, state and port; exits 1 when none runs."""
    try:
        rows = Platform().status()
    except NotRunning as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"{'process':<14}{'pid':>8}  {'state':<10}{'port':>6}")
    for row in rows:
        click.echo(f"{row['name']:<14}{row['pid'] or '-':>8}  {row['state']:<10}{row['port'] or '-':>6}")


def _say_ready(part: str, seconds: float) -> None:
    click.echo(f"  {part:<14}ready after {seconds:4.1f} s")


def _say_where(platform: Platform) -> None:
    gateway = platform.urls["gateway"]
    click.echo(
        f"Libranet runs.\n"
        f"  gateway       {gateway}\n"
        f"  documentation {gateway}/docs\n"
        f"  logs          {platform.home.logs}\n"
        f"  processes     libranet status\n"
        f"  stop          Ctrl-C here, or `make stop` anywhere"
    )


def _say_what_for(platform: Platform) -> None:
    home = f"LIBRANET_HOME={shlex.quote(str(platform.home.path))}"
    click.echo(
        f"Broker and database run, and nothing else. In another terminal:\n"
        f"  restore       {home} libranet restore FILE\n"
        f"  stop          {home} libranet stop, or Ctrl-C here\n"
        f"  then start    {home} make run"
    )


def _watch(platform: Platform) -> None:
    """Tell of every process that was started again; returns when the platform ended, raises when it broke."""
    pids: dict[str, int] = {}
    while platform.running():
        time.sleep(LOOK_SECONDS)
        try:
            now = {row["name"]: row["pid"] for row in platform.status() if row["pid"]}
        except NotRunning:  # it is ending
            continue
        for name, pid in now.items():
            if pids.get(name, pid) != pid:
                click.echo(f"  {name} ended and was started again (process {pid}); see {platform.log(name)}")
        pids |= now
    if platform.stop():
        raise CannotStart(f"The supervisor ended; see {platform.log('supervisor')}. Everything was stopped.")
    click.echo("The platform was stopped.")


def _stop_in_peace(platform: Platform) -> None:
    for number in ENDING_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    click.echo("\nStopping; services finish what they hold.")
    platform.stop()
    click.echo("Stopped.")


@contextmanager
def _ending_signals_raise() -> Iterator[None]:
    """SIGTERM and a closed terminal end the platform as Ctrl-C does."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in ENDING_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
