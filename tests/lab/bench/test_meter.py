"""The invariant meter catches each of six planted faults, and is silent while all is well."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from lab.bench.bench import Bench
from lab.bench.meter import GRACE_SECONDS, MeterState
from lab.bench.waiting import wait_until

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.redis,
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]


class Page:
    """A tab that tells what it shows: three messages of Ada's, as the database holds them."""

    def __init__(self, bench: Bench, room: str, rows: list[list[Any]]) -> None:
        self.bench = bench
        self.room = room
        self.rows = rows

    def shows(self, *rows: list[Any]) -> None:
        told = {"kind": "page", "room": self.room, "rows": list(rows), "at": time.time()}
        self.bench.meter.record_tab("Bob", told)


@pytest_asyncio.fixture(loop_scope="module")
async def page(bench: Bench) -> Page:
    bench.meter.forget()
    room = await bench.new_room()
    ada = await bench.client("Ada", 1, room)
    for text in ("one", "two", "three"):
        await ada.post(text)
    assert await bench.settled(room)
    await ada.leave()
    page = Page(bench, room, [[seq, id_, ""] for seq, id_ in ada.ids.items()])
    page.shows(*page.rows)
    return page


async def tells(bench: Bench, wanted: Callable[[MeterState], bool]) -> MeterState:
    """What the meter says once it is wanted, or in the end."""
    deadline = time.monotonic() + 3 * GRACE_SECONDS
    while time.monotonic() < deadline:
        if wanted(await bench.meter.look()):
            break
        await asyncio.sleep(0.1)
    return bench.meter.state


def counts(state: MeterState) -> dict[str, int]:
    kinds = ("lost", "doubled", "reordered", "divergent", "ghosts")
    return {kind: count for kind in kinds if (count := getattr(state, kind))}


def change(bench: Bench, statement: str, room: str) -> None:
    with psycopg.connect(bench.stack.deployment.database_url) as connection:
        connection.execute(statement.encode(), [room])


async def take_back_the_third(bench: Bench, room: str) -> None:
    for statement in (
        "DELETE FROM chat_message WHERE seq = 3"
        " AND room_id = (SELECT id FROM chat_room WHERE key = %s)",
        "UPDATE chat_roomhead SET head = 2, head_id = (SELECT uid FROM chat_message m WHERE seq = 2"
        " AND m.room_id = chat_roomhead.room_id)"
        " WHERE room_id = (SELECT id FROM chat_room WHERE key = %s)",
    ):
        await asyncio.to_thread(change, bench, statement, room)


async def test_a_lost_message(bench: Bench, page: Page) -> None:
    page.shows(page.rows[0], page.rows[2])

    state = await tells(bench, lambda state: state.lost > 0)

    assert counts(state) == {"lost": 1}
    assert state.sentences == [f"Bob, {page.room}: has read on and does not show 2"]


async def test_a_message_that_was_acknowledged_and_is_not_stored(bench: Bench, page: Page) -> None:
    page.shows(*page.rows[:2])
    await bench.meter.look()
    await take_back_the_third(bench, page.room)

    state = await tells(bench, lambda state: state.lost > 0)

    assert counts(state) == {"lost": 1}
    assert state.sentences == [f"{page.room}: 3 was acknowledged, and is not there"]


async def test_a_doubled_message(bench: Bench, page: Page) -> None:
    page.shows(*page.rows, page.rows[2])

    assert counts(await tells(bench, lambda state: state.doubled > 0)) == {"doubled": 1}


async def test_a_swapped_message(bench: Bench, page: Page) -> None:
    page.shows(page.rows[0], page.rows[2], page.rows[1])

    assert counts(await tells(bench, lambda state: state.reordered > 0)) == {"reordered": 1}


async def test_a_divergent_tab(bench: Bench, page: Page) -> None:
    page.shows(*page.rows[:2], [3, "11111111-1111-4111-8111-111111111111", ""])

    assert counts(await tells(bench, lambda state: state.divergent > 0)) == {"divergent": 1}


async def test_a_ghost(bench: Bench, page: Page) -> None:
    page.shows(*page.rows, [4, "11111111-1111-4111-8111-111111111111", ""])

    assert counts(await tells(bench, lambda state: state.ghosts > 0)) == {"ghosts": 1}


async def test_a_stale_tab(bench: Bench, page: Page) -> None:
    page.shows(*page.rows[:2])

    state = await tells(bench, lambda state: state.behind > 2)

    assert state.behind > 2
    assert state.behind_lane == "Bob"
    assert counts(state) == {}


async def test_silence_while_all_is_well(bench: Bench, page: Page) -> None:
    page.shows(*page.rows)
    deadline = time.monotonic() + GRACE_SECONDS + 1
    while time.monotonic() < deadline:
        state = await bench.meter.look()
        assert (counts(state), state.behind, state.sentences) == ({}, 0.0, [])
        await asyncio.sleep(0.2)


async def test_a_tab_that_is_not_connected_is_late_and_not_wrong(bench: Bench) -> None:
    room = await bench.new_room()
    ada = await bench.client("Ada", 1, room)
    for text in ("one", "two", "three"):
        await ada.post(text)
    await bench.fault("cut", "people-1")
    assert await wait_until(lambda: not ada.connected)
    bench.meter.forget()
    await take_back_the_third(bench, room)

    deadline = time.monotonic() + GRACE_SECONDS + 1
    while time.monotonic() < deadline:
        assert counts(await bench.meter.look()) == {}
        await asyncio.sleep(0.2)

    await bench.heal()
    assert await wait_until(lambda: ada.connected and ada.seq == 2, 30)
    await ada.leave()
