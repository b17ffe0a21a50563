"""Commands that write into a room's log: post, edit, delete, react."""

from datetime import datetime
from functools import partial

from ... import protocol
from ...accounts.permissions import Permission, Role, is_allowed
from ...messages import mentions
from ...messages.operations import Delete, Edit, Operation, Post, React
from ...metrics import OUTBOX_AGE_SECONDS
from ...moderation import guest_limits
from ..connection import Connection
from ..node import Node
from ..outcome_replies import reply_for
from ..rate_limits import MESSAGES_BY_ADDRESS, MESSAGES_BY_MEMBER
from ..render_queue import ReplyFor
from .handler import Table, Work
from .moderation_commands import moderate

WriteCommand = (
    protocol.SendMessage | protocol.EditMessage | protocol.DeleteMessage | protocol.SetReaction
)


def send_message(
    node: Node, connection: Connection, command: protocol.SendMessage, received: datetime
) -> Work | None:
    if command.waited_ms:
        OUTBOX_AGE_SECONDS.observe(command.waited_ms / 1000)
    me = connection.identity
    post = Post(me.id, command.client_id, command.body, command.reply_to, me.session)
    if mentions.calls_everyone(command.body) and not command.confirmed:
        return _submit_unless_many(node, connection, command, post, received)
    return _submit(node, connection, command, post, received)


async def _submit_unless_many(
    node: Node,
    connection: Connection,
    command: protocol.SendMessage,
    post: Post,
    received: datetime,
) -> None:
    live = await node.hub.room(connection.member_id, command.room)
    await node.executors.read(mentions.ask_first, live.room, post.author_id, post.body)
    work = _submit(node, connection, command, post, received)
    if work is not None:
        await work


def edit_message(
    node: Node, connection: Connection, command: protocol.EditMessage, received: datetime
) -> Work | None:
    me = connection.identity
    edit = Edit(me.id, command.seq, command.body, me.session)
    return _submit(node, connection, command, edit, received)


def delete_message(
    node: Node, connection: Connection, command: protocol.DeleteMessage, received: datetime
) -> Work | None:
    """Delete one's own message; a moderator's deletion is recorded, whosever message it is."""
    me = connection.identity
    if is_allowed(_role_for(node, connection, command.room), Permission.DELETE):
        return moderate(node, connection, command, received)
    delete = Delete(me.id, command.seq, session=me.session)
    return _submit(node, connection, command, delete, received)


def _role_for(node: Node, connection: Connection, key: str) -> Role:
    """The member's role in a room that this connection is in; elsewhere, on the site."""
    subscription = connection.subscriptions.get(key)
    if subscription is None:
        return node.permissions.role_of(connection.member_id)
    return node.permissions.role_in(connection.member_id, subscription.room.room.pk)


def set_reaction(
    node: Node, connection: Connection, command: protocol.SetReaction, received: datetime
) -> Work | None:
    me = connection.identity
    reaction = React(me.id, command.seq, command.emoji, command.on, me.session)
    return _submit(node, connection, command, reaction, received)


def _submit(
    node: Node,
    connection: Connection,
    command: WriteCommand,
    operation: Operation,
    received: datetime,
) -> Work | None:
    """Hand over to the writer; the reply follows the commit, while we read on.

    At once where the connection is in the room and nothing has to be asked of the database, else
    by the work that is returned.
    """
    if connection.is_guest and not isinstance(operation, Delete):
        _check_guest(node, connection)
    node.limits.check(MESSAGES_BY_MEMBER, connection.member_id)
    node.limits.check_address(MESSAGES_BY_ADDRESS, connection.address)
    reply = partial(reply_for, operation, command.ref, received)
    subscription = connection.subscriptions.get(command.room)
    if subscription is None or node.permissions.is_first_where_slow(
        connection.member_id, subscription.room, operation
    ):
        return _submit_later(node, connection, command.room, operation, reply)
    node.permissions.check(connection.member_id, subscription.room, operation)
    node.presence.said(connection.member_id, subscription.room)
    node.writer.submit(subscription.room.room, operation, connection, reply)
    return None


def _check_guest(node: Node, connection: Connection) -> None:
    if node.permissions.role_name_of(connection.member_id) is None:
        guest_limits.check_guest()


async def _submit_later(
    node: Node, connection: Connection, key: str, operation: Operation, reply: ReplyFor
) -> None:
    live = await node.hub.room(connection.member_id, key)
    await node.permissions.check_network(connection.member_id, live, operation)
    node.permissions.check(connection.member_id, live, operation)
    node.presence.said(connection.member_id, live)
    node.writer.submit(live.room, operation, connection, reply)


WRITE_COMMANDS: Table = {
    protocol.SendMessage: send_message,
    protocol.EditMessage: edit_message,
    protocol.DeleteMessage: delete_message,
    protocol.SetReaction: set_reaction,
}
