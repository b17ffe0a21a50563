"""Commands: client to server."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from .shapes import (
    ClientId,
    Emoji,
    Id,
    Milliseconds,
    Position,
    PresentMember,
    Reason,
    Ref,
    RoomKey,
    Seconds,
    Seq,
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
    """For owners: give an office, or take it (empty)."""

    ref: Ref
    member: Id
    office: Literal["moderator", "owner", ""]
    reason: Reason = ""


class ShowMember(Struct, frozen=True, tag="member.show"):
    """For moderators: what holds for a member, and what you may do about it."""

    ref: Ref
    member: Id


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
    | DismissReport
    | ReopenReport
    | SetRules
    | SetReaction
    | LoadHistory
    | FindPeople
    | StartTyping
    | MarkRead
    | Ping
)
