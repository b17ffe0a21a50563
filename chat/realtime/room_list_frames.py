"""The frames of room lists: whole lists in as many as it takes, and single rooms that changed."""

from collections.abc import Iterable, Iterator

from msgspec import structs
from msgspec.json import encode

from .. import protocol
from ..rooms.room_list import RoomInList

# One frame should stay below protocol.SERVER_FRAME_MAX.
FRAME_BYTES = 56 * 1024


def list_frames(entries: Iterable[protocol.ListEntry]) -> Iterator[protocol.RoomsState]:
    """The list in as many frames as it takes."""
    waiting: list[protocol.ListEntry] = []
    size = 0
    for entry in entries:
        length = len(encode(entry))
        if waiting and size + length > FRAME_BYTES:
            yield protocol.RoomsState(waiting, more=True)
            waiting, size = [], 0
        waiting.append(entry)
        size += length
    yield protocol.RoomsState(waiting)


def as_update(entry: protocol.ListEntry) -> protocol.RoomUpdated:
    """A room that is new in a list, or of which much has changed: all that an entry says."""
    said = structs.asdict(entry)
    return protocol.RoomUpdated(**said | {"inviters": entry.inviters or "members"})


def room_update(room: RoomInList, *, is_new: bool) -> protocol.RoomUpdated:
    """What everyone is told of a room that changed; of a new one how far it goes, too."""
    return protocol.RoomUpdated(
        room=room.key,
        name=None if room.kind == "direct" else room.name,
        kind=room.kind,
        topic=room.topic,
        archived=room.archived,
        locked=room.locked,
        slow_s=room.slow_seconds,
        inviters=room.inviters,
        head=room.head if is_new else None,
    )
