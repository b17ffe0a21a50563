"""Failover to a copy of the data that lacks the end of the log: what a lagging replica leaves."""

import asyncio
import random
import shutil
import signal
from pathlib import Path

import psycopg

from ..checker.records import Restored, now
from ..kit import servers
from .scenario import Site


async def lose_the_end(site: Site, *, new_epoch: bool) -> None:
    postgres, copy = site.place.postgres, site.folder / "copy"
    await asyncio.to_thread(postgres.stop)
    await asyncio.to_thread(_copy_data, postgres, copy)
    await asyncio.to_thread(postgres.start)
    # What is said from here on will be lost.
    await asyncio.sleep(random.uniform(1.0, 3.0))  # noqa: S311
    site.fell_now()
    await asyncio.to_thread(postgres.stop, signal.SIGQUIT)
    await asyncio.to_thread(_put_back, site, new_epoch)
    await asyncio.to_thread(postgres.start)


def _put_back(site: Site, new_epoch: bool) -> None:
    postgres = site.place.postgres
    data = postgres.data
    data.rename(site.folder / "lost")
    (site.folder / "copy").rename(data)
    # Looked at where no node can write yet.
    aside = postgres.aside()
    aside.start()
    if new_epoch:
        with psycopg.connect(aside.url) as connection:
            connection.execute("UPDATE chat_roomhead SET epoch = left(md5(random()::text), 8)")
    for room, end in site.place.heads(site.rooms, aside.url).items():
        site.note(Restored(t=now(), actor="nemesis", room=room, epoch=end.epoch, head=end.seq))
    aside.stop()
    shutil.rmtree(site.folder / "lost")


def _copy_data(postgres: servers.Postgres, copy: Path) -> None:
    """While it is stopped."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(postgres.data, copy)
