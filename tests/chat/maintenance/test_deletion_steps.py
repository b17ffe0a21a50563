"""How a deletion goes: small steps where others post, larger ones where nobody does."""

from itertools import pairwise
from typing import Any

import pytest

from chat.accounts.models import Member
from chat.maintenance import data_requests, erasure, member_tasks, throttling
from chat.maintenance.erasure import Choices
from chat.maintenance.models import MemberTask
from chat.messages import commit
from chat.messages.models import Change, Message
from chat.rooms.models import Room
from tests.chat.messages import logs
from tests.chat.messages.logs import react, say

garden, bob = logs.garden, logs.bob

pytestmark = pytest.mark.django_db

MESSAGES = 25


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "BATCH", 10)
    monkeypatch.setattr(erasure, "COMMITTED_TOGETHER", 2)


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How many times as long as its work each rest after a commit is."""
    taken: list[float] = []

    def noted(began: float, times: float = 1) -> None:
        taken.append(times)

    monkeypatch.setattr(erasure, "rest", noted)
    return taken


def asked_to_delete(room: Room, member: Member) -> MemberTask:
    for number in range(MESSAGES):
        say(room, member, f"a secret {number}")
    return data_requests.ask_deletion(member=member, device=0, typed=member.name, choices=Choices())


def rows_of_steps(task: MemberTask) -> list[int]:
    """Do the task; how many messages each of its steps deleted."""
    taken = member_tasks.take("a node", task.pk)
    assert taken is not None
    done: list[int] = []
    member_tasks.run(taken, on_progress=done.append)
    return [rows for rows in done if rows]


def test_in_a_quiet_room_steps_are_large_and_rests_as_long_as_the_work(
    garden: Room, alice: Member, rests: list[float]
) -> None:
    task = asked_to_delete(garden, alice)

    assert rows_of_steps(task) == [2, 10, 10, 3]
    assert set(rests) == {1}


def test_where_others_post_a_step_is_one_commit_with_a_long_rest(
    garden: Room, alice: Member, bob: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it renews the lease of its task in time, and no other node takes the task over."""
    task = asked_to_delete(garden, alice)
    taken: list[float] = []

    def others_post(began: float, times: float = 1) -> None:
        taken.append(times)
        say(garden, bob, "meanwhile")

    monkeypatch.setattr(erasure, "rest", others_post)

    # After its first commit it does not know yet that somebody will speak.
    assert rows_of_steps(task) == [2, 10, *[2] * 6, 1]
    assert set(taken[1:]) == {throttling.RESTS}
    assert Message.objects.filter(author=bob, deleted_at=None).count() == len(taken)


def test_many_reactions_are_removed_in_many_steps(garden: Room, alice: Member, bob: Member) -> None:
    for number in range(MESSAGES):
        say(garden, bob, f"his {number}")
        commit.commit_operation(garden, react(alice, number * 2 + 1))
    task = data_requests.ask_deletion(member=alice, device=0, typed=alice.name, choices=Choices())
    leases: list[Any] = []

    def lease_of(done: int) -> None:
        leases.append(MemberTask.objects.get(pk=task.pk).leased_until)

    taken = member_tasks.take("a node", task.pk)
    assert taken is not None
    member_tasks.run(taken, on_progress=lease_of)

    # One for each ten reactions at least, and each renews the lease.
    assert len(leases) > MESSAGES / 10
    assert all(earlier < later for earlier, later in pairwise(leases))
    assert not any(message.reactions for message in Message.objects.all())
    assert not Change.objects.filter(actor=alice, replaced__isnull=False).exists()
