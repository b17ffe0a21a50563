"""What a read costs does not grow with the room on SQLite either, which counts its own steps."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from chat.accounts.models import Member
from chat.maintenance import retention
from chat.messages import (
    admin_history,
    catch_up,
    changes,
    commit,
    history,
    idempotency,
    room_heads,
    unread,
)
from chat.messages.models import Message
from chat.moderation import write_permissions
from chat.rooms.models import Room, RoomHead

from .. import long_rooms
from ..admin.test_admin import staff
from ..long_rooms import LARGE, READS, admin_pages
from .logs import post, react

garden, large, crowded = long_rooms.garden, long_rooms.large, long_rooms.crowded
__all__ = ["staff"]

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]

# For a page of a hundred rows; a look at each row of the room takes a million.
STEPS_MAX = 20_000
# To write or delete a row and its places in the indexes.
STEPS_MAX_WRITTEN = 1_000
COUNTED_BY = 100
# A look at each of a hundred thousand members is among it.
ADMIN_STEPS_MAX = 500_000


def steps(work: Callable[..., object], *args: object) -> int:
    """Instructions of SQLite's virtual machine."""
    looks = 0

    def look() -> None:
        nonlocal looks
        looks += 1

    connection.connection.set_progress_handler(look, COUNTED_BY)
    try:
        work(*args)
    finally:
        connection.connection.set_progress_handler(None, 0)
    return looks * COUNTED_BY


def test_every_read_takes_a_few_steps(large: Room) -> None:
    for name, (_, read) in READS.items():
        assert steps(read, large) < STEPS_MAX, name


def test_what_many_rooms_missed_takes_a_few_steps(large: Room) -> None:
    for rooms in ([large], [large, Room.objects.get(key="cellar")]):
        heads = [RoomHead.objects.get(room=room) for room in rooms]
        places = [
            (head.room, head.head - 50, room_heads.id_at(head, head.head - 50), head.epoch)
            for head in heads
        ]
        assert steps(catch_up.gaps, places) < STEPS_MAX


@pytest.mark.parametrize("people", [1, 2, 50])
def test_what_is_asked_under_the_lock_takes_a_few_steps(large: Room, people: int) -> None:
    crowd = guests(people)
    posts = [post(guest, "hello", f"key-{n}") for n, guest in enumerate(crowd * 2)]
    edits = [react(crowd[0], LARGE - n * 100) for n in range(100)]

    assert steps(idempotency.find_repeats, large, posts) < STEPS_MAX
    assert steps(changes.targets, large, edits) < STEPS_MAX


def test_posting_and_changing_take_a_few_steps(large: Room, alice: Member) -> None:
    for batch in (
        [post(guest, "hello") for guest in guests(50)],
        [react(alice, LARGE - 1)],
        [commit.Edit(alice.pk, LARGE - 1, "anew"), post(alice, "hello")],
    ):
        assert steps(commit.commit_batch, large, batch) < 50 * STEPS_MAX_WRITTEN


def test_who_posts_in_a_slow_room_is_looked_for_in_a_few_steps(large: Room, alice: Member) -> None:
    """By pages without JavaScript. Alice wrote the whole room, but not of late."""
    Message.objects.in_room(large.pk).update(created_at=timezone.now() - timedelta(days=1))
    large.slow_seconds = 60

    for member in (alice, *guests(1)):
        say = partial(
            write_permissions.write, member=member, room=large, operation=post(member, "hello")
        )
        assert steps(say) < STEPS_MAX


def test_what_was_missed_is_counted_in_a_few_steps(large: Room, mallory: Member) -> None:
    assert steps(unread.missed, large, mallory.pk, LARGE - 500) < STEPS_MAX
    assert steps(unread.last_messages) < STEPS_MAX


def test_a_page_around_a_message_takes_a_few_steps(large: Room) -> None:
    assert steps(history.page_around, large, LARGE // 2) < STEPS_MAX
    assert steps(admin_history.around, large, LARGE // 2) < STEPS_MAX


def test_pruning_takes_a_few_steps_for_each_message(large: Room) -> None:
    plan = retention.plan(large, before=timezone.now() + timedelta(days=1), keep=LARGE // 2)
    pruning = retention.prune(plan)

    assert max(steps(next, pruning) for _ in range(15)) < retention.BATCH * STEPS_MAX_WRITTEN


def test_hardly_a_page_of_the_admin_looks_at_each_message(
    crowded: Room, alice: Member, staff: Client
) -> None:
    """What one member said is sorted first: Alice wrote it all."""
    for name, address in admin_pages(crowded, alice).items():
        if name not in ("a member’s messages", "by author"):
            assert steps(staff.get, address) < ADMIN_STEPS_MAX, name


def guests(count: int) -> list[Member]:
    return Member.objects.bulk_create(
        Member(name=f"Guest {n}", canonical_name=f"guest {n}") for n in range(count)
    )
