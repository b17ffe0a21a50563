"""A whole run, in the order of time, and the views of it that the rules need."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from .records import (
    AnyRecord,
    Deliver,
    Edit,
    Final,
    Key,
    Record,
    Restored,
    Row,
    Seen,
    Send,
    decoder,
)

R = TypeVar("R", bound=Record)


class History:
    """Everything that was seen in one run, in the order of time."""

    def __init__(self, records: Iterable[AnyRecord]) -> None:
        self.records = sorted(records, key=lambda record: record.t)

    @classmethod
    def read(cls, folder: Path) -> "History":
        files = (path.read_bytes() for path in sorted(folder.glob("*.jsonl")))
        return cls(decoder.decode(line) for file in files for line in file.splitlines())

    def of(self, kind: type[R]) -> list[R]:
        return [record for record in self.records if isinstance(record, kind)]

    @cached_property
    def sends(self) -> dict[Key, list[Send]]:
        """All there is about each message on its way, in order."""
        sends: dict[Key, list[Send]] = defaultdict(list)
        for send in self.of(Send):
            sends[send.room, send.sender, send.cid].append(send)
        return sends

    @cached_property
    def frames(self) -> dict[tuple[str, str], list[Deliver]]:
        """What each actor got of each room, in order."""
        frames: dict[tuple[str, str], list[Deliver]] = defaultdict(list)
        for frame in self.of(Deliver):
            frames[frame.actor, frame.room].append(frame)
        return frames

    @cached_property
    def log(self) -> dict[str, dict[int, Row]]:
        """The rows of each room by their numbers; of two under one number, the last."""
        log: dict[str, dict[int, Row]] = defaultdict(dict)
        for row in self.of(Row):
            log[row.room][row.seq] = row
        return log

    @cached_property
    def bodies(self) -> dict[tuple[str, int], set[str]]:
        """Hashes of what the message under (room, seq) was edited to, by anyone's account."""
        bodies: dict[tuple[str, int], set[str]] = defaultdict(set)
        for edit in self.of(Edit):
            bodies[edit.room, edit.target].add(edit.hash)
        return bodies

    @cached_property
    def _restored(self) -> dict[str, list[Restored]]:
        restored: dict[str, list[Restored]] = defaultdict(list)
        for record in self.of(Restored):
            restored[record.room].append(record)
        return restored

    def cuts(self, room: str, seq: int, since: int) -> int:
        """How often a restore after the time `since` took this number back."""
        return sum(r.head < seq and r.t > since for r in self._restored.get(room, ()))

    # --- What follows from it -----------------------------------------------------------------

    @cached_property
    def numbers(self) -> dict[Key, int]:
        """The number of each message in the end, in the order in which they were first sent."""
        numbers = {
            (room, row.sender, row.cid): seq
            for room, log in self.log.items()
            for seq, row in log.items()
            if row.kind == "message"
        }
        return {key: numbers[key] for key in self.sends if key in numbers}

    def continued(self) -> Iterator[tuple[Deliver, Deliver]]:
        """Each frame that continues what its client holds, with the one before it."""
        for frames in self.frames.values():
            for before, frame in pairwise(frames):
                if frame.source in ("live", "resume"):
                    yield before, frame

    @cached_property
    def holdings(self) -> list[tuple[Final, int, dict[int, Seen]]]:
        """What each client holds in the end: from which number on, and the messages."""
        return [(final, *self._held_by(final)) for final in self.of(Final)]

    def _held_by(self, final: Final) -> tuple[int, dict[int, Seen]]:
        held: dict[int, Seen] = {}
        first = 1
        for frame in self.frames.get((final.actor, final.room), []):
            if frame.source in ("page", "reset"):
                first = frame.first
                held.clear()
            for message in frame.messages:
                known = held.get(message.seq)
                if known is None or known.updated_seq < message.updated_seq:
                    held[message.seq] = message
        return first, held
