"""What nodes tell each other: hints, never the truth."""

from collections.abc import Hashable
from uuid import UUID

from msgspec import Struct


class Batch(Struct, frozen=True, kw_only=True, tag="batch", array_like=True):
    """Numbers first…last of one room, as committed. `changes`: (updated_seq, seq, JSON) each.

    `previous_id` is the id of the row before `first`. A node that holds another id there has
    another past, and must not go on. `posted`: how many messages the room has had by then.
    """

    room_id: int
    room: str
    epoch: str
    previous_id: UUID | None
    first: int
    last: int
    last_id: UUID | None
    changes: list[tuple[int, int, bytes]]
    posted: int | None = None


class Head(Struct, frozen=True, tag="head", array_like=True):
    """The log of a room reaches to here; a node that is behind should read."""

    room_id: int
    head: int


class RoomEnds(Struct, frozen=True, tag="ends", array_like=True):
    """Where the logs of some rooms end, and how many messages they have had. For room lists."""

    ends: list[tuple[int, int, int]]


class ReadMarksMoved(Struct, frozen=True, tag="marks", array_like=True):
    """These members read on in these rooms: (member, room) each. For their other devices."""

    node: str
    marks: list[tuple[int, int]]


class InboxesChanged(Struct, frozen=True, tag="inboxes", array_like=True):
    """Something came into these members' inboxes, or they read there."""

    members: list[int]


class MemberChanged(Struct, frozen=True, tag="member.changed", array_like=True):
    """This member's session has ended, or the name or profile is another: read it anew."""

    member_id: int


class ModerationChanged(Struct, frozen=True, tag="ruled", array_like=True):
    """Who may do what has changed somewhere: read anew what holds."""


class LoopbackProbe(Struct, frozen=True, tag="marker", array_like=True):
    """A node to itself: the layer still carries."""

    nonce: int


class Roster(Struct, frozen=True, kw_only=True, tag="roster", array_like=True):
    """Who is in a room on one node: `members` may be a part, `count` is the whole."""

    node: str
    room_id: int
    count: int
    members: list[tuple[int, str]]


class NodeAlive(Struct, frozen=True, tag="here", array_like=True):
    """A node is there, so what concerns others is worth publishing; and who is in its rooms.

    Rosters that are too many for one message follow in further parts. `greets`: to a node that it
    has just come to trust, whose rosters before that it has not heard.
    """

    node: str
    rosters: list[Roster] = []
    part: int = 0
    greets: bool = False


class RosterWanted(Struct, frozen=True, tag="roster.wanted", array_like=True):
    """A node that has just opened this room asks the others who is there."""

    room_id: int
    node: str


class Typed(Struct, frozen=True, kw_only=True, tag="typed", array_like=True):
    node: str
    room_id: int
    member_id: int
    name: str


class PeopleWanted(Struct, frozen=True, kw_only=True, tag="people.wanted", array_like=True):
    """A node asks those in a room for people there: whose folded names contain `wanted`, and who
    come after `start`. `number` is the question's.
    """

    node: str
    room_id: int
    number: int
    wanted: str
    start: tuple[int, str, int] | None


class PeopleFound(Struct, frozen=True, kw_only=True, tag="people.found", array_like=True):
    """The answer of a node to the one that asked: its first people of a page."""

    node: str
    asker: str
    room_id: int
    number: int
    members: list[tuple[int, str]]


BusMessage = (
    Batch
    | Head
    | RoomEnds
    | ReadMarksMoved
    | InboxesChanged
    | MemberChanged
    | ModerationChanged
    | LoopbackProbe
    | NodeAlive
    | Roster
    | RosterWanted
    | Typed
    | PeopleWanted
    | PeopleFound
)


def presence_key(hint: BusMessage) -> Hashable | None:
    """Hints about presence with equal keys replace each other in the queue; None for all others."""
    match hint:
        case Roster(room_id=room_id) | RosterWanted(room_id=room_id):
            return type(hint), room_id
        case Typed(room_id=room_id, member_id=member_id):
            return Typed, room_id, member_id
        case PeopleWanted(number=number):
            return PeopleWanted, number
        case NodeAlive(part=part) if part:
            return NodeAlive, part
        case PeopleFound(asker=asker, number=number):
            return PeopleFound, asker, number
    return None


class Letter(Struct, frozen=True, kw_only=True, array_like=True):
    """A hint on its way: its sender, the number that the sender gave it, and when (Unix time)."""

    node: str
    number: int
    at: float
    hint: BusMessage
