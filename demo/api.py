"""The public API as a client sees it: one key, JSON in and out (files in), problems shown in words."""

import json
from typing import Any

import urllib3

DEADLINE_SECONDS = 15


class StepFailed(Exception):
    """A step of the walk did not hold; the text says what was expected and what came."""


class Client:
    """One API client of the gateway."""

    def __init__(self, gateway: str, key: str = "") -> None:
        self._gateway = gateway
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._pool = urllib3.PoolManager(timeout=DEADLINE_SECONDS, retries=False)

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        """The answer's JSON; raises StepFailed with the problem's own words for anything but 2xx."""
        response = self.raw(method, path, body, headers)
        if not 200 <= response.status < 300:
            raise StepFailed(f"{method} {path} answered {response.status}: {_words(response.data)}")
        return json.loads(response.data) if response.data else None

    def raw(self, method: str, path: str, body: Any = None,
            headers: dict[str, str] | None = None) -> urllib3.BaseHTTPResponse:
        """The response as it came."""
        url = path if path.startswith("http") else self._gateway + path
        sent = {**self._headers, **(headers or {})}
        if body is not None:
            is_file = isinstance(body, bytes)
            sent.setdefault("Content-Type", "application/octet-stream" if is_file else "application/json")
            body = body if is_file else json.dumps(body).encode()
        return self._pool.request(method, url, body=body, headers=sent)


def _words(data: bytes) -> str:
    try:
        problem = json.loads(data)
        return f"{problem.get('title')}: {problem.get('detail')} {problem.get('errors', '')}"
    except (ValueError, AttributeError):
        return data[:300].decode(errors="replace")
