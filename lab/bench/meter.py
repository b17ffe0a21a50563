"""The invariant meter: each tab against the database, again and again.

A page is told of what changed within a moment, so what is wrong counts only if it still is after a
while: a tab that has not heard of a fail-over yet is late, not wrong. So is one that is not
connected, however long: it is behind, and its page says so.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import psycopg
from msgspec import Struct

from ..checker.records import Restored
from ..checker.records import now as record_time
from .bench_clients import BenchClient
from .clock import now
from .events import EventLog
from .invariants import Broken, Shown, View, behind, broken, doubled_rows
from .truth import RoomLog, Truth
from .waiting import to_the_end

# What is wrong for longer than a page takes to notice is wrong.
GRACE_SECONDS = 3.5
SENTENCES_MAX = 20
# A page that has told nothing for so long was closed.
TAB_SECONDS = 60.0


class MeterState(Struct, kw_only=True):
    """What is wrong now. `behind`: seconds, of the tab that is furthest behind."""

    lost: int = 0
    doubled: int = 0
    reordered: int = 0
    divergent: int = 0
    ghosts: int = 0
    behind: float = 0.0
    # Who is furthest behind.
    behind_lane: str = ""
    sentences: list[str] = []
    # Whether the database could be read; else these are the figures of before.
    is_fresh: bool = True


class Meter:
    """Looks at all tabs of the bench. `look` reads the database; `state` is what it found."""

    def __init__(
        self,
        url: str,
        events: EventLog,
        clients: Callable[[], Iterable[BenchClient]],
        restored: Callable[[], Iterable[Restored]],
    ) -> None:
        self.state = MeterState()
        # As they were read last.
        self.logs: dict[str, RoomLog] = {}
        # Told what a page shows anew, and when someone pressed Enter in it.
        self.on_page: Callable[[str, dict[str, Any], list[int]], None] | None = None
        self._truth = Truth(url)
        self._events = events
        self._clients = clients
        self._restored = restored
        # Real pages, by lane: what each shows, and when it last said so.
        self._tabs: dict[str, tuple[float, View]] = {}
        # What was answered "committed": room, number, client_id, when.
        self._accepted: list[tuple[str, int, str, float]] = []
        self._seen_events = 0
        # What is wrong, and since when.
        self._since: dict[Broken, float] = {}
        self._looking = asyncio.Lock()

    # --- What tabs say ------------------------------------------------------------------------

    def record_tab(self, lane: str, frame: dict[str, Any]) -> None:
        """What a real page tells (inside/reporter.js): what it shows, in its order, as
        `{"kind": "page", "room", "at", "rows": [[seq, id, client_id, text], …]}`, where id and
        client_id may be empty; or, for the trace, `{"kind": "keystroke", "room", "at"}`. `at`:
        seconds since 1970 of the browser's clock.
        """
        known = self._tabs.get(lane)
        if frame.get("kind") != "page":
            if self.on_page is not None:
                self.on_page(lane, frame, [])
            return
        before = {one.seq for one in known[1].rows} if known else set()
        if known and known[1].room == frame["room"] and self.on_page is not None:
            new = [row[0] for row in frame["rows"] if row[0] not in before]
            self.on_page(lane, frame, new)
        rows = [
            Shown(int(seq), str(id_ or ""), str(more[-1] if len(more) > 1 else ""))
            for seq, id_, *more in frame["rows"]
        ]
        numbers = [shown.seq for shown in rows]
        ends = min(numbers, default=1), max(numbers, default=0)
        at = now()
        self._tabs[lane] = at, View(lane, str(frame["room"]), rows, *ends, at=at)

    def forget(self) -> None:
        """The pages go elsewhere, and what was wrong is over: a new lab begins."""
        self._tabs.clear()
        self._accepted.clear()
        self._since.clear()
        self._seen_events = self._events.last
        self.state = MeterState()

    def views(self) -> list[View]:
        """What every tab shows now."""
        pages = [view for at, view in self._tabs.values() if now() - at < TAB_SECONDS]
        return [*pages, *(client.view() for client in self._clients() if not client.has_left)]

    # --- Looking ------------------------------------------------------------------------------

    async def look(self) -> MeterState:
        """Judge everything as of now."""
        async with self._looking:
            # In this order: what is shown by now was committed before the database is read.
            views = self.views()
            self._take_answers()
            rooms = {view.room for view in views}
            self._accepted = [one for one in self._accepted if one[0] in rooms]
            try:
                logs = self.logs = await to_the_end(self._truth.read, rooms)
            except psycopg.Error:
                self.state.is_fresh = False
                return self.state
            self.state = self._judge(views, logs)
            return self.state

    def _take_answers(self) -> None:
        for event in self._events.since(self._seen_events):
            self._seen_events = event.n
            if event.kind == "reply" and event.seq and not event.lost:
                self._accepted.append((event.room, event.seq, event.message, event.at))

    def _judge(self, views: list[View], logs: dict[str, RoomLog]) -> MeterState:
        found = [
            one
            for view in views
            if view.room in logs and view.is_connected
            for one in broken(view, logs[view.room])
        ]
        found += [one for room, log in logs.items() for one in doubled_rows(room, log)]
        found += self._lost(logs)
        at = now()
        self._since = {one: self._since.get(one, at) for one in found}
        wrong = [one for one, since in self._since.items() if at - since >= GRACE_SECONDS]
        late = {v.lane: behind(v, logs[v.room], at) for v in views if v.room in logs}
        slowest = max(late, key=lambda lane: late[lane], default="")

        def count(kind: str) -> int:
            return sum(one.kind == kind for one in wrong)

        return MeterState(
            lost=count("lost"),
            doubled=count("doubled"),
            reordered=count("reordered"),
            divergent=count("divergent"),
            ghosts=count("ghost"),
            behind=round(late.get(slowest, 0.0), 2),
            behind_lane=slowest if late.get(slowest) else "",
            sentences=[one.sentence for one in wrong][:SENTENCES_MAX],
        )

    def _lost(self, logs: dict[str, RoomLog]) -> list[Broken]:
        """Acknowledged, and not in the log, though no older copy has taken its place since."""
        lost = []
        for room, seq, message, at in self._accepted:
            stored = logs[room].rows.get(seq) if room in logs else None
            is_there = stored is not None and stored.key[1] == message
            if room in logs and not is_there and not self._was_taken_back(room, seq, at):
                lost.append(Broken("lost", f"{room}: {seq} was acknowledged, and is not there"))
        return lost

    def _was_taken_back(self, room: str, seq: int, at: float) -> bool:
        since = record_time() - int((now() - at) * 1e9)
        return any(
            one.room == room and one.head < seq and one.t > since for one in self._restored()
        )
