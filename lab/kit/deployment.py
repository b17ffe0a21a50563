"""A deployment under test: where clients connect, its members, and what its database holds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import psycopg

from ..checker.records import AnyRecord, Head, Row, hash_of
from .client_protocol import Position

# For `manage.py shell`: empty rooms, and members of whom it prints the cookies.
PREPARE = """
from django.core.management import call_command
from chat.moderation import room_rules
call_command("migrate", verbosity=0)
for number in range({rooms}):
    room_rules.open_room(key=f"room-{{number}}", name=f"Room {{number}}")
call_command("mint_sessions", {members}, prefix="{prefix} ")
"""


def cookies_in(printed: str) -> list[str]:
    """The cookies that PREPARE printed."""
    return [line for line in printed.splitlines() if line.startswith("member=")]


@dataclass(frozen=True)
class LogLine:
    """A line of a node's log. `at`: seconds since 1970."""

    at: float
    node: str
    level: str
    text: str


@dataclass
class Endpoint:
    """Where clients connect: a node, or a proxy before several."""

    name: str
    port: int

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/"

    def log_lines(self) -> Iterator[LogLine]:
        """Its log, where that can be read."""
        return iter(())


@dataclass(kw_only=True)
class Deployment:
    """Endpoints over one database."""

    # Of members; a drill takes those that it uses.
    cookies: list[str] = field(default_factory=list)
    rooms_used: int = 0

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        raise NotImplementedError

    @property
    def database_url(self) -> str:
        raise NotImplementedError

    def take_rooms(self, count: int) -> list[str]:
        """Keys of rooms that are still empty."""
        first, self.rooms_used = self.rooms_used, self.rooms_used + count
        return [f"room-{number}" for number in range(first, self.rooms_used)]

    def heads(self, rooms: list[str], url: str = "") -> dict[str, Position]:
        """Where the log of each of these rooms ends, from the database itself."""
        with psycopg.connect(url or self.database_url) as connection:
            rows = connection.execute(
                "SELECT key, epoch, head, head_id::text FROM chat_roomhead"
                " JOIN chat_room r ON r.id = room_id WHERE key = ANY(%s)",
                [rooms],
            )
            return {key: Position(*end) for key, *end in rows}

    def dump(self, rooms: list[str], t: int) -> Iterator[AnyRecord]:
        """The whole logs of these rooms."""
        for key, end in self.heads(rooms).items():
            yield Head(t=t, actor="database", room=key, epoch=end.epoch, head=end.seq)
        with psycopg.connect(self.database_url) as connection:
            for key, seq, uid, updated_seq, author, cid, body in connection.execute(
                "SELECT key, seq, uid, updated_seq, author_id, client_id, body"
                " FROM chat_message JOIN chat_room r ON r.id = room_id WHERE key = ANY(%s)",
                [rooms],
            ):
                yield Row(
                    t=t,
                    actor="database",
                    room=key,
                    seq=seq,
                    id=str(uid),
                    kind="message",
                    updated_seq=updated_seq,
                    sender=author,
                    cid=cid,
                    hash=hash_of(body),
                )
            for key, seq, uid in connection.execute(
                "SELECT key, seq, uid FROM chat_change JOIN chat_room r ON r.id = room_id"
                " WHERE key = ANY(%s)",
                [rooms],
            ):
                yield Row(t=t, actor="database", room=key, seq=seq, id=str(uid), kind="change")
