"""Commands: client to server."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from .shapes import (
    ClientId,
    Emoji,
    Id,
    Line,
    MemberIds,
    Milliseconds,
    Position,
    PresentMember,
    Reason,
    Ref,
    RoomKey,
    Seconds,
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


class MuteMember(Struct, frozen=True, kw_only=True, tag="member.mute"):
    """For moderators: the member writes nothing for so long; 0 ends it."""

    ref: Ref
    member: Id
    seconds: Seconds
    reason: Reason = ""


class BanMember(Struct, frozen=True, kw_only=True, tag="member.ban"):
    """For moderators: keep the member out for so long (null: for good); 0 ends it.

    `network`: nobody gets a new name from where the member was last seen either.
    """

    ref: Ref
    member: Id
    seconds: Seconds | None = None
    reason: Reason = ""
    network: bool = False


class AppointMember(Struct, frozen=True, kw_only=True, tag="member.appoint"):
    """For owners: give an office, or take it (empty). With `room`, a role in that room."""

    ref: Ref
    member: Id
    office: Literal["moderator", "owner", ""]
    reason: Reason = ""
    room: RoomKey | None = None


class ShowMember(Struct, frozen=True, tag="member.show"):
    """What holds for a member, and what you may do about it; for moderators of the site.

    With `room` for everyone who sees that room: the roles, your block, and what you may do there.
    """

    ref: Ref
    member: Id
    room: RoomKey | None = None


class LoadReports(Struct, frozen=True, tag="reports.load"):
    """For moderators: the messages that were reported, oldest first; after this one, if given."""

    ref: Ref
    after: Id | None = None


class DismissReport(Struct, frozen=True, kw_only=True, tag="report.dismiss"):
    """For moderators: leave the message as it is, and close every report of it."""

    ref: Ref
    report: Id
    reason: Reason = ""


class ReopenReport(Struct, frozen=True, tag="report.reopen"):
    """For moderators: put a message back that was dealt with by mistake."""

    ref: Ref
    report: Id


class LoadNewcomers(Struct, frozen=True, tag="newcomers.load"):
    """For moderators: who waits to be let in, the first one first."""

    ref: Ref


class DecideNewcomer(Struct, frozen=True, kw_only=True, tag="newcomer.decide"):
    """For moderators: let someone in; refuse them, and they read the reason; or neither again."""

    ref: Ref
    newcomer: Id
    decision: Literal["approved", "refused", ""]
    reason: Reason = ""


class SetRules(Struct, frozen=True, kw_only=True, tag="rules.set"):
    """For moderators: lock or slow a room."""

    ref: Ref
    room: RoomKey
    locked: bool
    slow_s: Seconds
    reason: Reason = ""


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


class CreateRoom(Struct, frozen=True, kw_only=True, tag="room.create"):
    ref: Ref
    name: Line
    kind: Literal["public", "private"]
    topic: Line = ""


class UpdateRoom(Struct, frozen=True, kw_only=True, tag="room.update"):
    """For its owners and moderators; what is absent stays. `inviters`: who may bring others in."""

    ref: Ref
    room: RoomKey
    name: Line | None = None
    topic: Line | None = None
    kind: Literal["public", "private"] | None = None
    inviters: Literal["members", "moderators"] | None = None


class ArchiveRoom(Struct, frozen=True, kw_only=True, tag="room.archive"):
    """For its owners: nothing more is written here; with `archived` false, it is again."""

    ref: Ref
    room: RoomKey
    archived: bool = True


class DeleteRoom(Struct, frozen=True, kw_only=True, tag="room.delete"):
    """For its owners: for good. `name` is the room's, typed by hand."""

    ref: Ref
    room: RoomKey
    name: Line


class JoinRoom(Struct, frozen=True, tag="room.join"):
    """Become a member of a public room: it stays in the list."""

    ref: Ref
    room: RoomKey


class QuitRoom(Struct, frozen=True, tag="room.quit"):
    """Be a member no more."""

    ref: Ref
    room: RoomKey


class BrowseRooms(Struct, frozen=True, kw_only=True, tag="rooms.browse"):
    """Public rooms that match the text, after this key."""

    ref: Ref
    query: Line = ""
    after: Annotated[str, Meta(max_length=64)] = ""


class ListMembers(Struct, frozen=True, kw_only=True, tag="room.members"):
    """The members of a room, after this id."""

    ref: Ref
    room: RoomKey
    after: Id = 0


class OpenDirect(Struct, frozen=True, tag="direct.open"):
    """The direct room of these members and oneself."""

    ref: Ref
    members: MemberIds


class AddMembers(Struct, frozen=True, tag="member.add"):
    ref: Ref
    room: RoomKey
    members: MemberIds


class RemoveMember(Struct, frozen=True, kw_only=True, tag="member.remove"):
    ref: Ref
    room: RoomKey
    member: Id
    reason: Reason = ""


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


class RemovePicture(Struct, frozen=True, tag="picture.remove"):
    """Be shown by the mark that is made of your number again."""

    ref: Ref


class ClearProfile(Struct, frozen=True, kw_only=True, tag="profile.clear"):
    """For moderators: take out a member's picture, or all texts of the profile."""

    ref: Ref
    member: Id
    part: Literal["picture", "texts"]
    reason: Reason = ""


class ListBlocked(Struct, frozen=True, tag="blocked.list"):
    """Whom you block, by name."""

    ref: Ref


class CreateInvitation(Struct, frozen=True, kw_only=True, tag="invitation.create"):
    """A link into a room, for so many `uses` (null: any number) and so long."""

    ref: Ref
    room: RoomKey
    uses: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    seconds: Seconds = 7 * 86_400


class RevokeInvitation(Struct, frozen=True, tag="invitation.revoke"):
    ref: Ref
    invitation: Id


class ListInvitations(Struct, frozen=True, tag="invitation.list"):
    ref: Ref
    room: RoomKey


class SetNotify(Struct, frozen=True, tag="notify.set"):
    """Of what in this room one is notified."""

    ref: Ref
    room: RoomKey
    notify: Literal["all", "mentions", "none"]


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
