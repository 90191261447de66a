"""The gateway's own client of services: a signed principal, pooled connections, a deadline; threads share it."""

import os

import orjson

from bench.contenders.asked import COURSE, COURSE_ID, SCOPE
from bench.contenders.callers import Ask, ask_all
from contracts import principal
from gateway.principals import Signer, private_key
from gateway.services import Sent, Services

WHAT, CALLERS = os.environ["BENCH_WHAT"], int(os.environ["BENCH_CALLERS"])
SERVICES = Services({"learning": os.environ["LEARNING_URL"]}, places=CALLERS)
SIGNER = Signer(private_key)
WHO = principal.Principal("bench", "library", "demo.riverside", (SCOPE,))
TARGET = COURSE.path.replace("<course>", COURSE_ID) if WHAT == "course" else "/bench/nothing"


def ask() -> object:
    """One call; raises for anything but an answer."""
    headers = {principal.HEADER: SIGNER.token(WHO)}
    received = SERVICES.call(Sent("learning", "GET", TARGET, headers, repeatable=True))
    if received.status != 200:
        raise RuntimeError(received.body.decode())
    return orjson.loads(received.body)


def make() -> Ask:
    return ask


if __name__ == "__main__":
    ask_all(make, CALLERS)
