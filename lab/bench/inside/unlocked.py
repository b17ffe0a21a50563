"""Without the room's lock: a number is taken first, and what it stands for comes a little later.

So it is where numbers come from a sequence, or from a counter in Redis. Between the two a busy
machine makes a pause now and then. Here someone always has one, so that it shows: until others have
taken a later number, and this node has shown that to its people.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from chat import bus, protocol
from chat.accounts.models import Member
from chat.messages import idempotency
from chat.messages.commit import Accepted, Announce
from chat.messages.models import Message
from chat.messages.operations import Post
from chat.messages.wire_messages import of_messages
from chat.realtime import node
from chat.rooms.models import Room, RoomHead

# So long a pause waits for a later number to be taken, and for what is taken to be shown.
TAKEN_SECONDS = 1.0
SHOWN_SECONDS = 5.0
LOOK_SECONDS = 0.02
# Counts how often the lock was switched off: each time numbers begin at the head anew.
generation = 0


def without_lock(commit: Callable[..., Any]) -> Callable[..., Any]:
    """In place of Committer.commit; what is no post takes the usual way."""

    async def commit_unlocked(self: Any, room: Room, operations: Any, announce: Any) -> Any:
        if not all(isinstance(one, Post) for one in operations):
            return await commit(self, room, operations, announce)
        return await self._executors.write(_answer, room, operations, announce)

    return commit_unlocked


def _answer(room: Room, posts: Sequence[Post], announce: Announce) -> list[Accepted]:
    """Repeats get their old answer; only the lock is missing here."""
    known = idempotency.find_repeats(room, posts)
    new = [post for post in posts if (post.author_id, post.client_id) not in known]
    stored = iter(_store(room, new, announce) if new else ())
    now = timezone.now()
    answers = []
    for post in posts:
        old = known.get((post.author_id, post.client_id))
        answers.append(
            Accepted(old.seq, old.updated_seq, old.uid, False, now) if old else next(stored)
        )
    return answers


def _store(room: Room, posts: Sequence[Post], announce: Announce) -> list[Accepted]:
    """What is sent again is not stored again: the lock alone is off."""
    stored = _stored(room, posts)
    new = [post for post in posts if _key(post) not in stored]
    stored |= {_key(message): message for message in _store_new(room, new, announce)}
    messages = [stored[_key(post)] for post in posts]
    return [Accepted(m.seq, m.seq, m.uid, True, timezone.now()) for m in messages]


def _key(one: Post | Message) -> tuple[int, str]:
    return one.author_id, one.client_id


def _stored(room: Room, posts: Sequence[Post]) -> dict[tuple[int, str], Message]:
    ids = [post.client_id for post in posts]
    return {_key(one): one for one in Message.objects.in_room(room.pk).filter(client_id__in=ids)}


def _store_new(room: Room, posts: Sequence[Post], announce: Announce) -> list[Message]:
    if not posts:
        return []
    numbers = _take_numbers(room, len(posts))
    _pause(room, numbers[-1])
    names = dict(
        Member.objects.filter(pk__in=[post.author_id for post in posts]).values_list("pk", "name")
    )
    now = timezone.now()
    messages = [
        Message(
            room=room,
            seq=seq,
            updated_seq=seq,
            uid=uuid4(),
            author_id=post.author_id,
            author_name=names[post.author_id],
            client_id=post.client_id,
            body=post.body,
            reply_to=post.reply_to,
            created_at=now,
        )
        for seq, post in zip(numbers, posts, strict=True)
    ]
    with transaction.atomic():
        Message.objects.bulk_create(messages)
        RoomHead.objects.filter(room=room).update(
            head=Greatest(F("head"), messages[-1].seq),
            last_at=now,
            posted=F("posted") + len(messages),
        )
    log = RoomHead.objects.get(room=room)
    RoomHead.objects.filter(room=room, head=log.head).update(head_id=_id_at(room, log.head))
    for message in messages:
        announce(_batch(room, log, message))
    return messages


def _take_numbers(room: Room, count: int) -> list[int]:
    """From a sequence, which asks nobody and takes nothing back."""
    name = _sequence(room)
    head = RoomHead.objects.values_list("head", flat=True).get(room=room)
    with connection.cursor() as cursor:
        # Two nodes may make it at once, of whom one fails: it is there then.
        cursor.execute("SELECT pg_advisory_lock(%s)", [room.pk])
        try:
            cursor.execute(f"CREATE SEQUENCE IF NOT EXISTS {name} START {head + 1}")
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [room.pk])
        cursor.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [name, count])
        return [number for (number,) in cursor.fetchall()]


def _sequence(room: Room) -> str:
    return f"lab_numbers_{room.pk}_{generation}"


def _pause(room: Room, last: int) -> None:
    """Let a later number overtake this one. One writer at a time: two would wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, 1)", [room.pk])
        [is_mine] = cursor.fetchone()
        if not is_mine:
            return
        try:
            if _comes(lambda: _last_taken(room) > last, TAKEN_SECONDS):
                _comes(lambda: _shown(room) > last, SHOWN_SECONDS)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, 1)", [room.pk])


def _comes(holds: Callable[[], bool], seconds: float) -> bool:
    """Whether this holds before that time is over."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_SECONDS)
    return True


def _last_taken(room: Room) -> int:
    with connection.cursor() as cursor:
        named = "SELECT last_value FROM pg_sequences WHERE sequencename = %s"
        cursor.execute(named, [_sequence(room)])
        return int(cursor.fetchone()[0])


def _shown(room: Room) -> int:
    """Up to which number this node has told its people."""
    live = node.current().hub.rooms.get(room.pk)
    return live.head if live else 0


def _id_at(room: Room, seq: int) -> UUID | None:
    return Message.objects.in_room(room.pk).filter(seq=seq).values_list("uid", flat=True).first()


def _batch(room: Room, log: RoomHead, message: Message) -> bus.Batch:
    [wire] = of_messages([message], {})
    return bus.Batch(
        room_id=room.pk,
        room=room.key,
        epoch=log.epoch,
        previous_id=_id_at(room, message.seq - 1),
        first=message.seq,
        last=message.seq,
        last_id=message.uid,
        changes=[(message.seq, message.seq, protocol.encode(wire))],
    )
