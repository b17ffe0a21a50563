"""Plain posts and polls take the event loop's own connections, and lose nothing when these fail."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connection

from chat.accounts import change_numbers
from chat.accounts.models import ChangeNumbers, Member
from chat.errors import Busy, InvalidText, Unavailable
from chat.messages import commit, room_heads
from chat.messages.models import Message
from chat.messages.operations import Post
from chat.messages.single_statement_commit import POST, SingleStatementCommit
from chat.moderation import moderation_state, poll_statements
from chat.moderation.room_rules import open_room
from chat.realtime import loop_connections
from chat.realtime.committer import Committer
from chat.realtime.database_executors import DatabaseExecutors
from chat.realtime.head_poller import ROOMS_MAX, HeadPoller
from chat.realtime.loop_connections import LoopConnections
from chat.realtime.writer import RoomWriter
from chat.rooms.models import Room
from chat.scheduler import Scheduler
from tests.chat.messages.concurrent_commits import url_of
from tests.chat.messages.logs import assert_whole
from tests.kit.reads import in_thread
from tests.sockets import wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


class CountedThreads(DatabaseExecutors):
    """Threads that count what they are asked to commit and to read."""

    commits = reads = 0

    async def write(self, service: Any, *args: Any, **kwargs: Any) -> Any:
        self.commits += service is commit.commit_batch
        return await super().write(service, *args, **kwargs)

    async def read(self, service: Any, *args: Any, **kwargs: Any) -> Any:
        self.reads += 1
        return await super().read(service, *args, **kwargs)


class LittleNode:
    """A writer and a head poller, and everyone who asks something of them."""

    def __init__(self, room: Room, alice: Member) -> None:
        self.executors = CountedThreads()
        self.scheduler = Scheduler()
        self.loop_connections = LoopConnections(self.scheduler, [POST, *poll_statements.ALL])
        self.writer = RoomWriter(Committer(self.executors, self.loop_connections))
        self.head_poller = HeadPoller(self.executors, self.loop_connections)
        self.room, self.alice = room, alice

    async def say(self, body: str, client_id: str = "", *, room: Room | None = None) -> Any:
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        post = Post(self.alice.pk, client_id or str(uuid4()), body)
        connection: Any = Answered(answer)
        self.writer.submit(room or self.room, post, connection, as_it_is)
        return await asyncio.wait_for(answer, 10)

    async def until_posts_need_no_thread(self) -> None:
        async with asyncio.timeout(10):
            while True:
                before = self.executors.commits
                await self.say("is one open?")
                if self.executors.commits == before:
                    return
                await asyncio.sleep(0.02)

    async def until_all_are_open(self) -> None:
        free = self.loop_connections._free
        await asyncio.to_thread(wait_until, lambda: free.qsize() == loop_connections.COUNT)


class Answered:
    """A connection that hears one answer."""

    def __init__(self, answer: "asyncio.Future[Any]") -> None:
        self._answer = answer

    def write_all(self, events: list[Any]) -> None:
        [event] = events
        self._answer.set_result(event)


@pytest.fixture
def den(db: None) -> Room:
    return open_room(key="den", name="Den")


@pytest.fixture
async def node(den: Room, alice: Member) -> AsyncIterator[LittleNode]:
    node = LittleNode(den, alice)
    node.loop_connections.open()
    await node.until_all_are_open()
    yield node
    await node.writer.finish()
    await node.loop_connections.close()
    await node.scheduler.stop()
    await asyncio.to_thread(node.executors.close)


@pytest.fixture
def stranger(db: None) -> Any:
    with psycopg.connect(url_of(connection.settings_dict), autocommit=True) as stranger:
        yield stranger


def hold_the_room(stranger: psycopg.Connection, room: Room) -> None:
    stranger.execute("BEGIN")
    stranger.execute("SELECT FROM chat_roomhead WHERE room_id = %s FOR UPDATE", [room.pk])


def end_all(stranger: psycopg.Connection, node: LittleNode) -> None:
    free = node.loop_connections._free
    idle = [free.get_nowait() for _ in range(free.qsize())]
    for one in [*idle, *node.loop_connections._busy]:
        stranger.execute("SELECT pg_terminate_backend(%s)", [one._libpq.backend_pid])
    for one in idle:
        free.put_nowait(one)


async def stored(body: str) -> int:
    return len([message async for message in Message.objects.filter(body=body)])


def as_it_is(outcome: commit.Outcome) -> Any:
    return outcome


async def until_someone_waits(stranger: psycopg.Connection) -> None:
    await until_so_many_wait(stranger, 1)


async def until_so_many_wait(stranger: psycopg.Connection, count: int) -> None:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    await asyncio.to_thread(wait_until, lambda: stranger.execute(waiting).fetchone() == (count,))


async def test_a_plain_post_needs_no_thread(node: LittleNode) -> None:
    accepted = await node.say("hello")

    assert isinstance(accepted, commit.Accepted)
    assert node.executors.commits == 0
    assert await stored("hello") == 1
    await in_thread(assert_whole, node.room)


async def test_posts_that_come_at_once_keep_their_order(node: LittleNode) -> None:
    accepted = await asyncio.gather(*(node.say(f"number {n}") for n in range(50)))

    numbers = [one.seq for one in accepted]
    assert numbers == list(range(numbers[0], numbers[0] + 50))
    await in_thread(assert_whole, node.room)


async def test_more_than_a_socket_takes_at_once_goes_out_in_parts(node: LittleNode) -> None:
    posts = [Post(node.alice.pk, str(uuid4()), "x" * 200_000) for _ in range(60)]
    attempt = SingleStatementCommit(node.room, posts)

    # Larger than any batch of the writer, and than what a socket of the system buffers.
    rows = await asyncio.wait_for(node.loop_connections.run(POST, attempt.parameters), 30)

    assert len(attempt.posted(rows[0]).messages) == 60
    await in_thread(assert_whole, node.room)


async def test_a_repeat_gets_its_answer_again_and_no_number(node: LittleNode) -> None:
    first = await node.say("once", "key")

    again = await node.say("once", "key")

    assert (again.seq, again.id) == (first.seq, first.id)
    assert await stored("once") == 1


async def test_what_is_refused_goes_by_a_thread(node: LittleNode) -> None:
    assert not isinstance(await node.say(""), commit.Accepted)

    assert node.executors.commits == 1


@pytest.mark.parametrize("body", ["**loud**", "**loud** " * 100])
async def test_a_text_with_marks_needs_no_thread_of_the_database(
    node: LittleNode, body: str
) -> None:
    assert isinstance(await node.say(body), commit.Accepted)

    assert node.executors.commits == 0


async def test_a_room_that_a_stranger_holds_is_busy(
    node: LittleNode, stranger: psycopg.Connection
) -> None:
    hold_the_room(stranger, node.room)

    answer = await node.say("let me in")

    assert isinstance(answer, Busy)
    assert node.executors.commits == 0
    stranger.execute("ROLLBACK")
    assert await stored("let me in") == 0


async def test_a_statement_without_an_answer_is_given_up(
    node: LittleNode, stranger: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_the_room(stranger, node.room)
    saying = asyncio.ensure_future(node.say("hello?"))
    await until_someone_waits(stranger)
    monkeypatch.setattr(loop_connections, "ANSWER_MAX_SECONDS", 0)

    node.loop_connections.watch()
    stranger.execute("ROLLBACK")

    assert isinstance(await saying, commit.Accepted)
    assert await stored("hello?") == 1


async def test_a_connection_that_dies_under_way_costs_no_message(
    node: LittleNode, stranger: psycopg.Connection
) -> None:
    hold_the_room(stranger, node.room)
    saying = asyncio.ensure_future(node.say("through it all"))
    await until_someone_waits(stranger)

    end_all(stranger, node)
    stranger.execute("ROLLBACK")

    assert isinstance(await saying, commit.Accepted)
    assert await stored("through it all") == 1
    await node.until_posts_need_no_thread()
    await in_thread(assert_whole, node.room)


async def test_a_connection_that_dies_at_rest_is_replaced(
    node: LittleNode, stranger: psycopg.Connection
) -> None:
    end_all(stranger, node)

    assert isinstance(await node.say("still here"), commit.Accepted)
    await node.until_posts_need_no_thread()


async def test_what_the_database_refuses_is_refused_and_holds_nobody_up(
    node: LittleNode, stranger: psycopg.Connection
) -> None:
    stranger.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN IF NEW.body = 'poison' THEN RAISE 'no'; END IF; RETURN NEW; END $$"
    )
    stranger.execute(
        "CREATE TRIGGER refuse BEFORE INSERT ON chat_message FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    try:
        refused, accepted = await asyncio.gather(node.say("poison"), node.say("water"))
    finally:
        stranger.execute("DROP FUNCTION refuse CASCADE")

    assert isinstance(refused, Unavailable | InvalidText)
    assert isinstance(accepted, commit.Accepted)
    await node.until_all_are_open()


async def test_a_poll_sees_what_a_reading_sees_and_needs_no_thread(node: LittleNode) -> None:
    await in_thread(open_room, key="empty", name="Empty")
    await node.say("something")
    await in_thread(change_numbers.record_moderation_change)
    rooms = [room.pk async for room in Room.objects.all()]

    heads, numbers = await node.head_poller.heads(rooms), await node.head_poller.numbers()

    assert node.executors.reads == 0
    assert heads == await node.executors.read(room_heads.heads, rooms)
    assert numbers == await node.executors.read(moderation_state.numbers)
    assert (numbers.moderation_version, numbers.sessions) == (1, 0)


async def test_before_the_first_change_there_was_none(node: LittleNode) -> None:
    await in_thread(ChangeNumbers.objects.all().delete)

    assert await node.head_poller.numbers() == moderation_state.Numbers()
    assert node.executors.reads == 0


async def test_the_heads_of_very_many_rooms_are_left_to_a_thread(node: LittleNode) -> None:
    heads = await node.head_poller.heads([node.room.pk, *range(-ROOMS_MAX, 0)])

    assert list(heads) == [node.room.pk]
    assert node.executors.reads == 1


async def test_while_all_connections_wait_a_thread_reads_and_commits(
    node: LittleNode, stranger: psycopg.Connection, den: Room
) -> None:
    rooms = [
        await in_thread(open_room, key=f"held-{number}", name="Held")
        for number in range(loop_connections.COUNT)
    ]
    for room in rooms:
        hold_the_room(stranger, room)
    saying = [asyncio.ensure_future(node.say("meanwhile", room=room)) for room in rooms]
    await until_so_many_wait(stranger, len(rooms))

    heads = await node.head_poller.heads([den.pk])
    accepted = await node.say("beside them")

    assert (node.executors.reads, node.executors.commits) == (1, 1)
    assert list(heads) == [den.pk]
    assert isinstance(accepted, commit.Accepted)
    stranger.execute("ROLLBACK")
    await asyncio.gather(*saying)


async def test_a_held_room_holds_up_no_other(
    node: LittleNode, stranger: psycopg.Connection
) -> None:
    cellar = await in_thread(open_room, key="cellar", name="Cellar")
    hold_the_room(stranger, node.room)
    saying = asyncio.ensure_future(node.say("held"))
    await until_someone_waits(stranger)

    assert isinstance(await node.say("free", room=cellar), commit.Accepted)
    assert await node.head_poller.heads([cellar.pk])

    assert (node.executors.reads, node.executors.commits) == (0, 0)
    stranger.execute("ROLLBACK")
    await saying


async def test_more_rooms_than_connections_wait_for_their_turn(node: LittleNode) -> None:
    rooms = [
        await in_thread(open_room, key=f"room-{number}", name="Room")
        for number in range(3 * loop_connections.COUNT)
    ]

    accepted = await asyncio.gather(*(node.say("hello", room=room) for room in rooms))

    assert all(isinstance(one, commit.Accepted) for one in accepted)
    assert node.executors.commits == 0


async def test_when_all_are_lost_under_way_a_thread_looks(
    node: LittleNode, stranger: psycopg.Connection
) -> None:
    end_all(stranger, node)

    assert list(await node.head_poller.heads([node.room.pk])) == [node.room.pk]
    assert node.executors.reads == 1
    await node.until_all_are_open()


async def test_who_waits_for_an_answer_when_the_node_stops_is_told(
    node: LittleNode, stranger: psycopg.Connection
) -> None:
    stranger.execute("BEGIN")
    stranger.execute("LOCK TABLE chat_rulings")
    asking = asyncio.ensure_future(node.loop_connections.run(poll_statements.NUMBERS))
    await until_someone_waits(stranger)

    await asyncio.wait_for(node.loop_connections.close(), 5)

    with pytest.raises(psycopg.OperationalError):
        await asking
    stranger.execute("ROLLBACK")


async def test_what_is_cancelled_leaves_a_connection_to_the_next(
    node: LittleNode, stranger: psycopg.Connection
) -> None:
    hold_the_room(stranger, node.room)
    attempt = SingleStatementCommit(node.room, [Post(node.alice.pk, "key", "never mind")])
    running = asyncio.ensure_future(node.loop_connections.run(POST, attempt.parameters))
    await until_someone_waits(stranger)

    running.cancel()
    await asyncio.wait([running])
    stranger.execute("ROLLBACK")

    await node.until_all_are_open()
    assert isinstance(await node.say("and on"), commit.Accepted)
