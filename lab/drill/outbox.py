"""What a client sends: a queue for each room, sent in order through every fault."""

import asyncio
import random
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..checker.records import Edit, Outcome, Send, hash_of, now
from ..kit.client_protocol import Event

if TYPE_CHECKING:
    from .drill_client import DrillClient

# A client with so much unsent writes nothing new.
OUTBOX_MAX = 20
FINAL_CODES = {"too_long", "invalid_text", "forbidden", "key_reused", "not_found", "bad_command"}
TOO_LONG = "x" * 4001


@dataclass
class Unsent:
    cid: str
    body: str
    begun_at: float = 0.0


class Outbox:
    """A message every `pace` seconds, in turn in each room (0: only what it is told to `say`)."""

    def __init__(
        self, client: "DrillClient", rooms: list[str], pace: float, body_size: int
    ) -> None:
        self.silent = pace == 0
        self._client = client
        self._rooms = rooms
        self._pace = pace
        self._body_size = body_size
        self._queues: dict[str, deque[Unsent]] = {room: deque() for room in rooms}
        self._numbers = 0
        # Set when there may be something to send.
        self._woken: dict[str, asyncio.Event] = {room: asyncio.Event() for room in rooms}

    async def run(self) -> None:
        senders = [asyncio.ensure_future(self._send_all(room)) for room in self._rooms]
        try:
            while self._pace:
                await asyncio.sleep(self._pace * random.uniform(0.5, 1.5))  # noqa: S311
                if not self.silent and self.unsent < OUTBOX_MAX:
                    self.say(self._rooms[self._numbers % len(self._rooms)])
            await asyncio.gather(*senders)
        finally:
            for sender in senders:
                sender.cancel()

    def say(self, room: str, body: str = "") -> None:
        self._numbers += 1
        body = body or f"{self._client.name} says {self._numbers}" + " ." * (self._body_size // 2)
        # Now and then something that will be refused, and must never be seen.
        if self._numbers % 97 == 0:
            body = TOO_LONG
        self._queues[room].append(Unsent(f"{self._client.name}-{self._numbers}", body))
        self._woken[room].set()

    def wake(self) -> None:
        """The client is connected again."""
        for woken in self._woken.values():
            woken.set()

    @property
    def unsent(self) -> int:
        return sum(map(len, self._queues.values()))

    def record_unanswered(self) -> None:
        """Record what was sent and will never be answered: its outcome stays unknown."""
        for room, queue in self._queues.items():
            for unsent in queue:
                if unsent.begun_at:
                    self._record_send("info", room, unsent)

    async def _send_all(self, room: str) -> None:
        """One at a time, in order, as the browser does."""
        queue, woken = self._queues[room], self._woken[room]
        while True:
            if not (queue and self._client.connected):
                woken.clear()
                await woken.wait()
                continue
            unsent = queue[0]
            unsent.begun_at = unsent.begun_at or time.time()
            self._record_send("invoke", room, unsent)
            try:
                reply = await self._client.ask(
                    "message.send", room=room, client_id=unsent.cid, body=unsent.body
                )
            except OSError:
                await self._client.drop_socket()
                continue
            if reply.type == "message.accepted":
                queue.popleft()
                self._record_send("ok", room, unsent, reply)
                self._client.observed.answers.append((time.time(), time.time() - unsent.begun_at))
                await self._maybe_edit(room, reply.seq, unsent)
            elif reply.code in FINAL_CODES:
                queue.popleft()
                self._record_send("fail", room, unsent, reply)
            else:
                retry_ms = 500 if reply.retry_ms is None else reply.retry_ms
                await asyncio.sleep(min(1.0, retry_ms / 1000 / 4))

    async def _maybe_edit(self, room: str, seq: int, unsent: Unsent) -> None:
        if self._numbers % 29:
            return
        body = f"{unsent.body} (edited)"
        edit: dict[str, Any] = {"actor": self._client.name, "room": room, "target": seq}
        edit["hash"] = hash_of(body)
        self._client.journal.write(Edit(t=now(), type="invoke", **edit))
        try:
            reply = await self._client.ask("message.edit", room=room, seq=seq, body=body)
        except OSError:
            return
        outcome: Outcome = "ok" if reply.updated_seq else "info"
        self._client.journal.write(Edit(t=now(), type=outcome, seq=reply.updated_seq, **edit))

    def _record_send(
        self, type_: Outcome, room: str, unsent: Unsent, reply: Event | None = None
    ) -> None:
        self._client.journal.write(
            Send(
                t=now(),
                actor=self._client.name,
                type=type_,
                room=room,
                sender=self._client.member,
                cid=unsent.cid,
                hash=hash_of(unsent.body),
                seq=reply.seq if reply else 0,
                id=reply.id if reply else "",
                code=str(reply.code) if reply else "",
            )
        )
