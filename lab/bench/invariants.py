"""What must hold of every tab at every moment: a log and a view of it, as sentences about both."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from .truth import RoomLog, Stored

PLAIN = re.compile(r"[\w\s.,!?’']*")


class Shown(NamedTuple):
    """A message as a tab shows it: by its id, where that is known, else by its text."""

    seq: int
    id: str
    text: str = ""

    def is_another(self, stored: Stored) -> bool:
        """Whether the database holds something else under this number."""
        if self.id:
            return self.id != stored.id
        # What may be marked up reads otherwise on a page.
        is_plain = PLAIN.fullmatch(stored.body) is not None
        return bool(self.text) and is_plain and self.text.split() != stored.body.split()


class View(NamedTuple):
    """What a tab shows of a room, in its order. It has read the numbers from `first` to `last`."""

    lane: str
    room: str
    rows: list[Shown]
    first: int
    last: int
    # When it was so.
    at: float = 0.0
    # Messages that came twice, though each is shown once.
    repeats: int = 0
    # Of a page it is not known; it counts as connected.
    is_connected: bool = True


class Broken(NamedTuple):
    """One violation. `kind`: lost, doubled, reordered, divergent or ghost."""

    kind: str
    sentence: str


def broken(view: View, log: RoomLog) -> Iterator[Broken]:
    """Everything that is wrong with this view, if this is the log."""
    where = f"{view.lane}, {view.room}"
    times = Counter(shown.seq for shown in view.rows)
    for seq in log.rows:
        if view.first <= seq <= view.last and seq not in times:
            # The same words while it goes on: the meter counts for how long it is so.
            yield Broken("lost", f"{where}: has read on and does not show {seq}")
    for seq, count in times.items():
        if count > 1:
            yield Broken("doubled", f"{where}: shows {seq} {count} times")
    for before, after in pairwise(view.rows):
        if after.seq < before.seq:
            yield Broken("reordered", f"{where}: shows {after.seq} after {before.seq}")
    for shown in view.rows:
        there = log.rows.get(shown.seq)
        if there is None:
            yield Broken("ghost", f"{where}: shows {shown.seq}, which the database does not hold")
        elif shown.is_another(there):
            yield Broken("divergent", f"{where}: shows another {shown.seq} than the database holds")
    if view.repeats:
        yield Broken("doubled", f"{where}: got {view.repeats} messages twice")


def doubled_rows(room: str, log: RoomLog) -> Iterator[Broken]:
    """Messages that are in the log more than once, by their author's key."""
    times = Counter(stored.key for stored in log.rows.values())
    for (_, client_id), count in times.items():
        if count > 1:
            yield Broken("doubled", f"{room}: holds {client_id} {count} times")


def behind(view: View, log: RoomLog, now: float) -> float:
    """For how many seconds there has been a message that this tab has not read."""
    unread = [stored.at for seq, stored in log.rows.items() if seq > view.last]
    return max(0.0, now - min(unread)) if unread else 0.0
