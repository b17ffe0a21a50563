"""Clients of a cluster in virtual time: each with an outbox.

What they send and get is written down for the checker.
"""

import asyncio
from functools import partial
from typing import Any

from chat.errors import Forbidden
from chat.messages.operations import Post
from chat.realtime.outcome_replies import reply_for
from lab.checker.records import Deliver, Final, Send, hash_of, seen_in

from .cluster import Cluster, Node
from .memory import START
from .simulation import Tab

# A client that was refused for now tries again after so many seconds.
RETRY_SECONDS = 1.0


class Client(Tab):
    """A tab with an outbox: one message after the other, each under its key until it is taken."""

    def __init__(self, cluster: Cluster, node: Node) -> None:
        self.cluster = cluster
        self.name = f"client-{len(cluster.clients)}"
        self.outbox: list[str] = []
        self.in_flight: str | None = None
        self._said = 0
        self._tried: set[str] = set()
        super().__init__(node, len(cluster.clients) + 1)
        cluster.clients.append(self)
        node.tabs.append(self)

    def move(self, node: Node) -> None:
        """Come back somewhere else; the socket is closed by now."""
        self._world.tabs.remove(self)
        self._world = node
        node.tabs.append(self)

    @property
    def node(self) -> Node:
        assert isinstance(self._world, Node)
        return self._world

    def say(self) -> None:
        self._said += 1
        self.outbox.append(f"{self.name}-{self._said}")
        self.flush()

    def flush(self) -> None:
        """Send the oldest, unless one is on its way."""
        if not self.outbox or self.in_flight or self.connection.closed or not self.in_room:
            return
        key = self.outbox[0]
        post = Post(self.member_id, key, f"says {key}")
        room = self.connection.subscriptions["lobby"].room
        try:
            self.node.permissions.check(self.member_id, room, post)
        except Forbidden:
            self._refused(key)
            return
        archived_at = self.cluster.archived_at
        was_archived = self.cluster.log.archived and self.cluster.must_be_obeyed(archived_at)
        assert not was_archived, f"{key} is said in a room that is archived"
        self.in_flight = key
        self._tried.add(key)
        self._write_send("invoke", key)
        reply = partial(reply_for, post, key, START)
        self.node.writer.submit(self.cluster.log.room, post, self.connection, reply)

    def _refused(self, key: str) -> None:
        """For good. What was tried before may be in the log all the same."""
        self.outbox.pop(0)
        if key not in self._tried:
            self._write_send("invoke", key)
            self._write_send("fail", key)
        asyncio.get_running_loop().call_soon(self.flush)

    def close_socket(self) -> None:
        if self.in_flight:
            self._write_send("info", self.in_flight)
            self.in_flight = None
        super().close_socket()

    def _take(self, event: dict[str, Any]) -> None:
        asked = self.position
        super()._take(event)
        match event["type"]:
            case "message.accepted" if event["client_id"] == self.in_flight:
                key = self.outbox.pop(0)
                self.in_flight = None
                self._write_send("ok", key, seq=event["seq"], id=event["id"])
                asyncio.get_running_loop().call_soon(self.flush)
            case "command.rejected" if event["ref"] == self.in_flight:
                self._write_send("info", event["ref"])
                self.in_flight = None
                asyncio.get_running_loop().call_later(RETRY_SECONDS, self.flush)
            case "room.entered":
                how = "reset" if "reset" in event else "resume" if asked else "page"
                self._write_deliver(event, how, reason=event.get("reset", ""))
                asyncio.get_running_loop().call_soon(self.flush)
            case "room.changes":
                self._write_deliver(event, "live")

    def _write_send(self, type_: str, key: str, **fields: Any) -> None:
        body = {"hash": hash_of(f"says {key}"), "sender": self.member_id, "cid": key}
        self.cluster.write(Send, actor=self.name, type=type_, **body | fields)

    def _write_deliver(self, event: dict[str, Any], source: str, **fields: Any) -> None:
        self.cluster.write(
            Deliver,
            actor=self.name,
            sender=self.member_id,
            node=self.node.name,
            epoch=event["epoch"],
            first=event["from"],
            last=event["to"],
            source=source,
            messages=[seen_in(message) for message in event["messages"]],
            **fields,
        )

    def end(self) -> None:
        """Write down where it stands."""
        assert self.position is not None
        self.cluster.write(Final, actor=self.name, epoch=self.position.epoch, seq=self.seq)
