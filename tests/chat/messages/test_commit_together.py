"""What is committed together: the bad fails alone, and each way of committing says the same."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.accounts.models import Member
from chat.errors import ChatError, InvalidText, TooLong
from chat.messages import commit
from chat.moderation.room_rules import open_room
from chat.rooms.models import Room

from . import logs
from .logs import assert_whole, fetch, head, post, react, say, seqs
from .loop_commits import CommitBatch, loop_commits

garden, bob, announced = logs.garden, logs.bob, logs.announced

pytestmark = pytest.mark.django_db(transaction=True)

NOBODY = 2**40


def test_an_author_who_is_nobody_fails_alone(garden: Room, alice: Member) -> None:
    nobody = commit.Post(NOBODY, "key", "from nowhere")
    posts: list[commit.Operation] = [post(alice, f"message {number}") for number in range(7)]

    outcomes = commit.commit_batch(garden, [*posts[:3], nobody, *posts[3:5], nobody, *posts[5:]])

    assert seqs(outcomes) == [1, 2, 3, "forbidden", 4, 5, "forbidden", 6, 7]
    assert [message.body for message in fetch(garden)] == [f"message {n}" for n in range(7)]
    assert_whole(garden)


@pytest.mark.postgres
@pytest.mark.parametrize("mixed", [False, True])
def test_a_key_that_postgresql_cannot_store_fails_alone(
    garden: Room, alice: Member, mixed: bool
) -> None:
    say(garden, alice, "first")
    poisoned = commit.Post(alice.pk, "ke\0y", "hello")
    neighbour = react(alice, 1) if mixed else post(alice, "no")

    outcomes = commit.commit_batch(garden, [neighbour, poisoned, post(alice, "yes")])

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

    outcomes = commit.commit_batch(garden, [*posts, commit.Edit(alice.pk, 1, body)])

    assert [type(outcome) for outcome in outcomes] == [
        commit.Accepted,
        error,
        commit.Accepted,
        error,
    ]
    assert [message.body for message in fetch(garden)] == ["first", "before", "after"]


def test_a_text_of_the_greatest_length_is_taken(garden: Room, alice: Member) -> None:
    say(garden, alice, "🙂" * 4000)

    assert fetch(garden)[0].body == "🙂" * 4000


KEYS = st.sampled_from([f"key-{number}" for number in range(4)])
BODIES = st.sampled_from(["one", "two", " ", "nul\0", "seeded 1"]) | st.text(max_size=8)
SEQS = st.sampled_from([1, 2, 3, 90])  # what both rooms begin with, and what is not there
PEOPLE = st.integers(0, 1)
OPERATIONS = st.one_of(
    st.tuples(st.just("post"), PEOPLE, KEYS, BODIES, st.none() | SEQS),
    st.tuples(st.just("post"), PEOPLE, KEYS, BODIES, st.none()),
    st.tuples(st.just("edit"), PEOPLE, SEQS, BODIES),
    st.tuples(st.just("delete"), PEOPLE, SEQS, st.booleans()),
    st.tuples(st.just("react"), PEOPLE, SEQS, st.sampled_from(["👍", "🎉"]), st.booleans()),
)


def intended(people: list[Member], wish: tuple[Any, ...]) -> commit.Operation:
    kind, who, *rest = wish
    member = people[who]
    match kind:
        case "post":
            return post(member, rest[1], rest[0], reply_to=rest[2])
        case "edit":
            return commit.Edit(member.pk, *rest)
        case "delete":
            return commit.Delete(member.pk, *rest)
        case _:
            return react(member, *rest)


@pytest.fixture
def as_a_node(db: None) -> Iterator[CommitBatch]:
    with loop_commits() as commit_batch:
        yield commit_batch


@given(
    wishes=st.lists(OPERATIONS, max_size=12)
    | st.lists(st.tuples(st.just("post"), PEOPLE, KEYS, BODIES, st.none()), max_size=12)
)
@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_however_it_is_committed_the_log_says_the_same(
    alice: Member, bob: Member, wishes: list[tuple[Any, ...]], as_a_node: CommitBatch
) -> None:
    people = [alice, bob]
    operations = [intended(people, wish) for wish in wishes]
    rooms = [open_room(key=f"room-{uuid4().hex}", name="Room") for _ in range(4)]
    for room in rooms:
        commit.commit_batch(
            room, [post(people[n % 2], f"seeded {n}", f"seed-{n}") for n in (1, 2, 3)]
        )

    one_by_one = [commit.commit_batch(rooms[0], [operation])[0] for operation in operations]
    together = commit.commit_batch(rooms[1], operations)
    with transaction.atomic():
        within = commit.commit_batch(rooms[2], operations)
    by_a_node = as_a_node(rooms[3], operations)

    assert seqs(one_by_one) == seqs(together) == seqs(within) == seqs(by_a_node)
    contents = [logs.content(room) for room in rooms]
    assert contents == 4 * [contents[0]]
    for room in rooms:
        assert_whole(room)


def test_within_a_transaction_it_is_announced_after_the_last_commit(
    garden: Room, alice: Member, announced: list[Any]
) -> None:
    with transaction.atomic():
        commit.commit_batch(garden, [post(alice, "one"), post(alice, "two")])
        assert announced == []

    assert [(batch.first, batch.last) for batch in announced] == [(1, 2)]


def test_what_is_rolled_back_is_neither_announced_nor_there(
    garden: Room, alice: Member, announced: list[Any]
) -> None:
    with transaction.atomic():
        commit.commit_operation(garden, post(alice, "never mind"))
        transaction.set_rollback(True)

    assert announced == []
    assert (head(garden), fetch(garden)) == (0, [])
