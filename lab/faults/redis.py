"""What can happen to Redis, and to the wires that lead there."""

import asyncio
import random
import signal

import redis

from ..drill.scenario import Site
from .fault import WITHOUT_HINTS, Promise, fault


# The longest comes first: side by side, the others are done meanwhile.
@fault(
    "Redis is gone for two minutes",
    pace=1.0,
    settle=3.0,
    promise=Promise(delivered=2.0, delivered_p99=1.0),
)
async def redis_gone(site: Site) -> None:
    await asyncio.to_thread(site.place.redis.stop, signal.SIGKILL)
    await asyncio.sleep(120)
    await asyncio.to_thread(site.place.redis.start)


@fault("Redis is restarted", promise=WITHOUT_HINTS)
async def redis_restart(site: Site) -> None:
    await asyncio.to_thread(site.place.redis.stop)
    await asyncio.to_thread(site.place.redis.start)


@fault("Redis is killed; back a second later", settle=1.5, promise=WITHOUT_HINTS)
async def redis_kill(site: Site) -> None:
    await asyncio.to_thread(site.place.redis.stop, signal.SIGKILL)
    await asyncio.sleep(1)
    await asyncio.to_thread(site.place.redis.start)


@fault("Redis hangs up on all subscribers", promise=WITHOUT_HINTS)
async def redis_hangs_up(site: Site) -> None:
    with redis.Redis.from_url(site.place.redis.url) as client:
        await asyncio.to_thread(client.execute_command, "CLIENT", "KILL", "TYPE", "pubsub")


@fault("Redis answers nothing for three seconds", settle=1.5, promise=WITHOUT_HINTS)
async def redis_pause(site: Site) -> None:
    with redis.Redis.from_url(site.place.redis.url) as client:
        await asyncio.to_thread(client.execute_command, "CLIENT", "PAUSE", "3000", "ALL")
    await asyncio.sleep(3)


@fault(
    "the wire from one node to Redis swallows everything for six seconds",
    settle=2.5,
    promise=Promise(delivered=3.5),
)
async def partition(site: Site) -> None:
    node = site.any_node()
    node.proxy.silent = True
    await asyncio.sleep(6)
    node.proxy.silent = False


@fault(
    "hints are lost (one in ten), doubled, late and out of order for four seconds",
    promise=WITHOUT_HINTS,
)
async def chaos(site: Site) -> None:
    for node in site.nodes:
        node.proxy.chaotic = True
    await asyncio.sleep(4)
    for node in site.nodes:
        node.proxy.chaotic = False


@fault(
    "the last hint of each of a thousand rooms is lost, then silence",
    rooms=1000,
    pace=0.0,
    promise=WITHOUT_HINTS,
)
async def last_publish(site: Site) -> None:
    for node in site.nodes:
        node.proxy.drops_rooms = True
    # Two share a room, and they are on different nodes.
    for pair in zip(site.clients[::2], site.clients[1::2], strict=True):
        speaker = random.choice(pair)  # noqa: S311
        for room in speaker.rooms:
            speaker.talk.say(room, f"the last word in {room}")
    await site.until(lambda: not any(client.talk.unsent for client in site.clients))
    site.mended_now()
    await site.converge()
    for node in site.nodes:
        node.proxy.drops_rooms = False
