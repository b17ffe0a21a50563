"""A cluster in virtual time: real hubs and writers over one log in memory.

What its clients (cluster_client.py) see is written down as in a drill, and judged by the same
checker.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec

from chat import bus, protocol
from chat.errors import Unavailable
from chat.messages.commit import Accepted, Outcome
from chat.messages.operations import Post
from chat.realtime.writer import RoomWriter
from chat.rooms.models import Room
from lab.checker.check import Finding, check
from lab.checker.history import History
from lab.checker.records import (
    Added,
    AnyRecord,
    Edit,
    Head,
    Removed,
    Row,
    hash_of,
)

from .memory import START
from .memory_access import ClosableLog
from .node_access import watch_access
from .simulation import World

if TYPE_CHECKING:
    from .cluster_client import Client

# Where the process of a commit may die, or the commit go wrong.
FATES = [
    "killed before the commit",
    "killed after the commit",
    "killed after answering",
    "rolled back, and nobody knows",
    "committed, and nobody knows",
    "slow",
]
# After so many seconds everyone obeys a change of the room.
OBEYED_SECONDS = 2.0


class Cluster:
    """Nodes over one log, and what their clients saw."""

    def __init__(self, random: Random, nodes: int = 2) -> None:
        self.random = random
        self.log = ClosableLog(Room(pk=1, key="lobby", name="Lobby"))
        self.numbers: dict[tuple[int, str], int] = {}
        self.records: list[AnyRecord] = []
        self.nodes = [Node(self, f"node-{number}") for number in range(nodes)]
        self.clients: list[Client] = []
        # When the last change was of who may see the room, and of who may write there.
        self.access_at = self.archived_at = 0.0
        # When a node that could not know of changes could again.
        self.blind_until = 0.0
        self._shut_out: set[int] = set()
        self._ticks = 0

    def now(self) -> int:
        """Nanoseconds of the virtual clock; no two records bear the same."""
        self._ticks += 1
        return round(asyncio.get_running_loop().time() * 1e9) + self._ticks

    def write(self, kind: type[Any], **fields: Any) -> None:
        self.records.append(kind(t=self.now(), room="lobby", **fields))

    def commit(self, posts: list[Post]) -> tuple[bus.Batch | None, list[Outcome]]:
        """What the real log does in one transaction: new ones get numbers, known ones theirs."""
        before = self.log.head
        outcomes: list[Outcome] = []
        for post in posts:
            key = post.author_id, post.client_id
            if key not in self.numbers:
                uid = self.log._new_id()
                self.numbers[key] = seq = self.log.head
                author = protocol.MemberRef(post.author_id, f"Member {post.author_id}")
                self.log.messages[seq] = protocol.WireMessage(
                    uid, seq, seq, author, post.body, START, post.client_id
                )
            message = self.log.messages[self.numbers[key]]
            outcomes.append(
                Accepted(message.seq, message.updated_seq, message.id, True, datetime.now(UTC))
            )
        return self.log._after(before) if self.log.head > before else None, outcomes

    def edit(self, seq: int, node: "Node") -> None:
        batch = self.log.edit(seq)
        edited = {"target": seq, "hash": hash_of(self.log.messages[seq].body), "actor": "editor"}
        self.write(Edit, type="invoke", **edited)
        node.tell(batch)
        self.write(Edit, type="ok", seq=batch.last, **edited)

    # --- Access -------------------------------------------------------------------------------

    def change_room(self, node: "Node", change: Callable[[], None]) -> None:
        """Members come and go, the room is closed, opened or archived; committed by this node."""
        before = self.log.archived
        change()
        if self.log.archived != before:
            self.archived_at = asyncio.get_running_loop().time()
        self.note_access()
        node.heard(bus.ModerationChanged())
        for other in self.nodes:
            if other is not node:
                other.bus.carry(bus.ModerationChanged())

    def note_access(self) -> None:
        """Write down who is shut out. A node whose database is away cannot know that yet."""
        self.access_at = asyncio.get_running_loop().time()
        shut_out = {one.member_id for one in self.clients if not self.may_see(one)}
        if self.is_any_blind():
            shut_out = set()
        for member_id in sorted(shut_out - self._shut_out):
            self.write(Removed, actor="owner", sender=member_id)
        for member_id in sorted(self._shut_out - shut_out):
            self.write(Added, actor="owner", sender=member_id)
        self._shut_out = shut_out

    def may_see(self, client: "Client") -> bool:
        return self.log.may_see(client.member_id)

    def is_any_blind(self) -> bool:
        return any(node.database.away for node in self.nodes)

    def must_be_obeyed(self, changed_at: float) -> bool:
        """Whether every node has had the time to know of this change."""
        now = asyncio.get_running_loop().time()
        since = max(changed_at, self.blind_until)
        return not self.is_any_blind() and now - since > OBEYED_SECONDS

    # --- What the checker makes of it ---------------------------------------------------------

    def findings(self) -> list[Finding]:
        """What the checker makes of it all."""
        return check(History([*self.records, *self._rows()]))

    def _rows(self) -> list[AnyRecord]:
        rows: list[AnyRecord] = [
            Head(t=0, actor="database", room="lobby", epoch=self.log.epoch, head=self.log.head)
        ]
        for seq, uid in enumerate(self.log.ids[1:], 1):
            place: dict[str, Any] = {
                "t": 0,
                "actor": "database",
                "room": "lobby",
                "seq": seq,
                "id": str(uid),
            }
            message = self.log.messages.get(seq)
            if message is None:
                rows.append(Row(kind="change", **place))
            else:
                said: dict[str, Any] = {"sender": message.author.id, "cid": message.client_id}
                rows.append(
                    Row(
                        kind="message",
                        updated_seq=message.updated_seq,
                        hash=hash_of(message.body),
                        **place,
                        **said,
                    )
                )
        return rows


class Node(World):
    """One process: it may be killed, and starts anew knowing nothing."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self.cluster = cluster
        self.name = name
        # What becomes of the next commit.
        self.fate = ""
        super().__init__(cluster.random, cluster.log)

    def start(self) -> None:
        super().start()
        self.writer = RoomWriter(Commits(self))  # type: ignore[arg-type]
        self.permissions = watch_access(self)

    def reach_database(self, *, away: bool) -> None:
        self.database.away = away
        self.cluster.blind_until = asyncio.get_running_loop().time()
        self.cluster.note_access()

    def tell(self, batch: bus.Batch) -> None:
        """This hub at once, the others as well as their bus carries it."""
        self.heard(batch)
        for node in self.cluster.nodes:
            if node is not self:
                node.bus.carry(batch)

    def kill(self) -> None:
        for tab in list(self.tabs):
            if not tab.connection.closed:
                tab.closed_with.append(1006)
                tab.close_socket()
        self.scheduler.cancel()
        self.start()
        self.cluster.blind_until = asyncio.get_running_loop().time()


class Commits:
    """Stands for the database: each commit takes its time, and meets its fate."""

    def __init__(self, node: Node) -> None:
        self._node = node

    async def commit(self, room: Room, posts: list[Post], announce: Any) -> list[Outcome]:
        node, cluster = self._node, self._node.cluster
        writer, fate, node.fate = node.writer, node.fate, ""
        nobody_knows: list[Outcome] = [Unavailable("The database gives no answer.")] * len(posts)
        await asyncio.sleep(cluster.random.uniform(0, 2 if fate == "slow" else 0.01))
        if fate == "killed before the commit":
            node.kill()
        if node.writer is not writer:
            raise asyncio.CancelledError  # this process is dead
        if fate == "rolled back, and nobody knows":
            return nobody_knows
        batch, outcomes = cluster.commit(posts)
        if fate == "committed, and nobody knows":
            return nobody_knows
        if fate == "killed after the commit":
            node.kill()
            raise asyncio.CancelledError
        if fate == "killed after answering":
            asyncio.get_running_loop().call_later(0.001, node.kill)
        elif batch is not None:
            asyncio.get_running_loop().call_later(0.001, node.tell, batch)
        else:
            node.heard(bus.Head(1, cluster.log.head))
        return outcomes


def decoded(records: list[AnyRecord]) -> list[AnyRecord]:
    """Through the files' own format, as a drill does."""
    return [msgspec.json.decode(msgspec.json.encode(r), type=AnyRecord) for r in records]
