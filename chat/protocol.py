"""Every command, reply, event and close code of the wire contract (docs/protocol.md), typed once.

A frame is one JSON object, `type` first. Decoding is validation; fields that nobody knows are
ignored, so that a newer tab may speak to an older node.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Raw, Struct

from .errors import BadCommand, BadFrame, ChatError
from .protocol_ref import REF_MAX_LENGTH, has_half_a_pair

VERSION = 1

# A client's frame may have this many bytes; what the server sends stays below the other.
CLIENT_FRAME_MAX = 16 * 1024
SERVER_FRAME_MAX = 64 * 1024
HEARTBEAT_SECONDS = 25
HALF_A_PAIR = "The frame holds half of a surrogate pair, which is no character."

# --- Close codes: below 4500 come back and resume, from 4500 on do not ------------------------
# Plain integers: autobahn refuses an IntEnum, and the client would see 1011.

CLOSE_DRAINING = 4000
CLOSE_SLOW = 4001
CLOSE_RESYNC = 4002
CLOSE_IDLE = 4008
CLOSE_RATE = 4029
CLOSE_PROTOCOL = 4500
CLOSE_SIGN_IN = 4501
CLOSE_BANNED = 4503
CLOSE_TOO_OLD = 4510

# --- Shared shapes ----------------------------------------------------------------------------

Ref = Annotated[str, Meta(max_length=REF_MAX_LENGTH)]
RoomKey = Annotated[str, Meta(min_length=1, max_length=64)]
ClientId = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\A[A-Za-z0-9_-]+\Z")]
Seq = Annotated[int, Meta(ge=0, lt=2**53)]
Id = Annotated[int, Meta(ge=0, lt=2**53)]
Seconds = Annotated[int, Meta(ge=0, lt=2**31)]
Milliseconds = Annotated[int, Meta(ge=0, lt=2**53)]
Reason = Annotated[str, Meta(max_length=500)]
Emoji = Annotated[str, Meta(min_length=1, max_length=32)]


class MemberRef(Struct, frozen=True):
    """A member as others see one."""

    id: int
    name: str


class Reaction(Struct, frozen=True):
    emoji: str
    members: list[MemberRef]


class Message(Struct, frozen=True, omit_defaults=True):
    """A message in its latest state; `id` is its uid. What is absent does not hold.

    `html` is the body's Markdown, rendered and sanitised; a body that needs none is plain text.
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


class Position(Struct, frozen=True):
    """Where a reader stands: `epoch`, `to` and `to_id` of the last frame applied."""

    epoch: Annotated[str, Meta(max_length=64)]
    seq: Seq
    id: UUID | None = None


# --- Commands: client → server ----------------------------------------------------------------


class EnterRoom(Struct, frozen=True, tag="room.enter"):
    ref: Ref
    room: RoomKey
    since: Position | None = None


class LeaveRoom(Struct, frozen=True, tag="room.leave"):
    ref: Ref
    room: RoomKey


class SendMessage(Struct, frozen=True, tag="message.send"):
    ref: Ref
    room: RoomKey
    client_id: ClientId
    body: str
    reply_to: Seq | None = None
    waited_ms: Milliseconds = 0


class EditMessage(Struct, frozen=True, tag="message.edit"):
    ref: Ref
    room: RoomKey
    seq: Seq
    body: str


class DeleteMessage(Struct, frozen=True, tag="message.delete"):
    """One's own; or, for moderators, what others said."""

    ref: Ref
    room: RoomKey
    seq: Seq
    reason: Reason = ""


class RestoreMessage(Struct, frozen=True, tag="message.restore"):
    """For moderators: undo a moderator's deletion."""

    ref: Ref
    room: RoomKey
    seq: Seq
    reason: Reason = ""


class ReportMessage(Struct, frozen=True, tag="message.report"):
    """Put a message before the moderators."""

    ref: Ref
    room: RoomKey
    seq: Seq
    reason: Reason


class MuteMember(Struct, frozen=True, tag="member.mute"):
    """For moderators: the member writes nothing for so long; 0 ends it."""

    ref: Ref
    member: Id
    seconds: Seconds
    reason: Reason = ""


class BanMember(Struct, frozen=True, tag="member.ban"):
    """For moderators: keep the member out for so long (null: for good); 0 ends it.

    `network`: nobody gets a new name from where the member was last seen either.
    """

    ref: Ref
    member: Id
    seconds: Seconds | None = None
    reason: Reason = ""
    network: bool = False


class AppointMember(Struct, frozen=True, tag="member.appoint"):
    """For owners: give an office, or take it (empty)."""

    ref: Ref
    member: Id
    office: Literal["moderator", "owner", ""]
    reason: Reason = ""


class SetRules(Struct, frozen=True, tag="rules.set"):
    """For moderators: lock or slow a room."""

    ref: Ref
    room: RoomKey
    locked: bool
    slow_s: Seconds
    reason: Reason = ""


class SetReaction(Struct, frozen=True, tag="reaction.set"):
    ref: Ref
    room: RoomKey
    seq: Seq
    emoji: Emoji
    on: bool


class LoadHistory(Struct, frozen=True, tag="history.load"):
    ref: Ref
    room: RoomKey
    before: Seq
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


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
    | SetRules
    | SetReaction
    | LoadHistory
    | StartTyping
    | MarkRead
    | Ping
)

# --- Replies: server → that client, with its ref ----------------------------------------------


class RoomEntered(Struct, frozen=True, tag="room.entered", omit_defaults=True):
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
    """When the node had the frame, the database the message, and when the node told of it.

    `published`: the author first, by this reply, and the room right after it.
    """

    received: datetime
    committed: datetime
    published: datetime


class MessageAccepted(Struct, frozen=True, tag="message.accepted"):
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


class HistoryPage(Struct, frozen=True, tag="history.page"):
    ref: str
    room: str
    messages: list[Raw]
    more: bool


class Pong(Struct, frozen=True, tag="pong"):
    ref: str
    time: datetime


class CommandRejected(Struct, frozen=True, tag="command.rejected", omit_defaults=True):
    ref: str | None
    code: str
    detail: str
    retry_ms: int | None = None


# --- Events: server → everyone concerned ------------------------------------------------------


class Hello(Struct, frozen=True, tag="hello", omit_defaults=True):
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
    # Which chatroom this node runs; `version` is the contract's.
    release: str = ""


class Standing(Struct, frozen=True, tag="standing", omit_defaults=True):
    """Your role or your mute has changed, or how many reports wait; all as in `hello`."""

    role: str | None = None
    muted_until: datetime | None = None
    reports: int | None = None


class RoomChanges(Struct, frozen=True, tag="room.changes"):
    """Covers the numbers from…to, inclusive, even where there are fewer messages."""

    room: str
    epoch: str
    from_: int = msgspec.field(name="from")
    to: int
    to_id: UUID | None
    messages: list[Raw]


class RoomRules(Struct, frozen=True, tag="room.rules"):
    """What holds in a room now. Until the first one after entering: nothing."""

    room: str
    locked: bool
    slow_s: int


class RoomRemoved(Struct, frozen=True, tag="room.removed"):
    """This room is not there for you any more: forget it. Nothing of it comes after this."""

    room: str


class Heartbeat(Struct, frozen=True, tag="heartbeat", omit_defaults=True):
    """How far your rooms have come; `said`: the last message in each room that is listed."""

    heads: dict[str, int]
    said: dict[str, int] = {}


class PresenceState(Struct, frozen=True, tag="presence.state"):
    """Who is here; in a large room `members` is a part, `count` still the whole."""

    room: str
    count: int
    members: list[MemberRef]


class PresenceDiff(Struct, frozen=True, tag="presence.diff"):
    room: str
    count: int
    joined: list[MemberRef]
    left: list[MemberRef]


class Typing(Struct, frozen=True, tag="typing"):
    """Everyone who typed in the last five seconds; an empty list ends it."""

    room: str
    names: list[str]


class Bye(Struct, frozen=True, tag="bye", omit_defaults=True):
    """Said before the server closes: browsers do not always learn the close code."""

    code: int
    reason: str
    retry_ms: int | None = None


# --- Encoding and decoding --------------------------------------------------------------------

_encoder = msgspec.json.Encoder()
_command_decoder: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)

encode = _encoder.encode


def decode_command(frame: str | bytes) -> Command:
    """The command in a client's frame. BadFrame: not JSON; BadCommand: JSON, but no command."""
    if is_too_large(frame):
        raise BadFrame(f"A frame may have {CLIENT_FRAME_MAX} bytes.")
    try:
        return _command_decoder.decode(frame)
    except msgspec.ValidationError as error:
        raise BadCommand(str(error)) from None
    # A RecursionError: 200,000 opening brackets are one, and no reason to end the connection.
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        detail = HALF_A_PAIR if has_half_a_pair(frame) else str(error)
        raise BadFrame(detail) from None


def is_too_large(frame: str | bytes) -> bool:
    if isinstance(frame, str) and len(frame) <= CLIENT_FRAME_MAX and not frame.isascii():
        # Most characters of the world have two or three bytes.
        frame = frame.encode("utf-8", "surrogatepass")
    return len(frame) > CLIENT_FRAME_MAX


def rejection(error: ChatError, ref: str | None) -> CommandRejected:
    return CommandRejected(ref, error.code, error.detail, error.retry_ms)
