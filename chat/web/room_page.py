"""The page of a room, as every view shows it: with its messages, forms and start data."""

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from ..accounts.models import Member
from ..errors import ChatError
from ..messages import history, unread
from ..moderation import reports
from ..rooms import access
from ..rooms.models import Room
from . import form_limits
from .forms import JoinForm, MessageForm, RenameForm
from .message_grouping import group_messages
from .qr_code import qr_code
from .responses import STATUS_OF_REFUSAL, ban_notice


def room_page(
    request: HttpRequest,
    room: Room,
    member: Member | None,
    *,
    page: history.Page | None = None,
    focus: int | None = None,
    rename_form: RenameForm | None = None,
    message_form: MessageForm | None = None,
    error: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """The room at `page`, or at its last page, with all forms. `focus`: the message to open at."""
    page = page or history.last_page(room)
    link = request.build_absolute_uri(reverse("room", args=[room.key]))
    is_empty = not page.messages and not page.more
    context = {
        "room": room,
        "link": link,
        "qr_code": qr_code(link) if is_empty else None,
        "rooms": access.visible_to(member.pk if member else None).order_by("name")[
            : unread.ROOMS_LISTED
        ],
        "me": member,
        "page": page,
        "lines": group_messages(page.messages),
        # The page compares it with the clock of its computer.
        "now": timezone.now(),
        "join_form": JoinForm(),
        "rename_form": rename_form or RenameForm(),
        "message_form": message_form or MessageForm(),
        "error": error,
        "banned": "" if member else ban_notice(request),
        "boot": _boot_data(room, member, page, focus),
    }
    return render(request, "chat/room.html", context, status=status)


def _boot_data(
    room: Room, member: Member | None, page: history.Page, focus: int | None
) -> dict[str, object]:
    """What the page's JavaScript starts from: it continues where the page ends.

    `focus`: the message that the page was opened at. `newer`: messages between the page's last one
    and `to` are left out. `rooms` and `said`: how far each listed room was read, and its last
    message.
    """
    read = unread.read_up_to(member.pk, room) if member else {}
    return {
        "room": room.key,
        "me": {"id": member.pk, "name": member.name} if member else None,
        "epoch": page.epoch,
        "to": page.head,
        "to_id": page.to_id and str(page.to_id),
        "more": page.more,
        "newer": page.newer,
        "focus": focus,
        "read": read.get(room.key, 0),
        "rooms": read,
        "said": unread.last_messages() if read else {},
        "limits": {"body": settings.MESSAGE_MAX_LENGTH},
        "permissions": _permissions(room, member),
    }


def _permissions(room: Room, member: Member | None) -> dict[str, object]:
    """The member's role, mute and the room's rules, in the form of the socket's event."""
    return {
        "role": (member and member.office) or None,
        "muted_until": member.muted_until if member else None,
        "locked": room.locked,
        "slow_s": room.slow_seconds,
        "reports": reports.waiting_for(member.pk) if member and member.office else None,
    }


def refused_page(
    request: HttpRequest, room: Room, member: Member, form: MessageForm, refused: ChatError
) -> HttpResponse:
    """The room again with the reason, and the text still in the form."""
    status = STATUS_OF_REFUSAL[refused.code]
    page = room_page(request, room, member, message_form=form, error=refused.detail, status=status)
    return form_limits.with_retry_after(page, refused)
