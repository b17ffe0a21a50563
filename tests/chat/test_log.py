"""The commit: every number once, every answer once, whatever is asked together."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat import bus
from chat.errors import ChatError, InvalidText, KeyReused, NotFound, TooLong
from chat.models import Member, Message, Room
from chat.services import log
from chat.services.rooms import open_room

from . import logs
from .logs import assert_whole, decoded, fetch, head, post, react, say

garden, bob, announced = logs.garden, logs.bob, logs.announced

# Really committed: what one statement does, and who is told, shows in no other way.
pytestmark = pytest.mark.django_db(transaction=True)

NOBODY = 2**40


def seqs(outcomes: list[log.Outcome]) -> list[int | str]:
    """Each answer's number, or the code of its refusal."""
    return [o.code if isinstance(o, ChatError) else o.seq for o in outcomes]


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
    answer = log.commit_one(garden, post(alice, "hello"))

    [message] = fetch(garden)
    assert (answer.seq, answer.updated_seq, answer.id) == (1, 1, message.id)
    assert answer.committed >= message.created_at


def test_a_repeat_gets_the_same_answer_and_no_number(garden: Room, alice: Member) -> None:
    first, again = (log.commit_one(garden, post(alice, "hello", "key")) for _ in range(2))

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
        intent = log.Edit(alice.pk, 1, change) if change else log.Delete(alice.pk, 1)
        log.commit_one(garden, intent)


@pytest.mark.parametrize("how", [[], ["edited"], ["edited", "twice"], [""], ["edited", ""]])
def test_a_key_stands_for_what_was_said_first(garden: Room, alice: Member, how: list[str]) -> None:
    first = log.commit_one(garden, post(alice, "hello", "key"))
    changed(garden, alice, how)
    before = head(garden)

    again = log.commit_one(garden, post(alice, "hello", "key"))
    for other in ("something else", *filter(None, how)):
        with pytest.raises(KeyReused):
            log.commit_one(garden, post(alice, other, "key"))

    assert (again.seq, again.id) == (first.seq, first.id)
    assert head(garden) == before


def test_repeats_within_one_batch_are_repeats(garden: Room, alice: Member) -> None:
    say(garden, alice, "old", "old")
    posts = [("new", "new"), ("old", "old"), ("new", "new"), ("newer", "newer"), ("other", "new")]

    outcomes = log.commit(garden, [post(alice, body, key) for body, key in posts])

    assert seqs(outcomes) == [2, 1, 2, 3, "key_reused"]
    assert_whole(garden)


def test_a_mixed_batch_takes_its_numbers_without_a_hole_and_is_announced_once(
    garden: Room, alice: Member, bob: Member, announced: list[Any]
) -> None:
    for body in ("one", "two", "three"):
        say(garden, alice, body)
    announced.clear()

    outcomes = log.commit(
        garden,
        [
            post(bob, "four"),
            log.Edit(alice.pk, 1, "uno"),
            react(bob, 1),
            log.Delete(bob.pk, 2),  # not his
            log.Delete(alice.pk, 3),
            log.Edit(alice.pk, 1, "eins"),
            post(alice, "five", reply_to=1),
            log.Edit(alice.pk, 99, "nothing there"),
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
    log.commit(garden, [post(alice, "one"), post(bob, 'two "quoted" 🙂')])

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


def test_what_the_database_refuses_fails_alone(garden: Room, alice: Member) -> None:
    nobody = log.Post(NOBODY, "Nobody", "key", "from nowhere")
    posts: list[log.Intent] = [post(alice, f"message {number}") for number in range(7)]

    outcomes = log.commit(garden, [*posts[:3], nobody, *posts[3:5], nobody, *posts[5:]])

    assert seqs(outcomes) == [1, 2, 3, "invalid_text", 4, 5, "invalid_text", 6, 7]
    assert [message.body for message in fetch(garden)] == [f"message {n}" for n in range(7)]
    assert_whole(garden)


@pytest.mark.postgres
@pytest.mark.parametrize("mixed", [False, True])
def test_a_name_that_postgresql_cannot_store_fails_alone(
    garden: Room, alice: Member, mixed: bool
) -> None:
    say(garden, alice, "first")
    poisoned = log.Post(alice.pk, "Ali\0ce", "key", "hello")
    neighbours = [react(alice, 1), post(alice, "yes")] if mixed else [post(alice, "yes")] * 2

    outcomes = log.commit(garden, [neighbours[0], poisoned, neighbours[1]])

    assert isinstance(outcomes[1], InvalidText)
    assert not any(isinstance(outcomes[place], ChatError) for place in (0, 2))
    assert_whole(garden)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("nul\0", InvalidText),
        ("lone \ud83d surrogate", InvalidText),
        ("bell\x07", InvalidText),
        ("non\uffff", InvalidText),
        ("", InvalidText),
        (" \n\t ", InvalidText),
        ("z" + "\u0301" * 9, InvalidText),
        ("x" * 4001, TooLong),
    ],
)
def test_an_unsound_text_is_refused_and_its_neighbours_are_not(
    garden: Room, alice: Member, body: str, error: type[ChatError]
) -> None:
    say(garden, alice, "first")
    posts = [post(alice, "before"), post(alice, body), post(alice, "after")]

    outcomes = log.commit(garden, [*posts, log.Edit(alice.pk, 1, body)])

    assert [type(outcome) for outcome in outcomes] == [log.Accepted, error, log.Accepted, error]
    assert [message.body for message in fetch(garden)] == ["first", "before", "after"]


def test_a_text_of_the_greatest_length_is_taken(garden: Room, alice: Member) -> None:
    say(garden, alice, "🙂" * 4000)

    assert fetch(garden)[0].body == "🙂" * 4000


def test_an_answer_to_nothing_is_refused(garden: Room, alice: Member) -> None:
    [outcome] = log.commit(garden, [post(alice, "what?", reply_to=7)])

    assert isinstance(outcome, NotFound)
    assert head(garden) == 0


def test_within_a_transaction_it_is_announced_after_the_last_commit(
    garden: Room, alice: Member, announced: list[Any]
) -> None:
    with transaction.atomic():
        log.commit(garden, [post(alice, "one"), post(alice, "two")])
        assert announced == []

    assert [(batch.first, batch.last) for batch in announced] == [(1, 2)]


def test_what_is_rolled_back_is_neither_announced_nor_there(
    garden: Room, alice: Member, announced: list[Any]
) -> None:
    with transaction.atomic():
        log.commit_one(garden, post(alice, "never mind"))
        transaction.set_rollback(True)

    assert announced == []
    assert (head(garden), fetch(garden)) == (0, [])


KEYS = st.sampled_from([f"key-{number}" for number in range(4)])
BODIES = st.sampled_from(["one", "two", " ", "nul\0", "seeded 1"]) | st.text(max_size=8)
SEQS = st.sampled_from([1, 2, 3, 90])  # what both rooms begin with, and what is not there
PEOPLE = st.integers(0, 1)
INTENTS = st.one_of(
    st.tuples(st.just("post"), PEOPLE, KEYS, BODIES, st.none() | SEQS),
    st.tuples(st.just("post"), PEOPLE, KEYS, BODIES, st.none()),
    st.tuples(st.just("edit"), PEOPLE, SEQS, BODIES),
    st.tuples(st.just("delete"), PEOPLE, SEQS, st.booleans()),
    st.tuples(st.just("react"), PEOPLE, SEQS, st.sampled_from(["👍", "🎉"]), st.booleans()),
)


def intended(people: list[Member], wish: tuple[Any, ...]) -> log.Intent:
    kind, who, *rest = wish
    member = people[who]
    match kind:
        case "post":
            return post(member, rest[1], rest[0], reply_to=rest[2])
        case "edit":
            return log.Edit(member.pk, *rest)
        case "delete":
            return log.Delete(member.pk, *rest)
        case _:
            return react(member, *rest)


@given(
    wishes=st.lists(INTENTS, max_size=12)
    | st.lists(st.tuples(st.just("post"), PEOPLE, KEYS, BODIES, st.none()), max_size=12)
)
@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_one_by_one_or_together_or_within_a_transaction_the_log_says_the_same(
    alice: Member, bob: Member, wishes: list[tuple[Any, ...]]
) -> None:
    people = [alice, bob]
    intents = [intended(people, wish) for wish in wishes]
    rooms = [open_room(key=f"room-{uuid4().hex}", name="Room") for _ in range(3)]
    for room in rooms:
        log.commit(room, [post(people[n % 2], f"seeded {n}", f"seed-{n}") for n in (1, 2, 3)])

    one_by_one = [log.commit(rooms[0], [intent])[0] for intent in intents]
    together = log.commit(rooms[1], intents)
    with transaction.atomic():
        within = log.commit(rooms[2], intents)

    assert seqs(one_by_one) == seqs(together) == seqs(within)
    assert logs.content(rooms[0]) == logs.content(rooms[1]) == logs.content(rooms[2])
    for room in rooms:
        assert_whole(room)
