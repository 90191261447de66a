"""The gateway's figures at /metrics. Labels are route templates, services and reasons: never an id."""

from flask import Flask, Response, request
from prometheus_client import Counter, Gauge, Histogram

from gateway import tracing
from libranet.metrics import from_zero

REQUEST_SECONDS = Histogram(
    "libranet_gateway_request_seconds", "One request, from its head to its answer", ["method", "route", "status"],
    buckets=(0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10))
SERVICE_FAILURES = Counter("libranet_gateway_service_failures_total", "Calls that a service did not answer",
                           ["service", "reason"])
APP_TOKENS_REUSED = Counter("libranet_gateway_app_tokens_reused_total", "Codes and refresh tokens of apps that were "
                            "shown again after their use", ["kind"])
IN_FLIGHT = Gauge("libranet_gateway_calls_in_flight", "Calls that wait for a service", ["service"])
CODE, REFRESH_TOKEN = "code", "refresh token"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
from_zero(APP_TOKENS_REUSED, (CODE, REFRESH_TOKEN))


def install(app: Flask) -> None:
    app.after_request(_observe)


def _observe(response: Response) -> Response:
    method = request.method if request.method in METHODS else "other"
    REQUEST_SECONDS.labels(method, tracing.route(), str(response.status_code)).observe(tracing.seconds())
    return response
