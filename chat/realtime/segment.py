"""A segment: some numbers of a log in a row, and the frame that carries them."""

from dataclasses import dataclass
from uuid import UUID

from .sockets import Frame

# (updated_seq, seq, JSON) of each message that changed.
Changes = list[tuple[int, int, bytes]]


@dataclass(slots=True)
class Segment:
    """Numbers first…last of the log, with the frame that carries them."""

    first: int
    last: int
    last_id: UUID | None
    changes: Changes
    frame: Frame
