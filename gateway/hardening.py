"""Headers that every response carries, so that a browser never takes an answer for something else."""

import base64
import hashlib

from flask import Flask, Response, request

NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)
"""Unless the page says otherwise."""
XAPI_VERSION = "1.0.3"


def install(app: Flask) -> None:
    app.after_request(_harden)


def policy(style: str, forms: str = "'none'") -> str:
    """The Content-Security-Policy of a page that may load nothing but its own style, named by its hash; `forms` says
    where its forms may be sent."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action {forms}; "
            "frame-ancestors 'none'")


def _harden(response: Response) -> Response:
    for name, value in HEADERS:
        response.headers.setdefault(name, value)
    if "Content-Security-Policy" not in response.headers:
        response.headers["Content-Security-Policy"] = NOTHING
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    if request.path.startswith("/xAPI/"):
        # xAPI 1.0.3, Communication 3.3: the version is in every response, also in ours about a wrong key
        response.headers.setdefault("X-Experience-API-Version", XAPI_VERSION)
    if request.method == "OPTIONS" and response.status_code == 200:
        response.status_code = 204
        del response.headers["Content-Type"]
    return response
