"""What is read of the server's frames, and the check that their numbers are right."""

import msgspec

from .results import Figures


class _Any(msgspec.Struct):
    type: str


class SeenMessage(msgspec.Struct):
    client_id: str
    updated_seq: int


class Changes(msgspec.Struct, tag="room.changes"):
    """As `protocol.RoomChanges`, with as much of the messages as is looked at here."""

    epoch: str
    from_: int = msgspec.field(name="from")
    to: int
    messages: list[SeenMessage]


class Entered(msgspec.Struct, tag="room.entered"):
    epoch: str
    to: int
    more: bool
    reset: str | None = None


class Accepted(msgspec.Struct, tag="message.accepted"):
    ref: str


class Rejected(msgspec.Struct, tag="command.rejected"):
    ref: str | None
    code: str
    detail: str
    retry_ms: int | None = None


class Bye(msgspec.Struct, tag="bye"):
    code: int
    reason: str


Event = Changes | Entered | Accepted | Rejected | Bye
_READ_TYPES = {"room.changes", "room.entered", "message.accepted", "command.rejected", "bye"}
_type_decoder = msgspec.json.Decoder(_Any)
_event_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def decode(payload: bytes) -> Event | None:
    """The event in a frame; None for one that is of no interest here."""
    if _type_decoder.decode(payload).type not in _READ_TYPES:
        return None
    return _event_decoder.decode(payload)


class Cursor:
    """One reader's place in the log; counts every way in which the numbers can be wrong."""

    __slots__ = ("epoch", "figures", "seq")

    def __init__(self, figures: Figures, epoch: str, seq: int) -> None:
        self.figures = figures
        self.epoch = epoch
        self.seq = seq

    def apply(self, changes: Changes) -> list[SeenMessage]:
        """Move on, and return what is new in this frame."""
        figures, here = self.figures, self.seq
        if changes.epoch != self.epoch:
            figures.resets += 1
            self.epoch, here = changes.epoch, changes.from_ - 1
        if changes.from_ > here + 1:
            figures.gaps += 1
            figures.missed += changes.from_ - here - 1
        elif changes.from_ <= here:
            figures.doubles += 1
        self.seq = max(here, changes.to)

        last = changes.from_ - 1
        for message in changes.messages:
            if not last < message.updated_seq <= changes.to:
                figures.disordered += 1
            last = message.updated_seq
        if changes.from_ > here:
            return changes.messages
        return [message for message in changes.messages if message.updated_seq > here]
