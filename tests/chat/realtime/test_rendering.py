"""Costly texts are rendered before their room's queue: others pass, and no sender is reordered."""

import asyncio
from typing import Any

import pytest

from chat.errors import Busy
from chat.messages import markup
from chat.messages.commit import Outcome
from chat.messages.operations import Delete, Edit, Operation, Post
from chat.realtime.render_queue import COSTLY_LENGTH, WAITING_MAX, RenderQueue
from chat.rooms.models import Room

pytestmark = pytest.mark.once

LOBBY = Room(pk=1, key="lobby")


class Sender(list[Outcome]):
    __hash__ = object.__hash__  # type: ignore[assignment]

    def write_all(self, events: list[Outcome]) -> None:
        self.extend(events)


class Submitted(list[tuple[Sender, Operation]]):
    """What was handed on, in order; and whether its text was rendered by then."""

    def take(self, room: Room, operation: Operation, connection: Any, reply: Any) -> None:
        self.append((connection, operation))


def costly(name: str) -> str:
    return f"{name} " + "**bold** " * (COSTLY_LENGTH // 9 + 1)


def post(body: str) -> Post:
    return Post(1, body[:9], body)


def as_it_is(outcome: Outcome) -> Any:
    return outcome


async def test_who_sends_what_is_plain_does_not_wait_for_who_sends_what_is_costly() -> None:
    taken = Submitted()
    queue = RenderQueue(taken.take)
    mallory, alice = Sender(), Sender()

    queue.submit(LOBBY, post(costly("first")), mallory, None)  # type: ignore[arg-type]
    queue.submit(LOBBY, post("hello"), alice, None)  # type: ignore[arg-type]
    queue.submit(LOBBY, post("**short**"), alice, None)  # type: ignore[arg-type]
    queue.submit(LOBBY, post("long " * 500), alice, None)  # type: ignore[arg-type]

    assert [sender for sender, _ in taken] == [alice] * 3
    await queue.finish()
    assert taken[3][0] is mallory


async def test_everything_of_one_sender_keeps_its_order() -> None:
    taken = Submitted()
    queue = RenderQueue(taken.take)
    alice, bob = Sender(), Sender()
    theirs: list[Operation] = [
        post(costly("one")), post("two"), Edit(1, 1, costly("three")), Delete(1, 1),
        post(costly("four")), post(costly("five")), post("six"),
    ]  # fmt: skip

    for operation in theirs:
        queue.submit(LOBBY, operation, alice, None)  # type: ignore[arg-type]
        queue.submit(LOBBY, operation, bob, None)  # type: ignore[arg-type]
    assert queue.waiting() == 14
    await queue.finish()

    for sender in (alice, bob):
        assert [operation for connection, operation in taken if connection is sender] == theirs
    assert queue.waiting() == 0


async def test_the_commit_finds_rendered_what_was_costly() -> None:
    markup.clear_cache()
    queue = RenderQueue(Submitted().take)

    queue.submit(LOBBY, post(costly("x")), Sender(), None)  # type: ignore[arg-type]
    await queue.finish()

    before = markup._rendered.cache_info()
    assert markup.render(costly("x"))
    assert markup._rendered.cache_info().hits == before.hits + 1


async def test_who_sends_more_than_can_wait_is_told_so() -> None:
    taken = Submitted()
    queue = RenderQueue(taken.take)
    alice = Sender()

    for number in range(WAITING_MAX + 3):
        queue.submit(LOBBY, post(costly(str(number))), alice, as_it_is)
    await asyncio.wait_for(queue.finish(), 60)

    assert [type(answer) for answer in alice] == [Busy, Busy]
    assert len(taken) == WAITING_MAX + 1
