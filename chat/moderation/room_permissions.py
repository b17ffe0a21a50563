"""What members may do with a room itself: manage it, own it, bring others in."""

from django.utils.translation import gettext

from ..accounts.permissions import Permission
from ..errors import Forbidden
from ..rooms import access
from ..rooms.models import LOBBY, Room
from .authorization import Actor


def require_manager(actor: Actor, room: Room) -> None:
    """Owners and moderators of the room; in a room that they see, those of the site too."""
    _require_no_direct_room(room)
    if not actor.in_room(room).may(Permission.SET_RULES):
        raise Forbidden(gettext("Only owners and moderators of the room may do this."))


def require_owner(actor: Actor, room: Room) -> None:
    """Owners of the room; in a room that they see, those of the site too."""
    _require_no_direct_room(room)
    if not actor.in_room(room).may(Permission.APPOINT):
        raise Forbidden(gettext("Only an owner of the room may do this."))


def require_inviter(actor: Actor, room: Room) -> None:
    """Members of the room, or its managers alone where it is set so."""
    _require_no_direct_room(room)
    if room.is_archived:
        raise Forbidden(gettext("This room is archived. Restore it first."))
    if room.inviters == Room.Inviters.MODERATORS:
        require_manager(actor, room)
    elif actor.member is not None and access.membership(room, actor.member.pk) is None:
        # In a public room the same people could simply be sent its address.
        require_manager(actor, room)


def require_not_lobby(room: Room) -> None:
    if room.key == LOBBY:
        raise Forbidden(gettext("The lobby stays as it is: everyone starts there."))


def _require_no_direct_room(room: Room) -> None:
    if room.kind == Room.Kind.DIRECT:
        raise Forbidden(
            gettext("A direct conversation has no settings, and its members stay the same.")
        )
