"""Presence: who is in a room and who is typing. It is never stored, and never delays a message.

Each node tells the others about its own members: at the next tick when someone comes or goes, and
with its heartbeat every ten seconds. What a node told expires after thirty seconds, so that the
members of a dead node disappear. While the bus is silent nothing expires: unknown is not gone.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .. import bus, protocol
from .connection import Connection
from .hub import Hub
from .room_stream import RoomStream
from .sockets import Frame, frame

BEAT_SECONDS = bus.ALIVE_SECONDS
LEASE_SECONDS = 30
TYPING_SECONDS = 5
# With more people than this, those who enter within a second get the same answer.
FEW = 20
# A room with more people than this hears of comings and goings every few seconds only.
LARGE_ROOM = 200
LARGE_ROOM_SECONDS = 5
# Names that travel in one roster; beyond it there is only the count.
ROSTER_MAX = 200
# Above this many people, typing is told to nobody: it would cost more than all messages.
TYPING_ROOM_MAX = 200
TYPING_NAMES_MAX = 5

Members = dict[int, str]
# A member as the sockets were told last: the name, and the role if there is one.
Told = dict[int, tuple[str, str | None]]


@dataclass(slots=True)
class RoomPresence:
    """The members in one room as this node knows them, and what it sent to its sockets last."""

    # By member, the connections of this node that are theirs.
    local: dict[int, set[Connection]] = field(default_factory=dict)
    remote: dict[str, tuple[bus.Roster, float]] = field(default_factory=dict)
    last_sent: Told = field(default_factory=dict)
    sent_count: int = 0
    sent_at: float = 0.0
    # The last answer to someone who entered, and when it was made.
    state: Frame | None = None
    state_at: float = 0.0
    typing: dict[int, tuple[str, float]] = field(default_factory=dict)
    typing_sent: list[str] = field(default_factory=list)
    stale: bool = False
    broadcast_due: bool = False

    def members(self) -> tuple[int, Members]:
        """How many are here in all, and a part of them by id and name."""
        listed = self.local_names()
        beyond = len(self.local) - len(listed)
        for roster, _ in self.remote.values():
            beyond += roster.count - len(roster.members)
            for member_id, name in roster.members:
                listed.setdefault(member_id, name)
        return len(listed) + beyond, dict(list(listed.items())[:ROSTER_MAX])

    def known(self) -> Members:
        """Everyone whom this node can name."""
        names = {
            member_id: next(iter(connections)).identity.name
            for member_id, connections in self.local.items()
        }
        for roster, _ in self.remote.values():
            for member_id, name in roster.members:
                names.setdefault(member_id, name)
        return names

    def local_names(self) -> Members:
        names: Members = {}
        for member_id, connections in self.local.items():
            if len(names) == ROSTER_MAX:
                break
            names[member_id] = next(iter(connections)).identity.name
        return names


class Presence:
    """The presence in every live room of this node."""

    def __init__(self, node: str, hub: Hub, role_of: Callable[[int, int], str | None]) -> None:
        self._node = node
        self._hub = hub
        self._role_of = role_of
        self._rooms: dict[int, RoomPresence] = {}
        self._beat_at = float("-inf")

    # --- What happens here --------------------------------------------------------------------

    def entered(self, connection: Connection, live: RoomStream) -> None:
        """A connection entered a room: tell it who is there.

        Visitors are not counted among them, and are not told about them.
        """
        if connection.is_visitor:
            return
        presence = self._rooms.get(live.room.pk)
        if presence is None:
            presence = self._rooms[live.room.pk] = RoomPresence()
            self._hub.bus.publish(
                bus.room_group(live.room.pk), bus.RosterWanted(live.room.pk, self._node)
            )
        if connection.member_id not in presence.local:
            presence.stale = presence.broadcast_due = True
        presence.local.setdefault(connection.member_id, set()).add(connection)
        connection.socket.write(self._state(live, presence))
        if presence.typing_sent:
            connection.write(protocol.Typing(live.room.key, presence.typing_sent))

    def left(self, connection: Connection, live: RoomStream) -> None:
        presence = self._rooms.get(live.room.pk)
        if presence is None or connection.is_visitor:
            return
        connections = presence.local.get(connection.member_id, set())
        connections.discard(connection)
        if not connections:
            presence.local.pop(connection.member_id, None)
            presence.typing.pop(connection.member_id, None)
            presence.stale = presence.broadcast_due = True

    def renamed(self, connection: Connection) -> None:
        for subscription in connection.subscriptions.values():
            if presence := self._rooms.get(subscription.room.room.pk):
                presence.stale = presence.broadcast_due = True

    def roles_changed(self) -> None:
        """Roles are told with the names: look at every room anew."""
        for presence in self._rooms.values():
            presence.stale = True

    def roles_changed_in(self, room_id: int) -> None:
        if presence := self._rooms.get(room_id):
            presence.stale = True
            presence.state = None

    def typed(self, connection: Connection, live: RoomStream) -> None:
        presence = self._rooms.get(live.room.pk)
        if presence is None or presence.sent_count > TYPING_ROOM_MAX:
            return
        known = presence.typing.get(connection.member_id)
        now = time.monotonic()
        if known is not None and now < known[1] - TYPING_SECONDS + 1:
            return
        hint = bus.Typed(
            node=self._node,
            room_id=live.room.pk,
            member_id=connection.member_id,
            name=connection.identity.name,
        )
        self._hub.bus.publish(bus.room_group(live.room.pk), hint)
        presence.typing[connection.member_id] = (connection.identity.name, now + TYPING_SECONDS)
        self._tell_typing(live, presence, now)

    def said(self, member_id: int, live: RoomStream) -> None:
        """A member who has sent a message is not typing it any more."""
        presence = self._rooms.get(live.room.pk)
        if presence is not None and member_id in presence.typing:
            del presence.typing[member_id]
            self._tell_typing(live, presence, time.monotonic())

    # --- Asked --------------------------------------------------------------------------------

    def known_in(self, room_id: int) -> Members:
        """Everyone in the room whom this node can name."""
        presence = self._rooms.get(room_id)
        return presence.known() if presence else {}

    def count_in(self, room_id: int) -> int:
        presence = self._rooms.get(room_id)
        return presence.members()[0] if presence else 0

    def last_sent(self, room_id: int) -> tuple[int, list[int]]:
        """How many are in the room and some of them, as members were told last; from any thread."""
        presence = self._rooms.get(room_id)
        return (presence.sent_count, list(presence.last_sent)) if presence else (0, [])

    def nodes_cut_short(self, room_id: int) -> set[str]:
        """The nodes that have more people in the room than their rosters name."""
        presence = self._rooms.get(room_id)
        remote = presence.remote.items() if presence else ()
        return {node for node, (roster, _) in remote if roster.count > len(roster.members)}

    # --- What other nodes say -----------------------------------------------------------------

    def met(self) -> None:
        """Another node is there: tell it who is here, with the next tick."""
        self._beat_at = float("-inf")

    def on_message(self, hint: bus.BusMessage) -> None:
        match hint:
            case bus.Roster(node=node, room_id=room_id) if node != self._node:
                if presence := self._rooms.get(room_id):
                    presence.remote[node] = (hint, time.monotonic() + LEASE_SECONDS)
                    presence.stale = True
            case bus.RosterWanted(room_id=room_id, node=node) if node != self._node:
                if presence := self._rooms.get(room_id):
                    presence.broadcast_due = True
            case bus.Typed(node=node, room_id=room_id) if node != self._node:
                presence = self._rooms.get(room_id)
                live = self._hub.rooms.get(room_id)
                if presence and live and presence.sent_count <= TYPING_ROOM_MAX:
                    now = time.monotonic()
                    presence.typing[hint.member_id] = (hint.name, now + TYPING_SECONDS)
                    self._tell_typing(live, presence, now)

    # --- Once a second ------------------------------------------------------------------------

    def tick(self) -> None:
        """Tell our sockets and the other nodes what has changed since the last tick."""
        now = time.monotonic()
        if now - self._beat_at >= BEAT_SECONDS:
            self._beat_at = now
            self._hub.bus.beat([self._roster(*one) for one in self._rooms.items()])
            for presence in self._rooms.values():
                presence.broadcast_due = False
        for room_id, presence in list(self._rooms.items()):
            live = self._hub.rooms.get(room_id)
            if presence.broadcast_due:
                presence.broadcast_due = False
                self._hub.bus.publish(bus.room_group(room_id), self._roster(room_id, presence))
            if live is None or not presence.local:
                del self._rooms[room_id]
                continue
            self._forget(presence, now)
            if presence.stale:
                self._tell_members(live, presence, now)
            self._tell_typing(live, presence, now)

    def _forget(self, presence: RoomPresence, now: float) -> None:
        for node, (roster, until) in list(presence.remote.items()):
            if self._hub.degraded:
                # When the bus is back, that node has a beat or two to say that they are here.
                heard_by = max(until, now + 2 * BEAT_SECONDS)
                presence.remote[node] = roster, heard_by
            elif until < now:
                del presence.remote[node]
                presence.stale = True

    def _roster(self, room_id: int, presence: RoomPresence) -> bus.Roster:
        names = list(presence.local_names().items())
        return bus.Roster(
            node=self._node, room_id=room_id, count=len(presence.local), members=names
        )

    # --- Telling our sockets ------------------------------------------------------------------

    def _state(self, live: RoomStream, presence: RoomPresence) -> Frame:
        """Who is here. In a large room some may be missing; the next difference brings them."""
        now = time.monotonic()
        old = presence.state
        if old is not None and len(presence.local) > FEW and now < presence.state_at + 1:
            return old
        count, members = presence.members()
        told = self._told(live, members)
        state = frame(protocol.PresenceState(live.room.key, count, _people(told.items())))
        presence.state, presence.state_at = state, now
        return state

    def _tell_members(self, live: RoomStream, presence: RoomPresence, now: float) -> None:
        if presence.sent_count > LARGE_ROOM and now < presence.sent_at + LARGE_ROOM_SECONDS:
            return
        presence.stale, presence.sent_at = False, now
        count, members = presence.members()
        told = self._told(live, members)
        joined = _people(told.items() - presence.last_sent.items())
        left = _people(presence.last_sent.items() - told.items())
        if joined or left or count != presence.sent_count:
            presence.last_sent, presence.sent_count = told, count
            diff = protocol.PresenceDiff(room=live.room.key, count=count, joined=joined, left=left)
            live.broadcast(frame(diff))

    def _told(self, live: RoomStream, members: Members) -> Told:
        room_id = live.room.pk
        return {one: (name, self._role_of(one, room_id)) for one, name in members.items()}

    def _tell_typing(self, live: RoomStream, presence: RoomPresence, now: float) -> None:
        if not presence.typing and not presence.typing_sent:
            return
        for member_id, (_, until) in list(presence.typing.items()):
            if until < now:
                del presence.typing[member_id]
        names = [name for name, _ in presence.typing.values()][:TYPING_NAMES_MAX]
        if names != presence.typing_sent:
            presence.typing_sent = names
            live.broadcast(frame(protocol.Typing(live.room.key, names)))


def _people(told: Iterable[tuple[int, tuple[str, str | None]]]) -> list[protocol.PresentMember]:
    return [protocol.PresentMember(member_id, *name_and_role) for member_id, name_and_role in told]
