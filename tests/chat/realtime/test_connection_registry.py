"""The roll call closes those whose session is over, and says why it is."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from chat.accounts import change_numbers, guests
from chat.accounts.models import ChangeNumbers, Member
from chat.accounts.sessions import Identity
from chat.metrics import REGISTRY
from chat.models import SessionChange
from chat.moderation import admission, bans
from chat.moderation.authorization import SYSTEM
from chat.realtime.connection import Connection
from chat.realtime.node import Node
from chat.realtime.sockets import Frame

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
    def abort(self, code: int = 0) -> None: ...
    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    node = Node()
    yield node
    node.executors.close()


@pytest.fixture
def alice() -> Member:
    return admission.join(name="Alice")


async def test_one_who_left_elsewhere_signs_in_again(node: Node, alice: Member) -> None:
    line = Line(alice)
    node.connected(line.connection)
    await node.executors.write(guests.end_session, member=alice)

    await node.registry.check(line.connection)

    assert line.closed_with == [4501]


async def test_one_who_is_banned_hears_so_even_where_the_ban_is_not_known_yet(
    node: Node, alice: Member
) -> None:
    """A ban ends the sessions, and the roll call may be the first to notice."""
    line = Line(alice)
    node.connected(line.connection)
    await node.executors.write(ban, alice)

    await node.registry.check(line.connection)

    assert line.closed_with == [4503]


async def test_one_who_is_a_member_stays(node: Node, alice: Member) -> None:
    line = Line(alice)
    node.connected(line.connection)

    await node.registry.check(line.connection)

    assert line.closed_with == []
    assert line.connection.is_checked


def queries() -> float:
    """How often the sessions of members were read."""
    name, labels = "chatroom_database_seconds_count", {"service": "sessions_of"}
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_all_who_come_in_one_moment_cost_two_queries_at_most(node: Node) -> None:
    """One is under way when the second comes; all others share the next."""
    members = await node.executors.write(guests.mint, count=300, prefix="Guest ")
    lines = [Line(member) for member in members]
    before = queries()

    async def come(line: Line) -> None:
        node.connected(line.connection)
        await node.registry.check(line.connection)

    await asyncio.gather(*map(come, lines))

    assert all(line.connection.is_checked for line in lines)
    assert 1 <= queries() - before <= 2


async def test_a_check_asks_the_database_after_its_newcomer_came(node: Node, alice: Member) -> None:
    """The answer of a query that was under way already would be too old."""
    first = Line(alice)
    node.connected(first.connection)
    under_way = asyncio.create_task(node.registry.check(first.connection))
    await asyncio.sleep(0)
    await node.executors.write(guests.end_session, member=alice)

    late = Line(alice)
    node.connected(late.connection)
    await node.registry.check(late.connection)

    assert not late.connection.is_checked
    assert late.closed_with == [4501]
    await under_way


# --- Without any hint: this node has no bus -----------------------------------------------------


def ban(member: Member) -> None:
    bans.ban(actor=SYSTEM, member=member, seconds=60, reason="")


def leave(member: Member) -> None:
    guests.leave(member=member)


def end_session(member: Member) -> None:
    guests.end_session(member=member)


def rename(member: Member) -> None:
    guests.rename(member=member, name="Alicia")


def make_room_for_another(member: Member) -> None:
    """Someone takes the name of a guest who counts as gone."""
    long_ago = timezone.now() - timedelta(days=30)
    Member.objects.filter(pk=member.pk).update(last_seen_at=long_ago)
    admission.join(name=member.name)


async def confirmed(node: Node, member: Member) -> Line:
    line = Line(member)
    node.connected(line.connection)
    await node.registry.check(line.connection)
    await node.permissions.look()
    await settled(node)
    return line


async def settled(node: Node) -> None:
    """All that was in doubt has been asked about."""
    while (task := node.registry._next or node.registry._current) and not task.done():
        await asyncio.wait([task])


@pytest.mark.parametrize(
    ("change", "code"),
    [(leave, 4501), (end_session, 4501), (ban, 4503), (make_room_for_another, 4501)],
)
async def test_the_end_of_a_session_is_noticed_by_a_number(
    node: Node, alice: Member, change: Callable[[Member], None], code: int
) -> None:
    line = await confirmed(node, alice)
    await node.executors.write(change, alice)

    await node.permissions.look()
    await settled(node)

    assert line.closed_with == [code]


async def test_an_open_socket_goes_over_to_the_new_name_and_the_old_cookie_ends(
    node: Node, alice: Member
) -> None:
    line = await confirmed(node, alice)
    await node.executors.write(rename, alice)

    await node.permissions.look()
    await settled(node)
    late = Line(alice)
    node.connected(late.connection)
    await node.registry.check(late.connection)

    assert line.closed_with == []
    assert line.connection.me.name == "Alicia"
    assert (late.closed_with, late.connection.is_checked) == ([4501], False)


async def test_a_socket_of_the_old_name_ends_with_the_session_of_the_new_one(
    node: Node, alice: Member
) -> None:
    line = await confirmed(node, alice)
    await node.executors.write(rename, alice)
    await node.permissions.look()
    await settled(node)

    await node.executors.write(end_session, alice)
    await node.permissions.look()
    await settled(node)

    assert line.closed_with == [4501]


async def test_what_did_not_change_costs_no_query(node: Node, alice: Member) -> None:
    await confirmed(node, alice)
    other = await node.executors.write(admission.join, name="Not here")
    before = queries()

    await node.permissions.look()
    await node.executors.write(end_session, other)
    await node.permissions.look()
    await settled(node)

    assert queries() == before


@pytest.mark.parametrize("missed", [1, 3, 4, 9])
async def test_one_who_has_missed_much_asks_about_everyone(
    node: Node, alice: Member, monkeypatch: pytest.MonkeyPatch, missed: int
) -> None:
    monkeypatch.setattr(change_numbers, "KEPT", 3)
    others = await node.executors.write(guests.mint, count=9, prefix="Guest ")
    line = await confirmed(node, alice)
    await node.executors.write(end_session, alice)
    for other in others[: missed - 1]:
        await node.executors.write(end_session, other)

    await node.permissions.look()
    await settled(node)

    assert line.closed_with == [4501]


def forget_changes() -> None:
    ChangeNumbers.objects.update(sessions=0)
    SessionChange.objects.all().delete()


async def test_after_a_restore_everyone_is_asked_about(node: Node, alice: Member) -> None:
    """The number of a restored database is lower, and what it tells is of another past."""
    line = await confirmed(node, alice)
    await node.executors.write(end_session, alice)
    await node.executors.write(forget_changes)
    node.registry._number = 7

    await node.permissions.look()
    await settled(node)

    assert line.closed_with == [4501]
