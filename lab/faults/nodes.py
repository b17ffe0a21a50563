"""What can happen to nodes."""

import asyncio
import random
import signal

from ..drill.scenario import Site
from .fault import Promise, fault


@fault("kill -9 a node; it is back a second later")
async def kill(site: Site) -> None:
    node = site.any_node()
    await node.stop(signal.SIGKILL)
    await asyncio.sleep(1)
    await node.start()


@fault("freeze a node for two seconds, or for longer than its clients wait")
async def freeze(site: Site) -> None:
    node = site.any_node()
    node.send(signal.SIGSTOP)
    await asyncio.sleep(random.choice((2, 6)))  # noqa: S311
    node.send(signal.SIGCONT)


@fault("SIGTERM each node in turn, as a deploy does", promise=Promise(farewells=0.99))
async def roll(site: Site) -> None:
    for node in site.nodes:
        await node.stop(signal.SIGTERM)
        await node.start()


@fault("kill -9 every node at once, with many clients; all come back", listeners=150, pace=1.0)
async def herd(site: Site) -> None:
    for node in site.nodes:
        node.send(signal.SIGKILL)
    for node in site.nodes:
        await node.stop(signal.SIGKILL)
    await asyncio.gather(*(node.start() for node in site.nodes))
