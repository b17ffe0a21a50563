"""Commands about profiles: how members look, and what one says about oneself."""

from datetime import datetime

from django.db import DatabaseError, InterfaceError

from ... import protocol
from ...accounts.sessions import Identity
from ...errors import Unavailable
from ...moderation import authorization, profiles
from ...outages import explained
from ..connection import Connection
from ..node import Node
from ..rate_limits import LOOKS_BY_MEMBER, PROFILE_CHANGES_BY_MEMBER
from .handler import Table

ProfileChange = protocol.SetProfile | protocol.SetStatus | protocol.RemovePicture


async def load_members(
    node: Node, connection: Connection, command: protocol.LoadMembers, received: datetime
) -> None:
    taker = connection.address if connection.is_visitor else connection.member_id
    node.limits.check(LOOKS_BY_MEMBER, taker)
    found = await node.faces.load(connection, list(dict.fromkeys(command.members)))
    connection.write(protocol.MembersLoaded(command.ref, found))


async def change_profile(
    node: Node, connection: Connection, command: ProfileChange, received: datetime
) -> None:
    me = connection.identity
    node.limits.check(PROFILE_CHANGES_BY_MEMBER, me.id)
    try:
        await node.executors.write(_change, me, command)
    except (DatabaseError, InterfaceError) as error:
        raise Unavailable(explained(error), retry_ms=2000) from error
    connection.write(protocol.CommandDone(command.ref))


def _change(me: Identity, command: ProfileChange) -> None:
    with authorization.in_session(me.id, me.session) as member:
        match command:
            case protocol.SetProfile():
                said = profiles.Said(
                    command.pronouns, command.about, command.time_zone, command.handle
                )
                profiles.say(member, said)
            case protocol.SetStatus(emoji=emoji, text=text, until=until):
                profiles.set_status(member, profiles.Status(emoji, text, until))
            case protocol.RemovePicture():
                profiles.remove_picture(member)


PROFILE_COMMANDS: Table = {
    protocol.LoadMembers: load_members,
    protocol.SetProfile: change_profile,
    protocol.SetStatus: change_profile,
    protocol.RemovePicture: change_profile,
}
