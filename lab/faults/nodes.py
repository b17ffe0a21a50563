"""Faults of nodes."""

import asyncio
import random
import signal

from ..drill.scenario import ClusterScenario
from .fault import Promise, fault


@fault("kill -9 a node; it is back a second later")
async def kill(scenario: ClusterScenario) -> None:
    node = scenario.random_node()
    await asyncio.to_thread(node.stop, signal.SIGKILL)
    await asyncio.sleep(1)
    await asyncio.to_thread(node.start)


@fault("freeze a node for two seconds, or for longer than its clients wait")
async def freeze(scenario: ClusterScenario) -> None:
    node = scenario.random_node()
    node.send(signal.SIGSTOP)
    await asyncio.sleep(random.choice((2, 6)))  # noqa: S311
    node.send(signal.SIGCONT)


@fault("SIGTERM each node in turn, as a deploy does", promise=Promise(farewells=0.99))
async def roll(scenario: ClusterScenario) -> None:
    for node in scenario.nodes:
        await asyncio.to_thread(node.stop, signal.SIGTERM)
        await asyncio.to_thread(node.start)


@fault(
    "kill -9 every node at once, with many clients; all come back",
    name="herd",
    listeners=150,
    pace=1.0,
)
async def reconnect_storm(scenario: ClusterScenario) -> None:
    for node in scenario.nodes:
        node.send(signal.SIGKILL)
    for node in scenario.nodes:
        await asyncio.to_thread(node.stop, signal.SIGKILL)
    await asyncio.gather(*(asyncio.to_thread(node.start) for node in scenario.nodes))
