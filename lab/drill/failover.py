"""Failover to a copy of the data that lacks the end of the log: what a lagging replica leaves."""

import asyncio
import random
import shutil
import signal
from pathlib import Path

import psycopg

from ..checker.records import Restored, now
from ..kit import servers
from .scenario import ClusterScenario


async def lose_the_end(scenario: ClusterScenario, *, new_epoch: bool) -> None:
    postgres, copy = scenario.deployment.postgres, scenario.folder / "copy"
    await asyncio.to_thread(postgres.stop)
    await asyncio.to_thread(_copy_data, postgres, copy)
    await asyncio.to_thread(postgres.start)
    # Messages from here on will be lost.
    await asyncio.sleep(random.uniform(1.0, 3.0))  # noqa: S311
    scenario.mark_injected()
    await asyncio.to_thread(postgres.stop, signal.SIGQUIT)
    await asyncio.to_thread(_put_back, scenario, new_epoch)
    await asyncio.to_thread(postgres.start)


def _put_back(scenario: ClusterScenario, new_epoch: bool) -> None:
    postgres = scenario.deployment.postgres
    data = postgres.data
    data.rename(scenario.folder / "lost")
    (scenario.folder / "copy").rename(data)
    # On a port that no node knows, so that nothing is written yet.
    aside = postgres.aside()
    aside.start()
    if new_epoch:
        with psycopg.connect(aside.url) as connection:
            connection.execute("UPDATE chat_roomhead SET epoch = left(md5(random()::text), 8)")
    for room, end in scenario.deployment.heads(scenario.rooms, aside.url).items():
        scenario.record(
            Restored(t=now(), actor="nemesis", room=room, epoch=end.epoch, head=end.seq)
        )
    aside.stop()
    shutil.rmtree(scenario.folder / "lost")


def _copy_data(postgres: servers.Postgres, copy: Path) -> None:
    """PostgreSQL must be stopped."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(postgres.data, copy)
