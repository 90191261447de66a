"""Reads what an answered request still sends, so that its caller hears the answer and not a broken connection.

A server that answers and closes while a body is on its way resets the connection; most clients then never read the
answer. Bounded in bytes and time: whoever sends more, drips, or has stopped sending is cut off.
"""

import time

from flask import Flask, Response, request

from gateway.refusals import SentTooSlowly

MOST_BYTES = 64 * 2**20
SECONDS = 2.0
PIECE_BYTES = 2**16


def install(app: Flask) -> None:
    app.after_request(_read)


def _read(response: Response) -> Response:
    length = request.content_length
    if (length or 0) > MOST_BYTES or response.status_code == SentTooSlowly.status:
        response.headers["Connection"] = "close"
        return response
    if length is None and not _is_chunked():
        return response
    body, deadline, seen = request.environ["wsgi.input"], time.monotonic() + SECONDS, 0
    try:
        while seen < MOST_BYTES and time.monotonic() < deadline and (piece := body.read(PIECE_BYTES)):
            seen += len(piece)
    except Exception:  # noqa: BLE001, S110 - it broke off, or was never framed right: its refusal is written already
        pass
    return response


def _is_chunked() -> bool:
    return bool(request.environ.get("wsgi.input_terminated"))
