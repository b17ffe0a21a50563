"""The roll call closes those whose session is over, and says why it is."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from chat.models import Member
from chat.realtime.connection import Connection
from chat.realtime.node import Node
from chat.realtime.sockets import Frame
from chat.services import membership, sanctions
from chat.services.acting import COMMAND
from chat.sessions import Identity
from chat.tally import REGISTRY

pytestmark = pytest.mark.django_db(transaction=True)


class Line:
    """A socket of which only the end matters."""

    writable, unwritable_since = True, 0.0
    on_writable: Callable[[], None] | None = None
    on_unwritable: Callable[[], None] | None = None
    on_text: Callable[[str], None] | None = None

    def __init__(self, member: Member) -> None:
        self.closed_with: list[int] = []
        identity = Identity(member.pk, member.name, member.session)
        self.connection = Connection(identity, "", self, self.closed_with.append)

    def write(self, frame: Frame) -> None: ...
    def direct_send(self) -> None: ...
    def write_rest(self, frame: Frame, sent: int) -> None: ...
    def abort(self) -> None: ...
    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    node = Node()
    yield node
    node.threads.close()


@pytest.fixture
def alice() -> Member:
    return membership.join(name="Alice")


async def test_one_who_left_elsewhere_signs_in_again(node: Node, alice: Member) -> None:
    line = Line(alice)
    node.connected(line.connection)
    await node.threads.write(membership.end_session, member=alice)

    await node.rollcall.check(line.connection)

    assert line.closed_with == [4501]


async def test_one_who_is_banned_hears_so_even_where_the_ban_is_not_known_yet(
    node: Node, alice: Member
) -> None:
    """A ban ends the sessions, and the roll call may be the first to notice."""
    line = Line(alice)
    node.connected(line.connection)
    await node.threads.write(ban, alice)

    await node.rollcall.check(line.connection)

    assert line.closed_with == [4503]


async def test_one_who_is_a_member_stays(node: Node, alice: Member) -> None:
    line = Line(alice)
    node.connected(line.connection)

    await node.rollcall.check(line.connection)

    assert line.closed_with == []
    assert line.connection.is_checked


def queries() -> float:
    """How often the sessions of members were read."""
    name, labels = "chatroom_database_seconds_count", {"service": "sessions_of"}
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_all_who_come_in_one_moment_cost_two_queries_at_most(node: Node) -> None:
    """One is under way when the second comes; all others share the next."""
    guests = await node.threads.write(membership.mint, count=300, prefix="Guest ")
    lines = [Line(guest) for guest in guests]
    before = queries()

    async def come(line: Line) -> None:
        node.connected(line.connection)
        await node.rollcall.check(line.connection)

    await asyncio.gather(*map(come, lines))

    assert all(line.connection.is_checked for line in lines)
    assert 1 <= queries() - before <= 2


async def test_a_check_asks_the_database_after_its_newcomer_came(node: Node, alice: Member) -> None:
    """The answer of a query that was under way already would be too old."""
    first = Line(alice)
    node.connected(first.connection)
    under_way = asyncio.create_task(node.rollcall.check(first.connection))
    await asyncio.sleep(0)
    await node.threads.write(membership.end_session, member=alice)

    late = Line(alice)
    node.connected(late.connection)
    await node.rollcall.check(late.connection)

    assert not late.connection.is_checked
    assert late.closed_with == [4501]
    await under_way


def ban(member: Member) -> None:
    sanctions.ban(actor=COMMAND, member=member, seconds=60, reason="")
