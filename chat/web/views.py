"""The pages: readable, joinable and writable before any JavaScript runs."""

from contextlib import suppress
from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ..accounts import guests
from ..accounts.models import Member
from ..accounts.sessions import clear_cookie, former_of, member_of, set_cookie
from ..errors import (
    ChatError,
    Forbidden,
    InvalidText,
    KeyReused,
    NameRefused,
    NotFound,
    RateLimited,
    SessionEnded,
)
from ..messages import commit, history, unread
from ..moderation import admission, reports, write_permissions
from ..moderation.authorization import in_session
from ..realtime.rate_limits import JOINS_BY_ADDRESS
from ..rooms import access
from ..rooms.models import LOBBY, Room
from . import form_limits
from .forms import JoinForm, MessageForm, RenameForm
from .message_grouping import group_messages
from .qr_code import qr_code

STATUS_OF_REFUSAL = {
    "invalid_text": HTTPStatus.UNPROCESSABLE_ENTITY,
    "too_long": HTTPStatus.UNPROCESSABLE_ENTITY,
    "forbidden": HTTPStatus.FORBIDDEN,
    "not_found": HTTPStatus.NOT_FOUND,
    "key_reused": HTTPStatus.CONFLICT,
    "rate_limited": HTTPStatus.TOO_MANY_REQUESTS,
    "busy": HTTPStatus.SERVICE_UNAVAILABLE,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
}


class SeeOther(HttpResponseRedirect):
    """After a form: come back with GET, so that reloading sends nothing again."""

    status_code = HTTPStatus.SEE_OTHER


@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """One field, a name; those who have one go straight in."""
    if member_of(request) is not None:
        return redirect("room", LOBBY)
    return _join_page(request, JoinForm(), _local_path(request.GET.get("next", "")))


@never_cache
@require_POST
def join(request: HttpRequest) -> HttpResponse:
    next_path = _local_path(request.POST.get("next", ""))
    if member_of(request) is not None:
        return SeeOther(next_path)
    form = JoinForm(request.POST)
    try:
        form_limits.check_address(request, JOINS_BY_ADDRESS)
    except RateLimited as refused:
        form.add_error("name", form_limits.explain(refused))
        page = _join_page(request, form, next_path, status=HTTPStatus.TOO_MANY_REQUESTS)
        return form_limits.say_when(page, refused)
    if not form.is_valid():
        return _join_page(request, form, next_path, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        member = admission.join(
            name=form.cleaned_data["name"],
            address=request.META["REMOTE_ADDR"],
            former=former_of(request),
        )
    except Forbidden as banned:
        form.add_error("name", banned.detail)
        return _join_page(request, form, next_path, status=HTTPStatus.FORBIDDEN)
    except NameRefused as taken:
        form.add_error("name", taken.detail)
        return _join_page(
            request, form, next_path, suggestions=taken.suggestions, status=HTTPStatus.CONFLICT
        )
    response = SeeOther(next_path)
    set_cookie(request, response, member)
    return response


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    member = member_of(request)
    if member is not None:
        with suppress(SessionEnded), in_session(member.pk, member.session):
            guests.leave(member=member)
    response = SeeOther(reverse("home"))
    # Its session has ended; but neither mute nor ban must be shaken off by coming back.
    former = former_of(request)
    if former is None or not admission.is_bound(former.id):
        clear_cookie(request, response)
    return response


@never_cache
@require_POST
def rename(request: HttpRequest) -> HttpResponse:
    member = member_of(request)
    if member is None:
        return SeeOther(reverse("home"))
    form = RenameForm(request.POST)
    try:
        form_limits.check_rename(request, member)
    except RateLimited as refused:
        form.add_error("name", form_limits.explain(refused))
        page = _rename_again(request, member, form, HTTPStatus.TOO_MANY_REQUESTS)
        return form_limits.say_when(page, refused)
    if not form.is_valid():
        return _rename_again(request, member, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        renamed = guests.rename(member=member, name=form.cleaned_data["name"])
    except NameRefused as taken:
        form.add_error("name", f"{taken.detail} Free right now: {', '.join(taken.suggestions)}.")
        return _rename_again(request, member, form, HTTPStatus.CONFLICT)
    response = SeeOther(_local_path(request.POST.get("next", "")))
    set_cookie(request, response, renamed)
    return response


@never_cache
@require_safe
def room(request: HttpRequest, key: str) -> HttpResponse:
    """The room with its last messages; to a visitor, the question for a name instead of a pen."""
    member = member_of(request)
    response = _room_page(request, _room_for(member, key), member)
    if member is not None:
        guests.seen(member=member)
        # Whoever keeps coming is not signed out two weeks after they joined.
        set_cookie(request, response, member)
    return response


@never_cache
@require_safe
def message(request: HttpRequest, key: str, seq: int) -> HttpResponse:
    """The lasting address of a message: the room, opened there. A change leads to its message."""
    member = member_of(request)
    room = _room_for(member, key)
    try:
        page = history.page_around(room, seq)
    except NotFound as error:
        changed = history.message_changed_by(room, seq)
        if changed is None:
            raise Http404(error.detail) from None
        return redirect("message", room.key, changed)
    if member is not None:
        guests.seen(member=member)
    return _room_page(request, room, member, page=page, focus=seq)


@never_cache
@require_POST
def post_message(request: HttpRequest, key: str) -> HttpResponse:
    """Say something. Submitting the same page twice says it once."""
    member = member_of(request)
    room = _room_for(member, key)
    if member is None:
        return _room_page(
            request, room, None, error="Type a name to write.", status=HTTPStatus.FORBIDDEN
        )
    form = MessageForm(request.POST)
    try:
        form_limits.check_message(request, member)
        accepted = write_permissions.write(member=member, room=room, intent=_post(member, form))
    except KeyReused as refused:
        # The page was sent before, with another text: this text is a message of its own.
        form = MessageForm(initial={"body": form.cleaned_data["body"]})
        return _refused_page(request, room, member, form, refused)
    except ChatError as refused:
        return _refused_page(request, room, member, form, refused)
    return SeeOther(_place_of(room, accepted.seq))


def _local_path(path: str) -> str:
    """This path if it stays on this site, else the lobby's."""
    if path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None):
        return path
    return reverse("room", args=[LOBBY])


def _join_page(
    request: HttpRequest,
    form: JoinForm,
    next_path: str,
    *,
    suggestions: tuple[str, ...] = (),
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    context = {
        "form": form,
        "next": next_path,
        "suggestions": suggestions,
        "banned": why_not_join(request),
    }
    return render(request, "chat/join.html", context, status=status)


def why_not_join(request: HttpRequest) -> str:
    """Said before a banned person types a name, not after."""
    return admission.why_not_join(address=request.META["REMOTE_ADDR"], former=former_of(request))


def _rename_again(
    request: HttpRequest, member: Member, form: RenameForm, status: int
) -> HttpResponse:
    """The room that the form was in, with what was wrong."""
    room = _room_at(request.POST.get("next", ""), member)
    return _room_page(request, room, member, rename_form=form, status=status)


def _room_at(path: str, member: Member | None) -> Room:
    """The room of this address if there is one for the member, else the lobby."""
    try:
        return _room_for(member, resolve(path).kwargs["key"])
    except (Http404, KeyError):
        return _room_for(member, LOBBY)


def _room_for(member: Member | None, key: str) -> Room:
    """The room, if this member or visitor may know of it; no such page otherwise."""
    try:
        return access.room_for(member.pk if member else None, key)
    except NotFound as error:
        raise Http404(error.detail) from None


def _room_page(
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
        # By which the page knows how wrong the clock of its computer is.
        "now": timezone.now(),
        "join_form": JoinForm(),
        "rename_form": rename_form or RenameForm(),
        "message_form": message_form or MessageForm(),
        "error": error,
        "banned": "" if member else why_not_join(request),
        "boot": _boot(room, member, page, focus),
    }
    return render(request, "chat/room.html", context, status=status)


def _boot(
    room: Room, member: Member | None, page: history.Page, focus: int | None
) -> dict[str, object]:
    """What the page's JavaScript starts from: it goes on where the page ends.

    `focus` is the message that the page was opened at; `newer` says that messages between the
    page's last one and `to` are left out; `rooms` and `said`, how far each listed room was
    read and how far it goes.
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
        "said": unread.last_said() if read else {},
        "limits": {"body": settings.MESSAGE_MAX_LENGTH},
        "standing": _standing(room, member),
    }


def _standing(room: Room, member: Member | None) -> dict[str, object]:
    """What holds for this member and here, as the socket will say it."""
    return {
        "role": (member and member.office) or None,
        "muted_until": member.muted_until if member else None,
        "locked": room.locked,
        "slow_s": room.slow_seconds,
        "reports": reports.waiting_for(member.pk) if member and member.office else None,
    }


def _post(member: Member, form: MessageForm) -> commit.Post:
    if not form.is_valid():
        raise InvalidText(str(next(iter(form.errors.values()))[0]))
    return commit.Post(
        author_id=member.pk,
        client_id=form.cleaned_data["client_id"],
        body=form.cleaned_data["body"],
        session=member.session,
    )


def _refused_page(
    request: HttpRequest, room: Room, member: Member, form: MessageForm, refused: ChatError
) -> HttpResponse:
    """The room again with the reason, and the text still in the form."""
    status = STATUS_OF_REFUSAL[refused.code]
    page = _room_page(request, room, member, message_form=form, error=refused.detail, status=status)
    return form_limits.say_when(page, refused)


def _place_of(room: Room, seq: int) -> str:
    return f"{reverse('room', args=[room.key])}#m{seq}"
