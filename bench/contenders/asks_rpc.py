"""nameko's client from outside, `ClusterRpcProxy`: one a thread, as it is not to be shared, and kept."""

import os

from nameko.standalone.rpc import ClusterRpcProxy

from bench.contenders.asked import COURSE_ID
from bench.contenders.callers import Ask, ask_all

CONFIG = {"AMQP_URI": os.environ["AMQP_URI"]}
WHAT, CALLERS = os.environ["BENCH_WHAT"], int(os.environ["BENCH_CALLERS"])


def make() -> Ask:
    peer = ClusterRpcProxy(CONFIG, timeout=30).start().peer
    return (lambda: peer.course(COURSE_ID)) if WHAT == "course" else peer.nothing


if __name__ == "__main__":
    ask_all(make, CALLERS)
    os._exit(0)  # the proxies' sockets need no goodbye
