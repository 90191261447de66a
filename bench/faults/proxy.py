"""A wire that can be made slow, cut, or half-open: a TCP proxy on loopback, in front of a broker or a database."""

import socket
import threading
import time
from contextlib import suppress
from typing import Self

CHUNK = 65_536
GOOD, CUT, HALF_OPEN = "good", "cut", "half-open"


class Wire:
    """`port` leads to `target`. `mode`: good; cut (what is open is reset, what comes is refused); half-open (everything
    stays open and nothing arrives). `delay_seconds` holds each piece back."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._ends: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.mode, self.delay_seconds = GOOD, 0.0
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()
        self._listener.close()

    def cut(self) -> None:
        """Both sides learn of it at once."""
        self.mode = CUT
        for each in list(self._ends):
            _reset(each)

    def half_open(self) -> None:
        """Neither side learns of it."""
        self.mode = HALF_OPEN

    def mend(self) -> None:
        """New connections get through. What stood half-open is reset, as by a router that came back without memory."""
        was, self.mode, self.delay_seconds = self.mode, GOOD, 0.0
        if was == HALF_OPEN:
            for each in list(self._ends):
                _reset(each)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self.mode == CUT:
                _reset(near)
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                _reset(near)
                continue
            self._ends |= {near, far}
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(CHUNK):
                time.sleep(self.delay_seconds)
                while self.mode == HALF_OPEN:
                    time.sleep(0.05)
                sink.sendall(piece)
        for each in (source, sink):
            self._ends.discard(each)
            _reset(each)


def _reset(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
