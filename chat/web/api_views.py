"""Views for the page's JavaScript: rare questions that the socket does not answer."""

from functools import cache

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe
from emoji import EMOJI_DATA, STATUS

from ..accounts.permissions import Permission
from ..accounts.sessions import member_of
from ..errors import NotFound
from ..messages import unread
from ..moderation import message_moderation
from ..moderation.authorization import Actor
from ..protocol import encode
from ..rooms import access
from .forms import number_in

# The most deleted messages in one request.
RESTORABLE_ASKED = 100
SKIN_TONES = {chr(number) for number in range(0x1F3FB, 0x1F400)}


@never_cache
@require_safe
def missed(request: HttpRequest, key: str, since: int) -> HttpResponse:
    """How many messages of others came after this number. `more`: there are more than `count`."""
    member = member_of(request)
    if member is None:
        return JsonResponse({"detail": "Join with a name first."}, status=401)
    try:
        room = access.room_for(member.pk, key)
    except NotFound as error:
        raise Http404(error.detail) from None
    count = unread.missed(room, member.pk, since)
    shown = min(count, unread.COUNTED_MAX)
    return JsonResponse({"count": shown, "more": count > shown})


@never_cache
@require_safe
def restorable(request: HttpRequest, key: str) -> HttpResponse:
    """Which of these deleted messages (`?seqs=4,17`) a moderator can restore now."""
    member = member_of(request)
    if member is None:
        raise PermissionDenied
    try:
        room = access.room_for(member.pk, key)
    except NotFound as error:
        raise Http404(error.detail) from None
    if not Actor(member).in_room(room).may(Permission.RESTORE):
        raise PermissionDenied
    asked = request.GET.get("seqs", "").split(",")[:RESTORABLE_ASKED]
    seqs = {seq for text in asked if (seq := number_in(text)) is not None}
    return JsonResponse({"seqs": message_moderation.restorable(room, seqs)})


@cache_control(public=True, max_age=86_400)
@require_safe
def emoji(request: HttpRequest) -> HttpResponse:
    """Every emoji with its names, the same that the server knows as `:shortcodes:`."""
    return HttpResponse(_emoji(), content_type="application/json")


@cache
def _emoji() -> bytes:
    """[["🎉", "tada", "party popper"], …], without the variants in skin tones."""
    return encode(
        [
            [character, *_names(data)]
            for character, data in EMOJI_DATA.items()
            if data["status"] == STATUS["fully_qualified"] and not SKIN_TONES & set(character)
        ]
    )


def _names(data: dict[str, str | list[str]]) -> list[str]:
    names = [*data.get("alias", ()), str(data["en"])]
    return list(dict.fromkeys(name.strip(":").lower() for name in names))
