"""A text whose rendering fails is shown as it was typed, and costs nobody else anything."""

from typing import Any

import pytest
from django.test import Client
from markdown_it import MarkdownIt

from chat.accounts.models import Member
from chat.messages import catch_up, commit, history, markup
from chat.messages.models import Message
from chat.metrics import RENDER_FAILURES
from chat.rooms.models import Room

from . import logs

garden = logs.garden

pytestmark = pytest.mark.django_db(transaction=True)

BAD = "*x* a text that the library fails on"


@pytest.fixture(autouse=True)
def failing_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """No such text is known any more; so that there is one, the library fails on `BAD`."""
    parse = MarkdownIt.parse

    def fail(self: MarkdownIt, text: str, *rest: Any) -> Any:
        if BAD in text:
            raise RuntimeError(f"inline rule did not advance: {text}")
        return parse(self, text, *rest)

    markup.clear_cache()
    monkeypatch.setattr(MarkdownIt, "parse", fail)


def post(member: Member, number: int, body: str) -> commit.Post:
    return logs.post(member, body, f"a-{number}")


def failures() -> float:
    [metric] = RENDER_FAILURES.collect()
    return metric.samples[0].value


def test_neighbours_of_the_same_commit_are_stored_and_so_is_the_text(
    garden: Room, alice: Member, caplog: pytest.LogCaptureFixture
) -> None:
    before = failures()

    outcomes = commit.commit_batch(
        garden, [post(alice, 1, "plain"), post(alice, 2, BAD), post(alice, 3, "**bold**")]
    )

    assert all(isinstance(outcome, commit.Accepted) for outcome in outcomes)
    shown = [(m.body, m.html) for m in history.last_page(garden).messages]
    assert shown == [
        ("plain", None),
        (BAD, None),
        ("**bold**", '<p dir="auto"><strong>bold</strong></p>'),
    ]
    assert failures() == before + 1
    assert "cannot be rendered" in caplog.text
    assert "advance" not in caplog.text
    assert BAD not in caplog.text


def test_an_edit_to_such_a_text_is_an_edit(garden: Room, alice: Member) -> None:
    seq = commit.commit_operation(garden, post(alice, 1, "first")).seq

    commit.commit_operation(garden, commit.Edit(alice.pk, seq, BAD))

    [message] = history.last_page(garden).messages
    assert (message.body, message.html) == (BAD, None)


def test_a_room_that_holds_such_a_text_already_is_read_by_page_and_socket(
    garden: Room, alice: Member, visitor: Client
) -> None:
    seq = commit.commit_operation(garden, post(alice, 1, "imported later")).seq
    Message.objects.filter(room=garden, seq=seq).update(body=BAD)

    assert BAD in visitor.get("/rooms/garden/").content.decode()
    assert BAD.encode() in bytes(history.last_page_encoded(garden).messages[0])
    assert history.older_messages(garden, seq + 1)[0][0].body == BAD
    commit.commit_operation(garden, logs.react(alice, seq))
    [change] = catch_up.changes_after(garden, seq).changes
    assert BAD.encode() in change[2]
