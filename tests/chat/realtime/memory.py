"""A log in memory, not in the database, so that hundreds of histories run in seconds and a failing
one shrinks. test_simulation.py holds it to the answers of the real reading services.
"""

from datetime import UTC, datetime
from random import Random
from uuid import UUID

import msgspec
from msgspec import Raw

from chat import bus, protocol
from chat.messages import catch_up, history, room_heads
from chat.rooms import access
from chat.rooms.models import Room

START = datetime(2030, 1, 1, tzinfo=UTC)
PAGE = 100
TOO_FAR = 500


class Log:
    """The log of one room, and the reading services over it."""

    def __init__(self, room: Room) -> None:
        self.room = room
        # Those to whom the room is open, where it is not everyone's.
        self.members: set[int] = set()
        self.epoch = "first"
        self.ids: list[UUID | None] = [None]
        self.messages: dict[int, protocol.WireMessage] = {}
        self._uids = Random(1)

    @property
    def head(self) -> int:
        return len(self.ids) - 1

    def post(self, count: int = 1) -> bus.Batch:
        before = self.head
        for seq in range(before + 1, before + count + 1):
            uid = self._new_id()
            author = protocol.MemberRef(1, "Alice")
            self.messages[seq] = protocol.WireMessage(
                uid, seq, seq, author, f"message {seq} {uid}", START, str(uid)
            )
        return self._after(before)

    def edit(self, seq: int) -> bus.Batch:
        before = self.head
        uid = self._new_id()
        self.messages[seq] = msgspec.structs.replace(
            self.messages[seq], updated_seq=self.head, body=f"edited {uid}", edited_at=START
        )
        return self._after(before)

    def lose(self, count: int) -> None:
        """The newest rows are gone, as after a failover to a replica that lagged."""
        del self.ids[len(self.ids) - count :]
        self.messages = {s: m for s, m in self.messages.items() if m.updated_seq <= self.head}

    def _new_id(self) -> UUID:
        uid = UUID(int=self._uids.getrandbits(128), version=4)
        self.ids.append(uid)
        return uid

    def _after(self, seq: int, limit: int = 10**6) -> bus.Batch:
        changed = self._changed(seq)
        last = changed[limit - 1].updated_seq if len(changed) > limit else self.head
        return self._stretch(seq, last, changed)

    def _changed(self, seq: int) -> list[protocol.WireMessage]:
        changed = (m for m in self.messages.values() if m.updated_seq > seq)
        return sorted(changed, key=lambda m: m.updated_seq)

    def _stretch(self, seq: int, last: int, changed: list[protocol.WireMessage]) -> bus.Batch:
        changes = [(m.updated_seq, m.seq, protocol.encode(m)) for m in changed]
        changes = [change for change in changes if change[0] <= last]
        return bus.Batch(
            room_id=self.room.pk, room=self.room.key, epoch=self.epoch, previous_id=self.ids[seq],
            first=seq + 1, last=last, last_id=self.ids[last], changes=changes,
        )  # fmt: skip

    # --- As rooms/access.py, and messages/room_heads.py, catch_up.py and history.py ------------

    def find_for(self, key: str, member_id: int) -> tuple[Room | None, bool]:
        return self.room, member_id in self.members

    def require_room(self, room: Room | None, key: str, member_id: int) -> None:
        if room is None or member_id not in self.members:
            raise access.no_such_room(key)

    def end_position(self, room: Room) -> tuple[str, int, UUID | None]:
        return self.epoch, self.head, self.ids[-1]

    def heads(self, room_ids: list[int]) -> room_heads.Heads:
        return {self.room.pk: (self.head, self.ids[-1], self.epoch, self.room.kind)}

    def gap(self, room: Room, head: int, head_id: UUID | None, epoch: str) -> bus.Batch | None:
        if epoch != self.epoch or head > self.head or self.ids[head] != head_id:
            return None
        return self._stretch(head, min(self.head, head + PAGE), self._changed(head))

    def gaps(self, places: list[catch_up.HubPosition]) -> dict[int, bus.Batch | None]:
        return {place[0].pk: self.gap(*place) for place in places}

    def changes_after(self, room: Room, seq: int) -> bus.Batch:
        return self._after(seq, PAGE)

    def last_page_encoded(self, room: Room, reset: str | None = None) -> history.EncodedPage:
        newest = sorted(self.messages.items())[-50:]
        return history.EncodedPage(
            self.epoch,
            self.head,
            self.ids[-1],
            newest[0][0] if newest else self.head + 1,
            self.head,
            self.ids[-1],
            [Raw(protocol.encode(m)) for _, m in newest],
            len(self.messages) > len(newest),
            reset,
        )

    def since_encoded(self, room: Room, since: protocol.Position) -> history.EncodedPage:
        for reset, holds in (
            ("epoch", since.epoch != self.epoch),
            ("ahead", since.seq > self.head),
            ("too_far", self.head - since.seq > TOO_FAR),
            ("mismatch", since.seq <= self.head and self.ids[since.seq] != since.id),
        ):
            if holds:
                return self.last_page_encoded(room, reset)
        batch = self._after(since.seq, PAGE)
        messages = [Raw(change[2]) for change in batch.changes]
        return history.EncodedPage(
            self.epoch, self.head, self.ids[-1], batch.first, batch.last, batch.last_id, messages,
            batch.last < self.head,
        )  # fmt: skip
