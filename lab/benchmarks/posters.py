"""People who post in one room on schedule, and how long each post took."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count

import msgspec
import picows
from picows import WSFrame, WSListener, WSMsgType, WSTransport

from chat import protocol

from .measured_node import Node

ROOM = "room-0"
PATIENCE_SECONDS = 20


# What is asked here; each has its answer.
Asking = (
    protocol.EnterRoom
    | protocol.SendMessage
    | protocol.ReportMessage
    | protocol.DeleteMessage
    | protocol.RestoreMessage
    | protocol.MuteMember
    | protocol.BanMember
    | protocol.SetRules
)


class Reply(msgspec.Struct):
    type: str
    ref: str | None = None
    code: str | int = ""


class Tab(WSListener):
    """A tab that asks, and waits for the answer."""

    def __init__(self) -> None:
        super().__init__()
        self._transport: WSTransport | None = None
        self._waiting: dict[str, asyncio.Future[Reply]] = {}

    @classmethod
    async def open(cls, node: Node, cookie: str) -> "Tab":
        tab = cls()
        headers = {"Cookie": cookie, "Origin": node.origin}
        await picows.ws_connect(lambda: tab, node.url, extra_headers=headers, proxy=None)
        await tab.ask(protocol.EnterRoom("enter", ROOM))
        return tab

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT or not frame.fin:
            return
        payload = frame.get_payload_as_bytes()
        if not payload.startswith(b'{"type":"room.changes"'):
            reply = _decode(payload)
            if waiting := self._waiting.pop(reply.ref or "", None):
                waiting.set_result(reply)

    async def ask(self, command: Asking) -> Reply:
        ref = command.ref
        answer = self._waiting[ref] = asyncio.get_running_loop().create_future()
        self.send(protocol.encode(command))
        return await asyncio.wait_for(answer, PATIENCE_SECONDS)

    def send(self, frame: bytes) -> None:
        """Any frame; what comes of it is not waited for."""
        if self._transport is not None:
            self._transport.send(WSMsgType.TEXT, frame)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.disconnect()


_decode = msgspec.json.Decoder(Reply).decode


class Posters:
    """All of them together. A post counts from when it was due, whatever held it up."""

    def __init__(self, tabs: Sequence[Tab], rate: float) -> None:
        self._tabs = tabs
        self._every = 1 / rate
        self._took: list[tuple[float, float]] = []
        self.refused = 0

    @asynccontextmanager
    async def posting(self) -> AsyncIterator[None]:
        """They post meanwhile; all is answered at the end."""
        stop = asyncio.Event()
        task = asyncio.ensure_future(self._post(stop))
        try:
            yield
        finally:
            stop.set()
            await task

    def took(self, since: float, until: float) -> list[float]:
        """The seconds each post took that was due in this time."""
        return [took for due, took in self._took if since <= due < until]

    async def _post(self, stop: asyncio.Event) -> None:
        began = time.monotonic()
        async with asyncio.TaskGroup() as posts:
            for number in count():
                due = began + number * self._every
                await asyncio.sleep(max(0, due - time.monotonic()))
                if stop.is_set():
                    return
                tab = self._tabs[number % len(self._tabs)]
                posts.create_task(self._post_one(tab, due))

    async def _post_one(self, tab: Tab, due: float) -> None:
        ref = str(round(due * 1e9))
        reply = await tab.ask(protocol.SendMessage(ref, ROOM, ref, "hello"))
        self._took.append((due, time.monotonic() - due))
        self.refused += reply.type != "message.accepted"
