"""The page of a link into a room: without JavaScript, and for people without a name yet."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from ..accounts.sessions import member_of
from ..errors import ChatError, RateLimited
from ..moderation import room_invitations, site_invitations
from ..moderation.authorization import in_session
from ..realtime.rate_limits import INVITES_BY_ADDRESS
from ..rooms.models import LOBBY, RoomInvitation
from . import form_limits
from .door_forms import asked_of_browser
from .qr_code import qr_code_image
from .responses import SeeOther, invitation_page


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest, token: str) -> HttpResponse:
    """Join the room of an invitation, by POST only: previews of links send GET."""
    try:
        form_limits.check_address(request, INVITES_BY_ADDRESS)
    except RateLimited as refused:
        return form_limits.too_many(refused)
    member = member_of(request)
    try:
        invitation = room_invitations.invitation_of(token)
        if request.method == "POST" and member is not None:
            with in_session(member.pk, member.session) as me:
                room = room_invitations.take(member=me, token=token)
            return SeeOther(reverse("room", args=[room.key]))
    except ChatError as refused:
        return _page(request, refusal=refused)
    return _page(request, invitation=invitation)


@never_cache
@require_safe
def site_invite(request: HttpRequest, token: str) -> HttpResponse:
    """The page of a link into the site. Its form brings the token along."""
    try:
        form_limits.check_address(request, INVITES_BY_ADDRESS)
        site_invitations.invitation_of(token)
    except RateLimited as refused:
        return form_limits.too_many(refused)
    except ChatError as refused:
        return invitation_page(request, "chat/site_invite.html", refused)
    if member_of(request) is not None:
        return redirect("room", LOBBY)
    return invitation_page(
        request, "chat/site_invite.html", None, **asked_of_browser(request, request.path)
    )


@never_cache
@require_safe
def qr_code(request: HttpRequest, token: str) -> HttpResponse:
    """The QR code of an invitation's link; of a wrong one, too, so that it tells nothing."""
    try:
        form_limits.check_address(request, INVITES_BY_ADDRESS)
    except RateLimited as refused:
        return form_limits.too_many(refused)
    link = request.build_absolute_uri(reverse("invite", args=[token]))
    return HttpResponse(qr_code_image(link), content_type="image/svg+xml")


def _page(
    request: HttpRequest,
    invitation: RoomInvitation | None = None,
    refusal: ChatError | None = None,
) -> HttpResponse:
    room = invitation and invitation.room
    asked = asked_of_browser(request, request.path)
    return invitation_page(request, "chat/invite.html", refusal, room=room, **asked)
