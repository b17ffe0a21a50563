"""Carries hints between nodes over the channel layer: the only place that speaks to it.

A service publishes what it committed; the hub of each node listens. A hint may be lost, doubled,
late or out of order: listeners number and check.
"""

import asyncio
import contextlib
import itertools
import logging
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import cast

import msgspec
from channels.layers import BaseChannelLayer, get_channel_layer
from cryptography.fernet import InvalidToken

from ..scheduler import Scheduler
from .activity_digest import ActivityDigest
from .bus_messages import Batch, BusMessage, Head, Letter, NodeAlive, Roster, presence_key
from .publish_queue import PublishQueue
from .replays import Senders

logger = logging.getLogger(__name__)


# Hints waiting for Redis; more are dropped, since the database has them all.
QUEUE_MAX = 1000


# Presence waits apart, and only the newest of each room or member counts. It gives way to all else.
PRESENCE_MAX = 5000


PUBLISH_SECONDS = 1.0


# A node says that it is there this often, and is forgotten after three times that.
ALIVE_SECONDS = 10


GONE_SECONDS = 30


# One message tells of so many rooms and names.
HEARTBEAT_MAX = 1000


COMPLAINT_SECONDS = 60


# An older hint is left out, and one from so far in the future: someone held it back, or the clocks
# of two nodes differ so much. What it told is found by polling.
AGE_MAX_SECONDS = 60


# Every node hears this group: what concerns no single room.
EVERYWHERE = "everywhere"


_decoder = msgspec.msgpack.Decoder(Letter)


_encoder = msgspec.msgpack.Encoder()


def room_group(room_id: int) -> str:
    return f"room.{room_id}"


class Bus:
    """One node on the channel layer: it publishes, and hears what others publish."""

    def __init__(
        self,
        node: str,
        *listeners: Callable[[BusMessage], None],
        trusts: Callable[[str], bool] = lambda node: True,
    ) -> None:
        """`trusts` tells whether hints of the node with this id are about our database."""
        self._node = node
        self._listeners = listeners
        self._trusts = trusts
        self._numbers = itertools.count(1)
        self._senders = Senders(forget_seconds=3 * AGE_MAX_SECONDS)
        # The other nodes, and when each was last heard of.
        self._others: dict[str, float] = {}
        self._loop = asyncio.get_running_loop()
        self._layer = cast(BaseChannelLayer, get_channel_layer())
        self._outgoing: PublishQueue[tuple[str | None, BusMessage]]
        self._outgoing = PublishQueue(QUEUE_MAX, PRESENCE_MAX)
        self._groups: set[str] = {EVERYWHERE}
        self._channel: str | None = None
        # Its own: the bus publishes what waits after everything else of the node has stopped.
        self._scheduler = Scheduler()
        self._digest = ActivityDigest(partial(self.publish, EVERYWHERE))
        self._listening: asyncio.Task[None]
        self.dropped = 0
        self.unreadable = 0
        self._complain_after = 0.0

    def start(self) -> None:
        self._listening = self._scheduler.run(self._listen())
        self._scheduler.run(self._publish())

    async def stop(self) -> None:
        """Publish what waits, for a moment at most, then stop."""
        self._digest.stop()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._outgoing.join(), PUBLISH_SECONDS)
        await self._scheduler.stop()

    # --- Speaking -----------------------------------------------------------------------------

    def publish(self, group: str | None, hint: BusMessage) -> None:
        """Send to a group, or to this node alone (None). Never waits and never raises."""
        if group not in (None, EVERYWHERE) and not self._has_peers():
            return  # a new node looks at the heads by itself, and is known a moment later
        key = presence_key(hint)
        if key is None:
            self.dropped += not self._outgoing.put((group, hint))
        else:
            self.dropped += not self._outgoing.put_newest(key, (group, hint))

    def digest(self, batch: Batch) -> None:
        """Tell nodes on which this room is not live how far it has come; soon, with others."""
        if self._has_peers():
            self._digest.note(batch)

    def waiting(self) -> int:
        """How many hints wait to be published."""
        return len(self._outgoing)

    async def _publish(self) -> None:
        while True:
            group, hint = await self._outgoing.get()
            letter = Letter(node=self._node, number=next(self._numbers), at=time.time(), hint=hint)
            envelope = {"type": "hint", "hint": _encoder.encode(letter)}
            try:
                async with asyncio.timeout(PUBLISH_SECONDS):
                    if group is not None:
                        await self._layer.group_send(group, envelope)
                    elif self._channel is not None:
                        await self._layer.send(self._channel, envelope)
            except Exception as error:
                # No traceback: while Redis is away this is said by the hub once.
                logger.debug("A hint was not published: %r", error)
                self.dropped += 1

    def beat(self, rosters: Iterable[Roster]) -> None:
        """Tell all nodes that this one is there, and who is in its rooms: every ALIVE_SECONDS."""
        parts = _in_parts(rosters) if self._has_peers() else [[]]
        for number, part in enumerate(parts):
            self.publish(EVERYWHERE, NodeAlive(self._node, part, number))

    def _has_peers(self) -> bool:
        gone = time.monotonic() - GONE_SECONDS
        return any(heard_at > gone for heard_at in self._others.values())

    def meet(self, node: str, *, greeted_us: bool = False) -> None:
        """This node is there, and shares our database."""
        if node == self._node:
            return
        if node not in self._others:
            # One that has just greeted us has missed nothing that we said.
            self.publish(EVERYWHERE, NodeAlive(self._node, greets=not greeted_us))
            self._others[node] = time.monotonic()
            self.deliver(NodeAlive(node))
        now = time.monotonic()
        self._others = {n: at for n, at in self._others.items() if at > now - GONE_SECONDS}
        self._others[node] = now

    # --- Listening ----------------------------------------------------------------------------

    async def subscribe(self, room_id: int) -> None:
        """Hear a room. Without the layer this is only noted, and done when the bus reconnects."""
        await self._join(room_group(room_id))

    async def unsubscribe(self, room_id: int) -> None:
        group = room_group(room_id)
        self._groups.discard(group)
        with contextlib.suppress(Exception):
            async with asyncio.timeout(PUBLISH_SECONDS):
                if self._channel is not None:
                    await self._layer.group_discard(group, self._channel)

    def reconnect(self) -> None:
        """Take a new channel and subscribe anew: on the old one nothing arrives any more."""
        self._channel = None
        self._listening.cancel()
        self._listening = self._scheduler.run(self._listen_anew())

    async def _join(self, group: str) -> None:
        self._groups.add(group)
        if self._channel is None:
            return
        try:
            async with asyncio.timeout(PUBLISH_SECONDS):
                await self._layer.group_add(group, self._channel)
        except Exception as error:
            logger.debug("Not subscribed to %s: %r", group, error)

    async def _listen_anew(self) -> None:
        # Closes the old connections, or each try would leave some behind.
        with contextlib.suppress(Exception):
            async with asyncio.timeout(5 * PUBLISH_SECONDS):
                await self._layer.flush()
        # channels_redis's flush takes a cancellation for its own, and goes on: two would listen.
        if asyncio.current_task() is self._listening:
            await self._listen()

    async def _listen(self) -> None:
        try:
            async with asyncio.timeout(5 * PUBLISH_SECONDS):
                channel = self._channel = await self._layer.new_channel()
        except Exception as error:
            logger.debug("The channel layer gives no channel: %r", error)
            return
        for group in list(self._groups):
            await self._join(group)
        # Not before it listens: the others answer a new node's first message only, and a node that
        # could not hear the answer would count as alone for long.
        self.publish(EVERYWHERE, NodeAlive(self._node))
        while True:
            try:
                envelope = await self._layer.receive(channel)
                letter = _decoder.decode(envelope["hint"])
            except (InvalidToken, msgspec.MsgspecError) as error:
                self._complain(error)
                continue
            self._open(letter)

    def _open(self, letter: Letter) -> None:
        """Hear what is new and about our database."""
        if letter.node != self._node and not self._trusts(letter.node):
            return
        if abs(time.time() - letter.at) > AGE_MAX_SECONDS:
            self._complain(ValueError("old, or from a node whose clock is wrong"))
            return
        if not self._senders.is_new(letter.node, letter.number):
            return
        if isinstance(letter.hint, NodeAlive):
            was_known = letter.hint.node in self._others
            self.meet(letter.hint.node, greeted_us=letter.hint.greets)
            if letter.hint.greets and was_known:
                # What we have said so far was not heard there: say it again.
                self.deliver(NodeAlive(letter.hint.node))
            for roster in letter.hint.rosters:
                self.deliver(roster)
        else:
            self.deliver(letter.hint)

    def deliver(self, hint: BusMessage) -> None:
        """Tell each listener of this node. One that fails costs the others nothing."""
        for listener in self._listeners:
            try:
                listener(hint)
            except Exception:
                logger.exception("A hint could not be used")

    def _complain(self, error: Exception) -> None:
        """Say at most once a minute that someone writes into Redis what we cannot read."""
        self.unreadable += 1
        now = time.monotonic()
        if now > self._complain_after:
            self._complain_after = now + COMPLAINT_SECONDS
            logger.warning(
                "A hint cannot be read, and was left out: a node with another SECRET_KEY or of"
                " another version, or a stranger in Redis (%r)",
                error,
            )


def _in_parts(rosters: Iterable[Roster]) -> list[list[Roster]]:
    """At least one part; each with so many rooms and names that a message stays small."""
    parts: list[list[Roster]] = [[]]
    size = 0
    for roster in rosters:
        size += 1 + len(roster.members)
        if size > HEARTBEAT_MAX and parts[-1]:
            parts.append([])
            size = 1 + len(roster.members)
        parts[-1].append(roster)
    return parts


_bus: Bus | None = None


def attach(bus: Bus | None) -> None:
    """Make this the bus of the process."""
    global _bus
    _bus = bus


def publish(hint: BusMessage) -> None:
    """Tell this node and the others, from any thread; never waits and never raises.

    In a process without a bus (a management command) nothing is told: the nodes find the change
    with their next look at the heads, two seconds later at most.
    """
    bus = _bus
    if bus is not None:
        with contextlib.suppress(RuntimeError):  # the loop has just been closed
            bus._loop.call_soon_threadsafe(_publish_in_loop, bus, hint)


def publish_from_loop(hint: BusMessage) -> None:
    """The same from the node's own event loop: this node has heard it when this returns."""
    if _bus is not None:
        _publish_in_loop(_bus, hint)


def _publish_in_loop(bus: Bus, hint: BusMessage) -> None:
    """First this node, then the others; what fails here does not keep it from them."""
    bus.deliver(hint)
    bus.publish(room_group(hint.room_id) if isinstance(hint, Batch | Head) else EVERYWHERE, hint)
    if isinstance(hint, Batch):
        bus.digest(hint)
