"""Commands about being in a room and reading it."""

from contextlib import suppress
from datetime import UTC, datetime

from django.conf import settings
from django.utils.translation import gettext

from ... import protocol
from ...errors import Forbidden, NotFound
from ...messages import history
from ...metrics import counters
from ...rooms import access
from ..connection import Connection
from ..node import Node
from ..rate_limits import LOOKS_BY_MEMBER, SEARCHES_FOR_PEOPLE_BY_MEMBER
from .handler import Table, Work


async def enter_room(
    node: Node, connection: Connection, command: protocol.EnterRoom, received: datetime
) -> None:
    subscriptions = connection.subscriptions
    if command.room not in subscriptions and len(subscriptions) >= settings.ROOMS_PER_CONNECTION:
        raise Forbidden(
            gettext("One tab may be in {count} rooms. Reload it to leave the others.").format(
                count=settings.ROOMS_PER_CONNECTION
            )
        )
    _count_entry(connection, command)
    live = await node.entry.enter(connection, command.room, command.since, command.ref)
    if not connection.closed:
        node.staff.entered(live.room.pk)
        node.presence.entered(connection, live)
        node.permissions.entered(connection, live)


def _count_entry(connection: Connection, command: protocol.EnterRoom) -> None:
    if command.since is not None:
        counters.resumes += 1
        # A client that is in already, and was not told to ask on, has found a gap itself.
        subscription = connection.subscriptions.get(command.room)
        counters.client_gaps += subscription is not None and not subscription.reading


def leave_room(
    node: Node, connection: Connection, command: protocol.LeaveRoom, received: datetime
) -> None:
    node.leave(connection, command.room)
    connection.write(protocol.RoomLeft(command.ref, command.room))


async def load_history(
    node: Node, connection: Connection, command: protocol.LoadHistory, received: datetime
) -> None:
    live = await node.hub.room(connection.member_id, command.room)
    messages, more = await node.executors.read(
        history.older_messages_encoded, live.room, command.before, command.limit
    )
    connection.write(
        protocol.HistoryPage(ref=command.ref, room=command.room, messages=messages, more=more)
    )


async def find_people(
    node: Node, connection: Connection, command: protocol.FindPeople, received: datetime
) -> None:
    node.limits.check(SEARCHES_FOR_PEOPLE_BY_MEMBER, connection.member_id)
    subscription = connection.subscriptions.get(command.room)
    if subscription is None:
        raise access.no_such_room(command.room)
    live = subscription.room
    people, more = await node.people.find(live, command.query, command.after)
    # The room may have been closed to this member meanwhile.
    if command.room in connection.subscriptions:
        count = node.presence.count_in(live.room.pk)
        connection.write(
            protocol.PeoplePage(
                ref=command.ref, room=command.room, count=count, people=people, more=more
            )
        )


def start_typing(
    node: Node, connection: Connection, command: protocol.StartTyping, received: datetime
) -> None:
    subscription = connection.subscriptions.get(command.room)
    if subscription and not node.permissions.is_silent(connection.member_id, subscription.room):
        node.presence.typed(connection, subscription.room)


def mark_read(
    node: Node, connection: Connection, command: protocol.MarkRead, received: datetime
) -> Work | None:
    subscription = connection.subscriptions.get(command.room)
    if subscription is None:
        return _mark_read_elsewhere(node, connection, command)
    live = subscription.room
    node.read_markers.set(connection.member_id, live.room.pk, min(command.seq, live.head))
    return None


async def _mark_read_elsewhere(
    node: Node, connection: Connection, command: protocol.MarkRead
) -> None:
    """In a room that this tab is not in: from the inbox."""
    node.limits.check(LOOKS_BY_MEMBER, connection.member_id)
    # Nobody waits for an answer to a mark: of a room that is not for them, they hear nothing.
    with suppress(NotFound):
        live = await node.hub.room(connection.member_id, command.room)
        node.read_markers.set(connection.member_id, live.room.pk, min(command.seq, live.head))


def ping(node: Node, connection: Connection, command: protocol.Ping, received: datetime) -> None:
    connection.write(protocol.Pong(command.ref, datetime.now(UTC)))


ROOM_COMMANDS: Table = {
    protocol.EnterRoom: enter_room,
    protocol.LeaveRoom: leave_room,
    protocol.LoadHistory: load_history,
    protocol.FindPeople: find_people,
    protocol.StartTyping: start_typing,
    protocol.MarkRead: mark_read,
    protocol.Ping: ping,
}
