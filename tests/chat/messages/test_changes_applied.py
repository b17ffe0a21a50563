"""State + events = refetched state: what is announced makes an old page the new one."""

from collections.abc import Callable
from typing import Any

import pytest

from chat import bus, protocol
from chat.accounts.models import Member
from chat.errors import ChatError, Forbidden
from chat.messages import catch_up, commit, history
from chat.rooms.models import Room

from . import logs
from .logs import applied, decoded, fetch, head, post, react, say

garden, bob, announced = logs.garden, logs.bob, logs.announced

pytestmark = pytest.mark.django_db(transaction=True)

Operations = Callable[[Member, Member], list[commit.Operation]]


@pytest.mark.parametrize(
    "operations",
    [
        pytest.param(lambda a, b: [post(b, "hi")], id="post"),
        pytest.param(lambda a, b: [post(b, "hi", reply_to=1)], id="reply"),
        pytest.param(lambda a, b: [post(a, "hello", "hello")], id="repeat"),
        pytest.param(lambda a, b: [commit.Edit(a.pk, 1, "goodbye")], id="edit"),
        pytest.param(
            lambda a, b: [commit.Edit(a.pk, 1, "b"), commit.Edit(a.pk, 1, "hello")], id="edit back"
        ),
        pytest.param(lambda a, b: [commit.Delete(a.pk, 1)], id="delete"),
        pytest.param(lambda a, b: [commit.Delete(None, 2, moderator=True)], id="moderate"),
        pytest.param(lambda a, b: [react(a, 1), react(b, 1, "🎉")], id="react"),
        pytest.param(lambda a, b: [react(b, 2, on=False)], id="take back"),
        pytest.param(lambda a, b: [commit.Edit(b.pk, 1, "no")], id="refused"),
        pytest.param(
            lambda a, b: [
                post(a, "new", "new"),
                react(b, 1),
                commit.Edit(a.pk, 1, "x"),
                commit.Delete(a.pk, 1),
                post(a, "new", "new"),
                commit.Edit(b.pk, 2, "y"),
            ],
            id="all at once",
        ),
    ],
)
def test_the_old_page_and_what_was_announced_are_the_new_page(
    garden: Room, alice: Member, bob: Member, announced: list[Any], operations: Operations
) -> None:
    say(garden, alice, "hello", "hello")
    say(garden, bob, "hi there")
    commit.commit_operation(garden, react(bob, 2))
    old, was = fetch(garden), history.last_page(garden)
    announced.clear()

    outcomes = commit.commit_batch(garden, operations(alice, bob))

    batches = [hint for hint in announced if isinstance(hint, bus.Batch)]
    news = [message for batch in batches for message in decoded(batch)]
    assert applied(old, news) == fetch(garden)
    assert len(batches) == (head(garden) > was.head)
    for batch in batches:
        assert (batch.first, batch.previous_id) == (was.head + 1, was.last_id)
    # Whoever was away reads the same.
    assert was.last_id is not None
    page = catch_up.since(garden, protocol.Position(was.epoch, was.head, was.last_id))
    assert page.messages == sorted(news, key=lambda message: message.updated_seq)
    assert (page.last, page.last_id) == (
        (batches[-1].last, batches[-1].last_id) if batches else (was.head, was.last_id)
    )
    assert all(not isinstance(o, ChatError) or isinstance(o, Forbidden) for o in outcomes)
