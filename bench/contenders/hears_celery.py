"""Celery: late acknowledgement, a prefetch of 100, the `solo` pool (no thread or process between)."""

import os
from typing import Any

from celery import Celery
from kombu import Queue

from bench.meter import Meter

METER = Meter()
QUEUE = "bench.celery"

app = Celery("bench", broker=os.environ["AMQP_URI"])
app.conf.update(
    task_queues=[Queue(QUEUE, queue_arguments={"x-queue-type": "quorum"})], task_default_queue=QUEUE,
    task_acks_late=True, task_ignore_result=True, worker_prefetch_multiplier=100, worker_send_task_events=False)


@app.task(name="bench.heard")
def heard(_event: dict[str, Any]) -> None:
    METER.seen()


if __name__ == "__main__":
    app.worker_main(["worker", "--pool=solo", "--concurrency=1", "--loglevel=ERROR", "--without-gossip",
                     "--without-mingle", "--without-heartbeat"])
