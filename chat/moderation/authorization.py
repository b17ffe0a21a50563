"""Who uses a power, and the record of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from ..accounts.models import Member
from ..accounts.permissions import Permission, Role, is_allowed
from ..accounts.users import User
from ..errors import Forbidden, NotFound, SessionEnded, TooLong
from ..messages.text import check_reason
from ..rooms.models import Room
from .models import REASON_MAX_LENGTH, AuditEntry


@dataclass(frozen=True, slots=True)
class Actor:
    """A member with a role; or, without one, an operator: someone of the admin, or a command.

    Operators hold the keys of the house: nothing is refused to them here.
    """

    member: Member | None = None
    staff: User | None = None

    @property
    def id(self) -> int | None:
        return self.member.pk if self.member else None

    @property
    def role(self) -> Role | None:
        return self.member.role if self.member else None

    def may(self, power: Permission, against: Role | None = None) -> bool:
        return self.role is None or is_allowed(self.role, power, against)

    def require(self, power: Permission, against: Member | None = None) -> None:
        """Forbidden unless this is in the actor's power; over a member, if one is named."""
        if not self.may(power):
            raise Forbidden("Your role does not allow this.")
        if against is not None and not self.may(power, against.role):
            raise Forbidden(f"You may not do this to the {against.role} {against.name}.")


SYSTEM = Actor()


@contextmanager
def in_session(member_id: int, session: int, *also: int) -> Iterator[Member]:
    """A transaction in which this member acts, with the role that the database knows now.

    SessionEnded if it is not their session any more. It cannot end before what is done here is
    committed. `also`: members whom it is done to; all are locked in one order, so that two who act
    on each other do not wait for each other.
    """
    with transaction.atomic():
        locked = Member.objects.filter(pk__in={member_id, *also}).order_by("pk")
        rows = {row.pk: row for row in locked.select_for_update(no_key=True)}
        me = rows.get(member_id)
        if me is None or me.released_at is not None or me.session != session:
            raise SessionEnded
        yield me


def any_member(member_id: int) -> Member:
    """Someone who is a member or was one: those who talk and run are banned too."""
    member = Member.objects.filter(pk=member_id).first()
    if member is None:
        raise NotFound("There is no such member.")
    return member


def record(
    actor: Actor,
    action: AuditEntry.Action,
    *,
    member: Member | None = None,
    room: Room | None = None,
    seq: int | None = None,
    reason: str = "",
    **details: Any,
) -> None:
    """Note who did what, to whom and why: in the transaction that does it."""
    AuditEntry.objects.create(
        action=action,
        actor=actor.member,
        staff=actor.staff,
        member=member,
        room=room,
        seq=seq,
        reason=clean_reason(reason),
        details=details or None,
    )


def clean_reason(reason: str) -> str:
    reason = " ".join(reason.split())
    if len(reason) > REASON_MAX_LENGTH:
        raise TooLong(f"A reason may have {REASON_MAX_LENGTH} characters.")
    check_reason(reason)
    return reason
