"""Older pages: to the beginning without overlap or hole, in frames that are never too large."""

import msgspec
import pytest
from django.conf import settings

from chat import protocol
from chat.accounts import guests
from chat.accounts.models import Member
from chat.messages import commit, history
from chat.rooms.models import Room

from . import logs
from .logs import fetch, post, react, say
from .test_catching_up import all_pages, beginning, fill

garden = logs.garden

pytestmark = pytest.mark.django_db

# The longest a body gets on the wire, and the longest in memory.
LONGEST = ["🙂" * 4000, '"' * 4000, "\n" * 3999 + "x", "x" * 4000]


def older_pages(room: Room, limit: int) -> list[list[protocol.WireMessage]]:
    """Page by page back to the beginning."""
    pages, before, more = [], history.last_page(room).head + 1, True
    while more:
        page, more = history.older_messages(room, before, limit)
        pages.append(page)
        before = page[0].seq if page else 0
    return pages


@pytest.mark.parametrize("limit", [1, 7, 10, 100])
@pytest.mark.parametrize("count", [0, 1, 20, 100])
def test_page_by_page_one_comes_to_the_beginning(
    garden: Room, alice: Member, count: int, limit: int
) -> None:
    fill(garden, alice, count)

    pages = older_pages(garden, limit)

    assert [message for page in reversed(pages) for message in page] == fetch(garden)
    assert len(pages) == max(1, -(-count // limit))


def test_changes_leave_no_hole_in_the_pages(garden: Room, alice: Member) -> None:
    for number in range(1, 40, 2):
        said = say(garden, alice, f"message {number}")
        commit.commit_operation(
            garden, react(alice, said) if number % 3 else commit.Delete(alice.pk, said)
        )

    pages = older_pages(garden, 6)

    assert [message for page in reversed(pages) for message in page] == fetch(garden)
    assert [len(page) for page in pages] == [6, 6, 6, 2]


def frame_size(page: history.EncodedPage) -> int:
    return len(
        protocol.encode(
            protocol.RoomEntered(
                ref="r" * 64, room="k" * 64, epoch=page.epoch, head=page.head, from_=page.first,
                to=page.last, to_id=page.last_id, messages=page.messages, more=page.more,
                reset=page.reset,
            )
        )
    )  # fmt: skip


@pytest.mark.parametrize("body", LONGEST, ids=["emoji", "quotes", "newlines", "ascii"])
def test_pages_of_huge_messages_fit_into_a_frame(garden: Room, alice: Member, body: str) -> None:
    commit.commit_batch(garden, [post(alice, body) for _ in range(40)])

    older = older_pages(garden, settings.HISTORY_MAX_SIZE)
    newer = all_pages(garden, beginning(garden))
    last = history.last_page_encoded(garden)

    assert [message for page in reversed(older) for message in page] == fetch(garden)
    assert [message for page in newer for message in page.messages] == fetch(garden)
    for page in older:
        messages = [msgspec.Raw(protocol.encode(m)) for m in page]
        frame = protocol.HistoryPage(ref="r" * 64, room="k" * 64, messages=messages, more=True)
        assert len(protocol.encode(frame)) <= protocol.SERVER_FRAME_MAX
    for encoded in (last, *map(history.encoded, newer)):
        assert frame_size(encoded) <= protocol.SERVER_FRAME_MAX


def test_a_message_with_all_the_reactions_it_takes_fits_into_a_frame(
    garden: Room, alice: Member
) -> None:
    say(garden, alice, "🙂" * 4000)
    crowd = list(guests.mint(count=settings.REACTION_MAX_TOTAL, prefix="𠀀" * 29))
    commit.commit_batch(garden, [react(guest, 1) for guest in crowd])

    assert frame_size(history.last_page_encoded(garden)) <= protocol.SERVER_FRAME_MAX
