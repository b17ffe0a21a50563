"""Two faults at once."""

import asyncio
import random

from ..drill.scenario import Site
from .fault import Blow, fault
from .nodes import freeze, kill
from .postgres import lock, pg_restart, pg_terminate
from .redis import chaos, partition, redis_hangs_up, redis_kill, redis_pause, redis_restart

# Two of one kind would be in each other's way.
KINDS: list[list[Blow]] = [
    [kill, freeze],
    [redis_restart, redis_kill, redis_hangs_up, redis_pause, partition, chaos],
    [pg_restart, pg_terminate, lock],
]


@fault("two of these at once: a node, Redis, PostgreSQL; each in a way of its own", settle=1.5)
async def two(site: Site) -> None:
    first, second = random.sample(KINDS, 2)
    await asyncio.gather(random.choice(first)(site), random.choice(second)(site))  # noqa: S311
