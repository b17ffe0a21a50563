"""Roll call: which of the connected are still members, under which name.

A handshake believes the signed cookie, so that it costs no query. What the cookie cannot know (the
session has ended, the name has changed) is asked here: for newcomers within two seconds, for
everyone once a minute, in one query for each thousand.
"""

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.utils import timezone

from .. import protocol
from ..models import Member
from ..services import standing
from ..services.addresses import address_hash
from ..sessions import Identity
from .connection import Connection
from .presence import Presence
from .threads import Threads

EVERYONE_SECONDS = 60
CHUNK = 1000


class RollCall:
    """The connections of one node, by member."""

    def __init__(self, threads: Threads, presence: Presence) -> None:
        self.connections: set[Connection] = set()
        self._by_member: dict[int, set[Connection]] = {}
        self._newcomers: set[int] = set()
        self._threads = threads
        self._presence = presence

    def add(self, connection: Connection) -> None:
        self.connections.add(connection)
        self._by_member.setdefault(connection.member_id, set()).add(connection)
        self._newcomers.add(connection.member_id)

    def remove(self, connection: Connection) -> None:
        self.connections.discard(connection)
        theirs = self._by_member.get(connection.member_id, set())
        theirs.discard(connection)
        if not theirs:
            self._by_member.pop(connection.member_id, None)

    @property
    def members(self) -> int:
        return len(self._by_member)

    def of(self, member_id: int) -> list[Connection]:
        return list(self._by_member.get(member_id, ()))

    def is_full(self, member_id: int) -> bool:
        """Whether this member has as many sockets here as one may have."""
        most: int = settings.SOCKETS_PER_MEMBER
        return settings.RATE_LIMITS and len(self._by_member.get(member_id, ())) >= most

    def ended(self, member_id: int) -> None:
        """Close the sockets of a member whose sessions are over."""
        for connection in self.of(member_id):
            connection.close(protocol.CLOSE_SIGN_IN, "Your session has ended.")

    def renamed(self, member_id: int, name: str) -> None:
        for connection in self._by_member.get(member_id, ()):
            connection.identity = Identity(member_id, name, connection.identity.session)
            self._presence.renamed(connection)

    async def call_newcomers(self) -> None:
        newcomers, self._newcomers = self._newcomers, set()
        addresses = {
            connection.member_id: connection.address
            for member_id in newcomers
            for connection in self.of(member_id)
        }
        try:
            await self._call(newcomers, addresses)
        except Exception:
            self._newcomers |= newcomers
            raise

    async def call_everyone(self) -> None:
        await self._call(set(self._by_member), {})

    async def _call(self, member_ids: set[int], addresses: dict[int, str]) -> None:
        for chunk in _chunks(member_ids):
            present = await self._threads.write(seen, chunk, addresses)
            over = []
            for connection in [mine for member_id in chunk for mine in self.of(member_id)]:
                session, name = present.get(connection.member_id, (None, ""))
                if session != connection.identity.session:
                    over.append(connection)
                elif name != connection.identity.name:
                    self.renamed(connection.member_id, name)
            if over:
                await self._dismiss(over)

    async def _dismiss(self, over: list[Connection]) -> None:
        """Close those whose sessions are over, and say so if that is because of a ban.

        A ban ends the sessions, and we may notice this before we know of the ban.
        """
        member_ids = {connection.member_id for connection in over}
        banned = await self._threads.read(standing.banned_among, member_ids)
        for connection in over:
            if connection.closed:
                continue
            if connection.member_id in banned:
                connection.close(protocol.CLOSE_BANNED, "You are banned.")
            else:
                connection.close(protocol.CLOSE_SIGN_IN, "Your session has ended.")


def seen(member_ids: list[int], addresses: dict[int, str]) -> dict[int, tuple[int, str]]:
    """Note that these members are here, and where; the session and name of each who is one."""
    live = Member.objects.live().filter(id__in=member_ids)
    live.update(last_seen_at=timezone.now())
    present: dict[int, tuple[int, str]] = {}
    moved: dict[str, list[int]] = {}
    for member_id, session, name, known in live.values_list(
        "id", "session", "name", "address_hash"
    ):
        present[member_id] = session, name
        here = address_hash(addresses.get(member_id, ""))
        if here and here != known:
            moved.setdefault(here, []).append(member_id)
    for here, ids in moved.items():
        Member.objects.filter(pk__in=ids).update(address_hash=here)
    return present


def _chunks(member_ids: Iterable[int]) -> Iterator[list[int]]:
    ids = sorted(member_ids)
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
