"""Shapes that commands, replies and events share."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from .refs import REF_MAX_LENGTH

Ref = Annotated[str, Meta(max_length=REF_MAX_LENGTH)]


RoomKey = Annotated[str, Meta(min_length=1, max_length=64)]


ClientId = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\A[A-Za-z0-9_-]+\Z")]


Seq = Annotated[int, Meta(ge=0, lt=2**53)]


Id = Annotated[int, Meta(ge=0, lt=2**53)]


Seconds = Annotated[int, Meta(ge=0, lt=2**31)]


Milliseconds = Annotated[int, Meta(ge=0, lt=2**53)]


Reason = Annotated[str, Meta(max_length=500)]


# The server's own limits are tighter, and say so in words.
Line = Annotated[str, Meta(max_length=500)]


# As many as a page shows at once; a page that shows more asks again.
ShownMembers = Annotated[list[Id], Meta(min_length=1, max_length=200)]


MemberIds = Annotated[list[Id], Meta(min_length=1, max_length=50)]


Emoji = Annotated[str, Meta(min_length=1, max_length=32)]


class MemberRef(Struct, frozen=True):
    """A member as others see one."""

    id: int
    name: str


class ShownStatus(Struct, frozen=True, omit_defaults=True):
    """What a member does now. It ends at `until` by itself; without it, when they say so."""

    emoji: str = ""
    text: str = ""
    until: datetime | None = None


class MemberFace(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a member looks now, wherever they are named. `picture` is its address on this site."""

    id: int
    name: str
    handle: str | None = None
    picture: str | None = None
    status: ShownStatus | None = None


class ProfileTexts(Struct, frozen=True, omit_defaults=True):
    """What else a member says about themselves; `time_zone` as IANA names it."""

    pronouns: str = ""
    about: str = ""
    time_zone: str = ""


class PastName(Struct, frozen=True):
    """A name that a member had until then."""

    name: str
    until: datetime


class PresentMember(Struct, frozen=True, omit_defaults=True):
    """A member who is in a room now; `role`: moderator or owner."""

    id: Id
    name: Annotated[str, Meta(max_length=64)]
    role: Annotated[str, Meta(max_length=16)] | None = None


class Mention(Struct, frozen=True, omit_defaults=True):
    """A member whom a text names, under the name of now; `text`: what stands after the `@` if that
    is something else. The id 0 is everyone, as `room` or `here`.
    """

    id: int
    name: str
    text: str | None = None


class Reaction(Struct, frozen=True):
    emoji: str
    members: list[MemberRef]


class WireMessage(Struct, frozen=True, omit_defaults=True):
    """A message in its latest state; `id` is its uid. What is absent does not hold.

    `html` is the body's Markdown, rendered and sanitised; a body that needs none is plain text.
    `mentions` is empty where a text with an `@` names nobody.
    """

    id: UUID
    seq: int
    updated_seq: int
    author: MemberRef
    body: str
    created_at: datetime
    client_id: str
    edited_at: datetime | None = None
    deleted: bool = False
    reply_to: int | None = None
    reactions: list[Reaction] | None = None
    html: str | None = None
    mentions: list[Mention] | None = None


class ListEntry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A room of one's list. Visitors get no more than what the room is and how far it goes.

    `read` and `unread` are absent where a member never opened the room. `locked`: only its owners
    and moderators post; `inviters`: who brings others in, if not every member.
    """

    room: str
    name: str
    kind: str
    head: int
    topic: str = ""
    read: int | None = None
    unread: int | None = None
    mentions: int | None = None
    notify: str | None = None
    role: str | None = None
    joined: bool = False
    archived: bool = False
    members: list[MemberRef] | None = None
    locked: bool = False
    slow_s: int = 0
    inviters: str | None = None


class Excerpt(Struct, frozen=True, omit_defaults=True):
    """A message in short: its text as it was typed, cut if it is long."""

    seq: int
    author: MemberRef
    body: str
    created_at: datetime
    deleted: bool = False


class Complaint(Struct, frozen=True):
    """Who reported a message, why and when."""

    member: MemberRef
    reason: str
    at: datetime


class ReportedMessage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message that waits for a moderator, with what was said around it.

    `report` is the number by which it is dismissed and reopened. `body` is what it said when it was
    reported; `message` is the message as it is now, if it is still there. `count`: all reports of
    it, of which `complaints` are the first.
    """

    report: int
    room: str
    room_name: str
    seq: int
    author: MemberRef
    body: str
    message: Excerpt | None = None
    before: list[Excerpt]
    after: list[Excerpt]
    complaints: list[Complaint]
    count: int


class NewcomerEntry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Someone who waits to be let in. `joined_there`: some who joined lately from their network;
    `banned_there`: some of it who are banned.
    """

    id: int
    name: str
    asked_at: datetime
    note: str = ""
    joined_there: list[MemberRef] = []
    banned_there: list[MemberRef] = []


class SiteTerms(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who may come in (`anyone`, `invited`, `accounts`, `sso`), whether guests only read, and the
    version of the rules; 0: there are none.
    """

    comes_in: str = "anyone"
    guests_read: bool = False
    rules: int = 0


class InboxEntry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something of a member's inbox: a message that mentions them, answers one of theirs, or the
    last of a direct conversation, which has no number (0).
    """

    number: int
    kind: str
    room: str
    seq: int
    author: MemberRef
    text: str
    at: datetime
    # Absent where the room is a direct one, which is called by who is in it.
    room_name: str = ""
    read: bool = False


class InboxPlace(Struct, frozen=True):
    """An unread item of the inbox, and where its message stands."""

    number: int
    room: str
    seq: int


class BrowsedRoom(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A public room as one looks for it; `members`: how many have joined."""

    room: str
    name: str
    members: int
    topic: str = ""
    joined: bool = False
    archived: bool = False


class RoomMember(Struct, frozen=True):
    """A member of a room, with the role there: owner, moderator or member."""

    id: int
    name: str
    role: str


class InvitationEntry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A link into a room. `uses_left` is absent where it may be used by any number of people."""

    id: int
    expires_at: datetime
    uses_left: int | None = None
    creator: MemberRef | None = None


class Position(Struct, frozen=True):
    """Where a reader stands: `epoch`, `to` and `to_id` of the last frame applied."""

    epoch: Annotated[str, Meta(max_length=64)]
    seq: Seq
    id: UUID | None = None
