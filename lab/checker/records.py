"""What the actors of a drill record: a JSON line for each event, a file for each actor.

Clients are the witnesses: nothing that a server says of itself counts, except its tables in the
end. Times are nanoseconds of one machine's monotonic clock.
"""

import hashlib
import time
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

# `info`: the outcome is unknown.
Outcome = Literal["invoke", "ok", "fail", "info"]
# How a part of the log came: as an event, as a first page, as the answer to `since`, or as the
# page after a reset.
Source = Literal["live", "page", "resume", "reset"]
# A message as its author names it: room, member, client_id.
Key = tuple[str, int, str]


class Record(Struct, frozen=True, kw_only=True, tag_field="op", omit_defaults=True):
    t: int
    actor: str


class Send(Record, frozen=True, kw_only=True, tag="send"):
    """A message on its way; `invoke` each time it is sent."""

    type: Outcome
    room: str
    sender: int
    cid: str
    hash: str = ""
    seq: int = 0
    id: str = ""
    code: str = ""


class Edit(Record, frozen=True, kw_only=True, tag="edit"):
    """An edit of the message under `target`; `seq` is the number that it took."""

    type: Outcome
    room: str
    target: int
    hash: str = ""
    seq: int = 0


class Open(Record, frozen=True, kw_only=True, tag="open"):
    node: str


class Close(Record, frozen=True, kw_only=True, tag="close"):
    code: int


class Enter(Record, frozen=True, kw_only=True, tag="enter"):
    """What a client asked for: everything after this position."""

    room: str
    epoch: str = ""
    seq: int = 0
    id: str = ""


class Seen(Struct, frozen=True, array_like=True):
    """A message as it was shown. `at`: when the server says it was made, seconds since 1970."""

    seq: int
    updated_seq: int
    id: str
    sender: int
    cid: str
    hash: str
    at: float


class Deliver(Record, frozen=True, kw_only=True, tag="deliver"):
    """A part of the log, as it came in one frame. `first` and `last` are covered."""

    sender: int
    node: str
    room: str
    epoch: str
    first: int
    last: int
    source: Source
    messages: list[Seen]
    reason: str = ""


class Final(Record, frozen=True, kw_only=True, tag="final"):
    """The position of a client after the drill."""

    room: str
    epoch: str
    seq: int
    connected: bool = True


class Ended(Record, frozen=True, kw_only=True, tag="ended"):
    """This member's session ended, and that was announced."""

    sender: int


class Removed(Record, frozen=True, kw_only=True, tag="removed"):
    """This member was removed from the room, and whoever did it was told so."""

    sender: int
    room: str


class Added(Record, frozen=True, kw_only=True, tag="added"):
    """This member, who was removed from the room, may see it again."""

    sender: int
    room: str


class FaultPhase(Record, frozen=True, kw_only=True, tag="fault"):
    name: str
    phase: Literal["begin", "heal"]


class Restored(Record, frozen=True, kw_only=True, tag="restored"):
    """An older copy of the data was put in place: the log of the room went back to `head`."""

    room: str
    epoch: str
    head: int


class Row(Record, frozen=True, kw_only=True, tag="row"):
    """A row of the log, as the database holds it in the end."""

    room: str
    seq: int
    id: str
    kind: Literal["message", "change"]
    updated_seq: int = 0
    sender: int = 0
    cid: str = ""
    hash: str = ""


class Head(Record, frozen=True, kw_only=True, tag="head"):
    room: str
    epoch: str
    head: int


AnyRecord = (
    Send
    | Edit
    | Open
    | Close
    | Enter
    | Deliver
    | Final
    | Ended
    | Removed
    | Added
    | FaultPhase
    | Restored
    | Row
    | Head
)

_encoder = msgspec.json.Encoder()
decoder = msgspec.json.Decoder(AnyRecord)


def now() -> int:
    return time.monotonic_ns()


def hash_of(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:8]


def seen_in(message: dict[str, Any]) -> Seen:
    """A message of the wire contract, as it is recorded."""
    at = datetime.fromisoformat(message.get("edited_at") or message["created_at"]).timestamp()
    return Seen(
        message["seq"],
        message["updated_seq"],
        message["id"],
        message["author"]["id"],
        message["client_id"],
        hash_of(message["body"]),
        at,
    )


class Journal:
    """One actor's file."""

    def __init__(self, folder: Path, actor: str) -> None:
        self.actor = actor
        self._file = (folder / f"{actor}.jsonl").open("ab", buffering=1 << 16)

    def write(self, record: AnyRecord) -> None:
        self._file.write(_encoder.encode(record) + b"\n")

    def close(self) -> None:
        self._file.close()
