"""Runs drills: one cluster for all of them, new rooms and people for each."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from .cluster import Cluster, cluster
from .history import History
from .nemesis import Fault
from .site import Site
from .verdict import Verdict, verdict_on


async def drills(
    faults: Sequence[Fault],
    *,
    nodes: int,
    clients: int,
    seconds: float = 20,
    injections: int = 0,
    keep: Path | None = None,
) -> AsyncIterator[Verdict]:
    """One drill for each fault: `injections` blows, or as many as begin within `seconds`."""
    rooms = sum(fault.rooms for fault in faults)
    members = sum(clients + fault.listeners for fault in faults)
    with tempfile.TemporaryDirectory(prefix="chatroom-drill-") as temporary:
        folder = keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        async with cluster(folder, nodes=nodes, rooms=rooms, members=members) as place:
            for number, fault in enumerate(faults, 1):
                history = folder / f"{number:02}-{fault.name}"
                history.mkdir()
                yield await _drill(place, fault, history, clients, seconds, injections)


async def _drill(
    place: Cluster, fault: Fault, folder: Path, clients: int, seconds: float, injections: int
) -> Verdict:
    site = Site(place, folder, place.take_rooms(fault.rooms))
    site.invite(clients - fault.narrow, fault.pace, "client", fault.body_size)
    site.invite(fault.listeners, 0, "listener")
    site.invite(fault.narrow, 0, "narrow", receive_buffer=4096)
    await site.until_all_here()
    await asyncio.sleep(1)
    deadline = time.monotonic() + seconds
    while not site.injections or (
        len(site.injections) < injections if injections else time.monotonic() < deadline
    ):
        await site.strike(fault.name, fault.blow)
        await site.until_all_here()
        await asyncio.sleep(fault.settle)
        await site.spread()
    await site.fall_quiet()
    await site.close()
    return await asyncio.to_thread(lambda: verdict_on(site, fault.name, History.read(folder)))
