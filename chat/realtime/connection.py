"""A connection: one tab's WebSocket, who it belongs to, and the rooms it is in."""

import itertools
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .. import protocol
from ..accounts.sessions import VISITOR, Identity
from ..metrics import counters
from .rate_limits import COMMANDS_BY_CONNECTION, Bucket
from .sockets import Frame, Socket, frame

if TYPE_CHECKING:
    from .room_stream import Subscription

_numbers = itertools.count()


class Connection:
    """What the node knows of one tab."""

    __slots__ = (
        "_close_socket",
        "address",
        "closed",
        "commands",
        "id",
        "identity",
        "is_checked",
        "is_visitor",
        "number",
        "socket",
        "subscriptions",
        "waiting",
    )

    def __init__(
        self,
        identity: Identity,
        address: str,
        socket: Socket,
        close_socket: Callable[[int], None],
    ) -> None:
        self.id = secrets.token_hex(6)
        self.number = next(_numbers)
        self.identity = identity
        # Whether the database has confirmed the session; until then no command is carried out.
        self.is_checked = False
        self.is_visitor = identity == VISITOR
        self.address = address
        self.socket = socket
        self.subscriptions: dict[str, Subscription] = {}
        # Frames that wait while an earlier one is answered.
        self.waiting: deque[str] = deque()
        self.closed = False
        self.commands = Bucket(COMMANDS_BY_CONNECTION)
        self._close_socket = close_socket

    @property
    def member_id(self) -> int:
        return self.identity.id

    @property
    def is_guest(self) -> bool:
        """Whether this is a session of a name alone: one of an account is on a device."""
        return not self.identity.device

    @property
    def me(self) -> protocol.MemberRef:
        return protocol.MemberRef(self.identity.id, self.identity.name)

    def write(self, event: protocol.Reply | protocol.Event) -> None:
        self.socket.write(frame(event))

    def write_all(self, replies: Sequence[protocol.Reply]) -> None:
        """Several in one write."""
        self.socket.write(Frame.joined([frame(reply) for reply in replies]))

    def flush(self) -> None:
        """The socket has drained: go on from the cursors."""
        for subscription in self.subscriptions.values():
            subscription.room.flush(subscription)

    def pause(self) -> None:
        """The socket takes nothing for now: the rooms go on without it."""
        for subscription in self.subscriptions.values():
            subscription.room.pause(subscription)

    def close(self, code: int, reason: str, retry_ms: int | None = None) -> None:
        """Say why, and close."""
        self.send_bye(code, reason, retry_ms)
        self.close_socket(code)

    def send_bye(self, code: int, reason: str, retry_ms: int | None = None) -> None:
        """Say that this will be closed, and take no more commands. Answers still go out."""
        self.closed = True
        counters.byes[code] += 1
        if self.socket.writable:
            self.write(protocol.Bye(code, reason, retry_ms))

    def close_socket(self, code: int) -> None:
        """Close. A socket that takes nothing any more is cut off instead."""
        if self.socket.writable:
            self._close_socket(code)
        else:
            self.socket.abort(code)
