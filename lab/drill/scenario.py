"""A running drill: its clients on a deployment, and the faults that are injected."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self

import psycopg

from ..checker.records import AnyRecord, FaultPhase, Journal, now
from ..kit.client_protocol import Position
from ..kit.deployment import Deployment
from ..kit.launcher import LocalDeployment
from ..kit.node import Node
from .drill_client import HURRIED, DrillClient
from .observations import Observations

QUIET_SECONDS = 10.0
# Rooms of one client at most; settings.ROOMS_PER_CONNECTION allows 128.
ROOMS_EACH = 100


@dataclass
class Injection:
    """When a fault was prepared, when it began, and when its cause was healed (seconds)."""

    prepared: float
    began: float
    healed: float = 0.0
    # From healing until every connected client had reached the head of then; None: not yet.
    converged: float | None = None


@dataclass
class Scenario:
    """The clients of one drill, in rooms of their own, and the faults they go through."""

    deployment: Deployment
    folder: Path
    rooms: list[str]
    # Pairs of clients, where there are so many rooms that each pair has its own.
    pairs: int = 1
    clients: list[DrillClient] = field(default_factory=list)
    observed: Observations = field(default_factory=Observations)
    injections: list[Injection] = field(default_factory=list)
    # From the last message until every client was at the head; None: never.
    quiet_after: float | None = None
    # Messages that were still in outboxes then.
    unsent: int = 0

    def __post_init__(self) -> None:
        self._journal = Journal(self.folder, "nemesis")
        self._running: list[asyncio.Task[None]] = []

    def record(self, record: AnyRecord) -> None:
        self._journal.write(record)

    # --- Clients ------------------------------------------------------------------------------

    def add_clients(
        self,
        count: int,
        pace: float,
        prefix: str = "client",
        body_size: int = 0,
        receive_buffer: int = 0,
        patience: float = HURRIED,
    ) -> list[DrillClient]:
        """Start so many clients, spread over the endpoints."""
        added, endpoints = [], list(self.deployment.endpoints)
        for number in range(len(self.clients), len(self.clients) + count):
            turned = number % len(endpoints)
            client = DrillClient(
                f"{prefix}-{number}",
                self.deployment.cookies.pop(),
                endpoints[turned:] + endpoints[:turned],
                self._rooms_of(number),
                self.folder,
                self.observed,
                pace,
                body_size=body_size,
                receive_buffer=receive_buffer,
                patience=patience,
            )
            added.append(client)
            self._running.append(asyncio.ensure_future(client.run()))
        self.clients += added
        return added

    def _rooms_of(self, number: int) -> list[str]:
        """All rooms; where they are too many, a part of them that two clients share."""
        parts = self.pairs if len(self.rooms) > ROOMS_EACH else 1
        return self.rooms[number // 2 % parts :: parts]

    async def wait_until(self, holds: Callable[[], bool], seconds: float = 30.0) -> bool:
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.01)
        return True

    async def wait_for_clients(self) -> bool:
        return await self.wait_until(lambda: all(c.connected or c.signed_out for c in self.clients))

    async def rebalance(self) -> None:
        """Have clients on every node again."""
        await self.wait_for_clients()
        for client in self.clients:
            client.go_home()
        await asyncio.sleep(0.1)
        await self.wait_for_clients()

    # --- Faults -------------------------------------------------------------------------------

    async def inject(self, name: str, inject: Callable[[Self], Awaitable[None]]) -> None:
        self._phase(name, "begin")
        injection = Injection(time.time(), time.time())
        self.injections.append(injection)
        await inject(self)
        # Unless the fault has called `mark_healed` itself.
        injection.healed = injection.healed or time.time()
        self._phase(name, "heal")
        await self.converge()

    def mark_injected(self) -> None:
        """For faults that need preparation: it begins now."""
        self.injections[-1].began = time.time()

    def mark_healed(self) -> None:
        """For faults that go on after their cause is healed: it is healed now."""
        self.injections[-1].healed = time.time()

    async def converge(self) -> None:
        """Wait until all connected clients have what the log holds now; record how long it took."""
        injection = self.injections[-1]
        if injection.converged is None:
            heads = await asyncio.to_thread(self._heads)
            if await self.wait_until(
                lambda: all(c.has(heads) for c in self.clients if c.connected)
            ):
                injection.converged = time.time() - injection.healed

    def _phase(self, name: str, phase: Literal["begin", "heal"]) -> None:
        self.record(FaultPhase(t=now(), actor="nemesis", name=name, phase=phase))

    # --- The end ------------------------------------------------------------------------------

    async def quiesce(self) -> None:
        """Stop all sending, and wait until every client is at the head of its logs."""
        for client in self.clients:
            client.outbox.silent = True
            client.resume_reading()
        await self.wait_until(
            lambda: not any(c.outbox.unsent for c in self.clients if c.connected), 10
        )
        began = time.monotonic()
        while time.monotonic() - began < QUIET_SECONDS:
            if await asyncio.to_thread(self._all_are_at_the_head):
                self.quiet_after = time.monotonic() - began
                break
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.1)
        self.unsent = sum(client.outbox.unsent for client in self.clients if not client.signed_out)

    def _all_are_at_the_head(self) -> bool:
        # Equal, not just as far: a client on the lost end of a log is beyond its head.
        heads = self._heads()
        return all(c.signed_out or (c.connected and c.is_at(heads)) for c in self.clients)

    def _heads(self) -> dict[str, Position]:
        while True:
            try:
                return self.deployment.heads(self.rooms)
            except psycopg.OperationalError:
                time.sleep(0.05)  # it is starting, or has no free connection

    async def close(self) -> None:
        """Stop all clients, and record the logs next to what the clients saw of them."""
        await asyncio.gather(*(client.stop() for client in self.clients))
        for running in self._running:
            running.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        for client in self.clients:
            client.close_journal()
        for record in await asyncio.to_thread(
            lambda: list(self.deployment.dump(self.rooms, now()))
        ):
            self.record(record)
        self._journal.close()


@dataclass
class ClusterScenario(Scenario):
    """A scenario on a local deployment, where every part can be broken."""

    deployment: LocalDeployment

    @property
    def nodes(self) -> list[Node]:
        return self.deployment.nodes

    def random_node(self) -> Node:
        return random.choice(self.nodes)  # noqa: S311
