"""The commit: the one way into a room's log, for sockets, HTTP, the admin and commands alike.

Numbers are given under the lock of the room's RoomHead row and become visible with the commit. So
a log has no holes, and a reader who sees a number can see all numbers before it (docs/adr/0001).
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

import psycopg
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext

from .. import bus, database_connections, protocol
from ..errors import Busy, ChatError, InvalidText, KeyReused, NotFound, Unavailable
from ..metrics import COMMITTED, DATABASE_FAILURES, LOCK_SECONDS, REPEATS, timed
from ..outages import explained, is_outage
from ..rooms.models import Room, RoomHead
from . import changes, idempotency, inbox, markup, mentions, room_heads
from .authors import Authors
from .models import Change, Message
from .operations import Delete, Edit, Operation, Post, React, Restore, refusal
from .single_statement_commit import Posted
from .wire_messages import of_messages

__all__ = ["Accepted", "Delete", "Edit", "Operation", "Outcome", "Post", "React", "commit_batch"]

logger = logging.getLogger(__name__)

# PostgreSQL gave up, because someone else holds the room.
LOCK_TIMEOUTS = (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A durable answer: the message's number, its last change's, its id, whether this commit made
    any of it or it stood already, and when it was told.
    """

    seq: int
    updated_seq: int
    id: UUID
    is_new: bool
    committed: datetime


Outcome = Accepted | ChatError
# The same before the commit: seq, updated_seq, id and whether it is new.
Answer = tuple[int, int, UUID, bool] | ChatError
# Takes the hint of what is committed; from any thread.
Announce = Callable[[bus.BusMessage], None]


def commit_batch(
    room: Room, operations: Sequence[Operation], *, announce: Announce | None = None
) -> list[Outcome]:
    """Commit these together, in this order, and announce what is new. One outcome for each.

    With an `announce` of their own, callers get the hints, and tell them when they have answered.

    A post with a known `client_id`, and a change to what already holds, get the answer they got
    before and take no number. What is unsound is refused and fails none of its neighbours.
    """
    refusals = [refusal(operation) for operation in operations]
    sound = [
        operation for operation, error in zip(operations, refusals, strict=True) if error is None
    ]
    for operation in sound:
        if isinstance(operation, Post | Edit):
            # Rendered now, and cached: under the room's lock it would hold everyone up.
            markup.render(operation.body)
    outcomes = iter(_commit_or_bisect(room, sound, announce or bus.publish) if sound else ())
    return [next(outcomes) if error is None else error for error in refusals]


def plain_posts(operations: Sequence[Operation]) -> list[Post] | None:
    """These, if the single statement can store them: all are sound posts that reply to nothing
    and name nobody.
    """
    posts = [
        op
        for op in operations
        if isinstance(op, Post) and op.reply_to is None and not mentions.may_name(op.body)
    ]
    if len(posts) < len(operations) or any(map(refusal, posts)):
        return None
    return posts


def posted(room: Room, stored: Posted, announce: Announce) -> list[Outcome]:
    """One outcome for each of what one statement has stored."""
    outcomes = _accepted(stored)
    _tell(_batch_of(room, stored), announce)
    return outcomes


def room_busy() -> Busy:
    return Busy(gettext("The room is busy; try again."), retry_ms=1000)


def commit_operation(room: Room, operation: Operation) -> Accepted:
    """A batch of one; its refusal is raised."""
    [outcome] = commit_batch(room, [operation])
    if isinstance(outcome, ChatError):
        raise outcome
    return outcome


def _commit_or_bisect(
    room: Room, operations: Sequence[Operation], announce: Announce
) -> list[Outcome]:
    try:
        return _commit_or_retry(room, operations, announce)
    except NotFound as closed:
        return [closed] * len(operations)
    except (DatabaseError, InterfaceError) as error:
        if is_outage(error):
            DATABASE_FAILURES.inc()
            told = len(operations), _first_line(error)
            logger.warning("Room %s: %d operations not committed: %s", room.key, *told)
            return [_unanswered(error)] * len(operations)
        if len(operations) == 1:
            # Not all that PostgreSQL says: its DETAIL holds the row, and with it the body.
            logger.warning("Room %s: an operation was refused: %s", room.key, _first_line(error))
            return [InvalidText(gettext("The database cannot store this."))]
        middle = len(operations) // 2
        halves = operations[:middle], operations[middle:]
        return [outcome for half in halves for outcome in _commit_or_bisect(room, half, announce)]


def _commit_or_retry(
    room: Room, operations: Sequence[Operation], announce: Announce
) -> list[Outcome]:
    try:
        return _commit(room, operations, announce)
    except (OperationalError, InterfaceError) as error:
        if isinstance(_unanswered(error), Busy) or connection.in_atomic_block:
            raise
        # The connection died, perhaps after the commit: the keys make a second try safe.
        database_connections.drop_connection()
        return _commit(room, operations, announce)


def _commit(room: Room, operations: Sequence[Operation], announce: Announce) -> list[Outcome]:
    with transaction.atomic():
        answers = _number_and_write(room, operations, announce)
    committed = timezone.now()
    return [
        answer if isinstance(answer, ChatError) else Accepted(*answer, committed)
        for answer in answers
    ]


def _number_and_write(
    room: Room, operations: Sequence[Operation], announce: Announce
) -> list[Answer]:
    """Lock, look the keys up under the lock, number what is new, write, move the head."""
    with timed(LOCK_SECONDS):
        # The room too, since its rules may have changed while this waited.
        locked = RoomHead.objects.select_for_update(no_key=True, of=("self",))
        log = locked.select_related("room").filter(room=room).first() or room_heads.restore(room)
    authors = Authors(operations, room, log.room)
    known = idempotency.find_repeats(room, operations)
    now = timezone.now()
    # Taken under the lock, and never before the last number's, even if the clock steps back.
    at = max(now, log.last_at or now)
    targets = changes.targets(room, operations, log.floor)
    draft = _Draft(room, log.head, at, authors, known, targets)
    answers = [draft.place(operation) for operation in operations]
    if draft.head > log.head:
        fresh = draft.fresh()
        named = mentions.resolve(room, (one for one in fresh if one.deleted_at is None))
        Message.objects.bulk_create(draft.posted)
        changes.save(draft.changed)
        inbox.record(room, draft.posted, named, targets)
        inbox.note_removals(room, draft.changed)
        posted = log.posted + len(draft.posted)
        RoomHead.objects.filter(room=room).update(
            head=draft.head, head_id=draft.last_id, last_at=at, posted=posted
        )
        batch = bus.Batch(
            room_id=room.pk,
            room=room.key,
            epoch=log.epoch,
            previous_id=log.head_id,
            first=log.head + 1,
            last=draft.head,
            last_id=draft.last_id,
            changes=_encoded(of_messages(fresh, mentions.names_of(named))),
            posted=posted,
        )
        transaction.on_commit(partial(_tell, batch, announce))
    else:
        # Nothing is new; but this repeat may be the first sign that other nodes get of the commit.
        transaction.on_commit(partial(announce, bus.Head(room.pk, log.head)))
    return answers


class _Draft:
    """What a batch will write, numbered on from `head`."""

    def __init__(
        self,
        room: Room,
        head: int,
        now: datetime,
        speakers: Authors,
        known: dict[tuple[int, str], Message],
        targets: dict[int, Message],
    ) -> None:
        self.head = head
        self.last_id: UUID
        self.posted: list[Message] = []
        self.changed: list[Change] = []
        self._room = room
        self._speakers = speakers
        self._known = known
        self._targets = targets
        self._now = now

    def place(self, operation: Operation) -> Answer:
        """Number the operation if it is new. Its message's seq, updated_seq and id, as of then."""
        head = self.head
        try:
            message = (
                self._post(operation) if isinstance(operation, Post) else self._change(operation)
            )
        except ChatError as error:
            return error
        return message.seq, message.updated_seq, message.uid, self.head > head

    def fresh(self) -> list[Message]:
        """The messages that are new or changed, each once, by their last number."""
        changed = (change.message for change in self.changed)
        fresh = {message.seq: message for message in (*self.posted, *changed)}
        return sorted(fresh.values(), key=lambda message: message.updated_seq)

    def _post(self, post: Post) -> Message:
        name = self._speakers.name_for(post)
        key = post.author_id, post.client_id
        known = self._known.get(key)
        if known is not None:
            if idempotency.original_body(known) != post.body:
                raise KeyReused(gettext("This was sent before with another text."))
            REPEATS.inc()
            return known
        message = idempotency.new_message(
            self._room, post, name, self.head + 1, self._now, self._targets
        )
        self._known[key] = message
        self.posted.append(message)
        self.head, self.last_id = message.seq, message.uid
        return message

    def _change(self, operation: Edit | Delete | Restore | React) -> Message:
        name = self._speakers.name_for(operation)
        message = self._targets.get(operation.seq)
        if message is None:
            raise NotFound(
                gettext("There is no message {number} in this room.").format(number=operation.seq)
            )
        change = changes.apply(operation, name, message, self.head + 1, self._now)
        if change is not None:
            self.changed.append(change)
            self.head, self.last_id = change.seq, change.uid
        return message


def _tell(batch: bus.Batch, announce: Announce) -> None:
    COMMITTED.inc(batch.last - batch.first + 1)
    announce(batch)


def _batch_of(room: Room, posted: Posted) -> bus.Batch:
    messages = posted.messages
    first, last = messages[0], messages[-1]
    return bus.Batch(
        room_id=room.pk,
        room=room.key,
        epoch=posted.epoch,
        previous_id=posted.previous_id,
        first=first.seq,
        last=last.seq,
        last_id=last.id,
        changes=_encoded(messages),
        posted=posted.posted,
    )


def _encoded(messages: Iterable[protocol.WireMessage]) -> list[tuple[int, int, bytes]]:
    return [(m.updated_seq, m.seq, protocol.encode(m)) for m in messages]


def _accepted(posted: Posted) -> list[Outcome]:
    committed = timezone.now()
    return [Accepted(m.seq, m.seq, m.id, True, committed) for m in posted.messages]


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _unanswered(error: Exception) -> ChatError:
    if isinstance(error.__cause__, LOCK_TIMEOUTS) or "locked" in str(error):
        return room_busy()
    return Unavailable(explained(error), retry_ms=2000)
