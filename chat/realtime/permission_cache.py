"""The moderation state in this node's memory: roles, mutes, bans and room rules.

It is asked at every message, so it makes no query. It is read anew at a hint, when the moderation
version in the database is not ours (asked every second, so that Redis may be away), and once a
minute whatever the version says.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any

import msgspec
from django.utils import timezone
from django.utils.translation import gettext
from msgspec import Struct

from .. import bus, protocol
from ..accounts import site_settings
from ..accounts.permissions import Permission, Role, higher, is_allowed
from ..messages.operations import Operation, Post
from ..moderation import moderation_state, write_permissions
from ..moderation.moderation_state import NO_RULES, ModerationState, RoomRules
from ..scheduler import Scheduler
from .connection import Connection
from .connection_registry import ConnectionRegistry
from .database_executors import DatabaseExecutors
from .head_poller import HeadPoller
from .hub import Hub
from .joined_roles import JoinedRoles
from .room_stream import RoomStream
from .sockets import frame


class _Author(Struct):
    id: int


class _Said(Struct):
    author: _Author


_said = msgspec.json.Decoder(_Said)


class PermissionCache:
    """Who may write where, on this node."""

    def __init__(
        self,
        executors: DatabaseExecutors,
        head_poller: HeadPoller,
        scheduler: Scheduler,
        hub: Hub,
        registry: ConnectionRegistry,
        joined: JoinedRoles,
    ) -> None:
        self.state = ModerationState()
        self._executors = executors
        self._head_poller = head_poller
        self._scheduler = scheduler
        self._hub = hub
        self._registry = registry
        self._joined = joined
        self._reading = asyncio.Lock()
        # Called with the number of the last change of rooms and memberships.
        self.on_access: Callable[[int], Awaitable[None]] | None = None
        # Reads the site settings; says whether those of the queue have changed.
        self.read_site: Callable[[], Awaitable[bool]] | None = None
        # Called when all was read anew: what holds for rooms may be another, too.
        self.on_read: Callable[[], Awaitable[None]] | None = None
        self._is_read_anew = False
        # On a new site the number is what we begin with; the settings are read all the same.
        self._has_read = False
        # By slow room: when each member last spoke there, on whichever node.
        self._spoke: dict[int, dict[int, float]] = {}

    # --- Asked --------------------------------------------------------------------------------

    def role_of(self, member_id: int) -> Role:
        return self.state.roles.get(member_id, Role.GUEST)

    def role_in(self, member_id: int, room_id: int) -> Role:
        """The higher one of the member's roles on the site and in this room."""
        role = self.role_of(member_id)
        return higher(role, self._joined.role(member_id, room_id) or role)

    def role_name_of(self, member_id: int) -> str | None:
        return self.state.roles.get(member_id)

    def may(self, member_id: int, power: Permission) -> bool:
        return is_allowed(self.role_of(member_id), power)

    def rules_of(self, live: RoomStream) -> RoomRules:
        return self.state.rules.get(live.room.pk, NO_RULES)

    def muted_until(self, member_id: int) -> datetime | None:
        until = self.state.muted.get(member_id)
        return until if until is not None and until > timezone.now() else None

    def reports_for(self, member_id: int) -> int | None:
        """How many reports wait, for those who may see them; None for who never has any, and
        for who has none now and reviews those of single rooms.
        """
        reviews_all = self.may(member_id, Permission.REVIEW)
        if not self.state.reports:
            return 0 if reviews_all else None
        waiting = self.state.reports_for(reviews_all, self._joined.roles(member_id))
        return waiting if reviews_all else waiting or None

    def newcomers_for(self, member_id: int) -> int | None:
        """How many wait to be let in, for moderators of a site where newcomers wait."""
        is_used = bool(self.state.newcomers) or site_settings.known().approval
        return self.state.newcomers if is_used and self.may(member_id, Permission.REVIEW) else None

    def is_banned(self, member_id: int) -> bool:
        if member_id not in self.state.banned:
            return False
        until = self.state.banned[member_id]
        return until is None or until > timezone.now()

    def check(self, member_id: int, live: RoomStream, operation: Operation) -> None:
        """Raise if this member may not do this in this room now. Nearly always two look-ups."""
        room_id = live.room.pk
        if member_id in self.state.muted or room_id in self.state.rules:
            rules, role = self.rules_of(live), self.role_in(member_id, room_id)
            muted_until = self.state.muted.get(member_id)
            write_permissions.check(operation, role, muted_until, rules, timezone.now())
            if isinstance(operation, Post) and write_permissions.is_slow_for(role, rules):
                self._check_pace(room_id, member_id, rules)

    def is_first_where_slow(self, member_id: int, live: RoomStream, operation: Operation) -> bool:
        """Whether this is a post in a slow room by someone of whom we do not know that they spoke
        there lately: then their network may have (`check_network`).
        """
        spoke = self._spoke.get(live.room.pk)
        return (
            spoke is not None
            and isinstance(operation, Post)
            and member_id not in spoke
            and write_permissions.is_slow_for(
                self.role_in(member_id, live.room.pk), self.rules_of(live)
            )
        )

    async def check_network(self, member_id: int, live: RoomStream, operation: Operation) -> None:
        """Raise if this is a new guest whose network spoke in this slow room too recently."""
        if self.is_first_where_slow(member_id, live, operation):
            rules = self.rules_of(live)
            await self._executors.read(
                write_permissions.check_network_pace, member_id, live.room, rules
            )

    def _check_pace(self, room_id: int, member_id: int, rules: RoomRules) -> None:
        spoke, now = self._spoke[room_id], time.monotonic()
        if member_id in spoke:
            write_permissions.check_pace(rules, now - spoke[member_id])
        # From now, not from the commit: two sent at once are two.
        spoke[member_id] = now

    def is_silent(self, member_id: int, live: RoomStream) -> bool:
        """Whether a mute or a lock keeps this member from writing here: then they do not type."""
        if member_id not in self.state.muted and live.room.pk not in self.state.rules:
            return False
        rules, role = self.rules_of(live), self.role_in(member_id, live.room.pk)
        return (
            self.muted_until(member_id) is not None
            or rules.archived
            or (rules.locked and not is_allowed(role, Permission.WRITE_UNBOUND))
        )

    # --- Heard --------------------------------------------------------------------------------

    def on_message(self, hint: bus.BusMessage) -> None:
        match hint:
            case bus.Batch():
                self._note_who_spoke(hint)
            case bus.ModerationChanged():
                self.hint()

    def _note_who_spoke(self, batch: bus.Batch) -> None:
        """Someone spoke in a slow room, here or on another node."""
        spoke = self._spoke.get(batch.room_id)
        if spoke is not None:
            now = time.monotonic()
            for updated_seq, seq, encoded in batch.changes:
                if updated_seq == seq:
                    spoke[_said.decode(encoded).author.id] = now

    def hint(self) -> None:
        """Something may have changed: look soon. If that fails, the next second's look does it."""
        self._scheduler.run(self.look())

    async def look(self, *, everything: bool = False) -> None:
        """Read anew what holds, and whose session may have ended, if a number is not ours."""
        async with self._reading:
            numbers = await self._head_poller.numbers()
            await self._registry.follow(numbers.sessions)
            is_same = numbers.moderation_version == self.state.moderation_version
            if everything or not is_same or not self._has_read:
                await self._read()
            # After that: what is told of an archived room then holds already.
            if self.on_access is not None:
                await self.on_access(numbers.access)
            # Last: a list has lost a room before those inside are shut out.
            if self._is_read_anew and self.on_read is not None:
                await self.on_read()
                self._is_read_anew = False

    async def _read(self) -> None:
        before, now = self.state, await self._executors.read(moderation_state.load)
        queue_changed = self.read_site is not None and await self.read_site()
        self.state, self._is_read_anew, self._has_read = now, True, True
        for member_id in now.banned:
            for connection in self._registry.of(member_id):
                if not connection.closed:
                    connection.close(protocol.CLOSE_BANNED, gettext("You are banned."))
        concerned = _differing(before.muted, now.muted) | _differing(before.roles, now.roles)
        if changed := _differing(before.reports, now.reports):
            concerned |= set(now.roles) | self._joined.reviewers_of(changed)
        if queue_changed or before.newcomers != now.newcomers:
            concerned |= set(now.roles)
        for member_id in concerned:
            self._tell_member(member_id)
        for room_id in _differing(before.rules, now.rules):
            self._tell_room(room_id)
        self._forget_who_spoke()

    # --- Told ---------------------------------------------------------------------------------

    def tell_reports(self, member_ids: Iterable[int]) -> None:
        """The roles of these members in rooms have become known: tell them what waits."""
        for member_id in member_ids if self.state.reports else ():
            reviews_all = self.may(member_id, Permission.REVIEW)
            in_hello = self.state.reports_for(reviews_all, {})
            if in_hello != self.state.reports_for(reviews_all, self._joined.roles(member_id)):
                self._tell_member(member_id)

    def staff_changed(self, room_id: int, member_ids: Iterable[int]) -> None:
        """These members run this room now, or do no more."""
        if room_id in self.state.reports:
            for member_id in member_ids:
                self._tell_member(member_id)

    def _tell_member(self, member_id: int) -> None:
        event = protocol.PermissionsChanged(
            self.role_name_of(member_id),
            self.muted_until(member_id),
            self.reports_for(member_id),
            self.newcomers_for(member_id),
        )
        for connection in self._registry.of(member_id):
            connection.write(event)

    def _tell_room(self, room_id: int) -> None:
        live = self._hub.rooms.get(room_id)
        if live is not None:
            # To slow sockets too: this is said once.
            event = frame(self._rules_event(live))
            for connection in list(live.subscriptions):
                connection.socket.write(event)

    def entered(self, connection: Connection, live: RoomStream) -> None:
        """Tell someone who came in what holds here, if anything does."""
        if live.room.pk in self.state.rules:
            connection.write(self._rules_event(live))

    def _rules_event(self, live: RoomStream) -> protocol.RoomRulesChanged:
        rules = self.rules_of(live)
        return protocol.RoomRulesChanged(live.room.key, rules.locked, rules.slow_seconds)

    def _forget_who_spoke(self) -> None:
        """Keep only what a slow room still counts."""
        now = time.monotonic()
        self._spoke = {
            room_id: {
                member_id: at
                for member_id, at in self._spoke.get(room_id, {}).items()
                if now - at < rules.slow_seconds
            }
            for room_id, rules in self.state.rules.items()
            if rules.slow_seconds
        }


def _differing(one: dict[int, Any], other: dict[int, Any]) -> set[int]:
    return {key for key, _ in one.items() ^ other.items()}
