"""Pages of those who keep the house: taking an office."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from .errors import ChatError
from .forms import JoinForm
from .models import Invitation
from .models.rooms import LOBBY
from .services import offices
from .sessions import member_of, set_cookie
from .views import STATUS_OF_REFUSAL, SeeOther


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Take an office. Looking takes nothing: previews of the link look too."""
    member = member_of(request)
    try:
        offered = offices.invitation_of(token)
        if request.method == "POST" and member is not None:
            offices.take_invitation(member=member, token=token)
            response = SeeOther(reverse("room", args=[LOBBY]))
            # A cookie for the full time from now on: an office should not run out with it.
            set_cookie(response, member)
            return response
    except ChatError as refused:
        return _invitation_page(request, refusal=refused)
    return _invitation_page(request, offered=offered)


def _invitation_page(
    request: HttpRequest, offered: Invitation | None = None, refusal: ChatError | None = None
) -> HttpResponse:
    context = {
        "offered": offered,
        "refusal": refusal,
        "me": member_of(request),
        "form": JoinForm(),
        "next": request.path,
    }
    status = STATUS_OF_REFUSAL[refusal.code] if refusal else HTTPStatus.OK
    return render(request, "chat/invitation.html", context, status=status)
