"""Runs drills: on one cluster one after the other, or side by side on clusters of their own."""

import asyncio
import multiprocessing
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import django

from ..checker.history import History
from ..faults import FAULTS, Fault
from ..kit.launcher import LocalDeployment, cluster
from .drill_report import verdict_on
from .scenario import ClusterScenario
from .verdict import DrillVerdict


@dataclass(frozen=True)
class DrillPlan:
    """How long, with how many: `injections` of each fault, or as many as begin in `seconds`."""

    nodes: int = 2
    clients: int = 20
    seconds: float = 20
    injections: int = 0
    keep: Path | None = None


def side_by_side(names: Sequence[str], plan: DrillPlan, at_once: int) -> Iterator[DrillVerdict]:
    """One drill for each of these faults, each on a cluster and in a process of its own."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(at_once, spawn, initializer=django.setup) as pool:
        for done in as_completed([pool.submit(_one, name, plan) for name in names]):
            yield done.result()


def _one(name: str, plan: DrillPlan) -> DrillVerdict:
    async def run() -> DrillVerdict:
        [verdict] = [verdict async for verdict in drills([FAULTS[name]], plan)]
        return verdict

    return asyncio.run(run())


async def drills(faults: Sequence[Fault], plan: DrillPlan) -> AsyncIterator[DrillVerdict]:
    """One drill for each fault, on one cluster; each with new rooms and clients."""
    rooms = sum(fault.rooms for fault in faults)
    members = sum(plan.clients + fault.listeners + fault.reserve for fault in faults)
    with tempfile.TemporaryDirectory(prefix="chatroom-drill-") as temporary:
        folder = plan.keep or Path(temporary)
        if plan.keep and len(faults) == 1:
            folder = plan.keep / f"{faults[0].name}-cluster"
        folder.mkdir(parents=True, exist_ok=True)
        async with cluster(folder, nodes=plan.nodes, rooms=rooms, members=members) as deployment:
            for fault in faults:
                history = folder / fault.name
                history.mkdir()
                yield await _drill(deployment, fault, history, plan)


async def _drill(
    deployment: LocalDeployment, fault: Fault, folder: Path, plan: DrillPlan
) -> DrillVerdict:
    scenario = ClusterScenario(
        deployment, folder, deployment.take_rooms(fault.rooms), plan.clients // 2
    )
    scenario.add_clients(plan.clients - fault.narrow, fault.pace, "client", fault.body_size)
    scenario.add_clients(fault.listeners, 0, "listener")
    scenario.add_clients(fault.narrow, 0, "narrow", receive_buffer=4096)
    await scenario.wait_for_clients()
    await asyncio.sleep(1)
    deadline = time.monotonic() + plan.seconds
    while not scenario.injections or (
        len(scenario.injections) < plan.injections
        if plan.injections
        else time.monotonic() < deadline
    ):
        await scenario.inject(fault.name, fault.inject)
        await scenario.wait_for_clients()
        await asyncio.sleep(fault.settle)
        await scenario.rebalance()
    await scenario.quiesce()
    await scenario.close()
    return await asyncio.to_thread(
        lambda: verdict_on(scenario, fault.name, fault.promise, History.read(folder))
    )
