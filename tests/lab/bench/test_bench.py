"""The bench comes up, carries messages between its nodes, and leaves nothing behind."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lab.bench.bench import Bench, open_bench
from lab.bench.waiting import wait_until
from lab.kit.chat_client import ChatClient

pytestmark = [pytest.mark.postgres, pytest.mark.redis]


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="lab-") as folder:
        async with open_bench(Path(folder)) as bench:
            yield bench


async def test_what_is_said_on_one_node_is_heard_on_the_other(bench: Bench) -> None:
    room = await bench.new_room()
    ada, bob = ChatClient(), ChatClient()
    for client, node in zip((ada, bob), bench.nodes, strict=True):
        await client.connect(node.front, node.cookie(bench.stack.deployment.cookies.pop()))
        await client.enter(room)
    reply = await ada.ask("message.send", room=room, client_id="one", body="hello")
    assert reply.seq == 1
    assert await wait_until(lambda: bob.positions[room].seq == 1)
    ada.abort()
    bob.abort()
