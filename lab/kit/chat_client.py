"""The lab's one asynchronous client: it opens sockets, sends commands, and reads events."""

import asyncio
import itertools
import socket
from typing import Any

import picows
from picows import WSFrame, WSListener, WSMsgType, WSTransport

from . import client_protocol, handshake
from .client_protocol import LOG_EVENTS, Address, Event, Position

# A socket that does not answer for so long counts as dead.
ANSWER_SECONDS = 5.0
# What a failed attempt to connect, and a question on a closed socket, may raise.
CONNECTION_ERRORS = (OSError, picows.WSError)
CLOSED_WITHOUT_A_FRAME = 1006


class ChatSocket(WSListener):
    """A socket whose whole text messages go to `on_text`, undecoded. It can be opened again."""

    def __init__(self) -> None:
        super().__init__()
        self.transport: WSTransport | None = None
        self.closed = asyncio.Event()
        self.close_code = 0
        self._parts: list[bytes] = []

    async def connect(
        self,
        address: Address,
        cookie: str,
        *,
        seconds: float = ANSWER_SECONDS,
        receive_buffer: int = 0,
    ) -> None:
        """Return when the server has accepted. Raises one of CONNECTION_ERRORS.

        With a narrow `receive_buffer` the server soon notices that the client reads slowly.
        """
        self.abort()
        self.transport = None
        self.closed = asyncio.Event()
        self.close_code = 0
        self._parts.clear()
        await picows.ws_connect(
            lambda: self,
            address.url,
            extra_headers=handshake.headers(address.origin, cookie),
            websocket_handshake_timeout=seconds,
            socket_factory=(lambda _: _narrow_socket(receive_buffer)) if receive_buffer else None,
            # The faster transport does not notice a reset that came while reading was paused.
            use_aiofastnet=False if receive_buffer else None,
            # Nowhere but where the caller said.
            max_redirects=0,
            proxy=None,
        )
        # picows raises nothing if the connection is reset before its handshake.
        if self.transport is None and not self.closed.is_set():
            raise ConnectionResetError("closed before the handshake")

    def send(self, frame: bytes) -> None:
        """Send a text frame; nothing happens on a closed socket."""
        if self.transport is not None:
            self.transport.send(WSMsgType.TEXT, frame)

    def pause_reading(self) -> None:
        """Leave what comes to the kernel, whose buffers fill up."""
        if self.transport is not None:
            self.transport.underlying_transport.pause_reading()

    def resume_reading(self) -> None:
        if self.transport is not None:
            self.transport.underlying_transport.resume_reading()

    def close(self) -> None:
        """Say goodbye, and close when everything is sent."""
        if self.transport is not None:
            self.transport.send_close(picows.WSCloseCode.OK)
            self.transport.disconnect()

    def abort(self) -> None:
        """Close at once, without a word."""
        if self.transport is not None:
            self.transport.disconnect(graceful=False)

    def on_text(self, payload: bytes) -> None:
        raise NotImplementedError

    def on_closed(self) -> None:
        """The socket is closed; `close_code` says how."""

    # --- Called by picows ---------------------------------------------------------------------

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        # An aborted socket may be reported after the next one was opened.
        if transport is self.transport:
            self.transport = None
            self.close_code = self.close_code or CLOSED_WITHOUT_A_FRAME
            self.closed.set()
            self.on_closed()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        payload = frame.get_payload_as_bytes()
        if frame.msg_type == WSMsgType.CLOSE:
            self.close_code = int.from_bytes(payload[:2])
            transport.send_close(picows.WSCloseCode.OK)
            transport.disconnect()
            return
        if frame.msg_type not in (WSMsgType.TEXT, WSMsgType.CONTINUATION):
            return
        if self._parts or not frame.fin:
            self._parts.append(payload)
            if not frame.fin:
                return
            payload = b"".join(self._parts)
            self._parts.clear()
        self.on_text(payload)


class ChatClient(ChatSocket):
    """Asks and awaits replies, and remembers for each room up to where it has read.

    Every event goes to `on_event`, before its position is taken over and its reply is handed out.
    """

    def __init__(self) -> None:
        super().__init__()
        self.positions: dict[str, Position] = {}
        self._replies: dict[str, asyncio.Future[Event]] = {}
        self._refs = map(str, itertools.count(1))

    async def ask(self, type_: str, *, patience: float = ANSWER_SECONDS, **fields: Any) -> Event:
        """Send a command and return its reply. Raises OSError without one in `patience` seconds."""
        if self.transport is None:
            raise ConnectionResetError("the socket is closed")
        ref = next(self._refs)
        reply: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
        self._replies[ref] = reply
        try:
            async with asyncio.timeout(patience):
                self.send(client_protocol.encode(type_, ref=ref, **fields))
                return await reply
        finally:
            self._replies.pop(ref, None)

    async def enter(self, room: str, *, patience: float = ANSWER_SECONDS) -> Event:
        """Enter a room, or resume reading it at the client's position; one page of what was missed.

        There may be `more` pages.
        """
        since = self.positions.get(room)
        return await self.ask("room.enter", patience=patience, room=room, since=since)

    def on_event(self, event: Event) -> None:
        """Any event, replies included."""

    def on_text(self, payload: bytes) -> None:
        event = client_protocol.decode(payload)
        self.on_event(event)
        if event.type in LOG_EVENTS:
            self.positions[event.room] = event.position
        reply = self._replies.pop(event.ref, None) if event.ref else None
        if reply is not None and not reply.done():
            reply.set_result(event)

    def on_closed(self) -> None:
        for reply in self._replies.values():
            if not reply.done():
                reply.set_exception(ConnectionResetError("the socket is closed"))


def _narrow_socket(receive_buffer: int) -> socket.socket:
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    narrow.setblocking(False)
    return narrow
