"""Each guarantee switch: its mechanism is gone while it is off, and there again when it is on."""

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from lab.bench.bench import Bench
from lab.bench.bench_clients import BenchClient
from lab.bench.switches import ROOT, all_switches
from lab.bench.waiting import wait_until
from lab.checker.check import check

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.redis,
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]

# Longer than a node takes to look at the heads, and to read what it lacks.
LONG_ENOUGH = 2.5


async def two(bench: Bench) -> tuple[str, BenchClient, BenchClient]:
    room = await bench.new_room()
    return room, await bench.client("Ada", 1, room), await bench.client("Bob", 2, room)


def stored(bench: Bench, room: str) -> list[str]:
    """The texts of the room in the database, in their order."""
    with psycopg.connect(bench.stack.deployment.database_url) as connection:
        rows = connection.execute(
            "SELECT body FROM chat_message JOIN chat_room r ON r.id = room_id"
            " WHERE key = %s ORDER BY seq",
            [room],
        )
        return [body for (body,) in rows]


async def status_of_node_2(
    bench: Bench, wanted: Callable[[dict[str, Any]], bool], seconds: float
) -> dict[str, Any] | None:
    """The first status that is wanted; None if there is none in that time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        status = await bench.status(2)
        if status is not None and wanted(status):
            return status
        await asyncio.sleep(0.05)
    return None


async def test_without_keys_a_message_that_is_sent_again_is_stored_again(bench: Bench) -> None:
    room, ada, bob = await two(bench)
    await bench.switch("idempotency-key", False)
    await bench.fault("cut-after-commit", "people-1")
    await ada.post("once")
    assert stored(bench, room) == ["once", "once"]
    assert await bob.reaches(2)
    assert "duplicate" in {finding.rule for finding in check(await bench.history([room]))}

    await bench.heal()
    await bench.fault("cut-after-commit", "people-1")
    await ada.post("again")
    assert stored(bench, room) == ["once", "once", "again"]


async def test_without_the_lock_a_number_is_seen_before_an_earlier_one(bench: Bench) -> None:
    async def both_speak() -> set[str]:
        room, ada, bob = await two(bench)
        said = [client.say(f"{n}") for n in range(12) for client in (ada, bob)]
        for client, message in zip((ada, bob) * 12, said, strict=True):
            await client.number_of(message, 30)
        assert await wait_until(lambda: ada.seq == 24 == bob.seq)
        return {finding.rule for finding in check(await bench.history([room]))}

    await bench.switch("room-lock", False)
    assert "lost" in await both_speak()

    await bench.switch("room-lock", True)
    assert await both_speak() == set()


async def test_without_a_look_at_the_heads_the_last_message_stays_hidden(bench: Bench) -> None:
    _, ada, bob = await two(bench)
    await bench.switch("head-poll", False)
    await bench.fault("drop-next-hint")
    await ada.post("the last word")
    assert not await bob.reaches(1, LONG_ENOUGH)

    await bench.switch("head-poll", True)
    assert await bob.reaches(1)


async def test_without_gap_repair_a_node_that_is_behind_stays_behind(bench: Bench) -> None:
    _, ada, bob = await two(bench)
    await bench.switch("gap-repair", False)
    await bench.fault("drop-next-hint")
    await ada.post("lost on the way")
    await ada.post("waits for it")
    assert not await bob.reaches(1, LONG_ENOUGH)

    await bench.switch("gap-repair", True)
    assert await bob.reaches(2)


async def test_without_the_id_check_two_pasts_mix(bench: Bench) -> None:
    room, ada, bob = await two(bench)
    await ada.post("kept")
    await bench.switch("id-check", False)
    await bench.fault("copy", "postgres")
    await ada.post("of the lost past")
    assert await bob.reaches(2)
    await bench.fault("fail-over", "postgres")
    await bench.ready()
    await ada.post("of the new past")
    await ada.post("and on")
    assert await bob.reaches(3)
    assert stored(bench, room)[1] == "of the new past"
    assert bob.bodies[2] == "of the lost past"

    await bench.switch("id-check", True)
    room, ada, bob = await two(bench)
    await bench.fault("copy", "postgres")
    await ada.post("of the lost past")
    assert await bob.reaches(1)
    await bench.fault("fail-over", "postgres")
    await bench.ready()
    await ada.post("of the new past")
    assert await wait_until(lambda: bob.bodies == {1: "of the new past"}, 20)


async def test_without_jitter_everyone_comes_back_at_once(bench: Bench) -> None:
    room = await bench.new_room()
    people = [await bench.client(f"reader-{number}", 2, room) for number in range(6)]
    await bench.switch("jitter", False)
    await bench.fault("drain", "node-2")
    assert await wait_until(lambda: all(len(one.retries) == 1 for one in people))
    assert len({one.retries[0] for one in people}) == 1

    await bench.heal()
    assert await wait_until(lambda: all(one.connected for one in people))
    await bench.fault("drain", "node-2")
    assert await wait_until(lambda: all(len(one.retries) == 2 for one in people))
    assert len({one.retries[1] for one in people}) > 1


async def test_without_bounds_a_node_keeps_what_nobody_reads(bench: Bench) -> None:
    async def unsent_of_a_reader_who_stops() -> int:
        """Bytes that node 2 holds for Bob, who reads nothing of half a megabyte."""
        room, ada, _ = await two(bench)
        await bench.fault("stop-reading", "people-2")
        for number in range(150):
            await ada.post(f"{number} " + 3900 * "x")
        status = await status_of_node_2(bench, lambda told: told["heads"].get(room) == 150, 10)
        await bench.fault("heal", "people-2")
        assert status is not None
        return int(status["unsent_bytes"])

    await bench.switch("bounded-sockets", False)
    assert await unsent_of_a_reader_who_stops() > 250_000

    await bench.switch("bounded-sockets", True)
    assert await unsent_of_a_reader_who_stops() < 130_000


async def test_without_waiting_for_the_disk_a_crash_takes_what_was_acknowledged(
    bench: Bench,
) -> None:
    room, ada, _ = await two(bench)
    await ada.post("on the disk")
    await bench.switch("fsync", False)
    assert await ada.post("in memory") == 2
    await bench.fault("kill", "postgres")
    await bench.fault("restart", "postgres")
    assert stored(bench, room) == ["on the disk"]

    await bench.heal()
    room, ada, _ = await two(bench)
    await ada.post("on the disk")
    await bench.fault("kill", "postgres")
    await bench.fault("restart", "postgres")
    assert stored(bench, room) == ["on the disk"]


async def test_without_refusing_a_node_takes_what_is_not_saved(bench: Bench) -> None:
    room, ada, bob = await two(bench)
    await ada.post("saved")
    assert await bob.reaches(1)
    await bench.switch("refuse-unsaved", False)
    await bench.fault("kill", "postgres")
    assert await ada.post("never saved", 30) == 2
    await bench.fault("restart", "postgres")
    assert stored(bench, room) == ["saved"]

    await bench.heal()
    room, ada, bob = await two(bench)
    await bench.fault("kill", "postgres")
    message = ada.say("saved later")
    assert not await wait_until(lambda: message in ada.records.numbers, LONG_ENOUGH)
    await bench.heal()
    assert await ada.number_of(message) == 1
    assert stored(bench, room) == ["saved later"]


async def test_without_noticing_a_node_stays_deaf(bench: Bench) -> None:
    async def becomes_degraded(seconds: float) -> bool:
        return await status_of_node_2(bench, lambda told: told["degraded"], seconds) is not None

    await bench.switch("degraded-polling", False)
    await bench.fault("silence", "redis-2")
    # A node notices after three seconds without its own probe.
    assert not await becomes_degraded(5)

    await bench.switch("degraded-polling", True)
    assert await becomes_degraded(10)


async def test_a_node_that_starts_later_is_switched_too(bench: Bench) -> None:
    _, ada, bob = await two(bench)
    await bench.switch("head-poll", False)
    await bench.fault("restart", "node-2")
    assert await wait_until(lambda: bob.connected)
    await bench.ready()
    await bench.fault("drop-next-hint")
    await ada.post("the last word")
    assert not await bob.reaches(1, LONG_ENOUGH)


async def test_each_switch_says_where_its_mechanism_is() -> None:
    for switch in all_switches().values():
        file, line = switch.path.split(":")
        name = switch.function.rpartition(".")[2]
        text = (ROOT / file).read_text().splitlines()[int(line) - 1]
        assert re.search(rf"def {name}\b", text), switch.path
        assert switch.sentence.startswith("Off: ")
