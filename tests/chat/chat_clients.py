"""Clients that send without a pause, and resume after every loss as the protocol says."""

import contextlib
import itertools
import threading
import time
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidHandshake

from lab.kit.deployment import Endpoint
from lab.kit.sync_client import Frame, SyncClient, open_socket

ROOM = "lobby"
IN_FLIGHT = 10
# A frame that does not come for so long is not coming: the socket is dropped.
SILENCE_SECONDS = 10.0


class Talker(threading.Thread):
    """One tab: an outbox that is sent again in order after each resume, and the log it applied."""

    def __init__(self, name: str, node: Endpoint, cookie: str) -> None:
        super().__init__(name=name)
        self.node = node
        self.cookie = cookie
        self.outbox: dict[str, str] = {}
        self.acknowledged: dict[str, tuple[int, str]] = {}
        self.applied: dict[int, Frame] = {}
        self.position: Frame | None = None
        self.connections = 0
        self.caught_up = 0
        self.resets = 0
        self.wrong: list[str] = []
        self.hushed = threading.Event()
        self.stopped = threading.Event()
        self._numbers = itertools.count(1)

    @property
    def at(self) -> int:
        return self.position["seq"] if self.position else 0

    def run(self) -> None:
        try:
            while not self.stopped.is_set():
                with contextlib.suppress(
                    OSError, EOFError, TimeoutError, ConnectionClosed, InvalidHandshake
                ):
                    self.connect()
                self.stopped.wait(0.02)
        except Exception as error:
            self.wrong.append(f"{self.name}: {error!r}")

    def connect(self) -> None:
        with open_socket(self.node, self.cookie) as socket:
            client = SyncClient(socket)
            self.connections += 1
            self.enter(client)
            for client_id in self.outbox:
                self.send(client, client_id)
            while not self.stopped.is_set():
                while len(self.outbox) < IN_FLIGHT and not self.hushed.is_set():
                    client_id = f"{self.name}-{next(self._numbers):06}"
                    self.outbox[client_id] = f"{client_id} says hello"
                    self.send(client, client_id)
                self.hear(client, 0.2 if self.hushed.is_set() else SILENCE_SECONDS)

    def enter(self, client: SyncClient) -> None:
        """Resume: what comes live in between belongs to a log that goes on from the reply."""
        more = True
        while more:
            client.send("room.enter", ref="enter", room=ROOM, since=self.position)
            while (frame := client.next_event(SILENCE_SECONDS)).get("ref") != "enter":
                self.take(frame)
            assert frame["type"] == "room.entered", frame
            if "reset" in frame:
                self.resets += 1
                if frame["reset"] != "too_far":
                    self.wrong.append(f"{self.name}: reset {frame['reset']} at {self.position}")
            if "reset" in frame or self.position is None:
                self.applied.clear()
            elif frame["from"] != self.at + 1:
                self.wrong.append(f"{self.name}: resumed at {frame['from']}, was at {self.at}")
            else:
                self.caught_up += len(frame["messages"])
            self.apply(frame)
            more = frame["more"] and "reset" not in frame and self.at < frame["head"]

    def send(self, client: SyncClient, client_id: str) -> None:
        body = self.outbox[client_id]
        client.send("message.send", ref=client_id, room=ROOM, client_id=client_id, body=body)

    def hear(self, client: SyncClient, seconds: float) -> None:
        try:
            frame = client.next_event(seconds)
        except TimeoutError:
            if not self.hushed.is_set():
                raise
            return
        self.take(frame)

    def take(self, frame: Frame) -> None:
        match frame["type"]:
            case "message.accepted":
                client_id, answer = frame["client_id"], (frame["seq"], frame["id"])
                if self.acknowledged.setdefault(client_id, answer) != answer:
                    self.wrong.append(f"{client_id}: {self.acknowledged[client_id]}, now {answer}")
                self.outbox.pop(client_id, None)
            case "command.rejected":
                if frame["code"] not in ("busy", "unavailable"):
                    self.wrong.append(f"{self.name}: {frame}")
                # The rest of the outbox would overtake it: begin anew.
                raise ConnectionResetError(frame["code"])
            case "room.changes":
                if frame["from"] > self.at + 1:
                    self.wrong.append(f"{self.name}: from {frame['from']}, was at {self.at}")
                self.apply(frame)

    def apply(self, frame: Frame) -> None:
        for message in frame["messages"]:
            held = self.applied.get(message["seq"])
            if held is None or held["updated_seq"] < message["updated_seq"]:
                self.applied[message["seq"]] = message
        if frame["to"] >= self.at or "reset" in frame:
            self.position = {"epoch": frame["epoch"], "seq": frame["to"], "id": frame["to_id"]}


def wait_until_all(talkers: list[Talker], holds: Any, seconds: float = 60) -> None:
    """Until it holds for each of them, and nothing went wrong."""
    deadline = time.monotonic() + seconds
    while not all(map(holds, talkers)):
        wrong = [what for talker in talkers for what in talker.wrong]
        assert not wrong, wrong
        assert time.monotonic() < deadline, [(t.name, t.at, len(t.outbox)) for t in talkers]
        time.sleep(0.01)
