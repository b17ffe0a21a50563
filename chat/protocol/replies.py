"""Replies: server to that client, with its ref."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from .shapes import (
    BrowsedRoom,
    InboxEntry,
    InvitationEntry,
    ListEntry,
    MemberFace,
    NewcomerEntry,
    PastName,
    PresentMember,
    ProfileTexts,
    ReportedMessage,
    RoomMember,
)


class RoomEntered(Struct, frozen=True, kw_only=True, tag="room.entered", omit_defaults=True):
    """The last page of the room, or what changed after `since`; `more`: ask again from `to`.

    `reset` says why `since` could not be continued: forget what you hold, and start from here.
    """

    ref: str
    room: str
    epoch: str
    head: int
    from_: int = msgspec.field(name="from")
    to: int
    to_id: UUID | None
    messages: list[Raw]
    more: bool
    reset: str | None = None


class RoomLeft(Struct, frozen=True, tag="room.left"):
    ref: str
    room: str


class Trace(Struct, frozen=True):
    """When the node received the frame, the database committed the message, and the node told it.

    `published`: the author first, by this reply, and the room right after it.
    """

    received: datetime
    committed: datetime
    published: datetime


class MessageAccepted(Struct, frozen=True, kw_only=True, tag="message.accepted"):
    """The message is durable under this number, for ever. A repeat gets the same answer."""

    ref: str
    client_id: str
    seq: int
    id: UUID
    trace: Trace


class ChangeAccepted(Struct, frozen=True, tag="change.accepted"):
    ref: str
    seq: int
    updated_seq: int


class CommandDone(Struct, frozen=True, tag="command.done"):
    """What was asked is done; there is nothing more to say."""

    ref: str


class HistoryPage(Struct, frozen=True, kw_only=True, tag="history.page"):
    ref: str
    room: str
    messages: list[Raw]
    more: bool


class PeoplePage(Struct, frozen=True, kw_only=True, tag="people.page"):
    """Owners first, then moderators, then everyone by name; `count`: all who are in the room."""

    ref: str
    room: str
    count: int
    people: list[PresentMember]
    more: bool


class MemberShown(Struct, frozen=True, kw_only=True, tag="member.shown", omit_defaults=True):
    """What holds for a member now. `may`: what you may do: `mute`, `ban`, `appoint`.

    `banned` without `banned_until`: for good. In the room that was asked about: `role_here`, and in
    `may_here` what you may do there: `remove`, `appoint`. `blocked`: you block them.
    `former_names`: for moderators, the newest first.
    """

    ref: str
    member: MemberFace
    role: str | None = None
    muted_until: datetime | None = None
    banned: bool = False
    banned_until: datetime | None = None
    left: bool = False
    may: list[str]
    role_here: str | None = None
    may_here: list[str] | None = None
    blocked: bool = False
    profile: ProfileTexts | None = None
    former_names: list[PastName] | None = None


class ReportsPage(Struct, frozen=True, tag="reports.page"):
    ref: str
    reports: list[ReportedMessage]
    more: bool


class NewcomersPage(Struct, frozen=True, tag="newcomers.page"):
    ref: str
    newcomers: list[NewcomerEntry]
    more: bool


class RoomOpened(Struct, frozen=True, tag="room.opened"):
    """The room is there and in your list: it was made, joined, or opened for direct messages."""

    ref: str
    entry: ListEntry


class RoomsPage(Struct, frozen=True, tag="rooms.page"):
    ref: str
    rooms: list[BrowsedRoom]
    more: bool


class MembersPage(Struct, frozen=True, kw_only=True, tag="members.page"):
    """Some of the members; `total`: how many there are."""

    ref: str
    room: str
    members: list[RoomMember]
    total: int
    more: bool


class MembersFound(Struct, frozen=True, tag="members.found"):
    """Members by name: those who were looked for, or those whom you block."""

    ref: str
    members: list[MemberFace]


class MembersLoaded(Struct, frozen=True, tag="members.loaded"):
    """How they look now; without those of whom you may not know."""

    ref: str
    members: list[MemberFace]


class InvitationCreated(Struct, frozen=True, kw_only=True, tag="invitation.created"):
    """`path` is the link's address on this site. It is told once."""

    ref: str
    room: str
    invitation: InvitationEntry
    path: str


class InvitationList(Struct, frozen=True, tag="invitation.page"):
    ref: str
    room: str
    invitations: list[InvitationEntry]


class InboxPage(Struct, frozen=True, kw_only=True, tag="inbox.page", omit_defaults=True):
    """Items in order. `more`: ask on, after the last one or before the first. `direct`: with the
    newest items, the last message of others in each direct conversation.
    """

    ref: str
    items: list[InboxEntry]
    head: int
    read: int
    more: bool
    direct: list[InboxEntry] = []


class Pong(Struct, frozen=True, tag="pong"):
    ref: str
    time: datetime


class CommandRejected(
    Struct, frozen=True, kw_only=True, tag="command.rejected", omit_defaults=True
):
    ref: str | None
    code: str
    detail: str
    retry_ms: int | None = None


Reply = (
    RoomEntered
    | RoomLeft
    | MessageAccepted
    | ChangeAccepted
    | CommandDone
    | HistoryPage
    | PeoplePage
    | MemberShown
    | NewcomersPage
    | ReportsPage
    | RoomOpened
    | RoomsPage
    | MembersPage
    | MembersFound
    | MembersLoaded
    | InvitationCreated
    | InvitationList
    | InboxPage
    | Pong
    | CommandRejected
)
