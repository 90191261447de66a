"""The partner whose webhooks end the line: notes what came and when, and may be slow, talk nonsense or lead astray."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = tuple[int, dict[str, str], bytes]
TAKEN: Answer = (204, {}, b"")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Who delivers hangs up on an answer that it cannot read; what came is counted all the same."""


class Partner:
    """`arrived`: by public id of a credential, when it first came; `webhooks`: under which ids. `behave` gives the
    answer; what is not answered by 2xx did not arrive."""

    def __init__(self) -> None:
        self.arrived: dict[str, float] = {}
        self.webhooks: dict[str, set[str]] = {}
        self.behave: Callable[[], Answer] = lambda: TAKEN
        partner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, headers, said = partner.behave()
                if 200 <= status < 300:
                    partner.take(json.loads(body), self.headers["webhook-id"])
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(said))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: object) -> None:
                """The report tells what matters."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/faults"

    def take(self, event: dict[str, dict[str, str]], webhook: str) -> None:
        """One delivery."""
        public_id = event["data"]["public_id"]
        self.arrived.setdefault(public_id, time.monotonic())
        self.webhooks.setdefault(public_id, set()).add(webhook)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
