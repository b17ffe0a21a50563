"""Who is here and who is typing: soft state, gossiped between nodes, never in a message's way.

Each node tells the others about its own people: at once when someone comes or goes, and in a beat
every ten seconds. What a node said holds for thirty, so the people of a dead node fade by
themselves. While the bus is silent nobody fades: unknown is not gone.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from .. import bus, protocol
from .connection import Connection
from .hub import Hub
from .room_stream import RoomStream
from .sockets import Frame, frame

BEAT_SECONDS = 10
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


@dataclass(slots=True)
class RoomPresence:
    """The people of one room as this node knows them, and what it told its sockets last."""

    # By member, the connections of this node that are theirs.
    here: dict[int, set[Connection]] = field(default_factory=dict)
    elsewhere: dict[str, tuple[bus.Roster, float]] = field(default_factory=dict)
    told: Members = field(default_factory=dict)
    told_count: int = 0
    told_at: float = 0.0
    # The last answer to someone who entered, and when it was made.
    state: Frame | None = None
    state_at: float = 0.0
    typing: dict[int, tuple[str, float]] = field(default_factory=dict)
    typing_told: list[str] = field(default_factory=list)
    stale: bool = False
    gossip_due: bool = False

    def members(self) -> tuple[int, Members]:
        """How many are here in all, and a part of them by id and name."""
        listed = self.names_here()
        beyond = len(self.here) - len(listed)
        for roster, _ in self.elsewhere.values():
            beyond += roster.count - len(roster.members)
            for member_id, name in roster.members:
                listed.setdefault(member_id, name)
        return len(listed) + beyond, dict(list(listed.items())[:ROSTER_MAX])

    def names_here(self) -> Members:
        names: Members = {}
        for member_id, connections in self.here.items():
            if len(names) == ROSTER_MAX:
                break
            names[member_id] = next(iter(connections)).identity.name
        return names


class Presence:
    """The attendance of every live room of this node."""

    def __init__(self, node: str, hub: Hub) -> None:
        self._node = node
        self._hub = hub
        self._rooms: dict[int, RoomPresence] = {}
        self._beat_at = 0.0

    # --- What happens here --------------------------------------------------------------------

    def entered(self, connection: Connection, live: RoomStream) -> None:
        """Someone is in a room with one tab more. Tells that tab who is there.

        Visitors are not among those who are here, and are not told who is.
        """
        if connection.is_visitor:
            return
        attendance = self._rooms.get(live.room.pk)
        if attendance is None:
            attendance = self._rooms[live.room.pk] = RoomPresence()
            self._hub.bus.publish(
                bus.room_group(live.room.pk), bus.RosterWanted(live.room.pk, self._node)
            )
        if connection.member_id not in attendance.here:
            attendance.stale = attendance.gossip_due = True
        attendance.here.setdefault(connection.member_id, set()).add(connection)
        connection.socket.write(self._state(live, attendance))
        if attendance.typing_told:
            connection.write(protocol.Typing(live.room.key, attendance.typing_told))

    def left(self, connection: Connection, live: RoomStream) -> None:
        attendance = self._rooms.get(live.room.pk)
        if attendance is None or connection.is_visitor:
            return
        connections = attendance.here.get(connection.member_id, set())
        connections.discard(connection)
        if not connections:
            attendance.here.pop(connection.member_id, None)
            attendance.typing.pop(connection.member_id, None)
            attendance.stale = attendance.gossip_due = True

    def renamed(self, connection: Connection) -> None:
        for subscription in connection.subscriptions.values():
            if attendance := self._rooms.get(subscription.room.room.pk):
                attendance.stale = attendance.gossip_due = True

    def typed(self, connection: Connection, live: RoomStream) -> None:
        attendance = self._rooms.get(live.room.pk)
        if attendance is None or attendance.told_count > TYPING_ROOM_MAX:
            return
        known = attendance.typing.get(connection.member_id)
        now = time.monotonic()
        if known is not None and now < known[1] - TYPING_SECONDS + 1:
            return
        hint = bus.Typed(self._node, live.room.pk, connection.member_id, connection.identity.name)
        self._hub.bus.publish(bus.room_group(live.room.pk), hint)
        attendance.typing[connection.member_id] = (connection.identity.name, now + TYPING_SECONDS)
        self._tell_typing(live, attendance, now)

    def said(self, member_id: int, live: RoomStream) -> None:
        """Whoever has sent a message is not typing it any more."""
        attendance = self._rooms.get(live.room.pk)
        if attendance is not None and member_id in attendance.typing:
            del attendance.typing[member_id]
            self._tell_typing(live, attendance, time.monotonic())

    # --- What other nodes say -----------------------------------------------------------------

    def met(self) -> None:
        """Another node is there: it should know who is here."""
        for attendance in self._rooms.values():
            attendance.gossip_due = True

    def heard(self, hint: bus.BusMessage) -> None:
        match hint:
            case bus.Roster(node=node, room_id=room_id) if node != self._node:
                if attendance := self._rooms.get(room_id):
                    attendance.elsewhere[node] = (hint, time.monotonic() + LEASE_SECONDS)
                    attendance.stale = True
            case bus.RosterWanted(room_id=room_id, node=node) if node != self._node:
                if attendance := self._rooms.get(room_id):
                    attendance.gossip_due = True
            case bus.Typed(node=node, room_id=room_id) if node != self._node:
                attendance = self._rooms.get(room_id)
                live = self._hub.rooms.get(room_id)
                if attendance and live and attendance.told_count <= TYPING_ROOM_MAX:
                    now = time.monotonic()
                    attendance.typing[hint.member_id] = (hint.name, now + TYPING_SECONDS)
                    self._tell_typing(live, attendance, now)

    # --- Once a second ------------------------------------------------------------------------

    def tick(self) -> None:
        """Tell our sockets and the other nodes what has changed since the last tick."""
        now = time.monotonic()
        beat = now - self._beat_at >= BEAT_SECONDS
        if beat:
            self._beat_at = now
        for room_id, attendance in list(self._rooms.items()):
            live = self._hub.rooms.get(room_id)
            if beat or attendance.gossip_due:
                attendance.gossip_due = False
                self._broadcast_roster(room_id, attendance)
            if live is None or not attendance.here:
                del self._rooms[room_id]
                continue
            self._forget(attendance, now)
            if attendance.stale:
                self._tell_members(live, attendance, now)
            self._tell_typing(live, attendance, now)

    def _forget(self, attendance: RoomPresence, now: float) -> None:
        for node, (roster, until) in list(attendance.elsewhere.items()):
            if self._hub.degraded:
                # Once we hear again, their node has a beat or two to say that they are here.
                heard_by = max(until, now + 2 * BEAT_SECONDS)
                attendance.elsewhere[node] = roster, heard_by
            elif until < now:
                del attendance.elsewhere[node]
                attendance.stale = True

    def _broadcast_roster(self, room_id: int, attendance: RoomPresence) -> None:
        names = list(attendance.names_here().items())
        roster = bus.Roster(self._node, room_id, len(attendance.here), names)
        self._hub.bus.publish(bus.room_group(room_id), roster)

    # --- Telling our sockets ------------------------------------------------------------------

    def _state(self, live: RoomStream, attendance: RoomPresence) -> Frame:
        """Who is here. Where many are, some may be missing whom the next difference brings."""
        now = time.monotonic()
        old = attendance.state
        if old is not None and len(attendance.here) > FEW and now < attendance.state_at + 1:
            return old
        count, members = attendance.members()
        state = frame(protocol.PresenceState(live.room.key, count, _refs(members.items())))
        attendance.state, attendance.state_at = state, now
        return state

    def _tell_members(self, live: RoomStream, attendance: RoomPresence, now: float) -> None:
        if attendance.told_count > LARGE_ROOM and now < attendance.told_at + LARGE_ROOM_SECONDS:
            return
        attendance.stale, attendance.told_at = False, now
        count, members = attendance.members()
        joined = _refs(members.items() - attendance.told.items())
        left = _refs(attendance.told.items() - members.items())
        if joined or left or count != attendance.told_count:
            attendance.told, attendance.told_count = members, count
            live.broadcast(frame(protocol.PresenceDiff(live.room.key, count, joined, left)))

    def _tell_typing(self, live: RoomStream, attendance: RoomPresence, now: float) -> None:
        if not attendance.typing and not attendance.typing_told:
            return
        for member_id, (_, until) in list(attendance.typing.items()):
            if until < now:
                del attendance.typing[member_id]
        names = [name for name, _ in attendance.typing.values()][:TYPING_NAMES_MAX]
        if names != attendance.typing_told:
            attendance.typing_told = names
            live.broadcast(frame(protocol.Typing(live.room.key, names)))


def _refs(members: Iterable[tuple[int, str]]) -> list[protocol.MemberRef]:
    return [protocol.MemberRef(member_id, name) for member_id, name in members]
