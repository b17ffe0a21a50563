"""Two faults at once."""

import asyncio
import random

from ..drill.scenario import ClusterScenario
from .fault import Inject, fault
from .nodes import freeze, kill
from .postgres import lock, pg_restart, pg_terminate
from .redis import chaos, partition, redis_hangs_up, redis_kill, redis_pause, redis_restart

# Two faults of one kind would disturb each other.
KINDS: list[list[Inject]] = [
    [kill, freeze],
    [redis_restart, redis_kill, redis_hangs_up, redis_pause, partition, chaos],
    [pg_restart, pg_terminate, lock],
]


@fault("two of these at once: a node, Redis, PostgreSQL; each in a way of its own", settle=1.5)
async def two(scenario: ClusterScenario) -> None:
    first, second = random.sample(KINDS, 2)
    await asyncio.gather(random.choice(first)(scenario), random.choice(second)(scenario))  # noqa: S311
