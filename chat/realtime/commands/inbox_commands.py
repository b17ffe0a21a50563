"""Commands about one's inbox."""

from datetime import datetime

from ... import protocol
from ...messages import inbox, inbox_pages
from ..connection import Connection
from ..node import Node
from ..rate_limits import LOOKS_BY_MEMBER
from .handler import Table


async def load_inbox(
    node: Node, connection: Connection, command: protocol.LoadInbox, received: datetime
) -> None:
    node.limits.check(LOOKS_BY_MEMBER, connection.member_id)
    page = await node.executors.read(
        inbox_pages.load, connection.member_id, command.since, command.before
    )
    connection.write(
        protocol.InboxPage(
            ref=command.ref,
            items=page.items,
            head=page.head,
            read=page.read,
            more=page.more,
            direct=page.direct,
        )
    )


async def mark_inbox(
    node: Node, connection: Connection, command: protocol.MarkInbox, received: datetime
) -> None:
    node.limits.check(LOOKS_BY_MEMBER, connection.member_id)
    mark = inbox.mark_one if command.only else inbox.mark
    await node.executors.write(mark, connection.member_id, command.number)
    connection.write(protocol.CommandDone(command.ref))


async def unmark_inbox(
    node: Node, connection: Connection, command: protocol.UnmarkInbox, received: datetime
) -> None:
    node.limits.check(LOOKS_BY_MEMBER, connection.member_id)
    await node.executors.write(inbox.unmark, connection.member_id, command.numbers)
    connection.write(protocol.CommandDone(command.ref))


INBOX_COMMANDS: Table = {
    protocol.LoadInbox: load_inbox,
    protocol.MarkInbox: mark_inbox,
    protocol.UnmarkInbox: unmark_inbox,
}
