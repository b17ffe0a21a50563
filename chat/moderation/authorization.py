"""Authorization: who acts, with which role, and what that role permits."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext

from ..accounts import carried_over
from ..accounts.models import Member
from ..accounts.permissions import Permission, Role, higher, is_allowed
from ..accounts.users import User
from ..errors import Forbidden, InvalidText, NotFound, SessionEnded
from ..rooms import access
from ..rooms.models import Room


@dataclass(frozen=True, slots=True)
class Actor:
    """A member with a role; or an operator, who is a user of the admin or a command.

    Operators have every permission here: what a user of the admin may do, the admin has checked.
    """

    member: Member | None = None
    staff: User | None = None
    # What the member's role in a room is worth, once `in_room` has asked.
    room_role: Role | None = None

    @property
    def id(self) -> int | None:
        return self.member.pk if self.member else None

    @property
    def role(self) -> Role | None:
        if self.member is None:
            return None
        return higher(self.member.role, self.room_role or self.member.role)

    def in_room(self, room: Room) -> "Actor":
        """The same actor with the role that they have in this room, if it is higher there."""
        if self.member is None:
            return self
        role = access.role_in(room, self.member.pk, self.member.role)
        return replace(self, room_role=role)

    def may(self, permission: Permission, against: Role | None = None) -> bool:
        return self.role is None or is_allowed(self.role, permission, against)

    def require(
        self, permission: Permission, against: Member | None = None, room: Room | None = None
    ) -> None:
        """Forbidden unless the actor has this permission; over `against`, if a member is given,
        with the role that this member has in the room.
        """
        if not self.may(permission):
            raise Forbidden(gettext("Your role does not allow this."))
        if against is not None:
            role = access.role_in(room, against.pk, against.role) if room else against.role
            if not self.may(permission, role):
                raise Forbidden(
                    gettext("You may not do this to the {role} {name}.").format(
                        role=role, name=against.name
                    )
                )


SYSTEM = Actor()


@contextmanager
def in_session(member_id: int, session: int, *also: int) -> Iterator[Member]:
    """A transaction in which this member acts, with the role that the database has now.

    SessionEnded if this is not their session any more. The session cannot end before the
    transaction commits. `also`: members that the action is about. All rows are locked in the order
    of their ids, so that two members who act on each other do not deadlock.
    """
    with transaction.atomic():
        locked = Member.objects.filter(pk__in={member_id, *also}).order_by("pk")
        rows = {row.pk: row for row in locked.select_for_update(no_key=True)}
        me = rows.get(member_id)
        if me is None or me.released_at is not None or me.session != session:
            raise SessionEnded
        yield me


def signed_in(member_id: int, session: int) -> Member:
    """The member, to look at something. SessionEnded if this is not their session any more."""
    member = Member.objects.live().filter(pk=member_id, session=session).first()
    if member is None:
        raise SessionEnded
    return member


def any_member(member_id: int) -> Member:
    """A present or past member: someone who wrote and left can still be banned. A former guest is
    the account of now.
    """
    member = Member.objects.filter(pk=carried_over.account_id_of(member_id)).first()
    if member is None:
        raise NotFound(gettext("There is no such member."))
    return member


def lock_member(member: Member) -> Member:
    """The member as the database has it now, locked until the transaction ends."""
    return Member.objects.select_for_update(no_key=True).get(pk=member.pk)


def duration(seconds: int, longest: int) -> timedelta:
    """The duration of a mute or ban. InvalidText unless it is from 1 second to `longest`."""
    if not 0 < seconds <= longest:
        raise InvalidText(
            gettext("Give a time between a second and {days} days.").format(days=longest // 86400)
        )
    return timedelta(seconds=seconds)
