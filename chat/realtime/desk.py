"""The moderators' desk: commands that use a power, each one service in a writer's thread."""

from django.db import DatabaseError, InterfaceError

from .. import protocol
from ..errors import Unavailable
from ..models import Member
from ..services import access, acting, offices, removals, reports, rooms, sanctions
from ..services.acting import Actor
from ..services.outages import described
from ..services.standing import RoomRules
from ..sessions import Identity
from .connection import Connection
from .limits import DECISIONS_BY_MEMBER, REPORTS_BY_MEMBER, Limits
from .threads import Threads

RoomCommand = (
    protocol.DeleteMessage | protocol.RestoreMessage | protocol.ReportMessage | protocol.SetRules
)
MemberCommand = protocol.MuteMember | protocol.BanMember | protocol.AppointMember
DeskCommand = RoomCommand | MemberCommand
Done = protocol.ChangeAccepted | protocol.CommandDone


class Desk:
    """Whether someone may is asked of the database each time: roles end, and sessions do."""

    def __init__(self, threads: Threads, limits: Limits) -> None:
        self._threads = threads
        self._limits = limits

    async def carry_out(self, connection: Connection, command: DeskCommand) -> None:
        """Do it, and write the reply."""
        me = connection.identity
        by_report = isinstance(command, protocol.ReportMessage)
        self._limits.check(REPORTS_BY_MEMBER if by_report else DECISIONS_BY_MEMBER, me.id)
        try:
            if isinstance(command, MemberCommand):
                done = await self._threads.write(_deal_with_member, me, command)
            else:
                done = await self._threads.write(_deal_with_room, me, command)
        except (DatabaseError, InterfaceError) as error:
            raise Unavailable(f"{described(error)}; try again.", retry_ms=2000) from error
        connection.write(done)


def _deal_with_room(me: Identity, command: RoomCommand) -> Done:
    with acting.in_session(me.id, me.session) as member:
        return _do_in_room(member, command)


def _do_in_room(me: Member, command: RoomCommand) -> Done:
    room = access.room_for(me.pk, command.room)
    actor, ref = Actor(me), command.ref
    match command:
        case protocol.DeleteMessage(_, _, seq, reason):
            accepted = removals.delete(actor=actor, room=room, seq=seq, reason=reason)
            return protocol.ChangeAccepted(ref, accepted.seq, accepted.updated_seq)
        case protocol.RestoreMessage(_, _, seq, reason):
            accepted = removals.restore(actor=actor, room=room, seq=seq, reason=reason)
            return protocol.ChangeAccepted(ref, accepted.seq, accepted.updated_seq)
        case protocol.ReportMessage(_, _, seq, reason):
            reports.report(member=me, room=room, seq=seq, reason=reason)
        case protocol.SetRules(_, _, locked, slow_s, reason):
            rooms.set_rules(actor=actor, room=room, rules=RoomRules(locked, slow_s), reason=reason)
    return protocol.CommandDone(ref)


def _deal_with_member(me: Identity, command: MemberCommand) -> Done:
    with acting.in_session(me.id, me.session, command.member) as member:
        return _do_to_member(Actor(member), acting.any_member(command.member), command)


def _do_to_member(actor: Actor, member: Member, command: MemberCommand) -> Done:
    reason = command.reason
    match command:
        case protocol.MuteMember(seconds=0):
            sanctions.unmute(actor=actor, member=member, reason=reason)
        case protocol.MuteMember(seconds=seconds):
            sanctions.mute(actor=actor, member=member, seconds=seconds, reason=reason)
        case protocol.BanMember(seconds=0):
            sanctions.unban(actor=actor, member=member, reason=reason)
        case protocol.BanMember(seconds=seconds_or_ever, network=network):
            sanctions.ban(
                actor=actor,
                member=member,
                seconds=seconds_or_ever,
                reason=reason,
                network=network,
            )
        case protocol.AppointMember(office=office):
            offices.appoint(actor=actor, member=member, office=office, reason=reason)
    return protocol.CommandDone(command.ref)
