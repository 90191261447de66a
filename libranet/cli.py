"""`libranet`: one command line for operators and developers. Each part brings its own commands by entry points."""

import sys
import warnings
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec

import click
import structlog

warnings.filterwarnings("ignore", message=r"(?s).*Eventlet is deprecated")


class Commands(click.Group):
    """Commands of the group `libranet.commands`, loaded when they are asked for; those whose part is not installed
    (an image holds one service) are not there."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return sorted(each.name for each in entry_points(group="libranet.commands") if _is_here(each))

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        for each in filter(_is_here, entry_points(group="libranet.commands", name=name)):
            command: click.Command = each.load()
            return command
        return None


def _is_here(command: EntryPoint) -> bool:
    try:
        return find_spec(command.module) is not None
    except ModuleNotFoundError:  # not even its package
        return False


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="libranet")
def main() -> None:
    """Libranet: careers, learning and credentials for regional library consortia.

    Start with `libranet demo` (a walk through the main line) or `libranet run` (the platform on this machine).
    Everything else works on a platform that runs: on this machine's own (LIBRANET_HOME), or on the one that
    AMQP_URI and MONGO_URI name.
    """
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))  # what a command prints is its own
