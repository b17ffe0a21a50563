"""What the tests of the log share: a garden to talk in, and ways to look at a whole log."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from chat import bus, protocol
from chat.accounts.models import Member
from chat.errors import ChatError
from chat.messages import commit, room_heads, wire_messages
from chat.messages.models import Change, Message
from chat.moderation import admission
from chat.moderation.room_rules import open_room
from chat.rooms.models import Room, RoomHead


@pytest.fixture
def garden(db: None) -> Room:
    """An empty room. (The lobby is gone once a test has really committed and been cleaned up.)"""
    return open_room(key="garden", name="Garden")


@pytest.fixture
def bob(db: None) -> Member:
    return admission.join(name="Bob")


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every hint, as this node's hub would hear it."""
    hints: list[Any] = []
    monkeypatch.setattr(bus, "publish", hints.append)
    return hints


def post(member: Member, body: str, client_id: str | None = None, **more: Any) -> commit.Post:
    return commit.Post(member.pk, client_id or uuid4().hex, body, **more)


def say(room: Room, member: Member, body: str, client_id: str | None = None) -> int:
    """Say it, and return its number."""
    return commit.commit_operation(room, post(member, body, client_id)).seq


def react(member: Member, seq: int, emoji: str = "👍", on: bool = True) -> commit.React:
    return commit.React(member.pk, seq, emoji, on)


def seqs(outcomes: list[commit.Outcome]) -> list[int | str]:
    """Each answer's number, or the code of its refusal."""
    return [o.code if isinstance(o, ChatError) else o.seq for o in outcomes]


def head(room: Room) -> int:
    return RoomHead.objects.get(room=room).head


def numbers(room: Room) -> list[int]:
    """Every number that a row of this room holds."""
    return sorted(
        [
            *Message.objects.in_room(room.pk).values_list("seq", flat=True),
            *Change.objects.filter(room=room).values_list("seq", flat=True),
        ]
    )


def assert_whole(room: Room) -> None:
    """Each number from 1 to the head is held by exactly one row; the head knows the last one."""
    log_head = RoomHead.objects.get(room=room)
    assert numbers(room) == list(range(1, log_head.head + 1))
    assert log_head.head_id == room_heads.id_at(log_head, log_head.head)


def fetch(room: Room) -> list[protocol.WireMessage]:
    """Every message of the room as it is now, in order."""
    messages = wire_messages.wire_messages(Message.objects.in_room(room.pk).order_by("seq"), 10_000)
    return messages


def decoded(batch: bus.Batch) -> list[protocol.WireMessage]:
    return [
        msgspec.json.decode(encoded, type=protocol.WireMessage) for *_, encoded in batch.changes
    ]


def applied(
    page: Iterable[protocol.WireMessage], news: Iterable[protocol.WireMessage]
) -> list[protocol.WireMessage]:
    """The page after the news, by the rule that clients follow."""
    held = {message.seq: message for message in page}
    for message in news:
        if message.seq not in held or held[message.seq].updated_seq < message.updated_seq:
            held[message.seq] = message
    return [held[seq] for seq in sorted(held)]


def content(room: Room) -> dict[str, Any]:
    """All that a log says, without ids and times: two rooms can be compared by it."""

    def known(value: Any) -> Any:
        return value is not None if isinstance(value, datetime | None) else value

    messages = Message.objects.in_room(room.pk).order_by("seq")
    changes = Change.objects.filter(room=room).order_by("seq")
    return {
        "head": head(room),
        "messages": [
            tuple(map(known, row))
            for row in messages.values_list(
                "seq", "updated_seq", "author", "author_name", "client_id", "body", "reply_to",
                "edited_at", "deleted_at", "reactions",
            )
        ],
        "changes": list(
            changes.values_list("seq", "kind", "message__seq", "actor", "replaced")
        ),
    }  # fmt: skip
