"""Without refusing what is not saved: a node takes posts without the database, and shows them."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

from django.utils import timezone

from chat import bus, protocol
from chat.errors import Unavailable
from chat.messages.commit import Accepted, Announce
from chat.messages.operations import Post
from chat.messages.wire_messages import wire_message
from chat.realtime import node
from chat.realtime.room_stream import RoomStream
from chat.rooms.models import Room


def taken_anyway(commit: Callable[..., Any]) -> Callable[..., Any]:
    """In place of Committer.commit."""

    async def commit_or_pretend(self: Any, room: Room, operations: Any, announce: Any) -> Any:
        outcomes = await commit(self, room, operations, announce)
        live = node.current().hub.rooms.get(room.pk)
        is_refused = all(isinstance(outcome, Unavailable) for outcome in outcomes)
        if not is_refused or live is None or not all(isinstance(o, Post) for o in operations):
            return outcomes
        return _pretend(live, operations, announce)

    return commit_or_pretend


def _pretend(live: RoomStream, posts: Sequence[Post], announce: Announce) -> list[Accepted]:
    now, ids = timezone.now(), [uuid4() for _ in posts]
    changes = [
        (seq, seq, protocol.encode(_message(post, seq, id_, now)))
        for seq, (post, id_) in enumerate(zip(posts, ids, strict=True), live.head + 1)
    ]
    first, last = changes[0][0], changes[-1][0]
    announce(
        bus.Batch(
            room_id=live.room.pk,
            room=live.room.key,
            epoch=live.epoch,
            previous_id=live.head_id,
            first=first,
            last=last,
            last_id=ids[-1],
            changes=changes,
        )
    )
    return [
        Accepted(seq, seq, id_, True, now) for (seq, _, _), id_ in zip(changes, ids, strict=True)
    ]


def _message(post: Post, seq: int, id_: Any, now: Any) -> protocol.WireMessage:
    here = node.current().registry.connections
    names = {one.identity.id: one.identity.name for one in here if not one.is_visitor}
    name = names.get(post.author_id, "?")
    return wire_message(id_, seq, seq, post.author_id, name, post.body, now, post.client_id)
