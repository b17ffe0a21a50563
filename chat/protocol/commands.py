"""Commands: client to server."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from .commands_about_rooms import (
    AddMembers,
    ArchiveRoom,
    BrowseRooms,
    CreateInvitation,
    CreateRoom,
    DeleteRoom,
    JoinRoom,
    ListInvitations,
    ListMembers,
    OpenDirect,
    QuitRoom,
    RemoveMember,
    RevokeInvitation,
    SetNotify,
    UpdateRoom,
)
from .commands_of_moderators import (
    AppointMember,
    BanMember,
    ClearProfile,
    DecideNewcomer,
    DismissReport,
    LoadNewcomers,
    LoadReports,
    MuteMember,
    RemovePicture,
    ReopenReport,
    SetRules,
    ShowMember,
)
from .shapes import (
    ClientId,
    Emoji,
    Id,
    Line,
    Milliseconds,
    Position,
    PresentMember,
    Reason,
    Ref,
    RoomKey,
    Seq,
    ShownMembers,
)


class EnterRoom(Struct, frozen=True, tag="room.enter"):
    ref: Ref
    room: RoomKey
    since: Position | None = None


class LeaveRoom(Struct, frozen=True, tag="room.leave"):
    ref: Ref
    room: RoomKey


class SendMessage(Struct, frozen=True, kw_only=True, tag="message.send"):
    ref: Ref
    room: RoomKey
    client_id: ClientId
    body: str
    reply_to: Seq | None = None
    waited_ms: Milliseconds = 0
    # The author was asked whether so many people are to be told.
    confirmed: bool = False


class EditMessage(Struct, frozen=True, kw_only=True, tag="message.edit"):
    ref: Ref
    room: RoomKey
    seq: Seq
    body: str


class DeleteMessage(Struct, frozen=True, kw_only=True, tag="message.delete"):
    """One's own; or, for moderators, what others said."""

    ref: Ref
    room: RoomKey
    seq: Seq
    reason: Reason = ""


class RestoreMessage(Struct, frozen=True, kw_only=True, tag="message.restore"):
    """For moderators: undo a moderator's deletion."""

    ref: Ref
    room: RoomKey
    seq: Seq
    reason: Reason = ""


class ReportMessage(Struct, frozen=True, kw_only=True, tag="message.report"):
    """Put a message before the moderators."""

    ref: Ref
    room: RoomKey
    seq: Seq
    reason: Reason


class SetReaction(Struct, frozen=True, kw_only=True, tag="reaction.set"):
    ref: Ref
    room: RoomKey
    seq: Seq
    emoji: Emoji
    on: bool


class LoadHistory(Struct, frozen=True, kw_only=True, tag="history.load"):
    ref: Ref
    room: RoomKey
    before: Seq
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


class FindPeople(Struct, frozen=True, kw_only=True, tag="people.find"):
    """The people in a room whose names contain this; `after`: the last one of the page before."""

    ref: Ref
    room: RoomKey
    query: Annotated[str, Meta(max_length=64)] = ""
    after: PresentMember | None = None


class BlockMember(Struct, frozen=True, tag="member.block"):
    """Hear no more from this member: no direct messages, no mentions."""

    ref: Ref
    member: Id


class UnblockMember(Struct, frozen=True, tag="member.unblock"):
    ref: Ref
    member: Id


class FindMembers(Struct, frozen=True, tag="members.find"):
    """The members of this site whose names begin with this text, ten at most."""

    ref: Ref
    query: Annotated[str, Meta(min_length=1, max_length=64)]


class LoadMembers(Struct, frozen=True, tag="members.load"):
    """How these members look now. Visitors learn it of those who spoke where they read."""

    ref: Ref
    members: ShownMembers


class SetProfile(Struct, frozen=True, kw_only=True, tag="profile.set"):
    """What you say about yourself; what is absent stays, an empty text is none."""

    ref: Ref
    pronouns: Line | None = None
    about: Line | None = None
    time_zone: Line | None = None
    handle: Line | None = None


class SetStatus(Struct, frozen=True, kw_only=True, tag="status.set"):
    """What you do now, until then; all empty: nothing."""

    ref: Ref
    emoji: Line = ""
    text: Line = ""
    until: datetime | None = None


class ListBlocked(Struct, frozen=True, tag="blocked.list"):
    """Whom you block, by name."""

    ref: Ref


class LoadInbox(Struct, frozen=True, kw_only=True, tag="inbox.load"):
    """What came after `since`; or the newest items; or those before `before`."""

    ref: Ref
    since: Seq | None = None
    before: Seq | None = None


class MarkInbox(Struct, frozen=True, tag="inbox.mark"):
    """All up to this number is read; or it `only`."""

    ref: Ref
    number: Seq
    only: bool = False


class UnmarkInbox(Struct, frozen=True, tag="inbox.unmark"):
    """These items are unread again."""

    ref: Ref
    numbers: Annotated[list[Seq], Meta(min_length=1, max_length=100)]


class StartTyping(Struct, frozen=True, tag="typing.start"):
    room: RoomKey


class MarkRead(Struct, frozen=True, tag="read.mark"):
    room: RoomKey
    seq: Seq


class Ping(Struct, frozen=True, tag="ping"):
    ref: Ref


Command = (
    EnterRoom
    | LeaveRoom
    | SendMessage
    | EditMessage
    | DeleteMessage
    | RestoreMessage
    | ReportMessage
    | MuteMember
    | BanMember
    | AppointMember
    | ShowMember
    | LoadReports
    | LoadNewcomers
    | DecideNewcomer
    | DismissReport
    | ReopenReport
    | SetRules
    | SetReaction
    | LoadHistory
    | FindPeople
    | CreateRoom
    | UpdateRoom
    | ArchiveRoom
    | DeleteRoom
    | JoinRoom
    | QuitRoom
    | BrowseRooms
    | ListMembers
    | OpenDirect
    | AddMembers
    | RemoveMember
    | BlockMember
    | UnblockMember
    | FindMembers
    | LoadMembers
    | SetProfile
    | SetStatus
    | RemovePicture
    | ClearProfile
    | ListBlocked
    | CreateInvitation
    | RevokeInvitation
    | ListInvitations
    | SetNotify
    | LoadInbox
    | MarkInbox
    | UnmarkInbox
    | StartTyping
    | MarkRead
    | Ping
)
