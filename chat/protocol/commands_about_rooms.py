"""Commands about rooms, who is in them, and how one comes in."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from .shapes import Id, Line, MemberIds, Reason, Ref, RoomKey, Seconds


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
