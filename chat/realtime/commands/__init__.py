"""What each command of the protocol does: one function for each type, found in a table.

A new command needs its type in chat/protocol/commands.py and a line in the table of one of these
files, or in that of a new file which is added here.
"""

from ... import protocol
from .handler import Handler, Work
from .inbox_commands import INBOX_COMMANDS
from .moderation_commands import MODERATION_COMMANDS
from .profile_commands import PROFILE_COMMANDS
from .room_changes import ROOM_CHANGES
from .room_commands import ROOM_COMMANDS
from .write_commands import WRITE_COMMANDS

__all__ = ["HANDLERS", "Handler", "Work"]

HANDLERS: dict[type[protocol.Command], Handler] = (
    ROOM_COMMANDS
    | ROOM_CHANGES
    | INBOX_COMMANDS
    | WRITE_COMMANDS
    | MODERATION_COMMANDS
    | PROFILE_COMMANDS
)
