"""Carries out commands that need a permission, and reports. What decides runs in a writer's thread,
what only looks in a reader's.
"""

from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from .. import protocol
from ..accounts import profile
from ..accounts.models import Member
from ..accounts.permissions import Permission
from ..accounts.sessions import Identity
from ..errors import Unavailable
from ..moderation import (
    authorization,
    bans,
    member_state,
    message_moderation,
    mutes,
    newcomer_queue,
    newcomers,
    profiles,
    report_queue,
    reports,
    roles,
    room_members,
    room_rules,
)
from ..moderation.authorization import Actor
from ..moderation.moderation_state import RoomRules
from ..outages import explained
from ..rooms import access
from .connection import Connection
from .database_executors import DatabaseExecutors
from .faces import wire_face
from .rate_limits import (
    DECISIONS_BY_MEMBER,
    MODERATION_READS_BY_MEMBER,
    REPORTS_BY_MEMBER,
    RateLimits,
)

RoomCommand = (
    protocol.DeleteMessage | protocol.RestoreMessage | protocol.ReportMessage | protocol.SetRules
)
MemberCommand = (
    protocol.MuteMember | protocol.BanMember | protocol.AppointMember | protocol.ClearProfile
)
QueueCommand = protocol.DismissReport | protocol.ReopenReport | protocol.DecideNewcomer
ModerationCommand = RoomCommand | MemberCommand | QueueCommand
LookCommand = protocol.ShowMember | protocol.LoadReports | protocol.LoadNewcomers
LookReply = protocol.MemberShown | protocol.ReportsPage | protocol.NewcomersPage
ModerationReply = protocol.ChangeAccepted | protocol.CommandDone


class ModerationHandler:
    """Asks the database each time whether the member may: roles end, and sessions do."""

    def __init__(self, executors: DatabaseExecutors, limits: RateLimits) -> None:
        self._executors = executors
        self._limits = limits

    async def handle(self, connection: Connection, command: ModerationCommand) -> None:
        """Do it, and write the reply."""
        me = connection.identity
        by_report = isinstance(command, protocol.ReportMessage)
        self._limits.check(REPORTS_BY_MEMBER if by_report else DECISIONS_BY_MEMBER, me.id)
        try:
            if isinstance(command, MemberCommand):
                done = await self._executors.write(_moderate_member, me, command)
            elif isinstance(command, QueueCommand):
                done = await self._executors.write(_moderate_queue, me, command)
            else:
                done = await self._executors.write(_moderate_room, me, command)
        except (DatabaseError, InterfaceError) as error:
            raise Unavailable(explained(error), retry_ms=2000) from error
        connection.write(done)

    async def look(self, connection: Connection, command: LookCommand) -> None:
        """Read what only moderators may see, and write the reply."""
        me = connection.identity
        self._limits.check(MODERATION_READS_BY_MEMBER, me.id)
        connection.write(await self._executors.read(_look, me, command))


def _look(me: Identity, command: LookCommand) -> LookReply:
    member = authorization.signed_in(me.id, me.session)
    if isinstance(command, protocol.LoadReports):
        found, more = report_queue.load(member, command.after)
        return protocol.ReportsPage(command.ref, found, more)
    if isinstance(command, protocol.LoadNewcomers):
        waiting, more = newcomer_queue.load(member)
        return protocol.NewcomersPage(command.ref, waiting, more)
    return _shown(member, command)


def _shown(me: Member, command: protocol.ShowMember) -> protocol.MemberShown:
    actor = Actor(me)
    here, blocked = None, False
    if command.room is None:
        state = member_state.member_state(actor, command.member)
    else:
        room = access.room_for(me.pk, command.room)
        state = member_state.state_for(actor, command.member)
        here = member_state.state_in(actor, state.member, room)
        blocked = member_state.is_blocked_by(actor, state.member)
    return protocol.MemberShown(
        ref=command.ref,
        member=wire_face(profile.face(state.member), timezone.now()),
        profile=_texts(state.member),
        role=state.role,
        muted_until=state.muted_until,
        banned=state.banned,
        banned_until=state.banned_until,
        left=state.left,
        may=state.may,
        role_here=here.role if here else None,
        may_here=here.may if here else None,
        blocked=blocked,
        former_names=_former_names(actor, state.member),
    )


def _texts(member: Member) -> protocol.ProfileTexts | None:
    said = profile.of(member)
    texts = said.pronouns, said.about, said.time_zone
    return protocol.ProfileTexts(*texts) if any(texts) else None


def _former_names(actor: Actor, member: Member) -> list[protocol.PastName] | None:
    if not actor.may(Permission.REVIEW):
        return None
    names = [protocol.PastName(one.name, one.until) for one in profile.former_names(member)]
    return names or None


def _moderate_queue(me: Identity, command: QueueCommand) -> ModerationReply:
    with authorization.in_session(me.id, me.session) as member:
        actor = Actor(member)
        match command:
            case protocol.DismissReport(report=number, reason=reason):
                reports.dismiss(actor=actor, report=reports.find(me.id, number), reason=reason)
            case protocol.ReopenReport(report=number):
                reports.reopen(actor=actor, report=reports.find(me.id, number))
            case protocol.DecideNewcomer(newcomer=number, decision=decision, reason=reason):
                newcomers.decide(actor=actor, newcomer_id=number, decision=decision, reason=reason)
    return protocol.CommandDone(command.ref)


def _moderate_room(me: Identity, command: RoomCommand) -> ModerationReply:
    with authorization.in_session(me.id, me.session) as member:
        return _do_in_room(member, command)


def _do_in_room(me: Member, command: RoomCommand) -> ModerationReply:
    room = access.room_for(me.pk, command.room)
    actor, ref = Actor(me).in_room(room), command.ref
    match command:
        case protocol.DeleteMessage(seq=seq, reason=reason):
            accepted = message_moderation.delete(actor=actor, room=room, seq=seq, reason=reason)
            return protocol.ChangeAccepted(ref, accepted.seq, accepted.updated_seq)
        case protocol.RestoreMessage(seq=seq, reason=reason):
            accepted = message_moderation.restore(actor=actor, room=room, seq=seq, reason=reason)
            return protocol.ChangeAccepted(ref, accepted.seq, accepted.updated_seq)
        case protocol.ReportMessage(seq=seq, reason=reason):
            reports.report(member=me, room=room, seq=seq, reason=reason)
        case protocol.SetRules(locked=locked, slow_s=slow_s, reason=reason):
            room_rules.set_rules(
                actor=actor, room=room, rules=RoomRules(locked, slow_s), reason=reason
            )
    return protocol.CommandDone(ref)


def _moderate_member(me: Identity, command: MemberCommand) -> ModerationReply:
    with authorization.in_session(me.id, me.session, command.member) as member:
        return _do_to_member(Actor(member), authorization.any_member(command.member), command)


def _do_to_member(actor: Actor, member: Member, command: MemberCommand) -> ModerationReply:
    reason = command.reason
    match command:
        case protocol.MuteMember(seconds=0):
            mutes.unmute(actor=actor, member=member, reason=reason)
        case protocol.MuteMember(seconds=seconds):
            mutes.mute(actor=actor, member=member, seconds=seconds, reason=reason)
        case protocol.BanMember(seconds=0):
            bans.unban(actor=actor, member=member, reason=reason)
        case protocol.BanMember(seconds=seconds_or_ever, network=network):
            bans.ban(
                actor=actor,
                member=member,
                seconds=seconds_or_ever,
                reason=reason,
                network=network,
            )
        case protocol.ClearProfile(part=part):
            profiles.clear(actor=actor, member=member, part=part, reason=reason)
        case protocol.AppointMember(office=office, room=str(key)):
            room = access.room_for(actor.id, key)
            room_members.appoint(actor=actor, room=room, member=member, role=office, reason=reason)
        case protocol.AppointMember(office=office):
            roles.appoint(actor=actor, member=member, role=office, reason=reason)
    return protocol.CommandDone(command.ref)
