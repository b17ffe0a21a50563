"""Each command of the protocol has one handler, for exactly its type."""

import inspect
from typing import Any, get_args, get_type_hints

import pytest

from chat import protocol
from chat.realtime.commands import HANDLERS
from chat.realtime.commands.inbox_commands import INBOX_COMMANDS
from chat.realtime.commands.moderation_commands import MODERATION_COMMANDS
from chat.realtime.commands.profile_commands import PROFILE_COMMANDS
from chat.realtime.commands.room_changes import ROOM_CHANGES
from chat.realtime.commands.room_commands import ROOM_COMMANDS
from chat.realtime.commands.write_commands import WRITE_COMMANDS

pytestmark = pytest.mark.once

COMMANDS = get_args(protocol.Command)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_every_command_has_a_handler_that_takes_it(command: Any) -> None:
    handler = HANDLERS[command]

    takes = get_type_hints(handler)["command"]
    assert command in (get_args(takes) or (takes,))
    assert len(inspect.signature(handler).parameters) == 4


def test_nothing_but_commands_is_handled_and_each_once() -> None:
    tables = [
        ROOM_COMMANDS,
        ROOM_CHANGES,
        INBOX_COMMANDS,
        WRITE_COMMANDS,
        MODERATION_COMMANDS,
        PROFILE_COMMANDS,
    ]

    assert set(HANDLERS) == set(COMMANDS)
    assert sum(map(len, tables)) == len(HANDLERS)
