"""FastStream on aio-pika: a prefetch of 100, an acknowledgement each; its logger (two lines an event) is off."""

import asyncio
import os
from typing import Any

from faststream import FastStream
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue

from bench.meter import Meter

METER = Meter()
broker = RabbitBroker(os.environ["AMQP_URI"], default_channel=Channel(prefetch_count=100), logger=None)
QUEUE = RabbitQueue("bench.faststream", queue_type=QueueType.QUORUM, durable=True)


@broker.subscriber(QUEUE)
async def heard(_event: dict[str, Any]) -> None:
    METER.seen()


if __name__ == "__main__":
    asyncio.run(FastStream(broker, logger=None).run())
