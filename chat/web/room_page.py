"""The page of a room, as every view shows it: with its messages, forms and start data.

What is the same for everyone is made once and kept: the page with holes in it, and the messages at
the room's head. A request fills the holes with what belongs to its reader (docs/adr/0032).
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Any, NamedTuple
from uuid import uuid4

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape, json_script

from .. import protocol
from ..accounts import carried_over, site_rules, site_settings, sso_claims
from ..accounts.models import Member
from ..accounts.site_settings import CurrentSite
from ..errors import ChatError, NeedsConfirmation
from ..messages import history, page_rooms, unread
from ..messages.page_rooms import PageRoom
from ..moderation import first_steps, room_actions
from ..realtime.site_news import terms_of
from ..rooms.models import LOBBY, Room, RoomHead
from . import door_forms, message_rows, site_picture
from .bounded_cache import BoundedCache
from .forms import JoinForm, MessageForm, RenameForm
from .page_parts import Part, Skeleton, hole, personal, response_of, shared
from .page_permissions import permissions_of
from .qr_code import qr_code
from .refusals import STATUS_OF_REFUSAL, with_retry_after
from .responses import ban_notice
from .site_context import mark_of

SKELETONS_MAX_BYTES = 8 << 20
# How many lists of rooms are kept as HTML: nearly all readers have the same.
LISTS_KEPT = 256


class Usual(NamedTuple):
    """What a page depends on that is the same for everyone. `link`: to the room, if it is empty."""

    room: Room
    site: CurrentSite
    is_member: bool
    more: bool
    link: str
    has_account: bool = False


@dataclass(frozen=True, slots=True)
class Variation:
    """What makes a page different from the one that everyone gets: such a page is not kept."""

    focus: int | None = None
    rename_form: RenameForm | None = None
    message_form: MessageForm | None = None
    error: str = ""
    banned: str = ""
    asks: bool = False


AS_USUAL = Variation()


def room_page(
    request: HttpRequest,
    room: Room,
    member: Member | None,
    *,
    log: RoomHead | None = None,
    page: history.Page | None = None,
    focus: int | None = None,
    rename_form: RenameForm | None = None,
    message_form: MessageForm | None = None,
    error: str = "",
    asks: bool = False,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """The room at `page`, or at its last page, with all forms.

    `log`: its head, if the caller knows it. `focus`: the message to open at. `asks`: `error` is a
    question, which sending the message again answers.
    """
    if page is None:
        last = message_rows.last_page(room, log)
        page, rows = last.page, last.rows
    else:
        rows = shared(message_rows.rows(room, page.messages, focus))
    is_empty = not page.messages and not page.more
    variation = Variation(
        focus=focus,
        rename_form=rename_form,
        message_form=message_form,
        error=error,
        banned="" if member else ban_notice(request),
        asks=asks,
    )
    link = request.build_absolute_uri(reverse("room", args=[room.key])) if is_empty else ""
    skeleton = _skeleton(_usual(room, member, page.more, link), variation)
    values = _of_reader(request, room, member, page, focus) | {"rows": rows}
    return response_of(request, skeleton.filled(values), status)


# --- The same for everyone --------------------------------------------------------------------

_skeletons: BoundedCache[tuple[Any, ...], Skeleton] = BoundedCache(
    SKELETONS_MAX_BYTES, lambda skeleton: skeleton.size
)


def _skeleton(usual: Usual, variation: Variation) -> Skeleton:
    """The page without what belongs to its reader, and without the messages."""
    if variation != AS_USUAL:
        return _rendered(usual, variation)
    room, *others = usual
    columns = (value for name, value in vars(room).items() if not name.startswith("_"))
    key = *others, *columns
    return _skeletons.get(key) or _skeletons.put(key, _rendered(usual, variation))


def _rendered(usual: Usual, variation: Variation) -> Skeleton:
    """It does not know the request or the member, so nothing of theirs can stay in it."""
    form = variation.message_form
    me = {name: hole(f"me_{name}") for name in ("id", "name", "mark")}
    context = {
        "site_name": usual.site.name,
        **door_forms.asked_of(usual.site),
        "site_picture": site_picture.address(),
        "room": usual.room,
        "me": me if usual.is_member else None,
        "has_account": usual.has_account,
        "passwords": settings.PASSWORDS,
        "sso_name": sso_claims.button_name(),
        "more": usual.more,
        "focus": variation.focus,
        "link": usual.link,
        "qr_code": qr_code(usual.link) if usual.link else None,
        "join_form": JoinForm(),
        "rename_form": variation.rename_form or RenameForm(),
        "client_id": form["client_id"].value() or "" if form else hole("client_id"),
        "body": form["body"].value() or "" if form else "",
        "error": variation.error,
        "asks": variation.asks,
        "banned": variation.banned,
    }
    names = "now", "room_link", "rooms", "reports", "rows", "boot", "csrf_token"
    context |= {name: hole(name) for name in names} | {"CSP_NONCE": hole("nonce")}
    return Skeleton(get_template("chat/room.html").render(context))


def _usual(room: Room, member: Member | None, more: bool, link: str) -> Usual:
    has_account = member is not None and member.kind == Member.Kind.ACCOUNT
    return Usual(room, site_settings.current(), member is not None, more, link, has_account)


def warm_up() -> None:
    """Make a page that nobody gets, before the first is asked for.

    It compiles the templates and loads all views. That takes as long as hundreds of pages, and
    would hold up messages.
    """
    room = Room(key=LOBBY)
    for is_member in (True, False):
        _rendered(Usual(room, site_settings.known(), is_member, True, ""), AS_USUAL)
    author = protocol.MemberRef(0, "")
    said = protocol.WireMessage(uuid4(), 1, 1, author, "", timezone.now(), "")
    message_rows.rows(room, [said])
    _rooms_list(((room.key, "", True),), room.key)
    _reports_link(None, None)


# --- Of one reader ----------------------------------------------------------------------------


def _of_reader(
    request: HttpRequest, room: Room, member: Member | None, page: history.Page, focus: int | None
) -> dict[str, Part]:
    """What is put into the holes for this reader."""
    listed = page_rooms.listed_for(member.pk if member else None)
    permissions = permissions_of(room, member)
    nonce: Any = getattr(request, "csp_nonce", "")
    values = {
        # The page compares it with the clock of its computer.
        "now": _iso(timezone.now()),
        "room_link": escape(request.build_absolute_uri(reverse("room", args=[room.key]))),
        "nonce": str(nonce),
        "csrf_token": get_token(request),
        "client_id": str(uuid4()),
        "boot": json_script(_boot_data(room, member, page, focus, listed, permissions), "boot"),
    }
    if member is not None:
        values |= {
            "me_id": str(member.pk),
            "me_name": escape(member.name),
            "me_mark": mark_of(member.pk),
        }
    return {name: personal(value) for name, value in values.items()} | {
        "rooms": _rooms_list(tuple(listed_room[:3] for listed_room in listed), room.key),
        "reports": _reports_link(permissions["reports"], permissions["newcomers"]),
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat()


@lru_cache(LISTS_KEPT)
def _rooms_list(listed: tuple[tuple[str, str, str], ...], here: str) -> Part:
    rooms = [{"key": key, "name": name, "kind": kind} for key, name, kind in listed]
    html = get_template("chat/_rooms_list.html").render({"rooms": rooms, "here": here})
    # The names of rooms that not everyone may see are secrets.
    return shared(html) if all(kind == Room.Kind.PUBLIC for *_, kind in listed) else personal(html)


@lru_cache(LISTS_KEPT)
def _reports_link(waiting: int | None, newcomers: int | None) -> Part:
    shown = {"reports": waiting, "newcomers": newcomers}
    return personal(get_template("chat/_reports_link.html").render(shown))


def _boot_data(
    room: Room,
    member: Member | None,
    page: history.Page,
    focus: int | None,
    listed: list[PageRoom],
    permissions: dict[str, Any],
) -> dict[str, object]:
    """What the page's JavaScript starts from: it continues where the page ends.

    `focus`: the message that the page was opened at. `newer`: messages between the page's last one
    and `to` are left out. `rooms` and `said`: how far each listed room was read, and its last
    message. `no_rooms`: why they may not make rooms. `first_steps`: for the owner of the site.
    `rules_to_accept`: the version of the rules that this member has not accepted yet.
    """
    read = {one.key: one.read for one in listed if one.read is not None}
    if member is not None and all(one.key != room.key for one in listed):
        read |= unread.read_up_to(member.pk, room)
    return {
        "room": room.key,
        "name": room.name,
        "topic": room.topic,
        "kind": room.kind,
        "has_account": member is not None and member.kind == Member.Kind.ACCOUNT,
        "me": _me(member) if member else None,
        "epoch": page.epoch,
        "to": page.head,
        "to_id": page.to_id and str(page.to_id),
        "more": page.more,
        "newer": page.newer,
        "focus": focus,
        "read": read.get(room.key, 0),
        "rooms": read,
        "said": {one.key: one.said for one in listed if one.said is not None} if read else {},
        "limits": {"body": settings.MESSAGE_MAX_LENGTH},
        "permissions": permissions,
        "site": msgspec.to_builtins(terms_of(site_settings.current())),
        "rules_to_accept": site_rules.to_accept(member) if member else 0,
        "first_steps": _first_steps(member),
        "no_rooms": room_actions.why_not_create(member.role_without_office) if member else "",
    }


def _me(member: Member) -> dict[str, object]:
    """`formerly`: the ids that an account had as guests, whose messages are its own."""
    me: dict[str, object] = {"id": member.pk, "name": member.name}
    if member.kind == Member.Kind.ACCOUNT and (formerly := carried_over.ids_of(member.pk)):
        me["formerly"] = formerly
    return me


def _first_steps(member: Member | None) -> dict[str, bool] | None:
    if member is None or member.office != Member.Office.OWNER:
        return None
    return first_steps.first_steps(member) or None


def refused_page(
    request: HttpRequest, room: Room, member: Member, form: MessageForm, refused: ChatError
) -> HttpResponse:
    """The room again with the reason, and the text still in the form."""
    status = STATUS_OF_REFUSAL[refused.code]
    asks = isinstance(refused, NeedsConfirmation)
    page = room_page(
        request, room, member, message_form=form, error=refused.detail, asks=asks, status=status
    )
    return with_retry_after(page, refused)
