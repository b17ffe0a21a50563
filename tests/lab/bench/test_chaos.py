"""Chaos with every guarantee on: the meter is silent, and in the end everyone has everything."""

import asyncio
import os
import time

import pytest

from lab.bench.bench import Bench
from lab.bench.waiting import wait_until
from lab.checker.check import check

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.redis,
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]

# By hand: CHAOS_SECONDS=600 tests/run tests/lab/bench/test_chaos.py -o faulthandler_timeout=900
SECONDS = float(os.environ.get("CHAOS_SECONDS", "20"))
CHAOS: list[tuple[str, str]] = [
    ("kill", "node-1"),
    ("freeze", "node-2"),
    ("restart", "redis"),
    ("pause", "redis"),
    ("restart", "postgres"),
    ("cut", "people-1"),
    ("cut", "redis-2"),
    ("cut", "postgres-1"),
    ("silence", "redis-1"),
    ("delay", "people-2"),
    ("delay", "redis-1"),
    ("drop", "redis-2"),
    ("drop", "people-2"),
    ("drop-next-hint", ""),
    ("cut-after-commit", "people-1"),
    ("cut-after-commit", "postgres-2"),
    ("fail-over", "postgres"),
]


async def test_the_meter_is_silent_in_chaos(bench: Bench) -> None:
    room = await bench.new_room()
    people = [await bench.client(f"person-{n}", 1 + n % 2, room) for n in range(4)]
    said: list[tuple[int, str]] = []

    async def speak() -> None:
        while True:
            number = len(said)
            person = people[number % len(people)]
            said.append((number, person.say(f"{number}")))
            await asyncio.sleep(0.2)

    async def watch() -> None:
        while True:
            state = await bench.meter.look()
            assert state.sentences == [], happened(bench)
            await asyncio.sleep(0.5)

    watching = asyncio.ensure_future(watch())
    speaking = asyncio.ensure_future(speak())
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and not watching.done():
        fault, target = bench.random.choice(CHAOS)
        if fault == "fail-over":
            await bench.fault("copy", "postgres")
            await asyncio.sleep(1)
        await bench.fault(fault, target)
        await asyncio.sleep(bench.random.uniform(0.5, 2))
        await bench.heal()
    speaking.cancel()
    assert await wait_until(lambda: not any(one.outbox.unsent for one in people), 30)
    assert await bench.settled(room)
    if not watching.done():
        watching.cancel()
    await asyncio.gather(watching, speaking, return_exceptions=True)
    if not watching.cancelled() and (error := watching.exception()):
        raise error
    assert (await bench.meter.look()).behind == 0
    assert check(await bench.history([room])) == []


def happened(bench: Bench) -> str:
    """How everyone is, and what was broken lately."""
    people = [f"{one.name}: connected {one.connected}, at {one.position}" for one in bench.clients]
    events = bench.events.since(0)
    broken = [event for event in events if event.kind in ("fault", "heal", "note", "node")][-12:]
    told = [f"{events[-1].at - event.at:6.2f} s ago: {event.text}" for event in broken]
    return "\n".join(["", *bench.meter.state.sentences, *people, *told])
