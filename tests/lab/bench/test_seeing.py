"""What the bench shows: its state, the trace of a message, and the load."""

import time

import pytest

from lab.bench.bench import Bench
from lab.bench.bench_clients import BenchClient
from lab.bench.trace import Hop
from lab.bench.waiting import wait_until

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.redis,
    pytest.mark.asyncio(loop_scope="module"),
]


async def two(bench: Bench) -> tuple[str, BenchClient, BenchClient]:
    room = await bench.new_room()
    return room, await bench.client("Ada", 1, room), await bench.client("Bob", 2, room)


async def test_the_state_shows_everything(bench: Bench) -> None:
    room, ada, bob = await two(bench)
    await ada.post("hello")
    assert await bob.reaches(1)

    state = await bench.state(room)

    assert [node.name for node in state.nodes] == ["node-1", "node-2"]
    for node in state.nodes:
        assert (node.state, node.head, node.behind, node.degraded) == ("up", 1, 0, False)
        assert node.answers
        assert node.sockets >= 1
    assert {edge.name for edge in state.edges} == set(bench.edges)
    assert next(edge for edge in state.edges if edge.name == "people-1").rate > 0
    assert (state.redis.state, state.postgres.state, state.postgres.head) == ("up", "up", 1)
    assert state.postgres.fsync
    assert state.postgres.commits > 0
    assert all(switch.on for switch in state.switches)
    assert {(tab.lane, tab.read) for tab in state.tabs} == {("Ada", 1), ("Bob", 1)}
    assert (state.load.people, state.load.per_second) == (0, 0.0)


async def test_the_state_shows_what_is_broken(bench: Bench) -> None:
    room, *_ = await two(bench)
    await bench.fault("freeze", "node-2")
    await bench.fault("pause", "redis")
    await bench.fault("delay", "postgres-1", ms=20)

    state = await bench.state(room)

    assert state.nodes[1].state == "frozen"
    assert not state.nodes[1].answers
    assert state.redis.state == "paused"
    assert next(edge for edge in state.edges if edge.name == "postgres-1").delay_ms == 20


async def test_the_trace_of_a_message_goes_from_one_screen_to_the_other(bench: Bench) -> None:
    room, ada, bob = await two(bench)
    await bench.switch("fsync", True)
    message = ada.say("hello")
    assert await bob.reaches(1)
    await bench.events.find(lambda e: e.kind == "commit" and e.message == message)
    sent = next(e for e in bench.events.since(0) if e.message == message)
    # As the page in a frame tells it.
    bench.meter.record_tab("Bob", {"kind": "page", "room": room, "rows": [], "at": time.time()})
    bench.meter.record_tab("Ada", {"kind": "keystroke", "room": room, "at": sent.at - 0.004})
    shown = {"kind": "page", "room": room, "rows": [[1, bob.ids[1], message]], "at": time.time()}
    bench.meter.record_tab("Bob", shown)

    trace = await bench.trace(room, 1)

    assert trace.text == "hello"
    hops = {(hop.label, hop.lane): hop for hop in trace.hops}
    way: list[Hop] = [
        hops["Keystroke to frame", "Ada"],
        hops["Frame, read and checked", "node-1"],
        hops["Commit", "node-1"],
        hops["Statement, until it is durable", "postgres"],
        hops["Answer written", "node-1"],
        hops["Answer at the author", "Ada"],
        hops["Published", "node-1"],
        hops["Through Redis", "redis"],
        hops["Taken into the room", "node-2"],
        hops["To Bob", "Bob"],
        hops["On the screen", "Bob"],
    ]
    assert way[0].begin_ms == 0
    assert all(hop.end_ms >= hop.begin_ms >= 0 for hop in trace.hops)
    assert hops["Commit", "node-1"].end_ms <= hops["To Bob", "Bob"].end_ms
    assert "CLOCK_MONOTONIC" in trace.clocks


async def test_the_trace_shows_that_no_hint_had_brought_it(bench: Bench) -> None:
    room, ada, bob = await two(bench)
    await bench.fault("drop-next-hint")
    await ada.post("hello")
    assert await bob.reaches(1)

    hops = {hop.label: hop for hop in (await bench.trace(room, 1)).hops}

    assert hops["Published"].note == "lost on its way"
    assert hops["Read from the database"].lane == "node-2"


async def test_of_what_nobody_saw_there_is_no_way(bench: Bench) -> None:
    trace = await bench.trace(await bench.new_room(), 1)

    assert (trace.text, trace.hops) == ("", [])


async def test_load_reads_and_speaks_until_it_is_taken_away(bench: Bench) -> None:
    room = await bench.new_room()
    await bench.load(12, 20, room)

    async def all_speak() -> None:
        assert await wait_until(lambda: bench.load_state.connected == 12)
        before = bench.load_state.acknowledged
        assert await wait_until(lambda: bench.load_state.acknowledged > before + 5)

    await all_speak()
    # They come back after whatever happens to them.
    await bench.fault("restart", "node-1")
    await all_speak()

    await bench.load(0, 0)
    assert bench.load_state.people == 0
    assert not any(event.message.startswith("load-") for event in bench.events.since(0))
