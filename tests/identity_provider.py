"""An OpenID Connect provider that can be told to misbehave; it checks PKCE (RFC 7636) as a strict one does."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey


class IdentityProvider:
    """`claims`, `header`, `metadata` and `token` replace what it would say; None leaves a member out."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.token: dict[str, Any] = {}
        self.algorithm = "RS256"
        self.signs_with: Any = None
        self.asked: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.keys: list[RSAKey] = []
        self.rotate()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def rotate(self) -> None:
        """A new key; the ones before are gone."""
        self.keys = [RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig"}, private=True)]

    def sign_in(self, start: str, subject: str = "subject-1") -> dict[str, str]:
        """What a person does there: the query of the way back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(start).query).items()}
        code = secrets.token_urlsafe(8)
        self.codes[code] = {**asked, "sub": subject}
        return {"code": code, "state": asked["state"]}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked.append(self.path)
                pages = {"/.well-known/openid-configuration": provider._described, "/jwks": provider._public_keys}
                found = pages.get(self.path)
                self._say(200 if found else 404, found() if found else {})

            def do_POST(self) -> None:
                provider.asked.append(self.path)
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self._say(*provider._answer_token({name: each[0] for name, each in parse_qs(body).items()},
                                                  self.headers.get("Authorization", "")))

            def _say(self, status: int, body: Any) -> None:
                raw = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler

    def _described(self) -> dict[str, Any]:
        return known({"issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
                      "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/jwks", **self.metadata})

    def _public_keys(self) -> dict[str, Any]:
        return {"keys": [key.as_dict(private=False) for key in self.keys]}

    def _answer_token(self, body: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(body.get("code", ""), None)
        if asked is None or authorization != "Basic " + base64.b64encode(b"libranet:client-secret").decode():
            return 400, {"error": "invalid_grant"}
        challenge = base64.urlsafe_b64encode(hashlib.sha256(body.get("code_verifier", "").encode()).digest())
        if asked["code_challenge_method"] != "S256" or challenge.decode().rstrip("=") != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        if body["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        return 200, known({"access_token": "access", "token_type": "Bearer", "id_token": self._id_token(asked),
                           **self.token})

    def _id_token(self, asked: dict[str, str]) -> str:
        moment = int(time.time())
        claims = known({"iss": self.issuer, "sub": asked["sub"], "aud": asked["client_id"], "exp": moment + 300,
                        "iat": moment, "nonce": asked.get("nonce"), **self.claims})
        if self.algorithm == "none":
            return ".".join((encoded({"alg": "none"}), encoded(claims), ""))
        if self.algorithm == "HS256":  # signed with what everybody can read: the public key
            signed = ".".join((encoded({"alg": "HS256", "kid": self.keys[0].kid}), encoded(claims)))
            digest = hmac.digest(self.keys[0].as_pem(private=False), signed.encode(), "sha256")
            return f"{signed}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"
        key = self.signs_with or self.keys[0]
        return jwt.encode({"alg": self.algorithm, "kid": key.kid}, claims, key, algorithms=[self.algorithm])


def known(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def way_back(callback: str, came_back: dict[str, str]) -> str:
    return f"{urlsplit(callback).path}?{urlencode(came_back)}"


@contextmanager
def identity_provider() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    try:
        yield provider
    finally:
        provider.stop()
