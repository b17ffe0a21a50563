"""The connections of a node by member, and the check of their sessions.

The handshake believes the signed cookie and makes no query of its own. The cookie cannot know that
the session has ended or the name has changed. So the database is asked before the first command is
carried out: one query for all connections that came while the last query was under way. Members
whose session or name may have changed are asked about again, and everyone is once a minute.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, KeysView, Mapping
from dataclasses import replace

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext

from .. import protocol
from ..accounts import change_numbers
from ..accounts.account_models import Device
from ..accounts.addresses import address_hash
from ..accounts.devices import note_used
from ..accounts.models import Member
from ..accounts.sessions import Identity
from ..moderation import moderation_state
from .connection import Connection
from .database_executors import DatabaseExecutors
from .presence import Presence
from .single_flight import shared
from .visitors import Visitors

CHECK_ALL_SECONDS = 60
CHUNK = 1000
# A connection whose session is not confirmed within this time gets its `hello` all the same, so
# that the page can say what is wrong. Its commands are refused until the session is confirmed.
CHECK_SECONDS = 3.0
# Who comes while others are asked about waits for more to come: a thousand tabs that come back at
# once are a few queries.
GATHER_SECONDS = 0.05


class ConnectionRegistry:
    """The connections of one node, by member."""

    def __init__(self, executors: DatabaseExecutors, presence: Presence) -> None:
        self.connections: set[Connection] = set()
        self.visitors = Visitors()
        self._by_member: dict[int, set[Connection]] = {}
        # Members that are not noted as seen yet, and from where; empty if that is known already.
        self._unnoted: dict[int, str] = {}
        # Members whose last socket was closed since this was noted.
        self._departed: set[int] = set()
        # Members that the next query asks about.
        self._doubted: set[int] = set()
        # How many changes of sessions and names have been looked at; None before the first look.
        self._number: int | None = None
        # Called with the members of the site about whom something changed; None: perhaps all.
        self.on_changed: Callable[[set[int] | None], None] = lambda changed: None
        # The query under way, and the next one.
        self._current: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None
        self._executors = executors
        self._presence = presence

    def add(self, connection: Connection) -> None:
        self.connections.add(connection)
        if connection.is_visitor:
            self.visitors.add(connection)
            return
        self._by_member.setdefault(connection.member_id, set()).add(connection)

    def remove(self, connection: Connection) -> None:
        if connection.is_visitor and connection in self.connections:
            self.visitors.remove(connection)
        self.connections.discard(connection)
        theirs = self._by_member.get(connection.member_id, set())
        theirs.discard(connection)
        if not theirs:
            self._by_member.pop(connection.member_id, None)
            if connection.is_checked:
                self._departed.add(connection.member_id)

    @property
    def members(self) -> int:
        return len(self._by_member)

    @property
    def member_ids(self) -> KeysView[int]:
        return self._by_member.keys()

    def of(self, member_id: int) -> list[Connection]:
        return list(self._by_member.get(member_id, ()))

    def is_full(self, member_id: int) -> bool:
        """Whether this member has as many sockets here as one may have."""
        most: int = settings.SOCKETS_PER_MEMBER
        return settings.RATE_LIMITS and len(self._by_member.get(member_id, ())) >= most

    # --- Asking the database ------------------------------------------------------------------

    async def check(self, connection: Connection) -> None:
        """Wait until the session is confirmed or the connection closed, but not for long."""
        if connection.is_visitor:
            connection.is_checked = True
            return
        self._doubted.add(connection.member_id)
        await asyncio.wait([self._call_next()], timeout=CHECK_SECONDS)

    def doubt(self, member_id: int) -> None:
        """Something may have changed about this member: if they are here, read it soon."""
        self.on_changed({member_id})
        if member_id in self._by_member:
            self._doubted.add(member_id)
            self._call_next()

    async def follow(self, number: int) -> None:
        """Ask about the members here who changed since the number that we knew of last."""
        if number == self._number:
            return
        changed = None
        if self._number is not None and self._number < number:
            changed = await self._executors.read(change_numbers.session_changes_since, self._number)
        self.on_changed(changed)
        # A restored database may have a lower number: then all of them may be others.
        self._doubted |= (
            set(self._by_member) & changed if changed is not None else set(self._by_member)
        )
        self._number = number
        if self._doubted:
            self._call_next()

    async def call_doubted(self) -> None:
        """Ask again about those whom the last query could not ask about."""
        if self._doubted:
            await asyncio.shield(self._call_next())

    async def check_everyone(self) -> None:
        self._doubted |= set(self._by_member)
        self._unnoted = dict.fromkeys(self._by_member, "") | self._unnoted
        await self.call_doubted()

    def _call_next(self) -> asyncio.Task[None]:
        """The query that asks about all who are in doubt when it begins.

        One at a time, so that an older answer never comes after a newer one.
        """
        if self._next is None:
            self._next = shared(self._call_after(self._current))
        return self._next

    async def _call_after(self, earlier: asyncio.Task[None] | None) -> None:
        if earlier is not None and not earlier.done():
            await asyncio.wait([earlier])
            await asyncio.sleep(GATHER_SECONDS)
        self._current, self._next = self._next, None
        doubted, self._doubted = self._doubted, set()
        try:
            for chunk in _chunks(doubted):
                await self._call(chunk)
        except Exception:
            self._doubted |= doubted
            raise

    async def _call(self, member_ids: list[int]) -> None:
        # A connection that comes while the database answers may have a newer session than it read.
        asked = [connection for member_id in member_ids for connection in self.of(member_id)]
        present = await self._executors.read(sessions_of, member_ids)
        devices = {connection.identity.device for connection in asked} - {0}
        signed_in = await self._executors.read(signed_in_among, devices) if devices else {}
        over = []
        for connection in asked:
            row = present.get(connection.member_id)
            if row is None or not self._confirm(connection, row, signed_in):
                over.append(connection)
        if over:
            await self._dismiss(over)

    def _confirm(self, connection: Connection, row: Identity, signed_in: Mapping[int, int]) -> bool:
        """Whether the connection is still the member's; if so, under the name of now."""
        mine = connection.identity
        if mine.device:
            if signed_in.get(mine.device) != mine.id:
                return False
        elif row.session != mine.session and not (connection.is_checked and _is_renamed(mine, row)):
            return False
        if not connection.is_checked:
            connection.is_checked = True
            self._unnoted[connection.member_id] = connection.address
        connection.identity = replace(row, device=mine.device)
        if row.name != mine.name:
            self._presence.renamed(connection)
        return True

    async def _dismiss(self, over: list[Connection]) -> None:
        """Close those whose sessions are over, and say so if that is because of a ban.

        A ban ends the sessions, and we may notice this before we know of the ban.
        """
        member_ids = {connection.member_id for connection in over}
        banned = await self._executors.read(moderation_state.banned_among, member_ids)
        for connection in over:
            if connection.closed:
                continue
            if connection.member_id in banned:
                connection.close(protocol.CLOSE_BANNED, gettext("You are banned."))
            else:
                connection.close(protocol.CLOSE_SIGN_IN, gettext("Your session has ended."))

    # --- Telling the database -----------------------------------------------------------------

    async def note_seen(self) -> None:
        """Note who is here, so that their names stay theirs, and who has gone."""
        unnoted, self._unnoted = self._unnoted, {}
        devices = {one.identity.device for member in unnoted for one in self.of(member)} - {0}
        departed, self._departed = self._departed - self._by_member.keys(), set()
        try:
            for chunk in _chunks(unnoted):
                await self._executors.write(note_seen, {m: unnoted[m] for m in chunk})
            if devices:
                await self._executors.write(note_used, devices)
            for chunk in _chunks(departed):
                await self._executors.write(note_departed, chunk)
        except Exception:
            self._unnoted = unnoted | self._unnoted
            self._departed |= departed
            raise


def _is_renamed(mine: Identity, row: Identity) -> bool:
    """A rename begins the next session, and a socket that was open goes over to it."""
    return row.session == mine.session + 1 and row.name != mine.name


def sessions_of(member_ids: list[int]) -> dict[int, Identity]:
    """The session and name of each of these who is a member."""
    live = Member.objects.live().filter(id__in=member_ids)
    return {row[0]: Identity(*row) for row in live.values_list("id", "name", "session")}


def signed_in_among(devices: set[int]) -> dict[int, int]:
    """Which of these devices are signed in, and to whose account."""
    return dict(Device.objects.filter(pk__in=devices).values_list("pk", "member_id"))


def note_seen(addresses: dict[int, str]) -> None:
    """Note that these members are here now, and from where."""
    live = Member.objects.live().filter(id__in=addresses)
    now = timezone.now()
    live.update(last_seen_at=now, connected_at=now)
    moved: dict[str, list[int]] = {}
    for member_id, known in live.values_list("id", "address_hash"):
        here = address_hash(addresses[member_id])
        if here and here != known:
            moved.setdefault(here, []).append(member_id)
    for here, ids in moved.items():
        Member.objects.filter(pk__in=ids).update(address_hash=here)


def note_departed(member_ids: list[int]) -> None:
    """Note that these members closed their last socket here: their names are held from now on.

    One who is connected to another node is noted there again within a minute.
    """
    live = Member.objects.live().filter(id__in=member_ids)
    live.update(last_seen_at=timezone.now(), connected_at=None)


def _chunks(member_ids: Iterable[int]) -> Iterator[list[int]]:
    ids = sorted(member_ids)
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
