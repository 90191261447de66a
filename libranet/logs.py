"""Structured logs: one JSON object a line on standard output; a fixed sentence plus fields. Ids only, never people."""

import logging
import sys
import traceback
from typing import Any

import structlog
from pymongo.errors import PyMongoError

from libranet import settings

QUIET = ("nameko", "amqp", "kombu", "pymongo", "urllib3", "werkzeug", "fontTools", "fpdf")
"""Libraries that are heard from warnings on."""


def configure(process: str) -> None:
    """Routes structlog and the standard library's logging to JSON lines; `process` is on every line."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _traceback,
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
    logging.captureWarnings(True)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.get("LOG_LEVEL", "INFO"))
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("nameko.containers").addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    """nameko writes a traceback for every refusal; its caller gets it as a problem, and it is nobody's fault."""
    return not record.getMessage().startswith("(expected)")


def words_of(error: BaseException) -> str:
    """What a log line may say of an error: a database's own words can hold the document, so only its kind and code."""
    if isinstance(error, PyMongoError):
        return f"{type(error).__name__} {getattr(error, 'code', None) or ''}".strip()
    return f"{type(error).__name__}: {str(error)[:200]}"


def _traceback(_logger: Any, _method: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Where an exception came from, and its words as `words_of` allows them."""
    found = fields.pop("exc_info", None)
    error = sys.exc_info()[1] if found is True else found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        fields["exception"] = "".join(traceback.format_tb(error.__traceback__)) + words_of(error)
    return fields


def _named(process: str) -> Any:
    def add(_logger: Any, _method: str, fields: dict[str, Any]) -> dict[str, Any]:
        return {"process": process, **fields}
    return add


def log() -> Any:
    """A logger: `log().info("relayed facts", count=3)`."""
    return structlog.get_logger()
