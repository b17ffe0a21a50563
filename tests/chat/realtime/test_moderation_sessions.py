"""Moderators' commands are carried out in a session that is live when they are committed."""

from collections.abc import Callable

import pytest

from chat import protocol
from chat.accounts import guests
from chat.accounts.models import Member
from chat.accounts.sessions import Identity
from chat.errors import Forbidden, SessionEnded
from chat.moderation import roles
from chat.moderation.authorization import SYSTEM
from chat.moderation.models import AuditEntry, Report
from chat.realtime import moderation_handler
from chat.rooms.models import Room

from ..messages import logs
from ..messages.logs import say

garden = logs.garden

pytestmark = pytest.mark.django_db(transaction=True)

IN_ROOM: list[moderation_handler.RoomCommand] = [
    protocol.DeleteMessage(ref="r", room="garden", seq=1),
    protocol.RestoreMessage(ref="r", room="garden", seq=1),
    protocol.ReportMessage(ref="r", room="garden", seq=1, reason="no"),
    protocol.SetRules(ref="r", room="garden", locked=True, slow_s=0),
]
TO_MEMBER: list[Callable[[int], moderation_handler.MemberCommand]] = [
    lambda member: protocol.MuteMember(ref="r", member=member, seconds=60),
    lambda member: protocol.MuteMember(ref="r", member=member, seconds=0),
    lambda member: protocol.BanMember(ref="r", member=member, seconds=60),
    lambda member: protocol.BanMember(ref="r", member=member, seconds=0),
    lambda member: protocol.AppointMember(ref="r", member=member, office="owner"),
]
QUEUE: list[Callable[[int], moderation_handler.QueueCommand]] = [
    lambda report: protocol.DismissReport(ref="r", report=report),
    lambda report: protocol.ReopenReport(ref="r", report=report),
]


def end_session(member: Member) -> None:
    guests.end_session(member=member)


def leave(member: Member) -> None:
    guests.leave(member=member)


def rename(member: Member) -> None:
    guests.rename(member=member, name="Olive")


@pytest.fixture
def stolen(alice: Member) -> Identity:
    """What a thief took from an owner."""
    roles.appoint(actor=SYSTEM, member=alice, role="owner")
    return Identity(alice.pk, alice.name, alice.session)


@pytest.mark.parametrize("end", [end_session, leave, rename])
def test_an_ended_session_has_no_power(
    end: Callable[[Member], None], stolen: Identity, garden: Room, alice: Member, mallory: Member
) -> None:
    say(garden, mallory, "first")
    end(alice)
    recorded = AuditEntry.objects.count()

    for in_room in IN_ROOM:
        with pytest.raises(SessionEnded):
            moderation_handler._moderate_room(stolen, in_room)
    for to_member in TO_MEMBER:
        for member in (mallory.pk, stolen.id):
            with pytest.raises(SessionEnded):
                moderation_handler._moderate_member(stolen, to_member(member))
    for in_queue in QUEUE:
        with pytest.raises(SessionEnded):
            moderation_handler._moderate_queue(stolen, in_queue(1))
    for look in (
        protocol.LoadReports(ref="r"),
        protocol.ShowMember(ref="r", member=mallory.pk),
    ):
        with pytest.raises(SessionEnded):
            moderation_handler._look(stolen, look)

    garden.refresh_from_db()
    mallory.refresh_from_db()
    assert (garden.locked, mallory.office, mallory.muted_until) == (False, "", None)
    assert AuditEntry.objects.count() == recorded
    assert not Report.objects.exists()


def test_a_role_is_that_of_the_moment(stolen: Identity, alice: Member, mallory: Member) -> None:
    roles.appoint(actor=SYSTEM, member=alice, role="")

    with pytest.raises(Forbidden):
        moderation_handler._moderate_member(
            stolen, protocol.AppointMember(ref="r", member=mallory.pk, office="owner")
        )


def test_a_live_session_has_its_power(stolen: Identity, garden: Room, mallory: Member) -> None:
    mute = protocol.MuteMember(ref="r", member=mallory.pk, seconds=60)
    lock = protocol.SetRules(ref="r", room="garden", locked=True, slow_s=0)

    moderation_handler._moderate_member(stolen, mute)
    moderation_handler._moderate_room(stolen, lock)

    garden.refresh_from_db()
    mallory.refresh_from_db()
    assert garden.locked
    assert mallory.muted_until is not None
