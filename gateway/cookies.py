"""Two cookies: the session of a person at a browser, and a sign-in under way. Neither can be read by a script.

A session's cookie alone changes nothing unless the browser says that the request comes from our own pages: other
sites can make a browser send it, but cannot make it lie about where from.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Response

SESSION, FLOW = "libranet-session", "libranet-sign-in"
SAFE_METHODS = ("GET", "HEAD")


class Cookies:
    """Named and marked for the address that the outside sees. On https they are bound to this very host (`__Host-`)."""

    def __init__(self, public_url: str) -> None:
        self.base = public_url.rstrip("/")
        parts = urlsplit(self.base)
        self._own_origin = f"{parts.scheme}://{parts.netloc}"
        self._secure = parts.scheme == "https"

    def name_of(self, cookie: str) -> str:
        return f"__Host-{cookie}" if self._secure else cookie

    def find(self, cookies: Mapping[str, str], cookie: str) -> str | None:
        return cookies.get(self.name_of(cookie))

    def put(self, response: Response, cookie: str, value: str, seconds: int | None = None) -> None:
        """Until the browser closes, or for some seconds."""
        response.set_cookie(self.name_of(cookie), value, max_age=seconds, path="/", secure=self._secure, httponly=True,
                            samesite="Lax")

    def drop(self, response: Response, cookie: str) -> None:
        response.delete_cookie(self.name_of(cookie), path="/", secure=self._secure, httponly=True, samesite="Lax")

    def session_of(self, method: str, origin: str | None, cookies: Mapping[str, str]) -> str | None:
        """The session's token in a request of our own pages; None in any other that could change something. Every
        browser sends Origin with a change (Fetch, 3.2); ours is the address that the outside sees."""
        if method in SAFE_METHODS or self.is_own(origin):
            return self.find(cookies, SESSION)
        return None

    def is_own(self, origin: str | None) -> bool:
        """Whether a request comes from one of our own pages."""
        return origin == self._own_origin
