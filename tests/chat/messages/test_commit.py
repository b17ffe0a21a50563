"""The commit: every number once, every answer once, whatever is asked together."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chat import bus
from chat.accounts.models import Member
from chat.errors import KeyReused, NotFound
from chat.messages import commit
from chat.messages.models import Change, Message
from chat.moderation.room_rules import open_room
from chat.rooms.models import Room, RoomHead

from . import logs, loop_commits
from .logs import assert_whole, decoded, fetch, head, post, react, say, seqs

garden, bob, announced = logs.garden, logs.bob, logs.announced
each_way = loop_commits.each_way

# Really committed: what one statement does, and who is told, shows in no other way.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("each_way")]


def test_each_post_gets_the_next_number(garden: Room, alice: Member, bob: Member) -> None:
    said = [say(garden, who, "hello") for who in (alice, bob, alice)]

    assert said == [1, 2, 3]
    assert_whole(garden)


def test_rooms_are_numbered_apart(garden: Room, alice: Member) -> None:
    cellar = open_room(key="cellar", name="Cellar")

    assert [say(garden, alice, "up here"), say(cellar, alice, "down here")] == [1, 1]


def test_an_answer_tells_the_number_and_id_that_the_database_holds(
    garden: Room, alice: Member
) -> None:
    answer = commit.commit_operation(garden, post(alice, "hello"))

    [message] = fetch(garden)
    assert (answer.seq, answer.updated_seq, answer.id) == (1, 1, message.id)
    assert answer.committed >= message.created_at


def test_a_repeat_gets_the_same_answer_and_no_number(garden: Room, alice: Member) -> None:
    first, again = (commit.commit_operation(garden, post(alice, "hello", "key")) for _ in range(2))

    assert (again.seq, again.id) == (first.seq, first.id)
    assert head(garden) == 1
    assert Message.objects.count() == 1


def test_a_key_belongs_to_one_author_in_one_room(garden: Room, alice: Member, bob: Member) -> None:
    cellar = open_room(key="cellar", name="Cellar")

    said = [say(garden, alice, "a", "key"), say(garden, bob, "b", "key")]

    assert said == [1, 2]
    assert say(cellar, alice, "c", "key") == 1


def changed(garden: Room, alice: Member, how: list[str]) -> None:
    for change in how:
        operation = commit.Edit(alice.pk, 1, change) if change else commit.Delete(alice.pk, 1)
        commit.commit_operation(garden, operation)


@pytest.mark.parametrize("how", [[], ["edited"], ["edited", "twice"], [""], ["edited", ""]])
def test_a_key_stands_for_what_was_said_first(garden: Room, alice: Member, how: list[str]) -> None:
    first = commit.commit_operation(garden, post(alice, "hello", "key"))
    changed(garden, alice, how)
    before = head(garden)

    again = commit.commit_operation(garden, post(alice, "hello", "key"))
    for other in ("something else", *filter(None, how)):
        with pytest.raises(KeyReused):
            commit.commit_operation(garden, post(alice, other, "key"))

    assert (again.seq, again.id) == (first.seq, first.id)
    assert head(garden) == before


def test_repeats_within_one_batch_are_repeats(garden: Room, alice: Member) -> None:
    say(garden, alice, "old", "old")
    posts = [("new", "new"), ("old", "old"), ("new", "new"), ("newer", "newer"), ("other", "new")]

    outcomes = commit.commit_batch(garden, [post(alice, body, key) for body, key in posts])

    assert seqs(outcomes) == [2, 1, 2, 3, "key_reused"]
    assert_whole(garden)


def test_a_mixed_batch_takes_its_numbers_without_a_hole_and_is_announced_once(
    garden: Room, alice: Member, bob: Member, announced: list[Any]
) -> None:
    for body in ("one", "two", "three"):
        say(garden, alice, body)
    announced.clear()

    outcomes = commit.commit_batch(
        garden,
        [
            post(bob, "four"),
            commit.Edit(alice.pk, 1, "uno"),
            react(bob, 1),
            commit.Delete(bob.pk, 2),  # not his
            commit.Delete(alice.pk, 3),
            commit.Edit(alice.pk, 1, "eins"),
            post(alice, "five", reply_to=1),
            commit.Edit(alice.pk, 99, "nothing there"),
        ],
    )

    assert seqs(outcomes) == [4, 1, 1, "forbidden", 3, 1, 9, "not_found"]
    assert_whole(garden)
    [batch] = announced
    assert (batch.room_id, batch.first, batch.last) == (garden.pk, 4, 9)
    messages = {message.seq: message for message in fetch(garden)}
    assert batch.last_id == messages[9].id
    assert decoded(batch) == [messages[seq] for seq in (4, 3, 1, 9)]
    assert [change[:2] for change in batch.changes] == [(4, 4), (7, 3), (8, 1), (9, 9)]


def test_plain_posts_are_announced_as_they_are_stored(
    garden: Room, alice: Member, bob: Member, announced: list[Any]
) -> None:
    commit.commit_batch(garden, [post(alice, "one"), post(bob, 'two "quoted" 🙂')])

    [batch] = announced
    assert (batch.first, batch.last) == (1, 2)
    assert decoded(batch) == fetch(garden)


def test_a_repeat_tells_only_where_the_log_ends(
    garden: Room, alice: Member, announced: list[Any]
) -> None:
    say(garden, alice, "hello", "key")
    announced.clear()

    say(garden, alice, "hello", "key")

    assert announced == [bus.Head(garden.pk, 1)]


def test_an_answer_to_nothing_is_refused(garden: Room, alice: Member) -> None:
    [outcome] = commit.commit_batch(garden, [post(alice, "what?", reply_to=7)])

    assert isinstance(outcome, NotFound)
    assert head(garden) == 0


@pytest.mark.parametrize(
    "operations",
    [
        lambda alice: [post(alice, "plain"), post(alice, "and another")],
        lambda alice: [post(alice, "an answer", reply_to=1)],
        lambda alice: [post(alice, "plain"), commit.Edit(alice.pk, 1, "edited")],
    ],
    ids=["plain posts", "an answer", "a change"],
)
def test_times_never_go_back_within_a_room(garden: Room, alice: Member, operations: Any) -> None:
    """The last number came from a node, or a moment, whose clock was an hour ahead."""
    say(garden, alice, "first")
    ahead = timezone.now() + timedelta(hours=1)
    RoomHead.objects.filter(room=garden).update(last_at=ahead)

    commit.commit_batch(garden, operations(alice))

    times = [*Message.objects.filter(seq__gt=1).values_list("created_at", flat=True)]
    times += Change.objects.values_list("at", flat=True)
    assert set(times) == {ahead}
    assert RoomHead.objects.get(room=garden).last_at == ahead


def test_the_time_of_a_message_is_told_as_it_is_stored(
    garden: Room, alice: Member, announced: list[Any]
) -> None:
    for number in range(3):
        say(garden, alice, f"message {number}")

    told = [message.created_at for batch in announced for message in decoded(batch)]
    stored = Message.objects.order_by("seq").values_list("created_at", flat=True)
    assert told == list(stored)
    assert told == sorted(told)
    assert RoomHead.objects.get(room=garden).last_at == told[-1]
