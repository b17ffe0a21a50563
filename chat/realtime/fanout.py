"""Fan-out: one write for each subscription that has everything and whose socket takes more.

Nearly all subscriptions of a room are here. The functions that write to them are kept in one list:
at a few messages a second the objects of a thousand sockets are in no cache, and to fetch them took
longer than the loop itself (docs/adr/0003).
"""

from typing import TYPE_CHECKING

from .segment import Segment
from .sockets import Send

if TYPE_CHECKING:
    from .room_stream import Subscription


class Fanout:
    """Subscriptions that stand at one number, `cursor`, with nothing unsent before it."""

    __slots__ = ("_gaps", "_members", "_sends", "_swept", "cursor", "pending")

    def __init__(self, cursor: int) -> None:
        self.cursor = cursor
        # What a sweep under way writes to them, and how many of them have it.
        self.pending: Segment | None = None
        self._swept = 0
        self._members: list[Subscription] = []
        self._sends: list[Send] = []
        # Slots given up during a sweep.
        self._gaps: list[int] = []

    def __len__(self) -> int:
        return len(self._members)

    def members(self) -> "list[Subscription]":
        return list(self._members)

    def join(self, member: "Subscription", send: Send) -> None:
        """Take in a subscription that stands at `cursor`; not during a sweep."""
        member.slot = len(self._members)
        self._members.append(member)
        self._sends.append(send)

    def leave(self, member: "Subscription") -> None:
        """Let one go; it then has a cursor of its own."""
        slot = member.slot
        if slot is None:
            return
        member.slot = None
        if self.pending is None:
            member.cursor = self.cursor
            self._fill(slot)
        else:
            member.cursor = self.pending.last if slot < self._swept else self.cursor
            # The sweep still calls this slot: `len` takes all that it is given.
            self._sends[slot] = len
            self._gaps.append(slot)

    def sweep(self, count: int) -> "list[tuple[Subscription, int]]":
        """Write the pending frame to the next `count` of them.

        Returns those who did not take all of it, with how many bytes they took (-1: their socket is
        broken); they have left. When everyone has it, `pending` is None again.
        """
        if self.pending is None:
            return []
        wire, start = self.pending.frame.wire, self._swept
        size = len(wire)
        short: list[tuple[Subscription, int]] = []
        for slot, send in enumerate(self._sends[start : start + count], start):
            try:
                sent = send(wire)
            except BlockingIOError:
                sent = 0
            except Exception:
                # The others are still to be written to.
                sent = -1
            if sent != size:
                short.append((self._members[slot], sent))
        self._swept = start + count
        for member, _ in short:
            self.leave(member)
        if self._swept >= len(self._members):
            self._end_sweep(self.pending.last)
        return short

    def _end_sweep(self, cursor: int) -> None:
        self.cursor, self.pending, self._swept = cursor, None, 0
        # From the back, so that a gap is not filled with another gap.
        for slot in sorted(self._gaps, reverse=True):
            self._fill(slot)
        self._gaps.clear()

    def _fill(self, slot: int) -> None:
        """Fill the gap at a slot with the last subscription."""
        member, send = self._members.pop(), self._sends.pop()
        if slot < len(self._members):
            self._members[slot], self._sends[slot] = member, send
            member.slot = slot
