"""Names and pictures, for the page's JavaScript; and the pictures themselves."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ..accounts import guests, profile
from ..accounts.models import Member
from ..accounts.profile_models import ProfilePicture
from ..accounts.sessions import member_of, set_cookie
from ..errors import NameRefused, SessionEnded
from ..moderation import profiles
from ..realtime.rate_limits import LIMITS, PROFILE_CHANGES_BY_MEMBER
from . import form_limits
from .forms import KEY_MAX
from .sign_in_forms import answers_json, json_of


def _me(request: HttpRequest) -> Member:
    member = member_of(request)
    if member is None:
        raise SessionEnded
    return member


@never_cache
@require_POST
@answers_json
def change_name(request: HttpRequest) -> HttpResponse:
    """Give the member another name, in a new session: `{"name": …}`."""
    member = _me(request)
    form_limits.check_rename(request, member)
    try:
        renamed = guests.rename(member=member, name=str(json_of(request).get("name", "")))
    except NameRefused as taken:
        if not taken.suggestions:
            raise
        free = gettext("Free right now: {names}.").format(names=", ".join(taken.suggestions))
        detail = f"{taken.detail} {free}"
        raise NameRefused(detail) from None
    answer = JsonResponse({"name": renamed.name})
    set_cookie(request, answer, renamed)
    return answer


@never_cache
@require_POST
@answers_json
def upload_picture(request: HttpRequest) -> HttpResponse:
    """The body is the file. The answer says where the picture made of it is."""
    member = _me(request)
    LIMITS.check(PROFILE_CHANGES_BY_MEMBER, member.pk)
    version = profiles.set_picture(member, request.body)
    return JsonResponse({"picture": profile.picture_address(member.pk, version)})


@require_safe
def picture(request: HttpRequest, member: int, version: str) -> HttpResponse:
    """A picture that holds now. Another one has another address, so this never gets old.

    Only browsers keep it: what a moderator removed must not stay in a cache that many share.
    """
    found = ProfilePicture.objects.filter(member=min(member, KEY_MAX), version=version).first()
    if found is None:
        raise Http404
    response = HttpResponse(bytes(found.content), content_type="image/webp")
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
