"""The chat behind any ASGI server: a socket that is cut off ends, and one that is paused waits."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import pytest

from chat import protocol
from chat.accounts import sessions
from chat.accounts.models import Member
from chat.moderation import admission
from chat.realtime import node as node_module
from chat.realtime import sockets
from chat.realtime.consumer import WAITING_MAX, ChatConsumer
from chat.realtime.node import Node
from chat.realtime.sockets import AsgiSocket, frame
from tests.sockets import Frame

pytestmark = pytest.mark.django_db(transaction=True)


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while True:
            if holds():
                return
            await asyncio.sleep(0.01)


class Server:
    """Speaks ASGI to the consumer, as a server would to whom a client is connected."""

    def __init__(self, member: Member) -> None:
        self.sent: list[dict[str, Any]] = []
        self.takes = asyncio.Event()
        self.takes.set()
        self.incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        cookie = f"member={sessions.issue(member)}".encode()
        scope = {"type": "websocket", "path": "/ws/", "headers": [(b"cookie", cookie)]}
        self.incoming.put_nowait({"type": "websocket.connect"})
        application: Any = ChatConsumer.as_asgi()
        running = application(scope, self.incoming.get, self._send)
        self.application: asyncio.Task[None] = asyncio.get_running_loop().create_task(running)

    async def _send(self, message: dict[str, Any]) -> None:
        await self.takes.wait()
        self.sent.append(message)
        if message["type"] == "websocket.close":
            self.incoming.put_nowait({"type": "websocket.disconnect", "code": message["code"]})

    def ask(self, type_: str, **fields: Any) -> None:
        text = json.dumps({"type": type_} | fields)
        self.incoming.put_nowait({"type": "websocket.receive", "text": text})

    def events(self) -> list[Frame]:
        return [json.loads(one["text"]) for one in self.sent if one["type"] == "websocket.send"]

    async def until(self, type_: str) -> Frame:
        await eventually(lambda: any(event["type"] == type_ for event in self.events()))
        return self.events()[-1]

    async def end(self) -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.wait_for(asyncio.shield(self.application), 20)


@pytest.fixture
async def node(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Node]:
    node = Node()
    node.start()
    monkeypatch.setattr(node_module, "_node", node)
    yield node
    await node.stop()


@pytest.fixture
def alice() -> Member:
    return admission.join(name="Alice")


@pytest.mark.parametrize("code", [4000, 4008, 4501])
async def test_one_who_is_sent_away_hears_why(node: Node, alice: Member, code: int) -> None:
    server = Server(alice)
    await server.until("hello")
    [connection] = node.registry.connections

    connection.close(code, "Go.")
    await server.end()

    assert server.events()[-1]["code"] == code
    assert server.sent[-1] == {"type": "websocket.close", "code": code}
    assert not node.registry.connections


@pytest.mark.parametrize("waiting", [0, 1, 20])
async def test_one_who_takes_nothing_is_cut_off_for_good(
    node: Node, alice: Member, monkeypatch: pytest.MonkeyPatch, waiting: int
) -> None:
    monkeypatch.setattr(sockets, "CLOSE_SECONDS", 0.1)
    server = Server(alice)
    await server.until("hello")
    [connection] = node.registry.connections
    server.takes.clear()
    for _ in range(waiting):
        connection.socket.write(frame(protocol.RoomRemoved("anything")))

    connection.socket.abort()
    await server.end()

    assert server.application.done()
    assert not node.registry.connections


async def test_one_who_asks_and_takes_no_answer_is_not_read(node: Node, alice: Member) -> None:
    server = Server(alice)
    await server.until("rooms.state")
    server.takes.clear()
    asked = 3 * WAITING_MAX

    for number in range(asked):
        server.ask("ping", ref=str(number))
    for _ in range(asked * 3):
        await asyncio.sleep(0)

    [connection] = node.registry.connections
    assert len(connection.waiting) == WAITING_MAX
    assert server.incoming.qsize() > WAITING_MAX
    server.takes.set()
    # After `hello` and the room list.
    await eventually(lambda: len(server.events()) == asked + 2)
    assert [event["ref"] for event in server.events()[2:]] == [str(n) for n in range(asked)]
    connection.close(4000, "Go.")
    await server.end()


async def test_a_socket_that_is_paused_may_be_cut_off(
    node: Node, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "CLOSE_SECONDS", 0.1)
    server = Server(alice)
    await server.until("hello")
    server.takes.clear()
    for number in range(2 * WAITING_MAX):
        server.ask("ping", ref=str(number))
    [connection] = node.registry.connections
    await eventually(lambda: len(connection.waiting) == WAITING_MAX)

    connection.close(4001, "Too slow.")
    await server.end()

    assert not node.registry.connections


async def test_nothing_is_written_after_the_end(node: Node, alice: Member) -> None:
    written: list[Any] = []

    async def send(message: Any) -> None:
        written.append(message)

    socket = AsgiSocket(send, lambda: None)
    socket.write(frame(protocol.RoomRemoved("one")))
    socket.abort(4002)
    socket.write(frame(protocol.RoomRemoved("two")))
    for _ in range(10):
        await asyncio.sleep(0)

    assert [message["type"] for message in written] == ["websocket.send", "websocket.close"]
    assert written[-1]["code"] == 4002
