"""Carries out commands about rooms and their members, each in a thread.

The rules are those of the services, which ask the database each time: memberships end, and sessions
do. The replies say what was done; what others see of it comes as for everyone.
"""

import asyncio

from django.db import DatabaseError, InterfaceError, connections
from django.utils import timezone

from .. import protocol
from ..accounts import member_search, profile
from ..accounts.models import Member
from ..accounts.sessions import Identity
from ..errors import Unavailable
from ..maintenance import deleted_rooms
from ..messages.text import clean_text
from ..moderation import authorization, direct_messages, room_actions, room_invitations
from ..moderation import room_members as members
from ..moderation.authorization import Actor
from ..outages import explained
from ..rooms import access, directory, room_list
from ..rooms.models import Room, RoomInvitation
from ..scheduler import Scheduler
from .connection import Connection
from .database_executors import DatabaseExecutors
from .faces import wire_face
from .rate_limits import LOOKS_BY_MEMBER, ROOM_CHANGES_BY_MEMBER, RateLimits

RoomChange = (
    protocol.CreateRoom
    | protocol.UpdateRoom
    | protocol.ArchiveRoom
    | protocol.DeleteRoom
    | protocol.JoinRoom
    | protocol.QuitRoom
    | protocol.OpenDirect
    | protocol.AddMembers
    | protocol.RemoveMember
    | protocol.BlockMember
    | protocol.UnblockMember
    | protocol.CreateInvitation
    | protocol.RevokeInvitation
    | protocol.SetNotify
)
RoomQuestion = (
    protocol.BrowseRooms
    | protocol.ListMembers
    | protocol.ListInvitations
    | protocol.FindMembers
    | protocol.ListBlocked
)


class RoomHandler:
    """Rooms and members, as the members of one node have them."""

    def __init__(
        self, executors: DatabaseExecutors, limits: RateLimits, scheduler: Scheduler
    ) -> None:
        self._executors = executors
        self._limits = limits
        self._scheduler = scheduler

    async def change(self, connection: Connection, command: RoomChange) -> None:
        """Do it, and write the reply."""
        me = connection.identity
        self._limits.check(ROOM_CHANGES_BY_MEMBER, me.id)
        try:
            done = await self._executors.write(_change, me, command)
        except (DatabaseError, InterfaceError) as error:
            raise Unavailable(explained(error), retry_ms=2000) from error
        connection.write(done)
        if isinstance(command, protocol.DeleteRoom):
            self._scheduler.run(asyncio.to_thread(_purge))

    async def answer(self, connection: Connection, command: RoomQuestion) -> None:
        """Look it up, and write the answer."""
        taker = connection.address if connection.is_visitor else connection.member_id
        self._limits.check(LOOKS_BY_MEMBER, taker)
        member_id = None if connection.is_visitor else connection.member_id
        connection.write(await self._executors.read(_answer, member_id, command))


def _purge() -> None:
    """In a thread of its own: it rests between its steps."""
    try:
        deleted_rooms.purge_all()
    finally:
        connections.close_all()


def _change(me: Identity, command: RoomChange) -> protocol.Reply:
    named = [command.member] if isinstance(command, _ABOUT_MEMBERS) else []
    with authorization.in_session(me.id, me.session, *named) as member:
        return _do(member, command)


_ABOUT_MEMBERS = (protocol.RemoveMember, protocol.BlockMember, protocol.UnblockMember)


def _do(me: Member, command: RoomChange) -> protocol.Reply:
    actor, ref = Actor(me), command.ref
    match command:
        case protocol.CreateRoom(name=name, kind=kind, topic=topic):
            room = room_actions.create(actor=actor, name=name, kind=kind, topic=topic)
            return _opened(ref, me, room)
        case protocol.OpenDirect(members=member_ids):
            return _opened(ref, me, direct_messages.open_for(me, member_ids))
        case protocol.BlockMember(member=other):
            members.block(member=me, other=authorization.any_member(other))
        case protocol.UnblockMember(member=other):
            members.unblock(member=me, other=authorization.any_member(other))
        case protocol.RevokeInvitation(invitation=invitation):
            room_invitations.revoke(actor=actor, invitation_id=invitation)
        case _:
            return _do_in_room(me, access.room_for(me.pk, command.room), command)
    return protocol.CommandDone(ref)


def _do_in_room(me: Member, room: Room, command: RoomChange) -> protocol.Reply:
    actor, ref = Actor(me), command.ref
    match command:
        case protocol.UpdateRoom(name=name, topic=topic, kind=kind, inviters=inviters):
            room_actions.update(
                actor=actor, room=room, name=name, topic=topic, kind=kind, inviters=inviters
            )
        case protocol.ArchiveRoom(archived=archived):
            room_actions.archive(actor=actor, room=room, archived=archived)
        case protocol.DeleteRoom(name=name):
            room_actions.delete(actor=actor, room=room, name=name)
        case protocol.JoinRoom():
            members.join(member=me, room=room)
            return _opened(ref, me, room)
        case protocol.QuitRoom():
            members.quit_room(member=me, room=room)
        case protocol.AddMembers(members=member_ids):
            members.add(actor=actor, room=room, member_ids=member_ids)
        case protocol.RemoveMember(member=other, reason=reason):
            member = authorization.any_member(other)
            members.remove(actor=actor, room=room, member=member, reason=reason)
        case protocol.SetNotify(notify=notify):
            members.set_notify(member=me, room=room, notify=notify)
        case protocol.CreateInvitation(uses=uses, seconds=seconds):
            made, token = room_invitations.create(
                actor=actor, room=room, uses=uses, seconds=seconds
            )
            return protocol.InvitationCreated(
                ref=ref, room=room.key, invitation=_entry(made), path=f"/invite/{token}/"
            )
    return protocol.CommandDone(ref)


def _opened(ref: str, me: Member, room: Room) -> protocol.RoomOpened:
    lists = room_list.load([me.pk])
    listed = lists.rooms.get(room.pk) or room_list.rooms([room.pk])[room.pk]
    joined, marker = lists.joined[me.pk].get(room.pk), lists.markers[me.pk].get(room.pk)
    return protocol.RoomOpened(ref, room_list.entry(listed, joined, marker))


def _answer(member_id: int | None, command: RoomQuestion) -> protocol.Reply:
    if isinstance(command, protocol.BrowseRooms):
        found, more = directory.browse(
            member_id, clean_text(command.query), clean_text(command.after)
        )
        return protocol.RoomsPage(command.ref, found, more)
    if isinstance(command, protocol.FindMembers | protocol.ListBlocked):
        return protocol.MembersFound(command.ref, _members(member_id or access.NOBODY, command))
    room = access.room_for(member_id, command.room)
    if isinstance(command, protocol.ListMembers):
        page, total, more = directory.members_of(room, command.after)
        return protocol.MembersPage(
            ref=command.ref, room=room.key, members=page, total=total, more=more
        )
    actor = Actor(authorization.any_member(member_id or access.NOBODY))
    invitations = room_invitations.listed(actor=actor, room=room)
    return protocol.InvitationList(command.ref, room.key, list(map(_entry, invitations)))


def _members(
    member_id: int, command: protocol.FindMembers | protocol.ListBlocked
) -> list[protocol.MemberFace]:
    if isinstance(command, protocol.FindMembers):
        found = member_search.find(clean_text(command.query), but=member_id)
    else:
        found = members.blocked_by(member_id)
    faces, now = profile.faces(one.pk for one in found), timezone.now()
    return [wire_face(faces[one.pk], now) for one in found]


def _entry(invitation: RoomInvitation) -> protocol.InvitationEntry:
    by = invitation.creator
    return protocol.InvitationEntry(
        id=invitation.pk,
        expires_at=invitation.expires_at,
        uses_left=invitation.uses_left,
        creator=protocol.MemberRef(by.pk, by.name) if by else None,
    )
