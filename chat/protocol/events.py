"""Events: server to everyone concerned."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from .shapes import InboxPlace, ListEntry, MemberFace, MemberRef, PresentMember, SiteTerms


class Hello(Struct, frozen=True, kw_only=True, tag="hello", omit_defaults=True):
    """The first frame of a connection; a visitor's has no `me`. Without `role` you are as everyone;
    without a time, not muted. Who reviews reports is told how many wait; 101: more than a hundred.
    """

    connection: str
    node: str
    me: MemberRef | None
    heartbeat_s: int
    limits: dict[str, int]
    version: int
    role: str | None = None
    muted_until: datetime | None = None
    reports: int | None = None
    # How many wait to be let in, for those who decide about them.
    newcomers: int | None = None
    # Absent while everything is as it is on a new site.
    site: SiteTerms | None = None
    # Which chatroom this node runs; `version` is the contract's.
    release: str = ""
    # How many members are on this site now, in whichever rooms.
    here: int = 0


class PermissionsChanged(Struct, frozen=True, tag="standing", omit_defaults=True):
    """Your role or your mute has changed, or how many reports or newcomers wait; all as in
    `hello`.
    """

    role: str | None = None
    muted_until: datetime | None = None
    reports: int | None = None
    newcomers: int | None = None


class SiteChanged(Struct, frozen=True, tag="site.changed"):
    """An owner decided otherwise who may come in, what guests do, or what the rules say."""

    site: SiteTerms


class RoomChanges(Struct, frozen=True, kw_only=True, tag="room.changes"):
    """Covers the numbers from…to, inclusive, even where there are fewer messages."""

    room: str
    epoch: str
    from_: int = msgspec.field(name="from")
    to: int
    to_id: UUID | None
    messages: list[Raw]


class RoomRulesChanged(Struct, frozen=True, tag="room.rules"):
    """What holds in a room now. Until the first one after entering: nothing."""

    room: str
    locked: bool
    slow_s: int


class RoomsState(Struct, frozen=True, tag="rooms.state", omit_defaults=True):
    """Your room list, after `hello`. `more`: another such frame follows with further rooms."""

    rooms: list[ListEntry]
    more: bool = False


class RoomUpdated(Struct, frozen=True, kw_only=True, tag="room.updated", omit_defaults=True):
    """A room of your list has changed, or is new there. What is absent is as it was."""

    room: str
    name: str | None = None
    kind: str | None = None
    head: int | None = None
    topic: str | None = None
    read: int | None = None
    unread: int | None = None
    mentions: int | None = None
    notify: str | None = None
    role: str | None = None
    joined: bool | None = None
    archived: bool | None = None
    members: list[MemberRef] | None = None
    locked: bool | None = None
    slow_s: int | None = None
    inviters: str | None = None


class RoomActivity(Struct, frozen=True, tag="room.activity", omit_defaults=True):
    """How far a room of your list has come that you have not entered; once a second at most."""

    room: str
    head: int
    unread: int | None = None
    mentions: int | None = None


class InboxUpdated(Struct, frozen=True, tag="inbox.updated"):
    """Where your inbox ends, how far it is read, how many items are unread (at most 100), and
    which.
    """

    head: int
    read: int
    unread: int
    waiting: list[InboxPlace]


class MembersChanged(Struct, frozen=True, tag="members.changed"):
    """These members look different now: another name, handle, picture or status."""

    members: list[MemberFace]


class RoomRemoved(Struct, frozen=True, tag="room.removed"):
    """This room is not there for you any more: forget it. Nothing of it comes after this."""

    room: str


class Heartbeat(Struct, frozen=True, tag="heartbeat", omit_defaults=True):
    """How far your rooms have come; `said`: the last message in each room that is listed; `here`:
    how many members are on this site now.
    """

    heads: dict[str, int]
    said: dict[str, int] = {}
    here: int = 0


class PresenceState(Struct, frozen=True, tag="presence.state"):
    """Who is here; in a large room `members` is a part, `count` still the whole."""

    room: str
    count: int
    members: list[PresentMember]


class PresenceDiff(Struct, frozen=True, kw_only=True, tag="presence.diff"):
    room: str
    count: int
    joined: list[PresentMember]
    left: list[PresentMember]


class Typing(Struct, frozen=True, tag="typing"):
    """Everyone who typed in the last five seconds; an empty list ends it."""

    room: str
    names: list[str]


class Bye(Struct, frozen=True, tag="bye", omit_defaults=True):
    """Said before the server closes: browsers do not always learn the close code."""

    code: int
    reason: str
    retry_ms: int | None = None


Event = (
    Hello
    | PermissionsChanged
    | RoomChanges
    | RoomRulesChanged
    | SiteChanged
    | RoomsState
    | RoomUpdated
    | RoomActivity
    | InboxUpdated
    | MembersChanged
    | RoomRemoved
    | Heartbeat
    | PresenceState
    | PresenceDiff
    | Typing
    | Bye
)
