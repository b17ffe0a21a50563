"""Commands about members and what they do, nearly all for moderators."""

from typing import Literal

from msgspec import Struct

from .shapes import Id, Reason, Ref, RoomKey, Seconds


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


class RemovePicture(Struct, frozen=True, tag="picture.remove"):
    """Be shown by the mark that is made of your number again."""

    ref: Ref


class ClearProfile(Struct, frozen=True, kw_only=True, tag="profile.clear"):
    """For moderators: take out a member's picture, or all texts of the profile."""

    ref: Ref
    member: Id
    part: Literal["picture", "texts"]
    reason: Reason = ""
