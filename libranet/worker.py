"""Runs a service's method as a nameko worker and waits for it: what calls and hearers have in common.

What the method raises is raised here as an Exception: nameko takes nothing else for a method's end, so that a
SystemExit would end the process and a Timeout of eventlet leave the caller waiting for ever.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from eventlet.event import Event as Done
from eventlet.support.greenlets import GreenletExit
from nameko.extensions import Entrypoint


class Broke(Exception):
    """A method ended by something that is no Exception."""


def contained(method: Callable[..., Any]) -> Callable[..., Any]:
    """The method, raising `Broke` in place of what is no Exception; GreenletExit passes, as containers kill with it."""
    @wraps(method)
    def run(*arguments: Any, **named: Any) -> Any:
        try:
            return method(*arguments, **named)
        except (Exception, GreenletExit):
            raise
        except BaseException as error:
            raise Broke(f"{type(error).__name__}: {error}") from error
    return run


class Awaited(Entrypoint):
    """An entrypoint that waits for what its method gives."""

    @classmethod
    def decorator(cls, *arguments: Any, **named: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        register = super().decorator(*arguments, **named)
        return lambda method: register(contained(method))

    def run_method(self, *arguments: Any) -> Any:
        """What the method gives; raises what it raises."""
        done = Done()

        def handle_result(_context: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
            if exc_info is None:
                done.send(result)
            else:
                done.send_exception(*exc_info)
            return result, exc_info

        self.container.spawn_worker(self, arguments, {}, handle_result=handle_result)
        return done.wait()
