"""The lab's one blocking client, for tests: plain, and with every event as it came."""

import itertools
import json
import time
import uuid
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from .client_protocol import Address
from .handshake import headers

# What a busy machine may take for anything that should happen at once.
PATIENCE_SECONDS = 30.0

Frame = dict[str, Any]

# What is told of room lists.
LIST_EVENTS = {"rooms.state", "room.activity", "room.updated"}


def open_socket(
    address: Address,
    cookie: str,
    *,
    query: str = "",
    additional_headers: dict[str, str] | None = None,
    **options: Any,
) -> ClientConnection:
    """A socket whose handshake is done. `options`: those of `websockets`."""
    defaults: dict[str, Any] = {
        "additional_headers": headers(address.origin, cookie) | (additional_headers or {}),
        "compression": None,
        "ping_interval": None,
        "proxy": None,
        # A client that has not read everything does not see the end either.
        "close_timeout": 0.2,
        # Nothing is left in the socket: a client whose test waits for others answers pings too.
        "max_queue": None,
    }
    socket: ClientConnection = connect(address.url + query, **defaults | options)
    return socket


class SyncClient:
    """Sends commands, and picks what it waits for out of what it has received."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        # Everything received, and what of it nobody has waited for yet.
        self.heard: list[Frame] = []
        self._waiting: list[Frame] = []
        self._refs = map(str, itertools.count(1))
        self.hello: Frame = {}

    def send(self, type_: str, **fields: Any) -> None:
        # Not `client_protocol.encode`: tests also send halves of characters.
        self.socket.send(json.dumps({"type": type_} | fields))

    def next_event(self, seconds: float = PATIENCE_SECONDS) -> Frame:
        """The next event of any type, as it comes; TimeoutError."""
        event: Frame = json.loads(self.socket.recv(seconds))
        return event

    def receive(self, type_: str, seconds: float = PATIENCE_SECONDS, **fields: Any) -> Frame:
        """The next frame of this type with these fields; others are kept for later."""
        wanted = {"type": type_} | fields

        def is_wanted(frame: Frame) -> bool:
            return all(key in frame and frame[key] == value for key, value in wanted.items())

        deadline = time.monotonic() + seconds
        for frame in self._waiting:
            if is_wanted(frame):
                self._waiting.remove(frame)
                return frame
        while True:
            frame = self._read(max(0.0, deadline - time.monotonic()), wanted)
            if is_wanted(frame):
                return frame
            self._waiting.append(frame)

    def _read(self, seconds: float, wanted: Frame) -> Frame:
        try:
            frame = self.next_event(seconds)
        except TimeoutError:
            heard = [str(frame)[:200] for frame in self.heard[-8:]]
            raise AssertionError(f"{wanted} did not come; heard at last: {heard}") from None
        self.heard.append(frame)
        return frame

    def ask(self, type_: str, **fields: Any) -> Frame:
        """Send a command and wait for its one reply."""
        ref = next(self._refs)
        self.send(type_, ref=ref, **fields)
        return self.reply(ref)

    def reply(self, ref: str) -> Frame:
        while True:
            for frame in self._waiting:
                if "ref" in frame and frame["ref"] == ref:
                    self._waiting.remove(frame)
                    return frame
            self._waiting.append(self._read(PATIENCE_SECONDS, {"ref": ref}))

    def enter(self, room: str, since: Frame | None = None) -> Frame:
        return self.ask("room.enter", room=room, since=since)

    def say(self, room: str, body: str, **fields: Any) -> Frame:
        return self.ask(
            "message.send", **{"room": room, "client_id": str(uuid.uuid4()), "body": body} | fields
        )

    def changes(self, number: int, **fields: Any) -> Frame:
        """The `room.changes` that covers this number."""
        while True:
            frame = self.receive("room.changes", **fields)
            if frame["to"] >= number:
                return frame

    def forget(self) -> None:
        """Forget what was heard so far, and nobody has waited for."""
        self._waiting.clear()
        self.heard.clear()

    def listen(self, seconds: float) -> None:
        """Hear whatever comes in this time."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                frame = self.next_event(left)
            except TimeoutError:
                return
            self.heard.append(frame)
            self._waiting.append(frame)

    def drain_until_quiet(self) -> list[Frame]:
        """All that was sent before the answer to a ping. The node answers in order.

        Without what is told of room lists: that follows a clock of its own.
        """
        self.ask("ping")
        kept, self._waiting = self._waiting, []
        return [frame for frame in kept if frame["type"] not in LIST_EVENTS]

    def close_code(self, seconds: float = PATIENCE_SECONDS) -> int | None:
        """Listen until the socket is closed: with which code (1006: without a word)."""
        deadline = time.monotonic() + seconds
        try:
            while True:
                frame = self._read(max(0.0, deadline - time.monotonic()), {"the end": None})
                self._waiting.append(frame)
        except ConnectionClosed:
            return self.socket.close_code

    def close(self) -> None:
        self.socket.close()
