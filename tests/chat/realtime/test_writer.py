"""The writer: batches that grow by themselves, an answer for everyone, in the order of asking.

`Commits` stands for the database and the ways to it: it holds each batch until told.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from chat import bus
from chat.errors import Busy, ChatError
from chat.messages.commit import Accepted, Outcome
from chat.messages.operations import Post
from chat.realtime import writer as writer_module
from chat.realtime.writer import BATCH_MAX_BYTES, BATCH_MAX_OPERATIONS, RoomWriter
from chat.rooms.models import Room

pytestmark = pytest.mark.once

LOBBY = Room(pk=1, key="lobby")
KITCHEN = Room(pk=2, key="kitchen")


class Commits:
    """A committer."""

    def __init__(self) -> None:
        self.batches: list[tuple[str, list[str]]] = []
        self.held = False
        self.error: Exception | None = None
        # Raised instead of beginning a commit.
        self.refusal: Exception | None = None
        self.in_flight: dict[str, asyncio.Future[None]] = {}

    async def commit(self, room: Room, operations: list[Post], announce: Any) -> list[Outcome]:
        if self.refusal:
            raise self.refusal
        assert room.key not in self.in_flight, "two commits of one room at once"
        self.batches.append((room.key, [post.body for post in operations]))
        self.in_flight[room.key] = asyncio.get_running_loop().create_future()
        if self.held:
            await self.in_flight[room.key]
        else:
            await asyncio.sleep(0)
        del self.in_flight[room.key]
        if self.error:
            raise self.error
        announce(bus.Head(room.pk, len(self.batches)))
        return [Accepted(1, 1, uuid4(), True, datetime.now(UTC)) for _ in operations]

    async def let_go(self, room: str = "lobby") -> None:
        self.in_flight[room].set_result(None)
        for _ in range(8):
            await asyncio.sleep(0)


class Answers(list[tuple[str, Outcome]]):
    """A connection: what was written to it, under the names of what was asked."""

    def __init__(self) -> None:
        self.writes = 0

    __hash__ = object.__hash__  # type: ignore[assignment]

    def to(self, name: str) -> tuple[Any, Callable[[Outcome], Any]]:
        return self, lambda outcome: (name, outcome)

    def write_all(self, events: list[tuple[str, Outcome]]) -> None:
        self.writes += 1
        self.extend(events)

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self]


@pytest.fixture
def commits() -> Commits:
    return Commits()


@pytest.fixture
def answers() -> Answers:
    return Answers()


def post(body: str) -> Post:
    return Post(1, str(uuid4()), body)


def writer_over(commits: Commits) -> RoomWriter:
    return RoomWriter(commits)  # type: ignore[arg-type]


async def test_at_rest_a_batch_is_one_message(commits: Commits, answers: Answers) -> None:
    writer = writer_over(commits)

    for body in ("one", "two"):
        writer.submit(LOBBY, post(body), *answers.to(body))
        await writer.finish()

    assert commits.batches == [("lobby", ["one"]), ("lobby", ["two"])]
    assert answers.names == ["one", "two"]


async def test_what_comes_during_a_commit_is_committed_together(
    commits: Commits, answers: Answers
) -> None:
    writer = writer_over(commits)
    commits.held = True
    writer.submit(LOBBY, post("first"), *answers.to("first"))
    await asyncio.sleep(0)

    for body in "abcde":
        writer.submit(LOBBY, post(body), *answers.to(body))
    assert answers == []
    await commits.let_go()

    assert commits.batches == [("lobby", ["first"]), ("lobby", list("abcde"))]
    assert answers.names == ["first"]
    await commits.let_go()
    assert answers.names == ["first", *"abcde"]
    assert answers.writes == 2


async def test_a_sender_is_served_in_order_however_many_batches_it_takes(
    commits: Commits, answers: Answers
) -> None:
    writer = writer_over(commits)
    bodies = [str(number) for number in range(3 * BATCH_MAX_OPERATIONS + 1)]

    for body in bodies:
        writer.submit(LOBBY, post(body), *answers.to(body))
    await writer.finish()

    assert [body for _, batch in commits.batches for body in batch] == bodies
    assert answers.names == bodies
    assert len(commits.batches) < 6
    assert max(len(batch) for _, batch in commits.batches) <= BATCH_MAX_OPERATIONS


@pytest.mark.parametrize("character", ["x", "é", "語"])
async def test_a_batch_fits_into_a_frame(
    commits: Commits, answers: Answers, character: str
) -> None:
    writer = writer_over(commits)
    longest = character * 4000

    for number in range(60):
        writer.submit(LOBBY, post(longest), *answers.to(str(number)))
    await writer.finish()

    one = len(longest.encode())
    assert max(sum(len(b.encode()) for b in bodies) for _, bodies in commits.batches) <= (
        BATCH_MAX_BYTES + one
    )
    assert len(answers) == 60


async def test_one_room_does_not_wait_for_another(commits: Commits, answers: Answers) -> None:
    writer = writer_over(commits)
    commits.held = True
    writer.submit(LOBBY, post("stuck"), *answers.to("stuck"))
    await asyncio.sleep(0)
    commits.held = False

    writer.submit(KITCHEN, post("free"), *answers.to("free"))
    await asyncio.sleep(0.01)

    assert answers.names == ["free"]
    await commits.let_go("lobby")
    assert answers.names == ["free", "stuck"]


async def test_an_unexpected_failure_is_answered_and_stops_nothing(
    commits: Commits, answers: Answers, caplog: pytest.LogCaptureFixture
) -> None:
    writer = writer_over(commits)
    commits.error = RuntimeError("a bug")
    writer.submit(LOBBY, post("unlucky"), *answers.to("unlucky"))
    await writer.finish()
    commits.error = None

    writer.submit(LOBBY, post("lucky"), *answers.to("lucky"))
    await writer.finish()

    [(_, unlucky), (_, lucky)] = answers
    assert isinstance(unlucky, ChatError)
    assert (unlucky.code, unlucky.retry_ms) == ("unavailable", 2000)
    assert isinstance(lucky, Accepted)
    assert "a bug" in caplog.text


async def test_an_answer_that_fails_takes_no_other_answer_with_it(
    commits: Commits, answers: Answers, caplog: pytest.LogCaptureFixture
) -> None:
    writer = writer_over(commits)
    commits.held = True
    writer.submit(LOBBY, post("first"), *answers.to("first"))
    await asyncio.sleep(0)

    class Broken(Answers):
        def write_all(self, events: object) -> None:
            raise RuntimeError("this socket is broken")

    writer.submit(LOBBY, post("broken"), *Broken().to("broken"))
    writer.submit(LOBBY, post("whole"), *answers.to("whole"))
    await commits.let_go()
    await commits.let_go()

    assert answers.names == ["first", "whole"]
    commits.held = False
    writer.submit(LOBBY, post("later"), *answers.to("later"))
    await asyncio.wait_for(writer.finish(), 1)
    assert answers.names == ["first", "whole", "later"]


async def test_a_commit_that_cannot_begin_is_answered_and_the_next_one_begins(
    commits: Commits, answers: Answers
) -> None:
    writer = writer_over(commits)
    commits.refusal = RuntimeError("cannot schedule new futures after shutdown")

    for body in ("one", "two", "three"):
        writer.submit(LOBBY, post(body), *answers.to(body))
    await asyncio.wait_for(writer.finish(), 1)

    assert answers.names == ["one", "two", "three"]
    assert all(isinstance(outcome, ChatError) for _, outcome in answers)
    commits.refusal = None
    writer.submit(LOBBY, post("later"), *answers.to("later"))
    await asyncio.wait_for(writer.finish(), 1)
    assert isinstance(answers[-1][1], Accepted)


async def test_an_answer_that_cannot_be_made_takes_no_other_answer_with_it(
    commits: Commits, answers: Answers
) -> None:
    writer = writer_over(commits)

    def unanswerable(outcome: Outcome) -> Any:
        raise RuntimeError("a bug")

    writer.submit(LOBBY, post("first"), *answers.to("first"))
    writer.submit(LOBBY, post("unlucky"), Answers(), unanswerable)
    writer.submit(LOBBY, post("lucky"), *answers.to("lucky"))
    await asyncio.wait_for(writer.finish(), 1)

    assert answers.names == ["first", "lucky"]


class Ears:
    """Two listeners of this node's bus, the first of which may fail."""

    def __init__(self, answers: Answers) -> None:
        self.heard: list[tuple[bus.BusMessage, list[str]]] = []
        self.error: Exception | None = None
        self._answers = answers

    def failing(self, hint: bus.BusMessage) -> None:
        if self.error:
            raise self.error

    def hearing(self, hint: bus.BusMessage) -> None:
        self.heard.append((hint, self._answers.names))


@pytest.fixture
async def ears(answers: Answers) -> AsyncIterator[Ears]:
    ears = Ears(answers)
    bus.attach(bus.Bus("test", ears.failing, ears.hearing))
    yield ears
    bus.attach(None)


async def test_authors_are_answered_before_anyone_is_told(
    commits: Commits, answers: Answers, ears: Ears
) -> None:
    writer = writer_over(commits)

    for body in ("one", "two", "three"):
        writer.submit(LOBBY, post(body), *answers.to(body))
    await writer.finish()

    assert ears.heard == [
        (bus.Head(LOBBY.pk, 1), ["one"]),
        (bus.Head(LOBBY.pk, 2), ["one", "two", "three"]),
    ]


@pytest.mark.parametrize("error", [RuntimeError("a bug"), KeyError(1), OSError("broken pipe")])
async def test_a_listener_that_fails_costs_no_answer_no_other_listener_and_not_the_drain(
    commits: Commits, answers: Answers, ears: Ears, error: Exception, caplog: Any
) -> None:
    writer = writer_over(commits)
    ears.error = error

    for body in ("one", "two", "three"):
        writer.submit(LOBBY, post(body), *answers.to(body))
    await asyncio.wait_for(writer.finish(), 1)

    assert answers.names == ["one", "two", "three"]
    assert len(ears.heard) == 2
    assert repr(error) in caplog.text or str(error) in caplog.text


async def test_a_room_with_too_much_waiting_is_busy(
    commits: Commits, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "PENDING_MAX", 3)
    writer = writer_over(commits)
    commits.held = True

    for number in range(6):
        writer.submit(LOBBY, post(str(number)), *answers.to(str(number)))
        await asyncio.sleep(0)

    assert answers.names == ["4", "5"]
    assert all(isinstance(outcome, Busy) for _, outcome in answers)
    await commits.let_go()
    await commits.let_go()
    assert answers.names == ["4", "5", "0", "1", "2", "3"]


async def test_finish_waits_for_the_last_answer(commits: Commits, answers: Answers) -> None:
    writer = writer_over(commits)
    commits.held = True
    writer.submit(LOBBY, post("last"), *answers.to("last"))
    await asyncio.sleep(0)

    finishing = asyncio.create_task(writer.finish())
    await asyncio.sleep(0)
    assert not finishing.done()
    await commits.let_go()

    assert finishing.done()
    assert answers.names == ["last"]
