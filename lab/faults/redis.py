"""Faults of Redis, and of the connections to it."""

import asyncio
import random
import signal

import redis

from ..drill.scenario import ClusterScenario
from .fault import WITHOUT_HINTS, Promise, fault


# The longest is first in the list, so that drills side by side end sooner.
@fault(
    "Redis is gone for two minutes",
    pace=1.0,
    settle=3.0,
    promise=Promise(delivered=2.0, delivered_p99=1.0),
)
async def redis_gone(scenario: ClusterScenario) -> None:
    await asyncio.to_thread(scenario.deployment.redis.stop, signal.SIGKILL)
    await asyncio.sleep(120)
    await asyncio.to_thread(scenario.deployment.redis.start)


@fault("Redis is restarted", promise=WITHOUT_HINTS)
async def redis_restart(scenario: ClusterScenario) -> None:
    await asyncio.to_thread(scenario.deployment.redis.stop)
    await asyncio.to_thread(scenario.deployment.redis.start)


@fault("Redis is killed; back a second later", settle=1.5, promise=WITHOUT_HINTS)
async def redis_kill(scenario: ClusterScenario) -> None:
    await asyncio.to_thread(scenario.deployment.redis.stop, signal.SIGKILL)
    await asyncio.sleep(1)
    await asyncio.to_thread(scenario.deployment.redis.start)


@fault("Redis hangs up on all subscribers", promise=WITHOUT_HINTS)
async def redis_hangs_up(scenario: ClusterScenario) -> None:
    with redis.Redis.from_url(scenario.deployment.redis.url) as client:
        await asyncio.to_thread(client.execute_command, "CLIENT", "KILL", "TYPE", "pubsub")


@fault("Redis answers nothing for three seconds", settle=1.5, promise=WITHOUT_HINTS)
async def redis_pause(scenario: ClusterScenario) -> None:
    with redis.Redis.from_url(scenario.deployment.redis.url) as client:
        await asyncio.to_thread(client.execute_command, "CLIENT", "PAUSE", "3000", "ALL")
    await asyncio.sleep(3)


@fault(
    "the connection from one node to Redis swallows everything for six seconds",
    settle=2.5,
    promise=Promise(delivered=3.5),
)
async def partition(scenario: ClusterScenario) -> None:
    proxy = random.choice(scenario.deployment.proxies)  # noqa: S311
    proxy.silent = True
    await asyncio.sleep(6)
    proxy.silent = False


@fault(
    "hints are lost (one in ten), doubled, late and out of order for four seconds",
    promise=WITHOUT_HINTS,
)
async def chaos(scenario: ClusterScenario) -> None:
    for proxy in scenario.deployment.proxies:
        proxy.chaotic = True
    await asyncio.sleep(4)
    for proxy in scenario.deployment.proxies:
        proxy.chaotic = False


@fault(
    "the last hint of each of a thousand rooms is lost, then silence",
    rooms=1000,
    pace=0.0,
    promise=WITHOUT_HINTS,
)
async def last_publish(scenario: ClusterScenario) -> None:
    for proxy in scenario.deployment.proxies:
        proxy.drops_rooms = True
    # The two clients of a pair share rooms, and are on different nodes.
    for pair in zip(scenario.clients[::2], scenario.clients[1::2], strict=True):
        sender = random.choice(pair)  # noqa: S311
        for room in sender.rooms:
            sender.outbox.say(room, f"the last word in {room}")
    await scenario.wait_until(lambda: not any(client.outbox.unsent for client in scenario.clients))
    scenario.mark_healed()
    await scenario.converge()
    for proxy in scenario.deployment.proxies:
        proxy.drops_rooms = False
