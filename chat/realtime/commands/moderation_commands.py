"""Commands that use a permission of moderators or owners, and reports to them."""

from datetime import datetime

from ... import protocol
from ..connection import Connection
from ..moderation_handler import LookCommand, ModerationCommand
from ..node import Node
from .handler import Table, Work


def moderate(
    node: Node, connection: Connection, command: ModerationCommand, received: datetime
) -> Work:
    return node.moderation.handle(connection, command)


def look(node: Node, connection: Connection, command: LookCommand, received: datetime) -> Work:
    return node.moderation.look(connection, command)


# DeleteMessage is among the commands that write: most people delete what is theirs.
MODERATION_COMMANDS: Table = {
    protocol.RestoreMessage: moderate,
    protocol.ReportMessage: moderate,
    protocol.SetRules: moderate,
    protocol.MuteMember: moderate,
    protocol.BanMember: moderate,
    protocol.AppointMember: moderate,
    protocol.ClearProfile: moderate,
    protocol.DismissReport: moderate,
    protocol.ReopenReport: moderate,
    protocol.ShowMember: look,
    protocol.LoadReports: look,
    protocol.LoadNewcomers: look,
    protocol.DecideNewcomer: moderate,
}
