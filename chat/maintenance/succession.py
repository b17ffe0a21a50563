"""Who runs what an owner leaves behind: somebody must, before the account is deleted."""

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext

from ..accounts.models import Member
from ..errors import Forbidden
from ..moderation import room_actions
from ..moderation.authorization import SYSTEM
from ..rooms.models import LOBBY, Membership, Room

# So many rooms are named.
NAMED = 5


def require_successors(member: Member, *, delete_alone: bool = False) -> None:
    """Forbidden, with what to do first, if the site or a room would have no owner.

    With `delete_alone`, private rooms in which nobody else is are deleted. Call it in a transaction
    then, which has locked the owners: of two who go at once, one is refused.
    """
    if member.office == Member.Office.OWNER:
        owners = Member.objects.live().filter(office=Member.Office.OWNER)
        if not owners.exclude(pk=member.pk).exists():
            text = gettext("You are the only owner of this site. Make someone else owner first.")
            raise Forbidden(text)
    owned = _owned_alone_by(member)
    if delete_alone:
        # Locked, as a room is whose owner quits.
        list(Room.objects.select_for_update(no_key=True).filter(pk__in=owned.values("pk")))
    others = Membership.objects.filter(room=OuterRef("pk")).exclude(member=member)
    names = list(owned.filter(Exists(others)).values_list("name", flat=True)[: NAMED + 1])
    if names:
        rooms = ", ".join(names[:NAMED]) + ("…" if len(names) > NAMED else "")
        text = gettext(
            "You are the only owner of {rooms}. Make someone else owner there, or delete the room."
        )
        raise Forbidden(text.format(rooms=rooms))
    if delete_alone:
        for room in owned.filter(kind=Room.Kind.PRIVATE):
            room_actions.delete(actor=SYSTEM, room=room, name=room.name)


def _owned_alone_by(member: Member) -> QuerySet[Room]:
    """The rooms that nobody else owns."""
    mine = Membership.objects.filter(member=member, role=Membership.Role.OWNER)
    others = Membership.objects.filter(room=OuterRef("pk"), role=Membership.Role.OWNER)
    rooms = Room.objects.filter(pk__in=mine.values("room")).exclude(key=LOBBY).order_by("pk")
    return rooms.exclude(Exists(others.exclude(member=member)))
