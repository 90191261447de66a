"""Structured logs: one JSON object a line on standard output; a fixed sentence plus fields. Ids only, never people."""

import logging
import sys
from typing import Any

import structlog

from libranet import settings

QUIET = ("nameko", "amqp", "kombu", "pymongo", "urllib3", "werkzeug")
"""Libraries that are heard from warnings on."""


def configure(process: str) -> None:
    """Routes structlog and the standard library's logging to JSON lines; `process` is on every line."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(), wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _named(process),
                    structlog.processors.JSONRenderer()],
    ))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.get("LOG_LEVEL", "INFO"))
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("nameko.containers").addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    """nameko writes a traceback for every refusal; its caller gets it as a problem, and it is nobody's fault."""
    return not record.getMessage().startswith("(expected)")


def _named(process: str) -> Any:
    def add(_logger: Any, _method: str, fields: dict[str, Any]) -> dict[str, Any]:
        return {"process": process, **fields}
    return add


def log() -> Any:
    """A logger: `log().info("relayed facts", count=3)`."""
    return structlog.get_logger()
