"""How many members are here, in whichever rooms and on whichever nodes: one number for the site.

The rosters of other nodes name up to two hundred people a room. Beyond that, someone who is in two
large rooms might be counted twice, so of each node only its fullest room counts: the number may be
too low there, and is never too high.
"""

import time

from .. import bus
from .connection_registry import ConnectionRegistry
from .presence import LEASE_SECONDS

# Everyone who connects is told the number; a herd gets the same.
COUNTED_SECONDS = 1.0

Rosters = dict[int, tuple[bus.Roster, float]]


class PeopleHere:
    """Counts the members of this node and those that the others told of."""

    def __init__(self, node: str, registry: ConnectionRegistry) -> None:
        self._node = node
        self._registry = registry
        self._remote: dict[str, Rosters] = {}
        self._count = 0
        self._counted_at = float("-inf")

    def on_message(self, hint: bus.BusMessage) -> None:
        """What another node says about one of its rooms; it holds as long as in that room."""
        if isinstance(hint, bus.Roster) and hint.node != self._node:
            until = time.monotonic() + LEASE_SECONDS
            self._remote.setdefault(hint.node, {})[hint.room_id] = hint, until

    def count(self) -> int:
        now = time.monotonic()
        if now >= self._counted_at + COUNTED_SECONDS:
            self._counted_at, self._count = now, self._counted(now)
        return self._count

    def _counted(self, now: float) -> int:
        named, beyond = set(self._registry.member_ids), 0
        for node, rosters in list(self._remote.items()):
            held = {room: told for room, told in rosters.items() if told[1] > now}
            if not held:
                del self._remote[node]
                continue
            self._remote[node] = held
            for roster, _ in held.values():
                named.update(member_id for member_id, _ in roster.members)
            beyond += max(roster.count - len(roster.members) for roster, _ in held.values())
        return len(named) + beyond
