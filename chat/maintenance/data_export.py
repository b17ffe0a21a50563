"""A member's own data as files: JSON for programs, HTML for people.

It holds what they said and did, and what is stored about them. Of others it holds nothing but the
names that stand in their rooms. A room that they may not see now is left without its name.
"""

import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from django.template.loader import render_to_string

from ..accounts import profile
from ..accounts.models import Member
from ..accounts.sso_models import SsoIdentity
from ..messages.models import Change, InboxItem, Message
from ..moderation.models import AuditEntry, Report
from ..rooms import access
from ..rooms.models import Membership, Room, RoomHead
from .erasure import authors_of

# Numbers of a log that are looked through in one query.
WINDOW = 2000
# A part of the file holds about so many messages, and takes about so long to make.
MESSAGES_OF_PART = 1000
SECONDS_OF_PART = 1.0
# Of the mentions, the newest so many.
MENTIONS_MAX = 10_000
# What members learn of the record of who did what: not who complained about them.
SHOWN_OF_RECORD = [
    AuditEntry.Action.MUTED,
    AuditEntry.Action.UNMUTED,
    AuditEntry.Action.BANNED,
    AuditEntry.Action.UNBANNED,
    AuditEntry.Action.DELETED,
    AuditEntry.Action.RESTORED,
    AuditEntry.Action.APPOINTED,
    AuditEntry.Action.DISMISSED,
    AuditEntry.Action.ADDED,
    AuditEntry.Action.REMOVED,
    AuditEntry.Action.SIGNED_OUT,
    AuditEntry.Action.DISABLED,
    AuditEntry.Action.ENABLED,
    AuditEntry.Action.RECOVERY_LINK,
    AuditEntry.Action.CARRIED_OVER,
    AuditEntry.Action.ASKED_DELETION,
    AuditEntry.Action.KEPT,
    AuditEntry.Action.EXPORTED,
]

Files = list[tuple[str, bytes]]
Rows = list[dict[str, Any]]


class ExportPosition(NamedTuple):
    """Where the next part begins: after this number of this room. `page` counts the room's."""

    room: int = 0
    seq: int = 0
    page: int = 0


class ExportPart(NamedTuple):
    """Some files, how many messages they hold, and where the next part begins."""

    files: Files
    messages: int
    cursor: ExportPosition


def count(member: Member) -> int:
    """How many messages the export will hold."""
    return Message.objects.filter(author__in=authors_of(member), deleted_at=None).count()


def parts(member: Member, cursor: ExportPosition = ExportPosition()) -> Iterator[ExportPart]:  # noqa: B008 - immutable
    """What the member said, room by room, from the cursor on. A part may hold no file."""
    for room in Room.objects.filter(pk__gte=cursor.room).order_by("pk"):
        if room.kind != Room.Kind.DELETED:
            begins = cursor if room.pk == cursor.room else ExportPosition(room.pk)
            yield from _parts_of(member, room, begins)


def _parts_of(member: Member, room: Room, at: ExportPosition) -> Iterator[ExportPart]:
    authors = authors_of(member)
    seq, page = at.seq, at.page
    head = RoomHead.objects.filter(room=room).values_list("head", flat=True).first() or 0
    while seq < head:
        began = time.monotonic()
        said: Rows = []
        reacted: Rows = []
        while (
            seq < head
            and len(said) < MESSAGES_OF_PART
            and time.monotonic() - began < SECONDS_OF_PART
        ):
            said += _messages(authors, room, seq)
            reacted += _reactions(authors, room, seq)
            seq += WINDOW
        files: Files = []
        if said or reacted:
            page += 1
            files = _page_files(member, room, page, said, reacted)
        yield ExportPart(files, len(said), ExportPosition(room.pk, seq, page))


def _messages(authors: Sequence[int], room: Room, after: int) -> Rows:
    """The members' messages among these numbers.

    Who wrote them is compared here: with authors in the query, SQLite would read all of theirs.
    """
    window = Message.objects.in_room(room.pk).filter(seq__gt=after, seq__lte=after + WINDOW)
    mine = [pk for pk, author in window.values_list("pk", "author_id") if author in authors]
    fields = ("seq", "created_at", "edited_at", "author_name", "body", "reply_to")
    rows = Message.objects.filter(pk__in=mine, deleted_at=None).order_by("seq").values(*fields)
    return [
        {
            "number": row["seq"],
            "at": row["created_at"],
            "edited_at": row["edited_at"],
            "name": row["author_name"],
            "text": row["body"],
            "answers": row["reply_to"],
        }
        for row in rows
    ]


def _reactions(authors: Sequence[int], room: Room, after: int) -> Rows:
    changes = Change.objects.filter(room=room, seq__gt=after, seq__lte=after + WINDOW)
    rows = changes.filter(kind=Change.Kind.REACTED).order_by("seq")
    given: Rows = []
    for actor, seq, at, replaced in rows.values_list("actor", "message__seq", "at", "replaced"):
        if actor in authors and replaced and "emoji" in replaced:
            is_given = not replaced["on"]
            given.append({"message": seq, "at": at, "emoji": replaced["emoji"], "given": is_given})
    return given


def _page_files(member: Member, room: Room, page: int, said: Rows, reacted: Rows) -> Files:
    shown = _shown_room(member, room)
    name = f"messages/{room.pk}-{page}"
    content = {"room": shown, "messages": said, "reactions": reacted}
    html = render_to_string("chat/export_messages.html", {**content, "page": page})
    return [(f"{name}.json", _json(content)), (f"{name}.html", html.encode())]


def _shown_room(member: Member, room: Room) -> dict[str, Any]:
    is_visible = access.visible_to(member.pk).filter(pk=room.pk).exists()
    if not is_visible:
        return {"id": room.pk, "key": "", "name": "", "kind": room.kind}
    return {"id": room.pk, "key": room.key, "name": room.name, "kind": room.kind}


def _json(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1)


# --- What is not in a room --------------------------------------------------------------------


def last_part(member: Member, pages: Sequence[str]) -> Files:
    """The files about the member; `pages`: the names of the HTML files with messages."""
    visible = {room.pk: room.name for room in access.visible_to(member.pk)}
    about = {
        "profile": _profile(member),
        "rooms": _memberships(member),
        "mentions": _mentions(member, visible),
        "reports": _reports(member, visible),
        "devices": list(
            member.devices.order_by("pk").values("label", "signed_in_at", "last_used_at")
        ),
        "sign_ins": list(
            SsoIdentity.objects.filter(user__member=member)
            .order_by("pk")
            .values("issuer", "subject", "created_at", "last_used_at")
        ),
        "record": _record(member, visible),
    }
    context = {**about, "pages": _titled(pages, visible)}
    html = render_to_string("chat/export_index.html", context)
    picture = profile.picture_of(member)
    pictures = [("picture.webp", picture)] if picture else []
    return [*pictures, ("data.json", _json(about)), ("index.html", html.encode())]


def _profile(member: Member) -> dict[str, Any]:
    formerly = member.former_guests.order_by("pk")
    return {
        **profile.exported(member),
        "id": member.pk,
        "kind": member.kind,
        "role": member.role.value,
        "joined_at": member.created_at,
        "last_seen_at": member.last_seen_at,
        "muted_until": member.muted_until,
        "formerly": [{"id": one.guest_id, "carried_over_at": one.at} for one in formerly],
    }


def _memberships(member: Member) -> Rows:
    fields = ("room__key", "room__name", "room__kind", "role", "notify", "joined_at")
    rows = Membership.objects.filter(member=member).order_by("joined_at").values(*fields)
    return [{name.removeprefix("room__"): value for name, value in row.items()} for row in rows]


def _mentions(member: Member, visible: dict[int, str]) -> Rows:
    """Where the member was named or answered: what others wrote is theirs."""
    items = InboxItem.objects.filter(member=member).order_by("-number")[:MENTIONS_MAX]
    return [
        {"kind": kind, "room": visible.get(room, ""), "message": seq, "at": at}
        for kind, room, seq, at in items.values_list("kind", "room_id", "seq", "at")
    ]


def _reports(member: Member, visible: dict[int, str]) -> Rows:
    rows = Report.objects.filter(reporter=member).order_by("pk")
    return [
        {
            "room": visible.get(room, ""),
            "message": seq,
            "reason": reason,
            "at": at,
            "closed_at": closed,
        }
        for room, seq, reason, at, closed in rows.values_list(
            "room_id", "seq", "reason", "at", "closed_at"
        )
    ]


def _record(member: Member, visible: dict[int, str]) -> Rows:
    rows = AuditEntry.objects.filter(member=member, action__in=SHOWN_OF_RECORD).order_by("pk")
    return [
        {"at": at, "what": action, "room": visible.get(room, ""), "reason": reason}
        for at, action, room, reason in rows.values_list("at", "action", "room_id", "reason")
    ]


def _titled(pages: Sequence[str], visible: dict[int, str]) -> Rows:
    titled = []
    for page in pages:
        room, number = page.removeprefix("messages/").removesuffix(".html").split("-")
        titled.append({"address": page, "room": visible.get(int(room), ""), "number": number})
    return titled
