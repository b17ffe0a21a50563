"""The bench carries messages between its nodes, shows them, and breaks what it is told to break."""

import pytest

from lab.bench.bench import Bench
from lab.bench.faults import UnknownFaultError
from lab.bench.waiting import wait_until
from lab.checker.check import check

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.redis,
    pytest.mark.asyncio(loop_scope="module"),
]


async def test_what_is_said_on_one_node_is_heard_on_the_other(bench: Bench) -> None:
    room = await bench.new_room()
    ada, bob = await bench.client("Ada", 1, room), await bench.client("Bob", 2, room)

    assert await ada.post("hello") == 1

    assert await bob.reaches(1)
    assert bob.bodies == {1: "hello"}
    assert await bench.settled(room)
    assert check(await bench.history([room])) == []


async def test_the_way_of_a_message_is_in_the_events(bench: Bench) -> None:
    room = await bench.new_room()
    ada, bob = await bench.client("Ada", 1, room), await bench.client("Bob", 2, room)
    before = bench.events.last

    message = ada.say("hello")
    assert await bob.reaches(1)

    await bench.events.find(lambda e: e.kind == "delivered" and e.to == "Bob", after=before)
    way = [e for e in bench.events.since(before) if e.message == message]
    arrows = [(e.lane, e.kind, e.to) for e in sorted(way, key=lambda e: e.at)]
    for arrow in [
        ("Ada", "send", "node-1"),
        ("node-1", "reply", "Ada"),
        ("node-1", "publish", "redis"),
        ("redis", "hint", "node-2"),
        ("node-2", "delivered", "Bob"),
    ]:
        assert arrow in arrows
    assert all(e.arrived >= e.at for e in way if e.to)


async def test_a_cut_edge_takes_nobody_until_it_is_healed(bench: Bench) -> None:
    room = await bench.new_room()
    ada = await bench.client("Ada", 1, room)

    await bench.fault("cut", "people-1")
    assert await wait_until(lambda: not ada.connected)
    assert bench.edges["people-1"].state().cut

    await bench.fault("heal", "people-1")
    assert await wait_until(lambda: ada.connected)


async def test_a_message_whose_answer_was_lost_is_there_once(bench: Bench) -> None:
    room = await bench.new_room()
    ada, bob = await bench.client("Ada", 1, room), await bench.client("Bob", 2, room)

    await bench.fault("cut-after-commit", "people-1")
    assert await ada.post("once") == 1

    assert bench.edges["people-1"].dropped >= 1
    assert await bob.reaches(1)
    assert await bench.settled(room)
    assert check(await bench.history([room])) == []


async def test_a_commit_whose_answer_was_lost_is_found_again_by_its_keys(bench: Bench) -> None:
    room = await bench.new_room()
    ada = await bench.client("Ada", 1, room)

    await bench.fault("cut-after-commit", "postgres-1")

    assert await ada.post("once") == 1
    assert bench.edges["postgres-1"].dropped >= 1
    assert await bench.settled(room)
    assert check(await bench.history([room])) == []


async def test_a_dropped_hint_is_found_by_looking_at_the_heads(bench: Bench) -> None:
    room = await bench.new_room()
    ada, bob = await bench.client("Ada", 1, room), await bench.client("Bob", 2, room)

    await bench.fault("drop-next-hint")
    await ada.post("the last word")

    assert sum(bench.edges[f"redis-{number}"].dropped for number in (1, 2)) >= 1
    assert await bob.reaches(1)


async def test_a_delayed_edge_delays(bench: Bench) -> None:
    room = await bench.new_room()
    ada = await bench.client("Ada", 1, room)
    await ada.post("quick")
    before = bench.events.last

    await bench.fault("delay", "people-1", ms=300)
    await ada.post("slow")

    sent = await bench.events.find(lambda e: e.kind == "send" and e.lane == "Ada", after=before)
    assert sent.arrived - sent.at == pytest.approx(0.3)


async def test_a_paused_redis_costs_latency_only(bench: Bench) -> None:
    room = await bench.new_room()
    ada, bob = await bench.client("Ada", 1, room), await bench.client("Bob", 2, room)

    await bench.fault("pause", "redis")
    await ada.post("hello")

    assert await bob.reaches(1)
    await bench.fault("resume", "redis")
    assert await bench.settled(room)
    assert check(await bench.history([room])) == []


@pytest.mark.parametrize("fault", ["kill", "freeze", "drain"])
async def test_a_node_that_fails_comes_back(bench: Bench, fault: str) -> None:
    room = await bench.new_room()
    ada = await bench.client("Ada", 1, room)
    await ada.post("before")

    await bench.fault(fault, "node-1")
    assert bench.nodes[0].state == {"kill": "down", "freeze": "frozen", "drain": "draining"}[fault]
    message = ada.say("meanwhile")
    await bench.heal()

    assert bench.nodes[0].state == "up"
    assert await ada.number_of(message) == 2
    assert await bench.settled(room)
    assert check(await bench.history([room])) == []


async def test_a_fail_over_takes_back_what_came_after_the_copy(bench: Bench) -> None:
    room = await bench.new_room()
    ada, bob = await bench.client("Ada", 1, room), await bench.client("Bob", 2, room)
    await ada.post("kept")
    await bench.fault("copy", "postgres")
    await ada.post("lost")
    assert await bob.reaches(2)

    await bench.fault("fail-over", "postgres")

    # Everyone is told to start anew; nobody stays in the other past.
    assert await wait_until(lambda: ada.bodies == {1: "kept"} == bob.bodies, 30)
    assert await wait_until(lambda: ada.connected and bob.connected)
    assert await bench.settled(room)
    assert check(await bench.history([room])) == []


async def test_the_timeline_shows_from_when_to_when_something_is_broken(bench: Bench) -> None:
    before = bench.events.last
    await bench.fault("freeze", "node-2")
    await bench.fault("resume", "node-2")
    await bench.fault("restart", "redis")
    await bench.fault("drop-next-hint")
    await bench.fault("cut", "people-1")
    await bench.heal()

    told = [(e.lane, e.kind) for e in bench.events.since(before) if e.kind in ("fault", "heal")]
    assert told[:4] == [
        ("node-2", "fault"),
        ("node-2", "heal"),
        ("redis", "fault"),
        ("redis", "heal"),
    ]
    assert told[4:] == [("node-1", "fault"), ("bench", "heal")]


async def test_the_desk_says_what_it_knows(bench: Bench) -> None:
    with pytest.raises(UnknownFaultError, match="kill"):
        await bench.fault("earthquake")
    with pytest.raises(UnknownFaultError, match="node-1, node-2"):
        await bench.fault("freeze", "postgres")
    with pytest.raises(UnknownFaultError, match="seconds"):
        await bench.fault("cut", "people-1", seconds=3)
