"""The views of rooms and names. All of them work without JavaScript."""

from contextlib import suppress
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import resolve, reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ..accounts import devices, guests, site_settings
from ..accounts.last_seen import LAST_SEEN
from ..accounts.models import Member
from ..accounts.sessions import (
    clear_cookie,
    device_of,
    former_of,
    member_of,
    session_lookup,
    set_cookie,
)
from ..errors import (
    ChatError,
    InvalidText,
    KeyReused,
    NameRefused,
    NotFound,
    RateLimited,
    SessionEnded,
)
from ..messages import commit, history, mentions, room_heads
from ..moderation import admission, write_permissions
from ..moderation.authorization import in_session
from ..ready_queries import first_of_each
from ..realtime import form_posts
from ..rooms import access
from ..rooms.models import LOBBY, Room, RoomHead
from . import form_limits
from .door_forms import JoinFirst, joins_first
from .forms import MessageForm, RenameForm
from .local_paths import local_path
from .qr_code import qr_code_image
from .refusals import in_words, with_retry_after
from .responses import SeeOther
from .room_page import refused_page, room_page


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Sign out. A guest gives the name back; an account keeps it."""
    member = member_of(request)
    if member is not None:
        with suppress(SessionEnded), in_session(member.pk, member.session):
            if member.kind == Member.Kind.ACCOUNT:
                devices.sign_out(member, device_of(request, member))
            else:
                guests.leave(member=member)
    response = SeeOther(reverse("home"))
    # The session has ended. The cookie stays if someone is muted or banned, so that joining again
    # under another name does not end that.
    former = former_of(request)
    if former is None or not admission.is_muted_or_banned(former.id):
        clear_cookie(request, response)
    return response


@never_cache
@require_POST
def rename(request: HttpRequest) -> HttpResponse:
    """Give the member another name, in a new session."""
    member = member_of(request)
    if member is None:
        return SeeOther(reverse("home"))
    form = RenameForm(request.POST)
    try:
        form_limits.check_rename(request, member)
    except RateLimited as refused:
        form.add_error("name", in_words(refused))
        page = _rename_again(request, member, form, HTTPStatus.TOO_MANY_REQUESTS)
        return with_retry_after(page, refused)
    if not form.is_valid():
        return _rename_again(request, member, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        renamed = guests.rename(member=member, name=form.cleaned_data["name"])
    except NameRefused as taken:
        free = gettext("Free right now: {names}.").format(names=", ".join(taken.suggestions))
        form.add_error("name", f"{taken.detail} {free}")
        return _rename_again(request, member, form, HTTPStatus.CONFLICT)
    response = SeeOther(local_path(request.POST.get("next", "")))
    set_cookie(request, response, renamed)
    return response


@never_cache
@require_safe
@joins_first
def room(request: HttpRequest, key: str) -> HttpResponse:
    """The room with its last messages. A visitor gets the form for a name instead of a message."""
    member, room, log = _opened(request, key)
    response = room_page(request, room, member, log=log)
    if member is not None:
        LAST_SEEN.note(member)
        # A fresh cookie, so that regular visitors are never signed out.
        set_cookie(request, response, member)
    return response


@require_safe
def room_qr_code(request: HttpRequest, key: str) -> HttpResponse:
    """The QR code of the room's address, for those who may see the room."""
    room = _room_for(member_of(request), key)
    link = request.build_absolute_uri(reverse("room", args=[room.key]))
    response = HttpResponse(qr_code_image(link), content_type="image/svg+xml")
    response["Cache-Control"] = "private, max-age=86400"
    return response


@never_cache
@require_safe
@joins_first
def message(request: HttpRequest, key: str, seq: int) -> HttpResponse:
    """The permalink of a message: the room, opened at it. A change redirects to its message."""
    member, room, _ = _opened(request, key)
    try:
        page = history.page_around(room, seq)
    except NotFound as error:
        changed = history.message_changed_by(room, seq)
        if changed is None:
            raise Http404(error.detail) from None
        return redirect("message", room.key, changed)
    if member is not None:
        LAST_SEEN.note(member)
    return room_page(request, room, member, page=page, focus=seq)


@never_cache
@require_POST
@joins_first
def post_message(request: HttpRequest, key: str) -> HttpResponse:
    """Post a message. Submitting the same form twice posts it once."""
    member, room, _ = _opened(request, key)
    if member is None:
        return room_page(
            request, room, None, error=gettext("Type a name to write."), status=HTTPStatus.FORBIDDEN
        )
    form = MessageForm(request.POST)
    try:
        form_limits.check_message(request, member)
        post = _post(member, form)
        if mentions.calls_everyone(post.body) and not form.cleaned_data["confirmed"]:
            mentions.ask_first(room, member.pk, post.body)
        accepted = write_permissions.write(
            member=member,
            room=room,
            operation=post,
            through=form_posts.commit_operation,
        )
    except KeyReused as refused:
        # The form was sent before with another text. A new form makes this text a new message.
        form = MessageForm(initial={"body": form.cleaned_data["body"]})
        return refused_page(request, room, member, form, refused)
    except ChatError as refused:
        return refused_page(request, room, member, form, refused)
    return SeeOther(_address_of(room, accepted.seq))


def _rename_again(
    request: HttpRequest, member: Member, form: RenameForm, status: int
) -> HttpResponse:
    """The room in which the form was sent, with the error."""
    room = _room_at(request.POST.get("next", ""), member)
    return room_page(request, room, member, rename_form=form, status=status)


def _room_at(path: str, member: Member | None) -> Room:
    """The room of this address if the member may see it, else the lobby."""
    try:
        return _room_for(member, resolve(path).kwargs["key"])
    except (Http404, KeyError):
        return _room_for(member, LOBBY)


def _opened(request: HttpRequest, key: str) -> tuple[Member | None, Room, RoomHead | None]:
    """Whose session this is, the room, and its head. Http404 unless they may see the room."""
    member: Member | None
    member, found, log = first_of_each(
        session_lookup(request), access.room_lookup(key), room_heads.head_lookup(key)
    )
    if member is None and not site_settings.current().visitors_read:
        raise JoinFirst(request.path)
    try:
        return member, access.allowed(member.pk if member else None, key, found), log
    except NotFound as error:
        raise Http404(error.detail) from None


def _room_for(member: Member | None, key: str) -> Room:
    """The room; Http404 unless this member or visitor may see it."""
    try:
        return access.room_for(member.pk if member else None, key)
    except NotFound as error:
        raise Http404(error.detail) from None


def _post(member: Member, form: MessageForm) -> commit.Post:
    if not form.is_valid():
        raise InvalidText(str(next(iter(form.errors.values()))[0]))
    return commit.Post(
        author_id=member.pk,
        client_id=form.cleaned_data["client_id"],
        body=form.cleaned_data["body"],
        session=member.session,
    )


def _address_of(room: Room, seq: int) -> str:
    return f"{reverse('room', args=[room.key])}#m{seq}"
