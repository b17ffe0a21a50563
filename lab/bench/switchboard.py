"""Switches mechanisms in the running nodes and in PostgreSQL, and hears what nodes tell."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import psycopg

from .bench_nodes import BenchNode
from .control_client import Control, NoAnswerError
from .stack import Stack
from .switches import Switch, all_switches
from .waiting import to_the_end, wait_until

# Without waiting for the disk: what the log's writer has not written yet is lost with a crash.
UNSYNCED = {"synchronous_commit": "off", "wal_writer_delay": "10s"}
# For the trace: how long writing to the disk takes.
TIMED = "ALTER SYSTEM SET track_wal_io_timing = on"
POLL_SECONDS = 0.05
UNSYNCED_SECONDS = 5.0
WRITTEN_SECONDS = 0.3


def _await_unsynced(url: str) -> None:
    """Return when sessions do not wait for the disk any more, and the log's writer rests for long.

    A writer that has had nothing to do for long wakes up with each commit and writes it at once. So
    it gets some, until one stays unwritten.
    """
    deadline = time.monotonic() + UNSYNCED_SECONDS
    while time.monotonic() < deadline:
        # A new session: it begins with what the server has read by then.
        with psycopg.connect(url, autocommit=True) as session:
            [value] = session.execute("SHOW synchronous_commit").fetchone() or [""]
            if value == "off" and not _is_written_soon(session):
                return
        time.sleep(0.02)


def _is_written_soon(session: psycopg.Connection) -> bool:
    """Whether a commit of this session is on the disk a moment later."""
    session.execute("SELECT txid_current()")
    [end] = session.execute("SELECT pg_current_wal_insert_lsn()").fetchone() or [""]
    deadline = time.monotonic() + WRITTEN_SECONDS
    while time.monotonic() < deadline:
        row = session.execute("SELECT pg_current_wal_flush_lsn() >= %s::pg_lsn", [end]).fetchone()
        if row == (True,):
            return True
        time.sleep(0.02)
    return False


class Switchboard:
    """A control for each node."""

    def __init__(self, stack: Stack) -> None:
        self.switches: dict[str, Switch] = all_switches()
        self._stack = stack
        self._generation = 0
        # Told the stages of messages, with the name of the node.
        self.on_stage: Callable[[str, dict[str, Any]], None] = lambda node, told: None
        self._controls = {node.name: self._control(node) for node in stack.nodes}

    def _control(self, node: BenchNode) -> Control:
        path = self._stack.folder / f"{node.name}.sock"
        return Control(path, lambda told: self.on_stage(node.name, told))

    async def switch(self, name: str, on: bool) -> None:
        """Everywhere where a node runs; those that start later are told as they start."""
        switch = self.switches[name]
        if switch.on == on:
            return
        switch.on = on
        self._generation += 1
        self._stack.events.add("bench", "switch", f"{switch.label} {'on' if on else 'off'}")
        off = ",".join(other.name for other in self.switches.values() if not other.on)
        for node in self._stack.nodes:
            environment = node.node.environment
            environment |= {"LAB_SWITCHED_OFF": off, "LAB_GENERATION": str(self._generation)}
        if name == "fsync":
            await self.apply_to_postgres()
            return
        told = {"name": name, "on": on, "generation": self._generation}
        running = [node for node in self._stack.nodes if node.state == "up"]
        await asyncio.gather(*(self._tell(node, told) for node in running))

    async def all_on(self) -> None:
        for switch in self.switches.values():
            await self.switch(switch.name, True)

    async def status(self, node: BenchNode, seconds: float = 2.0) -> dict[str, Any] | None:
        """What the node says of itself; None if it says nothing in that time."""
        try:
            return await self._controls[node.name].ask("status", seconds=seconds)
        except NoAnswerError:
            return None

    async def ready(self, node: BenchNode) -> None:
        """Return when it serves, hears Redis, and knows of the other node."""
        others = len(self._stack.nodes) - 1
        while True:
            told = await self.status(node)
            if told and told["ready"] and not told["degraded"] and told["peers"] >= others:
                return
            await asyncio.sleep(POLL_SECONDS)

    async def apply_to_postgres(self) -> None:
        """As the switch stands; an older copy of the data may have been told otherwise."""
        is_on = self.switches["fsync"].on

        def apply() -> None:
            with psycopg.connect(self._stack.deployment.postgres.url, autocommit=True) as admin:
                admin.execute(TIMED)
                for name, value in UNSYNCED.items():
                    admin.execute(
                        f"ALTER SYSTEM RESET {name}"
                        if is_on
                        else f"ALTER SYSTEM SET {name} = '{value}'"
                    )
                admin.execute("SELECT pg_reload_conf()")
            if not is_on:
                _await_unsynced(self._stack.deployment.postgres.url)

        try:
            await to_the_end(apply)
        except psycopg.OperationalError:
            # It is down; it is told when it was started.
            return

    async def close(self) -> None:
        await asyncio.gather(*(control.close() for control in self._controls.values()))

    async def _tell(self, node: BenchNode, told: dict[str, Any]) -> None:
        control = self._controls[node.name]
        await wait_until(lambda: control.is_connected)
        await control.ask("switch", **told)
