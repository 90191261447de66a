"""The partner college's webhook receiver: takes a delivery on loopback and checks its signature as a stranger would."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

MAX_BODY_BYTES = 64 * 1024
SECRET_SECONDS = 5


class Receiver:
    """An HTTP server on a free loopback port; `wait_for` gives the first verified event of a type."""

    def __init__(self) -> None:
        self.subscription = ""
        self.deliveries: list[dict[str, Any]] = []
        self._secret = ""
        self._arrived = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), MAX_BODY_BYTES))
                self.send_response(receiver.take(body, dict(self.headers)))
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Quiet: the demo prints what matters."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/libranet"

    @property
    def secret(self) -> str:
        return self._secret

    @secret.setter
    def secret(self, secret: str) -> None:
        with self._arrived:
            self._secret = secret
            self._arrived.notify_all()

    def take(self, body: bytes, headers: dict[str, str]) -> int:
        """204 for a delivery whose signature holds, 400 for any other. One that comes before the answer with the secret
        waits for that."""
        lowered = {name.lower(): value for name, value in headers.items()}
        with self._arrived:
            self._arrived.wait_for(lambda: self._secret, SECRET_SECONDS)
        try:
            Webhook(self.secret).verify(body, lowered)
            verified = True
        except (WebhookVerificationError, ValueError):
            verified = False
        with self._arrived:
            self.deliveries.append({
                "verified": verified, "secret": self.secret, "payload": body.decode(), "body": json.loads(body),
                "headers": {name: value for name, value in lowered.items() if name.startswith("webhook-")}})
            self._arrived.notify_all()
        return 204 if verified else 400

    def wait_for(self, type_part: str, timeout_seconds: float) -> dict[str, Any] | None:
        """The first verified delivery whose event type contains `type_part`."""
        with self._arrived:
            self._arrived.wait_for(lambda: self._find(type_part) is not None, timeout_seconds)
            return self._find(type_part)

    def _find(self, type_part: str) -> dict[str, Any] | None:
        return next((each for each in self.deliveries
                     if each["verified"] and type_part in each["body"].get("type", "")), None)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
