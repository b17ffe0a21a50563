"""Reading the log: page by page it is whole, wherever one stands, and costs an index range."""

from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from chat import protocol
from chat.accounts.models import Member
from chat.messages import catch_up, commit, history, room_heads
from chat.messages.models import Message
from chat.moderation.room_rules import open_room
from chat.rooms.models import Room, RoomHead

from . import logs
from .logs import applied, fetch, head, post, react

garden, bob = logs.garden, logs.bob

pytestmark = pytest.mark.django_db


def fill(room: Room, member: Member, count: int, body: str = "message") -> None:
    for begin in range(0, count, 200):
        upto = min(200, count - begin)
        commit.commit_batch(room, [post(member, f"{body} {begin + n}") for n in range(upto)])


def at(page: history.Page) -> protocol.Position:
    """Where a reader of this page stands."""
    return protocol.Position(page.epoch, page.last, page.last_id)


def beginning(room: Room) -> protocol.Position:
    return protocol.Position(RoomHead.objects.get(room=room).epoch, 0)


def all_pages(room: Room, position: protocol.Position) -> list[history.Page]:
    """Ask again from where the last page ended, until there is no more."""
    pages = [catch_up.since(room, position)]
    while pages[-1].more:
        pages.append(catch_up.since(room, at(pages[-1])))
    return pages


# --- The last page ----------------------------------------------------------------------------


def test_an_empty_room_has_an_empty_last_page(garden: Room) -> None:
    page = history.last_page(garden)

    assert (page.head, page.first, page.last, page.last_id) == (0, 1, 0, None)
    assert (page.messages, page.more, page.reset) == ([], False, None)


def test_the_last_page_ends_with_the_last_message(garden: Room, alice: Member) -> None:
    fill(garden, alice, settings.PAGE_SIZE + 5)

    page = history.last_page(garden)

    assert page.messages == fetch(garden)[-settings.PAGE_SIZE :]
    assert (page.first, page.last, page.head) == (6, 55, 55)
    assert (page.more, page.last_id) == (True, page.messages[-1].id)


def test_the_last_page_ends_at_the_head_even_if_that_is_a_change(
    garden: Room, alice: Member, bob: Member
) -> None:
    fill(garden, alice, 3)
    commit.commit_operation(garden, react(bob, 1))

    page = history.last_page(garden)

    assert [message.seq for message in page.messages] == [1, 2, 3]
    assert (page.last, page.more) == (4, False)
    assert catch_up.since(garden, at(page)).messages == []


# --- What changed since -----------------------------------------------------------------------


def test_whoever_has_everything_gets_nothing(garden: Room, alice: Member) -> None:
    fill(garden, alice, 3)
    position = at(history.last_page(garden))

    page = catch_up.since(garden, position)

    assert (page.messages, page.more, page.reset) == ([], False, None)
    assert at(page) == position


def test_whoever_was_away_gets_each_message_once_in_its_latest_state(
    garden: Room, alice: Member, bob: Member
) -> None:
    fill(garden, alice, 3)
    held = history.last_page(garden)
    commit.commit_batch(garden, [commit.Edit(alice.pk, 1, "x"), react(bob, 1), post(bob, "new")])
    commit.commit_batch(garden, [commit.Delete(alice.pk, 2)])

    page = catch_up.since(garden, at(held))

    assert [(m.seq, m.updated_seq) for m in page.messages] == [(1, 5), (6, 6), (2, 7)]
    assert (page.first, page.last, page.more, page.reset) == (4, 7, False, None)
    assert applied(held.messages, page.messages) == fetch(garden)


@pytest.mark.parametrize("missed", [99, 100, 101, 200, 201, 500])
def test_page_by_page_one_catches_up_with_everything(
    garden: Room, alice: Member, missed: int
) -> None:
    fill(garden, alice, missed)

    pages = all_pages(garden, beginning(garden))

    assert [message for page in pages for message in page.messages] == fetch(garden)
    assert [page.first for page in pages[1:]] == [page.last + 1 for page in pages[:-1]]
    assert pages[-1].last == missed
    assert len(pages) == -(-missed // settings.HISTORY_MAX_SIZE)


CHANGES = st.lists(
    st.tuples(st.sampled_from(["post", "edit", "delete", "react"]), st.integers(1, 60)),
    max_size=60,
)


@given(changes=CHANGES, stood_at=st.integers(0, 60))
@hypothesis_settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_from_wherever_one_stood_one_comes_to_the_same_log(
    alice: Member, changes: list[tuple[str, int]], stood_at: int
) -> None:
    room = open_room(key=f"room-{uuid4().hex}", name="Room")
    held: list[protocol.WireMessage] = []
    position = beginning(room)
    fill(room, alice, 60, "x" * 900)  # two frames full
    operations: list[commit.Operation] = []
    for place, (kind, seq) in enumerate(changes):
        possible: dict[str, commit.Operation] = {
            "post": post(alice, "more"),
            "edit": commit.Edit(alice.pk, seq, f"edited {place}"),
            "delete": commit.Delete(alice.pk, seq),
            "react": react(alice, seq, on=place % 3 > 0),
        }
        operations.append(possible[kind])

    commit.commit_batch(room, operations[:stood_at])
    if stood_at < len(operations):
        held, position = fetch(room), at(history.last_page(room))
    commit.commit_batch(room, operations[stood_at:])

    pages = all_pages(room, position)

    for page in pages:
        held = applied(held, page.messages)
    assert held == fetch(room)
    assert (pages[-1].last, pages[-1].last_id) == room_heads.end_position(room)[1:]
    logs.assert_whole(room)


# --- Resets -----------------------------------------------------------------------------------


def reset_of(room: Room, position: protocol.Position) -> str | None:
    page = catch_up.since(room, position)
    if page.reset:
        assert (page.messages, page.last) == (history.last_page(room).messages, head(room))
    return page.reset


def test_another_life_of_the_log_is_noticed(garden: Room, alice: Member) -> None:
    fill(garden, alice, 2)
    position = at(history.last_page(garden))
    assert reset_of(garden, position) is None

    RoomHead.objects.filter(room=garden).update(epoch="restored")

    assert reset_of(garden, position) == "epoch"


def test_a_reader_ahead_of_the_log_is_noticed(garden: Room, alice: Member) -> None:
    fill(garden, alice, 2)
    last = at(history.last_page(garden))

    assert reset_of(garden, protocol.Position(last.epoch, 3, uuid4())) == "ahead"


@pytest.mark.parametrize("seq", [1, 2, 3])
def test_another_id_under_the_number_is_noticed(garden: Room, alice: Member, seq: int) -> None:
    fill(garden, alice, 2)
    commit.commit_operation(garden, react(alice, 1))
    page = history.last_page(garden)
    right = room_heads.id_at(RoomHead.objects.get(room=garden), seq)

    assert reset_of(garden, protocol.Position(page.epoch, seq, right)) is None
    assert reset_of(garden, protocol.Position(page.epoch, seq, uuid4())) == "mismatch"
    assert reset_of(garden, protocol.Position(page.epoch, seq, None)) == "mismatch"


def test_whoever_missed_too_much_starts_from_the_last_page(garden: Room, alice: Member) -> None:
    fill(garden, alice, settings.CATCH_UP_MAX + 1)
    epoch = RoomHead.objects.get(room=garden).epoch
    first = fetch(garden)[0]

    assert reset_of(garden, protocol.Position(epoch, 1, first.id)) is None
    assert reset_of(garden, protocol.Position(epoch, 0)) == "too_far"


def test_what_was_pruned_cannot_be_caught_up_with(garden: Room, alice: Member) -> None:
    fill(garden, alice, 5)
    first, second, third = fetch(garden)[:3]
    Message.objects.in_room(garden.pk).filter(seq__lte=2).delete()
    RoomHead.objects.filter(room=garden).update(floor=2)
    epoch = RoomHead.objects.get(room=garden).epoch

    assert reset_of(garden, protocol.Position(epoch, 0)) == "too_far"
    assert reset_of(garden, protocol.Position(epoch, 1, first.id)) == "too_far"
    # The row that could prove it is gone: rather start anew than trust it.
    assert reset_of(garden, protocol.Position(epoch, 2, second.id)) == "mismatch"
    assert reset_of(garden, protocol.Position(epoch, 3, third.id)) is None


# --- A hub that has not heard something -------------------------------------------------------


def test_a_hub_reads_what_it_has_not_heard(garden: Room, alice: Member) -> None:
    fill(garden, alice, 3)
    epoch, was, was_id = room_heads.end_position(garden)
    commit.commit_batch(garden, [commit.Edit(alice.pk, 1, "x"), post(alice, "new")])

    batch = catch_up.gap(garden, was, was_id, epoch)

    assert batch is not None
    assert (batch.first, batch.last, batch.room) == (4, 5, "garden")
    assert (batch.epoch, batch.last, batch.last_id) == room_heads.end_position(garden)
    assert batch.previous_id == was_id
    assert [change[:2] for change in batch.changes] == [(4, 1), (5, 5)]
    assert catch_up.gap(garden, was, uuid4(), epoch) is None
    assert catch_up.gap(garden, 6, None, epoch) is None
    assert catch_up.gap(garden, was, was_id, "another") is None


def test_the_gaps_of_many_rooms_are_read_together(
    garden: Room, alice: Member, django_assert_num_queries: Any
) -> None:
    rooms = [garden, *(open_room(key=f"room-{number}", name="Room") for number in range(5))]
    for room in rooms:
        fill(room, alice, 3)
    commit.commit_batch(rooms[5], [commit.Edit(alice.pk, 1, "z")])  # its head is held by a change
    places = [place_at_the_end(room) for room in rooms]
    commit.commit_batch(rooms[0], [commit.Edit(alice.pk, 2, "x"), post(alice, "news")])
    commit.commit_batch(rooms[1], [post(alice, str(number)) for number in range(120)])
    commit.commit_batch(rooms[2], [commit.Edit(alice.pk, 3, "y")])
    places[3] = (rooms[3], 3, uuid4(), places[3][3])
    commit.commit_batch(rooms[5], [post(alice, "later")])

    # Heads, ids in messages, ids in changes, messages; and the id where one page was cut.
    with django_assert_num_queries(5):
        gaps = catch_up.gaps(places)

    stretches = [(gap.first, gap.last) if (gap := gaps[room.pk]) else None for room in rooms]
    assert stretches == [(4, 5), (4, 103), (4, 4), None, (4, 3), (5, 5)]
    assert gaps == {place[0].pk: catch_up.gap(*place) for place in places}


def place_at_the_end(room: Room) -> catch_up.HubPosition:
    epoch, head, head_id = room_heads.end_position(room)
    return room, head, head_id, epoch


def test_the_heads_of_rooms_are_read_together(
    garden: Room, alice: Member, django_assert_num_queries: Any
) -> None:
    cellar = open_room(key="cellar", name="Cellar")
    fill(garden, alice, 3)

    with django_assert_num_queries(1):
        heads = room_heads.heads([garden.pk, cellar.pk])

    assert heads == {
        room.pk: (number, last_id, epoch, room.kind)
        for room in (garden, cellar)
        for epoch, number, last_id in [room_heads.end_position(room)]
    }
