"""Faults of PostgreSQL, and of the log in it."""

import asyncio
import signal

import psycopg

from ..drill.failover import lose_the_end
from ..drill.scenario import ClusterScenario
from .fault import fault


@fault("PostgreSQL is restarted without being asked (immediate), and recovers")
async def pg_restart(scenario: ClusterScenario) -> None:
    await asyncio.to_thread(scenario.deployment.postgres.stop, signal.SIGQUIT)
    await asyncio.to_thread(scenario.deployment.postgres.start)


@fault("PostgreSQL is gone for twenty seconds")
async def pg_gone(scenario: ClusterScenario) -> None:
    await asyncio.to_thread(scenario.deployment.postgres.stop, signal.SIGQUIT)
    await asyncio.sleep(20)
    await asyncio.to_thread(scenario.deployment.postgres.start)


@fault("PostgreSQL ends every connection")
async def pg_terminate(scenario: ClusterScenario) -> None:
    def terminate() -> None:
        with psycopg.connect(scenario.deployment.postgres.url) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )

    await asyncio.to_thread(terminate)


@fault("a stranger holds the head row of a room for three seconds")
async def lock(scenario: ClusterScenario) -> None:
    with psycopg.connect(scenario.deployment.postgres.url) as connection:
        await asyncio.to_thread(
            connection.execute,
            "SELECT 1 FROM chat_roomhead JOIN chat_room r ON r.id = room_id WHERE key = %s"
            " FOR UPDATE",
            [scenario.rooms[0]],
        )
        await asyncio.sleep(3)
        connection.rollback()


@fault("failover to a copy that lacks the end of the log; nobody says so")
async def failover(scenario: ClusterScenario) -> None:
    await lose_the_end(scenario, new_epoch=False)


@fault("the same, by an operator who starts a new epoch")
async def failover_new_epoch(scenario: ClusterScenario) -> None:
    await lose_the_end(scenario, new_epoch=True)
