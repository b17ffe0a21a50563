"""Moderators' commands are carried out in a session that is live when they are committed."""

from collections.abc import Callable

import pytest

from chat import protocol
from chat.errors import Forbidden, SessionEnded
from chat.models import AuditEntry, Member, Report, Room
from chat.realtime import desk
from chat.services import membership, offices
from chat.services.acting import COMMAND
from chat.sessions import Identity

from .. import logs
from ..logs import say

garden = logs.garden

pytestmark = pytest.mark.django_db(transaction=True)

IN_ROOM: list[desk.RoomCommand] = [
    protocol.DeleteMessage("r", "garden", 1),
    protocol.RestoreMessage("r", "garden", 1),
    protocol.ReportMessage("r", "garden", 1, "no"),
    protocol.SetRules("r", "garden", True, 0),
]
TO_MEMBER: list[Callable[[int], desk.MemberCommand]] = [
    lambda member: protocol.MuteMember("r", member, 60),
    lambda member: protocol.MuteMember("r", member, 0),
    lambda member: protocol.BanMember("r", member, 60),
    lambda member: protocol.BanMember("r", member, 0),
    lambda member: protocol.AppointMember("r", member, "owner"),
]


def end_session(member: Member) -> None:
    membership.end_session(member=member)


def leave(member: Member) -> None:
    membership.leave(member=member)


def rename(member: Member) -> None:
    membership.rename(member=member, name="Olive")


@pytest.fixture
def stolen(alice: Member) -> Identity:
    """What a thief took from an owner."""
    offices.appoint(actor=COMMAND, member=alice, office="owner")
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
            desk._deal_with_room(stolen, in_room)
    for to_member in TO_MEMBER:
        for member in (mallory.pk, stolen.id):
            with pytest.raises(SessionEnded):
                desk._deal_with_member(stolen, to_member(member))

    garden.refresh_from_db()
    mallory.refresh_from_db()
    assert (garden.locked, mallory.office, mallory.muted_until) == (False, "", None)
    assert AuditEntry.objects.count() == recorded
    assert not Report.objects.exists()


def test_a_role_is_that_of_the_moment(stolen: Identity, alice: Member, mallory: Member) -> None:
    offices.appoint(actor=COMMAND, member=alice, office="")

    with pytest.raises(Forbidden):
        desk._deal_with_member(stolen, protocol.AppointMember("r", mallory.pk, "owner"))


def test_a_live_session_has_its_power(stolen: Identity, garden: Room, mallory: Member) -> None:
    desk._deal_with_member(stolen, protocol.MuteMember("r", mallory.pk, 60))
    desk._deal_with_room(stolen, protocol.SetRules("r", "garden", True, 0))

    garden.refresh_from_db()
    mallory.refresh_from_db()
    assert garden.locked
    assert mallory.muted_until is not None
